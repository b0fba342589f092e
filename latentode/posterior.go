package latentode

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// The encoder's posterior is amortised: one network for all series, whose guess
// of z₀ is good but not the best for the series at hand (Cremer et al. 2018).
// What the weights say of a context x is known exactly up to a constant,
//
//	log p(z₀|x) = -½|z₀|² - ½ Σ ((x_i - μ_i(z₀))/σ_i)² + const.,
//
// so its mode is found from the encoder's mean on by least squares, and the Gaussian
// with the curvature there (Laplace's approximation) takes the encoder's place.

// A mode is the Gaussian approximation of a window's posterior at its mode.
type mode struct {
	mean      []float64
	precision mat.Cholesky

	// The states at the rows of the context of the trajectory from base, next to mean, and of the probes
	// about it: trajectories × rows × latent.
	base, path []float64
}

// draw sets dst to a draw, made of standard normal numbers, and returns the logarithm of the ratio of
// the prior's density there to that of m.
func (m *mode) draw(dst []float64, normal func() float64) float64 {
	z := mat.NewVecDense(len(dst), dst)
	ratio := -0.5 * m.precision.LogDet()
	for i := range dst {
		dst[i] = normal()
		ratio += 0.5 * dst[i] * dst[i]
	}
	// With precision UᵀU, U⁻¹ε has the covariance wanted.
	var u mat.TriDense
	m.precision.UTo(&u)
	if err := z.SolveVec(&u, z); err != nil {
		panic("latentode: " + err.Error()) // the precision is at least 1
	}
	for i := range dst {
		dst[i] += m.mean[i]
		ratio -= 0.5 * dst[i] * dst[i]
	}
	return ratio
}

// divergence returns the divergence of m from the prior.
func (m *mode) divergence() float64 {
	var cov mat.SymDense
	if m.precision.InverseTo(&cov) != nil {
		return math.Inf(1) // a variable is next to certain
	}
	nats := m.precision.LogDet()
	for i, z := range m.mean {
		nats += z*z + cov.At(i, i) - 1
	}
	return nats / 2
}

// A proposal is draws of z₀ and the logarithms of the ratios of the prior's
// density to that of the distribution from which they were drawn.
type proposal struct {
	z0       *ad.Node
	logRatio []float64
	modes    []mode // of the windows, nil where draws are of the encoder's posterior
}

// refined returns the modes of the windows of the batch where posteriors are refined, nil where
// they are the encoder's.
func (f *fitted) refined(ctx context.Context, p *nn.Pass, s *workspace) ([]mode, error) {
	if !f.config.Refine {
		return nil, nil
	}
	return f.network.modes(ctx, p, s, f.network.inferred(p, s))
}

// proposals returns draws of z₀, made of standard normal numbers, for every window of the batch, one
// window after another, and makes the batch stand for as many trajectories. They are about the modes
// that refined returned.
func (f *fitted) proposals(p *nn.Pass, s *workspace, modes []mode, draws int, normal func() float64) proposal {
	if modes == nil {
		q := f.network.inferred(p, s)
		s.repeat(draws)
		z0, ratio := q.SampleRatio(p, normal, draws)
		return proposal{z0: z0, logRatio: ratio.Val}
	}
	index, latent := s.repeat(draws), len(modes[0].mean)
	z0, ratio := p.Buffer(len(index)*latent), p.Buffer(len(index))
	for i, w := range index {
		ratio[i] = modes[w].draw(z0[i*latent:(i+1)*latent], normal)
	}
	return proposal{p.Const(len(index), latent, z0), ratio, modes}
}

// decodeDraws calls do with what is decoded of total draws of the posterior of w, as many at once as
// drawsAtOnce says, one after another, and with how many rows each has. The mode is sought once.
func (f *fitted) decodeDraws(ctx context.Context, p *nn.Pass, s *workspace, w window, total int, normal func() float64,
	do func(d decoded, drawn proposal, size int) error) error {
	var modes []mode
	for done := 0; done < total; {
		p.Reset()
		s.fill([]window{w})
		size := len(s.owner)
		draws := min(total-done, f.config.drawsAtOnce(size))
		if done == 0 {
			var err error
			if modes, err = f.refined(ctx, p, s); err != nil {
				return err
			}
		}
		drawn := f.proposals(p, s, modes, draws, normal)
		d, err := f.network.propose(ctx, p, s, drawn)
		if err != nil {
			return err
		}
		if d.residual != nil {
			d.residual.smooth(d.mean.Val, d.sd.Val)
		}
		f.config.stretch(d, s.lead, 0, size, draws)
		if err := do(d, drawn, size); err != nil {
			return err
		}
		done += draws
	}
	return nil
}
