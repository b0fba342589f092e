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
)

// addMotion adds to s the equation by which the encoder's state moves between
// observations, dh/dt = tanh(MLP(h)), if there is one.
func (n *network) addMotion(s *nn.Params, rng *rand.Rand) {
	if o := n.config.Options; o.Encoder == EncoderODERNN {
		between := nn.NewMLP(s, "encoder.between", []int{o.Hidden, o.Hidden, o.Hidden}, 0.3, rng)
		n.between = &between
	}
}

// encode returns q(z₀) of each window of the batch.
func (n *network) encode(p *nn.Pass, b *batch) variational.Posterior {
	w := n.config.inputWidth()
	input := p.Const(len(b.input)/w, w, b.input)
	var states *ad.Node
	if n.between == nil {
		states = n.encoder.Apply(p, input, b.active)
	} else {
		states = n.moving(p, b, input)
	}
	return variational.NewPosterior(p, n.head.Apply(p, p.Rows(states, b.last)))
}

// moving returns the packed states after every step of an encoder whose state
// moves between observations. A gap is one step of the midpoint rule, whose
// error the weights are trained with: the equation is a way to forget in the
// course of time, and no trajectory of it is asked for elsewhere.
func (n *network) moving(p *nn.Pass, b *batch, input *ad.Node) *ad.Node {
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
			gaps := p.Buffer(a * width)
			for i := range gaps {
				gaps[i] = b.gaps[at+i/width]
			}
			gap := p.Const(a, width, gaps)
			middle := p.Add(h, p.Scale(0.5, p.Mul(gap, p.Tanh(n.between.Apply(p, h)))))
			h = p.Add(h, p.Mul(gap, p.Tanh(n.between.Apply(p, middle))))
		}
		h = p.GRUStep(h, p.RowRange(gx, at, at+a), wh, bh)
		b.steps = append(b.steps, h)
		at += a
	}
	return p.Stack(b.steps)
}
