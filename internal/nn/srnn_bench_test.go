package nn

import (
	"context"
	"math/rand/v2"
	"testing"

	"tsgen/internal/ad"
)

// srnn is a stochastic recurrent network (Fraccaro et al. 2016) with its loss,
// for measurement: a GRU d over the features of the x before, a GRU a backwards
// over d and the features of x, a prior of z before and d, and a posterior of z
// before and a, each of one hidden layer, whose mean is added to the prior's.
type srnn struct {
	sequences
	forward, backward GRU
	backwardFeatures  Param // share of the features of x in the gates of a
	prior, posterior  stochasticLayer
	shards            []srnnStates
}

// srnnStates holds the features and states of the steps of a shard: f and a of
// each, d of each segment.
type srnnStates struct {
	f, a, d []*ad.Node
	active  []int // the rows, for each step of a segment
}

// A stochasticLayer gives a Gaussian from z before and a state, whose share is
// computed for a segment.
type stochasticLayer struct {
	state Linear
	z     Param
	head  Linear
}

func (l stochasticLayer) apply(p *Pass, z, share *ad.Node) (mean, sd *ad.Node) {
	return gaussian(p, l.head.Apply(p, p.LinearTanh(z, p.Param(l.z), share)))
}

func newSRNN(c sequenceSize, shards int) (Objective, *sequences, *Params) {
	rng := rand.New(rand.NewPCG(1, 2))
	s := new(Params)
	h := c.hidden
	layer := func(name string) stochasticLayer {
		return stochasticLayer{
			NewLinear(s, name+".state", h, h, 1, rng),
			newWeights(s, name+".z", c.z, h, rng),
			NewLinear(s, name+".head", h, 2*c.z, 1, rng),
		}
	}
	m := &srnn{
		sequences:        newSequences(s, c, shards, rng),
		forward:          NewGRU(s, "forward", h, h, rng),
		backward:         NewGRU(s, "backward", h, h, rng),
		backwardFeatures: newWeights(s, "backward.features", h, 3*h, rng),
		prior:            layer("prior"),
		posterior:        layer("posterior"),
	}
	for range shards {
		active := make([]int, segment)
		for i := range active {
			active[i] = m.rows
		}
		m.shards = append(m.shards, srnnStates{make([]*ad.Node, c.steps), make([]*ad.Node, c.steps), make([]*ad.Node, c.steps), active})
	}
	return m, &m.sequences, s
}

// Loss implements Objective.
func (m *srnn) Loss(_ context.Context, p *Pass, k, shard int) (*ad.Node, error) {
	s := m.begin(p, k, shard)
	all := m.shards[shard]
	zero := p.Const(m.rows, m.hidden, s.zero)
	bias, wx, wh, bh := gruParams(p, m.forward)
	state := zero
	for from := 0; from < m.steps; from += segment {
		to := min(from+segment, m.steps)
		f := m.encode(p, s, from-1, to-1)
		d := p.GRUFrom(state, bias, wh, bh, all.active[:to-from], ad.Input{X: f, W: wx})
		for t := max(1, from); t < to; t++ {
			all.f[t-1] = m.row(p, f, t-from)
		}
		state = m.row(p, d, to-from-1)
		all.d[from/segment] = d
	}
	all.f[m.steps-1] = m.encode(p, s, m.steps-1, m.steps)
	bias, wx, wh, bh = gruParams(p, m.backward)
	wf := p.Param(m.backwardFeatures)
	state = zero
	for t := m.steps - 1; t >= 0; t-- {
		d := m.row(p, all.d[t/segment], t%segment)
		state = p.GRUStep(state, bias, wh, bh, ad.Input{X: d, W: wx}, ad.Input{X: all.f[t], W: wf})
		all.a[t] = state
	}
	z := p.Const(m.rows, m.z, s.zero[:m.rows*m.z])
	for from := 0; from < m.steps; from += segment {
		to := min(from+segment, m.steps)
		z = m.advance(p, s, z, all.d[from/segment], p.Stack(all.a[from:to]), from, to)
	}
	return s.end(p), nil
}

// row returns the rows of step k of a segment.
func (m *srnn) row(p *Pass, x *ad.Node, k int) *ad.Node { return p.RowRange(x, k*m.rows, (k+1)*m.rows) }

func gruParams(p *Pass, g GRU) (bias, wx, wh, bh *ad.Node) {
	return p.Param(g.Input.B), p.Param(g.Input.W), p.Param(g.Wh), p.Param(g.Bh)
}

// advance draws the latent variables of the steps from to to (exclusive) from
// the posterior, adds these steps to the loss and returns the last z. d and a
// hold the states of these steps.
func (m *srnn) advance(p *Pass, s *sequenceShard, z, d, a *ad.Node, from, to int) *ad.Node {
	var zs, means, sds, priorMeans, priorSDs [segment]*ad.Node
	n := to - from
	fromD, fromA := m.prior.state.Apply(p, d), m.posterior.state.Apply(p, a)
	for k := range n {
		priorMeans[k], priorSDs[k] = m.prior.apply(p, z, m.row(p, fromD, k))
		means[k], sds[k] = m.posterior.apply(p, z, m.row(p, fromA, k))
		means[k] = p.Add(means[k], priorMeans[k])
		z = m.draw(p, s, from+k, means[k], sds[k])
		zs[k] = z
	}
	m.add(p, s, from, to, func(p *Pass) (features, states, divergence *ad.Node) {
		return tanhLayer(p, m.latent, p.Stack(zs[:n])), d,
			p.KLGaussian(p.Stack(means[:n]), p.Stack(sds[:n]), p.Stack(priorMeans[:n]), p.Stack(priorSDs[:n]))
	})
	return z
}

// BenchmarkSRNN measures a training step of an SRNN.
func BenchmarkSRNN(b *testing.B) { benchmarkSequences(b, newSRNN) }
