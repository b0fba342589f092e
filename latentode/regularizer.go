package latentode

import (
	"math"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// regularized returns the loss with what Options.Kinetic and Options.Path add for
// the motion of the workspace's latent states.
func (o *objective) regularized(p *nn.Pass, s *workspace, states, loss *ad.Node) *ad.Node {
	trajectories := float64(o.config.Options.Batch * max(1, o.config.Options.Draws))
	for i, weight := range []float64{o.config.Options.Kinetic, o.config.Options.Path} {
		if weight > 0 {
			s.motions[i] = pathRegularizer{states: states, times: s.times, length: i == 1}
			loss = p.Add(loss, p.Scale(weight/trajectories, s.motions[i].apply(p)))
		}
	}
	return loss
}

// A pathRegularizer measures how trajectories move. With the states z_i at the n+1 times t_i
// of a trajectory's rows, it is the mean square speed
//
//	1/(t_n - t_0) Σ_i |z_i+1 - z_i|² / (t_i+1 - t_i)  ≤  1/(t_n - t_0) ∫ |dz/dt|² dt,
//
// the integral being the kinetic energy by which Finlay et al. 2020, section 3.1,
// regularise; or the length of the path by the time that it takes, the mean speed,
//
//	1/(t_n - t_0) Σ_i |z_i+1 - z_i|  ≤  1/(t_n - t_0) ∫ |dz/dt| dt,
//
// the sum being the penalty of Sampson & Melchior 2024. They measure distances in
// units of the deviation that latent states have over a batch, for nothing else
// keeps those from shrinking; here the divergence stays and with it the prior's
// unit.
type pathRegularizer struct {
	states *ad.Node
	times  [][]float64 // of each trajectory's rows
	length bool        // the length of the path
}

// apply returns the sum over the trajectories, 1×1. The way back uses m.
func (m *pathRegularizer) apply(p *nn.Pass) *ad.Node {
	sum := p.Buffer(1)
	sum[0] = 0
	m.each(func(from, to []float64, _ int, step, span float64) {
		square := distanceSquared(from, to)
		if m.length {
			sum[0] += math.Sqrt(square) / span
		} else {
			sum[0] += square / (step * span)
		}
	})
	return p.External(m, 1, 1, sum, m.states)
}

// Backward implements ad.External. A path has no derivative where it stands
// still; 0 lies between those to either side.
func (m *pathRegularizer) Backward(grad []float64) {
	m.each(func(from, to []float64, at int, step, span float64) {
		weight := 2 * grad[0] / (step * span)
		if m.length {
			square := distanceSquared(from, to)
			if square == 0 {
				return
			}
			weight = grad[0] / (span * math.Sqrt(square))
		}
		for k := range from {
			d := weight * (to[k] - from[k])
			m.states.Grad[at+len(from)+k] += d
			m.states.Grad[at+k] -= d
		}
	})
}

// each calls f with each pair of successive states, the place of the first, the
// time between them and that of the whole trajectory. States at one time are the
// same.
func (m *pathRegularizer) each(f func(from, to []float64, at int, step, span float64)) {
	at, width := 0, m.states.Cols
	for _, t := range m.times {
		for i := range len(t) - 1 {
			if step := t[i+1] - t[i]; step > 0 {
				f(m.states.Val[at:at+width], m.states.Val[at+width:at+2*width], at, step, t[len(t)-1]-t[0])
			}
			at += width
		}
		at += width
	}
}

func distanceSquared(x, y []float64) float64 {
	sum := 0.0
	for k := range x {
		sum += (y[k] - x[k]) * (y[k] - x[k])
	}
	return sum
}
