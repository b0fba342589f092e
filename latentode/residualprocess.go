package latentode

import (
	"math"
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
	"tsgen/models/density"
)

// Residuals says what becomes of what deterministic dynamics leave of the observations.
type Residuals string

// The ways to treat residuals.
const (
	ResidualsCarried Residuals = "carried" // the context's are carried over to the future, where the noise grows
	ResidualsOU      Residuals = "ou"      // an Ornstein-Uhlenbeck process in each channel, seen through noise
)

// A residualProcess is an Ornstein-Uhlenbeck process in each channel that stands between the dynamics
// and the observations,
//
//	x_i = μ(t_i) + r(t_i) + n ε_i,  dr = -κ r dt + a √(2κ) dW,
//
// stationary with deviation a, time in gaps. What a context says of it is found by a Kalman filter of
// one variable, in linear time at any times (Hartikainen & Särkkä 2010). A value of the context is
// predicted by those before it, one of the future by the context alone: errors are correlated, what is
// known fades from the last observation on, and the variance grows no further than a² + n². The
// densities of the rows make one of the window, context before future, so that the bound stays one.
type residualProcess struct{ rate, deviation, noise nn.Param }

const initialRate = 0.3 // a gap

// newResidualProcess adds one to s, with noise of its own if that is to be learned.
func newResidualProcess(s *nn.Params, channels int, noise bool) *residualProcess {
	r := &residualProcess{rate: s.Add("residual.rate", 1, channels), deviation: s.Add("residual.deviation", 1, channels)}
	if noise {
		r.noise = s.Add("residual.noise", 1, channels)
	}
	for j := range channels {
		r.rate.In(s.Values)[j] = density.InverseSoftplus(initialRate)
		r.deviation.In(s.Values)[j] = density.InverseSoftplus(initialNoise)
		if noise {
			r.noise.In(s.Values)[j] = density.InverseSoftplus(initialNoise)
		}
	}
	return r
}

// apply returns the means and the deviations of the batch's observations, given the means that the
// dynamics say and, where it is known, the deviation of the noise in each channel. Those of the context
// that were not observed are by what came before. op is memory that nobody else uses until the way back.
func (r *residualProcess) apply(p *nn.Pass, op *residualNode, b *batch, dynamics *ad.Node, noise []float64) (mean, sd *ad.Node) {
	rows, c := dynamics.Rows, dynamics.Cols
	*op = residualNode{
		batch: b, dynamics: dynamics,
		rate: p.Softplus(p.Param(r.rate)), deviation: p.SoftplusAbove(noiseFloor, p.Param(r.deviation)),
		steps: grow(&op.steps, rows*c),
	}
	if noise != nil {
		op.noise = p.Const(1, c, noise)
	} else {
		op.noise = p.SoftplusAbove(noiseFloor, p.Param(r.noise))
	}
	out := p.Buffer(2 * rows * c)
	b.eachTrajectory(c, func(j, from, origin, end int) {
		op.filter(j, from, origin, end)
		for row := from; row < end; row++ {
			s := op.step(row, j)
			out[row*2*c+j] = dynamics.Val[row*c+j] + s.prior.mean
			out[row*2*c+c+j] = s.sd
		}
	})
	both := p.External(op, rows, 2*c, out, dynamics, op.noise, op.rate, op.deviation)
	return p.Columns(both, 0, c), p.Columns(both, c, 2*c)
}

type residualNode struct {
	*batch
	dynamics, noise, rate, deviation *ad.Node
	steps                            []filterStep // rows×channels
}

// A gaussian is what is known of the process at a time.
type gaussian struct{ mean, variance float64 }

// A filterStep is what the filter makes of a row of a channel: what it knows before the value and after
// it, which in the future is what the context says; what the process keeps of itself since the row
// before, in the future since the context's last; the part of what is new in a value that goes to the
// process, 0 for values that are missing or to come; and the deviation of the value.
type filterStep struct {
	prior, posterior gaussian
	kept, gain, sd   float64
}

func (r *residualNode) step(row, j int) *filterStep { return &r.steps[row*r.dynamics.Cols+j] }

// elapsed returns the gaps between two rows.
func (r *residualNode) elapsed(from, to int) float64 {
	return (r.lead[to]-r.lead[from])*float64(r.Horizon) + r.age[from] - r.age[to]
}

// filter sets the steps of channel j of a trajectory.
func (r *residualNode) filter(j, from, origin, end int) {
	a2, n2 := r.deviation.Val[j]*r.deviation.Val[j], r.noise.Val[j]*r.noise.Val[j]
	at, known := from, gaussian{0, a2}
	for row := from; row < end; row++ {
		i := row*r.dynamics.Cols + j
		kept := math.Exp(-r.rate.Val[j] * r.elapsed(at, row))
		prior := gaussian{kept * known.mean, a2 + kept*kept*(known.variance-a2)}
		s := filterStep{prior: prior, posterior: prior, kept: kept, sd: math.Sqrt(prior.variance + n2)}
		if row < origin {
			if x := r.target[i]; !math.IsNaN(x) {
				s.gain = prior.variance / (prior.variance + n2)
				s.posterior = gaussian{prior.mean + s.gain*(x-r.dynamics.Val[i]-prior.mean), s.gain * n2}
			}
			at, known = row, s.posterior
		}
		r.steps[i] = s
	}
}

