package density

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"tsgen/internal/ad"
	"tsgen/internal/moments"
	"tsgen/internal/nn"
)

// above returns floor + log(1+eˣ), as ad.Tape.SoftplusAbove.
func above(floor, x float64) float64 {
	return floor + math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}

// below returns the x with above(floor, x) = y, or the x of a y a little above
// the floor where y is none.
func below(floor, y float64) float64 {
	return InverseSoftplus(max(y-floor, 0.1*floor))
}

// momentsOf returns the mean and the standard deviation of f of the observed
// values of channel j of x, and the number of them. Without any, mean and
// deviation are 0 and 1.
func momentsOf(x []float64, channels, j int, f func(float64) float64) (mean, sd float64, n int) {
	m := moments.OfChannel(x, channels, j, f)
	if m.N == 0 {
		return 0, 1, 0
	}
	return m.Mean, math.Sqrt(m.Variance()), int(m.N)
}

// gaussian has a head of the means of all channels, then their deviations.
type gaussian struct {
	channels int
	floor    float64
}

func (g *gaussian) Outputs() int { return 2 * g.channels }

func (g *gaussian) LogDensity(p *nn.Pass, x, head *ad.Node) *ad.Node {
	return p.GaussianLogDensity(x, p.Columns(head, 0, g.channels),
		p.SoftplusAbove(g.floor, p.Columns(head, g.channels, 2*g.channels)))
}

func (g *gaussian) Sample(_, dst, head []float64, rng *rand.Rand) {
	for j := range dst {
		dst[j] = head[j] + above(g.floor, head[g.channels+j])*rng.NormFloat64()
	}
}

func (g *gaussian) Mean(_, dst, head []float64) { copy(dst, head) }

func (g *gaussian) Start(_, head, x []float64) { g.start(head, x, moments.Identity) }

func (g *gaussian) start(head, x []float64, f func(float64) float64) {
	for j := range g.channels {
		mean, sd, _ := momentsOf(x, g.channels, j, f)
		head[j], head[g.channels+j] = mean, below(g.floor, sd)
	}
}

// sharedGaussian has a head of means.
type sharedGaussian struct {
	channels  int
	floor     float64
	deviation nn.Param
}

func (g *sharedGaussian) Outputs() int { return g.channels }

func (g *sharedGaussian) LogDensity(p *nn.Pass, x, head *ad.Node) *ad.Node {
	return p.GaussianLogDensity(x, head, p.SoftplusAbove(g.floor, p.Param(g.deviation)))
}

func (g *sharedGaussian) Sample(params, dst, head []float64, rng *rand.Rand) {
	for j, raw := range g.deviation.In(params) {
		dst[j] = head[j] + above(g.floor, raw)*rng.NormFloat64()
	}
}

func (g *sharedGaussian) Mean(_, dst, head []float64) { copy(dst, head) }

func (g *sharedGaussian) Start(params, head, x []float64) {
	deviation := g.deviation.In(params)
	for j := range head {
		mean, sd, _ := momentsOf(x, g.channels, j, moments.Identity)
		head[j], deviation[j] = mean, below(g.floor, sd)
	}
}

// leastDOF keeps the variance of a Student's t finite.
const leastDOF = 2.1

// studentT has a head of the locations of all channels, then their scales.
type studentT struct {
	channels int
	floor    float64
	dof      nn.Param
}

func (s *studentT) Outputs() int { return 2 * s.channels }

func (s *studentT) LogDensity(p *nn.Pass, x, head *ad.Node) *ad.Node {
	return p.StudentLogDensity(x, p.Columns(head, 0, s.channels),
		p.SoftplusAbove(s.floor, p.Columns(head, s.channels, 2*s.channels)),
		p.SoftplusAbove(leastDOF, p.Param(s.dof)))
}

func (s *studentT) Sample(params, dst, head []float64, rng *rand.Rand) {
	for j, raw := range s.dof.In(params) {
		dst[j] = distuv.StudentsT{
			Mu: head[j], Sigma: above(s.floor, head[s.channels+j]), Nu: above(leastDOF, raw), Src: rng,
		}.Rand()
	}
}

func (s *studentT) Mean(_, dst, head []float64) { copy(dst, head) }

