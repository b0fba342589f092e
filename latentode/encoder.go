package latentode

import (
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
	"tsgen/internal/variational"
)

// An Encoder is a way to read the observations of a context.
type Encoder string

// The encoders. Both read a context backwards, values, what is missing, and the
// gaps between the times.
const (
	EncoderGRU    Encoder = "gru"     // a gated recurrent unit
	EncoderODERNN Encoder = "ode-rnn" // one whose state moves by an equation of its own from one observation to the next (Rubanova et al. 2019)
	EncoderGRUD   Encoder = "gru-d"   // one that forgets in the course of time, its state and the last value of each channel (Che et al. 2018)
)

// addMotion adds to s the equation by which the encoder's state moves between
// observations, dh/dt = tanh(MLP(h)), or what it forgets, if there is such.
func (n *network) addMotion(s *nn.Params, rng *rand.Rand) {
	switch o := n.config.Options; o.Encoder {
	case EncoderODERNN:
		between := nn.NewMLP(s, "encoder.between", []int{o.Hidden, o.Hidden, o.Hidden}, 0.3, rng)
		n.between = &between
	case EncoderGRUD:
		n.forgetting = newForgetting(s, len(n.config.Channels), o.Hidden, rng)
	}
}

// encode returns q(z₀) of each window of the batch.
func (n *network) encode(p *nn.Pass, b *batch) variational.Posterior {
	w := n.config.inputWidth()
	input := p.Const(len(b.input)/w, w, b.input)
	var states *ad.Node
	switch {
	case n.between != nil:
		states = n.stepwise(p, b, input, func(h *ad.Node, at int) *ad.Node { return n.moved(p, h, b.gaps[at:]) })
	case n.forgetting != nil:
		known, kept := n.forgetting.apply(p, b)
		states = n.stepwise(p, b, known, func(h *ad.Node, at int) *ad.Node { return p.Mul(h, p.RowRange(kept, at, at+h.Rows)) })
	default:
		states = n.encoder.Apply(p, input, b.active)
	}
	b.read = states
	return variational.NewPosterior(p, n.head.Apply(p, p.Rows(states, b.last)))
}

// stepwise returns the packed states after every step of an encoder whose state between changes from
// one observation to the next, given that after the one and the packed row where the other's step begins.
func (n *network) stepwise(p *nn.Pass, b *batch, input *ad.Node, between func(h *ad.Node, at int) *ad.Node) *ad.Node {
	width := n.config.Options.Hidden
	gx := n.encoder.Input.Apply(p, input)
	wh, bh := p.Param(n.encoder.Wh), p.Param(n.encoder.Bh)
	zero := p.Buffer(b.active[0] * width)
	clear(zero)
	h := p.Const(b.active[0], width, zero)
	b.steps = b.steps[:0]
	at := 0
	for k, a := range b.active {
		if k > 0 {
			if a < h.Rows {
				h = p.RowRange(h, 0, a)
			}
			h = between(h, at)
		}
		h = p.GRUStep(h, p.RowRange(gx, at, at+a), wh, bh)
		b.steps = append(b.steps, h)
		at += a
	}
	return p.Stack(b.steps)
}

// moved returns the states h after so many units of time, one for each. A gap is one step of the midpoint
// rule, whose error the weights are trained with: the equation is a way to forget in the
// course of time, and no trajectory of it is asked for elsewhere.
func (n *network) moved(p *nn.Pass, h *ad.Node, time []float64) *ad.Node {
	gaps := p.Buffer(h.Rows * h.Cols)
	for i := range gaps {
		gaps[i] = time[i/h.Cols]
	}
	gap := p.Const(h.Rows, h.Cols, gaps)
	middle := p.Add(h, p.Scale(0.5, p.Mul(gap, p.Tanh(n.between.Apply(p, h)))))
	return p.Add(h, p.Mul(gap, p.Tanh(n.between.Apply(p, middle))))
}
