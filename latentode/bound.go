package latentode

import (
	"context"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
	"tsgen/vae"
)

// evidence returns the evidence lower bound of the shard's windows with the
// posteriors q, turned and with the divergence at the weight of update k, in nats
// per usual value, and what Options.Kinetic adds to it.
func (o *objective) evidence(ctx context.Context, p *nn.Pass, s *shard, q vae.Posterior, k int) (*ad.Node, error) {
	d, err := o.network.decode(ctx, p, s, q.Sample(p, s.rng))
	if err != nil {
		return nil, err
	}
	fit := p.Sum(o.network.logDensity(p, s.target, d))
	loss := p.Add(p.Scale(-1/o.weight, fit), p.Scale(o.anneal.At(k)/o.weight, s.divergence(p, q, d.states)))
	return o.calm(p, s, d.states, loss), nil
}

// importance is as evidence for the importance-weighted bound of Options.Draws
// draws.
func (o *objective) importance(ctx context.Context, p *nn.Pass, s *shard, q vae.Posterior) (*ad.Node, error) {
	draws := o.plan.Options.Draws
	s.repeat(draws)
	z0, ratio := q.SampleRatio(p, s.rng, draws)
	d, err := o.network.decode(ctx, p, s, z0)
	if err != nil {
		return nil, err
	}
	fit := s.perTrajectory(p, o.network.logDensity(p, s.target, d))
	loss := p.Scale(-1/o.weight, p.Sum(vae.ImportanceBound(p, p.Add(fit, ratio), draws)))
	return o.calm(p, s, d.states, loss), nil
}

// calm adds the penalty on speed to the loss, if there is one.
func (o *objective) calm(p *nn.Pass, s *shard, states, loss *ad.Node) *ad.Node {
	if o.plan.Options.Kinetic == 0 {
		return loss
	}
	weight := o.plan.Options.Kinetic / float64(o.plan.Options.Batch*max(1, o.plan.Options.Draws))
	return p.Add(loss, p.Scale(weight, s.kinetic(p, states)))
}

// A tally sums rows that belong to one trajectory.
type tally struct {
	x     *ad.Node
	owner []int
}

// perTrajectory returns the sums of the rows of x, rows×1, that belong to each
// trajectory.
func (s *shard) perTrajectory(p *nn.Pass, x *ad.Node) *ad.Node {
	s.tally = tally{x, s.owner}
	sums := p.Buffer(len(s.t0))
	clear(sums)
	for i, v := range x.Val {
		sums[s.owner[i]] += v
	}
	return p.External(&s.tally, len(sums), 1, sums, x)
}

// Backward implements ad.External.
func (t *tally) Backward(grad []float64) {
	for i := range t.x.Grad {
		t.x.Grad[i] += grad[t.owner[i]]
	}
}

// A motion is the kinetic energy of trajectories.
type motion struct {
	states *ad.Node
	times  [][]float64
}

// kinetic returns the mean square speed of each trajectory, summed over them:
// with the states z_i at the n+1 times t_i of its rows,
//
//	1/(t_n - t_0) Σ_i |z_i+1 - z_i|² / (t_i+1 - t_i)  ≤  1/(t_n - t_0) ∫ |dz/dt|² dt,
//
// the integral being the kinetic energy by which Finlay et al. 2020, section 3.1,
// regularise.
func (s *shard) kinetic(p *nn.Pass, states *ad.Node) *ad.Node {
	s.motion = motion{states, s.times}
	energy := p.Buffer(1)
	energy[0] = 0
	s.motion.each(func(i, j int, weight float64) {
		for k := range states.Cols {
			d := states.Val[j+k] - states.Val[i+k]
			energy[0] += weight * d * d
		}
	})
	return p.External(&s.motion, 1, 1, energy, states)
}

// Backward implements ad.External.
func (m *motion) Backward(grad []float64) {
	m.each(func(i, j int, weight float64) {
		for k := range m.states.Cols {
			d := 2 * grad[0] * weight * (m.states.Val[j+k] - m.states.Val[i+k])
			m.states.Grad[j+k] += d
			m.states.Grad[i+k] -= d
		}
	})
}

// each calls f with the places of each pair of successive states and the weight
// of the square of their distance. States at one time are the same.
func (m *motion) each(f func(i, j int, weight float64)) {
	at := 0
	for _, t := range m.times {
		for i := range len(t) - 1 {
			if step := t[i+1] - t[i]; step > 0 {
				f(at, at+m.states.Cols, 1/(step*(t[len(t)-1]-t[0])))
			}
			at += m.states.Cols
		}
		at += m.states.Cols
	}
}
