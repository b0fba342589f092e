package latentode

import (
	"math/rand/v2"
	"slices"

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
	if n.gated() {
		return n.posterior(p, lastStates(n, p, b))
	}
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
	return n.posterior(p, p.Rows(states, b.last))
}

// inferred is encode, in float32 where the workspace has that.
func (n *network) inferred(p *nn.Pass, s *workspace) variational.Posterior {
	if s.single == nil {
		return n.encode(p, &s.batch)
	}
	return n.posterior(p, nn.SingleStage(p, s.single, func() *ad.NodeOf[float32] { return lastStates(n, s.single, &s.batch) }))
}

// posterior returns q(z₀) of windows by the states in which the encoder ends.
func (n *network) posterior(p *nn.Pass, states *ad.Node) variational.Posterior {
	return variational.NewPosterior(p, n.head.Apply(p, states))
}

// gated reports whether the encoder is a gated recurrent unit of whose states only the last are of use.
func (n *network) gated() bool { return n.between == nil && n.forgetting == nil && n.guide == nil }

// cachedRows is the number of rows from which on the steps of an encoder are an operation of their own, so that
// what goes back through them stays in the second cache.
const cachedRows = 1024

// lastStates returns the states of a gated encoder after the last step of each window.
func lastStates[T ad.Float](n *network, p *nn.PassOf[T], b *batch) *ad.NodeOf[T] {
	w := n.config.inputWidth()
	input := p.Data(len(b.input)/w, w, b.input)
	var room [16]*ad.NodeOf[T]
	last := room[:0] // of the windows that end in each block of steps
	var h *ad.NodeOf[T]
	row, windows := 0, len(b.windows)
	for active := b.active; len(active) > 0; {
		steps, to := 0, row
		for steps < len(active) && to-row < cachedRows {
			to += active[steps]
			steps++
		}
		states := p.Recur(n.encoder, h, p.RowRange(input, row, to), active[:steps])
		left, end := 0, states.Rows-active[steps-1]
		if active = active[steps:]; len(active) > 0 {
			left = active[0]
			h = p.RowRange(states, end, end+left)
		}
		ends := grow(&b.ends, windows-left)
		for i := range ends {
			ends[i] = b.last[left+i] - row
		}
		last = append(last, p.Rows(states, ends))
		row, windows = to, left
	}
	slices.Reverse(last) // the windows of fewest steps come last
	return p.Stack(last)
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