// smooth sets the means and deviations of what was decoded for values of contexts that were not observed
// to what all of their context says (Rauch, Tung & Striebel 1965). There is no way back from it.
func (r *residualNode) smooth(mean, sd []float64) {
	r.eachTrajectory(r.dynamics.Cols, func(j, from, origin, _ int) {
		var later gaussian
		var next filterStep // of the row after, as it was filtered
		for row := origin - 1; row >= from; row-- {
			i, s := row*r.dynamics.Cols+j, r.step(row, j)
			here := s.posterior
			if row < origin-1 {
				gain := next.kept * here.variance / next.prior.variance
				here.mean += gain * (later.mean - next.prior.mean)
				here.variance += gain * gain * (later.variance - next.prior.variance)
			}
			later, next = here, *s
			if math.IsNaN(r.target[i]) {
				s.prior, s.sd = here, math.Sqrt(here.variance+r.noise.Val[j]*r.noise.Val[j])
				mean[i] += here.mean - next.prior.mean
				sd[i] *= s.sd / next.sd
			}
		}
	})
}

// signal returns the part of a row's deviation that is not noise.
func (r *residualNode) signal(row, j int) float64 {
	s := r.step(row, j)
	return math.Sqrt(s.prior.variance) / s.sd
}

// whiten brings the residuals of a context, rows×channels from the row first on, to what is new in
// each given those before it, in deviations; those of missing values it leaves as they are. It is linear.
func (r *residualNode) whiten(residuals []float64, first int) {
	c := r.dynamics.Cols
	steps := r.steps[first*c:]
	for j := range c {
		mean := 0.0
		for i := j; i < len(residuals); i += c {
			s := &steps[i]
			mean *= s.kept
			if s.gain > 0 {
				rest := residuals[i] - mean
				mean += s.gain * rest
				residuals[i] = rest / s.sd
			}
		}
	}
}

// A stray is the course of the process in a sample path about what is known of it.
type stray struct {
	row     int // the last one, -1 before the first
	process []float64
}

// draw sets dst to the deviations from the means of a row of a path, in units of the process: of values
// that follow one another their processes do.
func (r *residualNode) draw(dst []float64, at *stray, row int, rng *rand.Rand) {
	at.process = grow(&at.process, len(dst))
	for j := range dst {
		v, kept := r.step(row, j).prior.variance, 0.0
		if at.row >= 0 {
			kept = math.Exp(-r.rate.Val[j] * r.elapsed(at.row, row))
			v = r.deviation.Val[j] * r.deviation.Val[j] * (1 - kept*kept)
		} else {
			at.process[j] = 0
		}
		at.process[j] = kept*at.process[j] + math.Sqrt(v)*rng.NormFloat64()
		dst[j] = at.process[j] + r.noise.Val[j]*rng.NormFloat64()
	}
	at.row = row
}

// Backward implements ad.External.
func (r *residualNode) Backward(grad []float64) {
	r.eachTrajectory(r.dynamics.Cols, func(j, from, origin, end int) {
		b := residualBack{residualNode: r, j: j, grad: grad}
		var known gaussian // the derivatives with respect to what is known at the end of the context
		for row := end - 1; row >= origin; row-- {
			g := b.since(origin-1, row, b.said(row))
			known.mean += g.mean
			known.variance += g.variance
		}
		for row := origin - 1; row >= from; row-- {
			before := b.learned(row, known)
			if row > from {
				known = b.since(row-1, row, before)
			} else {
				r.deviation.Grad[j] += 2 * r.deviation.Val[j] * before.variance
			}
		}
	})
}

// A residualBack is the way back through a channel. Derivatives have the form of what they are taken with
// respect to.
type residualBack struct {
	*residualNode
	j    int
	grad []float64
}

// said returns the derivatives with respect to what is known before a row, of what is said of the row.
func (b residualBack) said(row int) gaussian {
	c := b.dynamics.Cols
	mean, sd := b.grad[row*2*c+b.j], b.grad[row*2*c+c+b.j]
	variance := 0.5 * sd / b.step(row, b.j).sd
	b.dynamics.Grad[row*c+b.j] += mean
	b.addNoise(variance)
	return gaussian{mean, variance}
}

// addNoise adds a derivative with respect to the variance of the noise.
func (b residualBack) addNoise(variance float64) {
	if b.noise.Grad != nil {
		b.noise.Grad[b.j] += 2 * b.noise.Val[b.j] * variance
	}
}

// learned returns the derivatives with respect to what is known before a row of the context, given those
// with respect to what is known after it.
func (b residualBack) learned(row int, after gaussian) gaussian {
	i, s := row*b.dynamics.Cols+b.j, b.step(row, b.j)
	before := b.said(row)
	if s.gain == 0 {
		return gaussian{before.mean + after.mean, before.variance + after.variance}
	}
	rest := b.target[i] - b.dynamics.Val[i] - s.prior.mean
	b.dynamics.Grad[i] -= s.gain * after.mean
	before.mean += (1 - s.gain) * after.mean
	// The gain is P/(P+N), the variance after it NP/(P+N).
	total := s.sd * s.sd
	noise := 1 - s.gain
	before.variance += after.mean*rest*noise/total + after.variance*noise*noise
	b.addNoise(after.variance*s.gain*s.gain - after.mean*rest*s.gain/total)
	return before
}

// since returns the derivatives with respect to what is known after the row at, given those with respect
// to what is known before a later row.
func (b residualBack) since(at, row int, before gaussian) gaussian {
	a, kept, p := b.deviation.Val[b.j], b.step(row, b.j).kept, b.step(at, b.j).posterior
	b.deviation.Grad[b.j] += 2 * a * (1 - kept*kept) * before.variance
	slope := before.mean*p.mean + 2*kept*(p.variance-a*a)*before.variance
	b.rate.Grad[b.j] -= slope * kept * b.elapsed(at, row)
	return gaussian{kept * before.mean, kept * kept * before.variance}
}
