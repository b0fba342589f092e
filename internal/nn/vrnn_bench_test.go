package nn

import (
	"context"
	"math/rand/v2"
	"testing"

	"tsgen/internal/ad"
)

// vrnn is a variational recurrent network (Chung et al. 2015) with its loss,
// for measurement: a GRU over the features of x and z, a posterior of two
// hidden layers and a prior of one.
type vrnn struct {
	sequences
	posteriorX              Linear // share of the features of x in the posterior's first layer
	posteriorH              Param  // share of the state
	posterior               Linear
	posteriorHead           Linear
	prior, priorHead        Linear
	inputX                  Linear // share of the features of x in the gates
	inputZ                  Param  // share of the features of z
	stateWeights, stateBias Param
}

func newVRNN(c sequenceSize, shards int) (Objective, *sequences, *Params) {
	rng := rand.New(rand.NewPCG(1, 2))
	s := new(Params)
	linear := func(name string, in, out int) Linear { return NewLinear(s, name, in, out, 1, rng) }
	h := c.hidden
	m := &vrnn{
		sequences:     newSequences(s, c, shards, rng),
		posteriorX:    linear("posterior.x", h, h),
		posteriorH:    newWeights(s, "posterior.h", h, h, rng),
		posterior:     linear("posterior", h, h),
		posteriorHead: linear("posterior.head", h, 2*c.z),
		prior:         linear("prior", h, h),
		priorHead:     linear("prior.head", h, 2*c.z),
		inputX:        linear("gru.x", h, 3*h),
		inputZ:        newWeights(s, "gru.z", h, 3*h, rng),
		stateWeights:  newWeights(s, "gru.h", h, 3*h, rng),
		stateBias:     s.Add("gru.h.bias", 1, 3*h),
	}
	return m, &m.sequences, s
}

// Loss implements Objective.
func (m *vrnn) Loss(_ context.Context, p *Pass, k, shard int) (*ad.Node, error) {
	d := m.begin(p, k, shard)
	h := p.Const(m.rows, m.hidden, d.zero)
	for from := 0; from < m.steps; from += segment {
		h = m.advance(p, d, h, from, min(from+segment, m.steps))
	}
	return d.end(p), nil
}

// advance draws the latent variables of the steps from to to (exclusive) from
// the posterior, adds these steps to the loss and returns the state after them.
func (m *vrnn) advance(p *Pass, d *sequenceShard, h *ad.Node, from, to int) *ad.Node {
	f := m.encode(p, d, from, to)
	fromX, posteriorH := m.posteriorX.Apply(p, f), p.Param(m.posteriorH)
	inputX, bias, inputZ := p.Param(m.inputX.W), p.Param(m.inputX.B), p.Param(m.inputZ)
	wh, bh := p.Param(m.stateWeights), p.Param(m.stateBias)
	var states, features, means, sds [segment]*ad.Node
	n := to - from
	for k := range n {
		row, next := k*m.rows, (k+1)*m.rows
		e := p.LinearTanh(h, posteriorH, p.RowRange(fromX, row, next))
		mean, sd := gaussian(p, m.posteriorHead.Apply(p, tanhLayer(p, m.posterior, e)))
		u := tanhLayer(p, m.latent, m.draw(p, d, from+k, mean, sd))
		states[k], features[k], means[k], sds[k] = h, u, mean, sd
		h = p.GRUStep(h, bias, wh, bh, ad.Input{X: p.RowRange(f, row, next), W: inputX}, ad.Input{X: u, W: inputZ})
	}
	m.add(p, d, from, to, func(p *Pass) (_, _, divergence *ad.Node) {
		all := p.Stack(states[:n])
		mean, sd := gaussian(p, m.priorHead.Apply(p, tanhLayer(p, m.prior, all)))
		return p.Stack(features[:n]), all, p.KLGaussian(p.Stack(means[:n]), p.Stack(sds[:n]), mean, sd)
	})
	return h
}

// BenchmarkVRNN measures a training step of a VRNN.
func BenchmarkVRNN(b *testing.B) { benchmarkSequences(b, newVRNN) }
