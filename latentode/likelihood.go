package latentode

import (
	"cmp"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"tsgen/internal/ad"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/models/density"
)

// Distributions of real values, Gaussian, of their logarithm (log-normal) and Student's t,
// have the decoder's mean, to which the residuals of the context are carried
// over, and a deviation or scale that grows with the lead time. Those of counts
// and binary values are distributions of package density whose head is what the decoder gives
// for the state: logarithms of means, logits.

// family returns the distribution of observations.
func (c *config) family() density.Family { return cmp.Or(c.Options.Likelihood, density.Gaussian) }

// gaussian reports whether values, or their logarithms, are Gaussian given the
// latent state, so that posteriors have a mode that least squares find.
func (c *config) gaussian() bool {
	return c.family() == density.Gaussian || c.family() == density.LogNormal
}

// real reports whether values, or their logarithms, have a distribution of real values.
func (c *config) real() bool { return c.gaussian() || c.family() == density.StudentT }

// leastDOF keeps the variance of a Student's t finite.
const leastDOF = 2.1

// addDistribution adds to s the parameters of the distribution that observations share.
func (n *network) addDistribution(s *nn.Params, channels int) {
	p := n.config
	switch {
	case !p.real():
		var err error
		if n.likelihood, err = density.NewLikelihood(s, "likelihood", p.family(), channels, density.LikelihoodOptions{}); err != nil {
			panic("latentode: " + err.Error()) // the configuration was checked
		}
	case p.family() == density.StudentT:
		n.dof = s.Add("noise.dof", 1, channels)
		for j := range channels {
			n.dof.In(s.Values)[j] = 6 // some 8 degrees of freedom
		}
	}
}

// begin sets the decoder to the distribution of the training values as they are, where a
// distribution without level and scale would else have to find them.
func (n *network) begin(params *nn.Params, records []neural.Record) {
	if n.likelihood == nil {
		return
	}
	var values []float64
	for _, r := range records {
		values = append(values, r.X...)
	}
	n.likelihood.Start(params.Values, n.decoder.B.In(params.Values), values)
}

// logDensity returns the logarithm of the density of the observed values of each
// row of target under what was decoded, rows×1.
func (n *network) logDensity(p *nn.Pass, target []float64, d decoded) *ad.Node {
	x := p.Const(d.mean.Rows, len(n.config.Channels), target)
	switch {
	case n.likelihood != nil:
		return n.likelihood.LogDensity(p, x, d.mean)
	case n.dof.Cols > 0:
		return p.StudentLogDensity(x, d.mean, d.sd, p.SoftplusAbove(leastDOF, p.Param(n.dof)))
	}
	return p.GaussianLogDensity(x, d.mean, d.sd)
}

// draw sets dst to a draw of the observation of a row of what was decoded, in
// units of its window, of a deviation that is a function of that of the noise.
func (n *network) draw(dst, params []float64, d decoded, row int, deviation func(j int, noise float64) float64, rng *rand.Rand) {
	head := d.head(row)
	if n.likelihood != nil {
		n.likelihood.Sample(params, dst, head, rng)
		return
	}
	for j := range dst {
		unit := 0.0
		if n.dof.Cols > 0 {
			unit = distuv.StudentsT{Sigma: 1, Nu: n.degrees(params, j), Src: rng}.Rand()
		} else {
			unit = rng.NormFloat64()
		}
		dst[j] = head[j] + deviation(j, d.sd.Val[row*d.sd.Cols+j])*unit
	}
}

// asNoise is the deviation of observations that miss nothing.
func asNoise(_ int, noise float64) float64 { return noise }

// degrees returns the degrees of freedom of the noise of channel j.
func (n *network) degrees(params []float64, j int) float64 {
	raw := n.dof.In(params)[j]
	return leastDOF + math.Max(raw, 0) + math.Log1p(math.Exp(-math.Abs(raw)))
}

// expect sets dst to the mean of the distribution that head, a row in the place of the means, stands for.
func (n *network) expect(dst, params, head []float64) {
	if n.likelihood != nil {
		n.likelihood.Mean(params, dst, head)
		return
	}
	copy(dst, head)
}