// Start begins at 8 degrees of freedom.
func (s *studentT) Start(params, head, x []float64) {
	const dof = 8
	for j, raw := 0, s.dof.In(params); j < s.channels; j++ {
		mean, sd, _ := momentsOf(x, s.channels, j, moments.Identity)
		head[j], head[s.channels+j] = mean, below(s.floor, sd*math.Sqrt((dof-2)/float64(dof)))
		raw[j] = below(leastDOF, dof)
	}
}

// logNormal has the head of a Gaussian for the logarithms.
type logNormal struct{ gaussian }

func (l *logNormal) LogDensity(p *nn.Pass, x, head *ad.Node) *ad.Node {
	logs, volume := p.Buffer(len(x.Val)), p.Buffer(x.Rows)
	for k, v := range x.Val {
		logs[k] = math.Log(v)
		if !math.IsNaN(v) {
			volume[k/x.Cols] -= logs[k]
		}
	}
	return p.Add(l.gaussian.LogDensity(p, p.Const(x.Rows, x.Cols, logs), head), p.Const(x.Rows, 1, volume))
}

func (l *logNormal) Sample(params, dst, head []float64, rng *rand.Rand) {
	l.gaussian.Sample(params, dst, head, rng)
	for j, v := range dst {
		dst[j] = math.Exp(v)
	}
}

func (l *logNormal) Mean(_, dst, head []float64) {
	for j := range dst {
		sd := above(l.floor, head[l.channels+j])
		dst[j] = math.Exp(head[j] + 0.5*sd*sd)
	}
}

func (l *logNormal) Start(_, head, x []float64) { l.start(head, x, math.Log) }

// mixture has a head of the components' logarithmic weights, up to a constant,
// then for each component the means of all channels and their deviations.
type mixture struct {
	channels, components int
	floor                float64
}

func (m *mixture) Outputs() int { return m.components * (1 + 2*m.channels) }

// at returns where in the head component k begins.
func (m *mixture) at(k int) int { return m.components + 2*m.channels*k }

func (m *mixture) LogDensity(p *nn.Pass, x, head *ad.Node) *ad.Node {
	weights := p.Columns(head, 0, m.components)
	var parts *ad.Node
	for k := range m.components {
		at, c := m.at(k), m.channels
		d := p.GaussianLogDensity(x, p.Columns(head, at, at+c), p.SoftplusAbove(m.floor, p.Columns(head, at+c, at+2*c)))
		if parts == nil {
			parts = d
		} else {
			parts = p.Concat(parts, d)
		}
	}
	return p.Sub(p.LogSumExp(p.Add(weights, parts)), p.LogSumExp(weights))
}

// weights calls f with each component and its weight until f returns false.
func (m *mixture) weights(head []float64) func(f func(k int, weight float64) bool) {
	return func(f func(int, float64) bool) {
		logits := head[:m.components]
		top, sum := slices.Max(logits), 0.0
		for _, l := range logits {
			sum += math.Exp(l - top)
		}
		for k, l := range logits {
			if !f(k, math.Exp(l-top)/sum) {
				return
			}
		}
	}
}

func (m *mixture) Sample(_, dst, head []float64, rng *rand.Rand) {
	u, chosen := rng.Float64(), 0
	for k, w := range m.weights(head) {
		chosen = k
		if u -= w; u < 0 {
			break
		}
	}
	at := m.at(chosen)
	for j := range dst {
		dst[j] = head[at+j] + above(m.floor, head[at+m.channels+j])*rng.NormFloat64()
	}
}

func (m *mixture) Mean(_, dst, head []float64) {
	clear(dst)
	for k, w := range m.weights(head) {
		at := m.at(k)
		for j := range dst {
			dst[j] += w * head[at+j]
		}
	}
}

// Start spreads the components over the quantiles of every channel.
func (m *mixture) Start(_, head, x []float64) {
	clear(head)
	for j := range m.channels {
		var observed []float64
		for k := j; k < len(x); k += m.channels {
			if !math.IsNaN(x[k]) {
				observed = append(observed, x[k])
			}
		}
		slices.Sort(observed)
		_, sd, n := momentsOf(x, m.channels, j, moments.Identity)
		for k := range m.components {
			at := m.at(k)
			if n > 0 {
				head[at+j] = observed[(2*k+1)*n/(2*m.components)]
			}
			head[at+m.channels+j] = below(m.floor, sd)
		}
	}
}
