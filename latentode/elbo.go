package latentode

import (
	"context"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
	"tsgen/internal/variational"
)

// evidence returns the evidence lower bound of the shard's windows with the
// posteriors q, turned and with the divergence at the weight of update k, in nats
// per usual value, and what Options.Kinetic adds to it.
func (o *objective) evidence(ctx context.Context, p *nn.Pass, s *workspace, q variational.Posterior, k int) (*ad.Node, error) {
	d, err := o.network.decode(ctx, p, s, q.Sample(p, s.rng))
	if err != nil {
		return nil, err
	}
	fit := p.Sum(o.network.logDensity(p, s.target, d))
	divergence := s.divergence(p, q, d.states)
	if d.paths != nil {
		divergence = p.Add(divergence, p.Sum(d.paths))
	}
	loss := p.Add(p.Scale(-1/o.weight, fit), p.Scale(o.anneal.At(k+o.paced)/o.weight, divergence))
	return o.regularized(p, s, d.states, loss), nil
}

// importance is as evidence for the importance-weighted bound of Options.Draws
// draws.
func (o *objective) importance(ctx context.Context, p *nn.Pass, s *workspace, q variational.Posterior) (*ad.Node, error) {
	draws := o.config.Options.Draws
	s.repeat(draws)
	z0, ratio := q.SampleRatio(p, s.rng.NormFloat64, draws)
	d, err := o.network.decode(ctx, p, s, z0)
	if err != nil {
		return nil, err
	}
	fit := s.perTrajectory(p, o.network.logDensity(p, s.target, d))
	loss := p.Scale(-1/o.weight, p.Sum(variational.ImportanceBound(p, p.Add(fit, ratio), draws)))
	return o.regularized(p, s, d.states, loss), nil
}

// A rowSums adds up rows that belong to one trajectory.
type rowSums struct {
	x     *ad.Node
	owner []int
}

// perTrajectory returns the sums of the rows of x, rows×1, that belong to each
// trajectory.
func (s *workspace) perTrajectory(p *nn.Pass, x *ad.Node) *ad.Node {
	s.rowSums = rowSums{x, s.owner}
	sums := p.Buffer(len(s.t0))
	clear(sums)
	for i, v := range x.Val {
		sums[s.owner[i]] += v
	}
	return p.External(&s.rowSums, len(sums), 1, sums, x)
}

// Backward implements ad.External.
func (t *rowSums) Backward(grad []float64) {
	for i := range t.x.Grad {
		t.x.Grad[i] += grad[t.owner[i]]
	}
}
