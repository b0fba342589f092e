package rnn

import (
	"math"
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// A Cell is a kind of recurrent unit.
type Cell string

// The kinds of recurrent units.
const (
	GRU  Cell = "gru"  // gated recurrent unit (Cho et al. 2014)
	LSTM Cell = "lstm" // long short-term memory (Hochreiter & Schmidhuber 1997)
)

// gates returns the number of gates of a unit, the candidate included.
func (c Cell) gates() int {
	if c == LSTM {
		return 4
	}
	return 3
}

// A recurrence is a layer of recurrent units without the weights of its inputs.
type recurrence[T ad.Float] struct {
	cell          Cell
	hidden        int
	weights, bias nn.Param
}

// newRecurrence adds a layer of the given width to s, its parameters called name
// and weights or bias. The forget gate of an LSTM has a bias of 1, so that it
// remembers to begin with (Jozefowicz et al. 2015, section 2.2).
func newRecurrence[T ad.Float](s *nn.Params, cell Cell, name, weights, bias string, hidden int, rng *rand.Rand) recurrence[T] {
	g := cell.gates() * hidden
	r := recurrence[T]{
		cell: cell, hidden: hidden,
		weights: s.AddUniform(name+"."+weights, hidden, g, 1/math.Sqrt(float64(hidden)), rng),
		bias:    s.Add(name+"."+bias, 1, g),
	}
	if cell == LSTM {
		b := r.bias.In(s.Values)
		for i := hidden; i < 2*hidden; i++ {
			b[i] = 1
		}
	}
	return r
}

// A memory is the state of a recurrence at a step, a row a sequence: h, and the
// cells c of an LSTM.
type memory[T ad.Float] struct{ h, c *ad.NodeOf[T] }

// start returns the memory of nothing.
func (r recurrence[T]) start(p *nn.PassOf[T], n int) memory[T] {
	m := memory[T]{h: zeros(p, n, r.hidden)}
	if r.cell == LSTM {
		m.c = m.h
	}
	return m
}

// spread returns the memory of n sequences of which m is one, if it is of one.
func (m memory[T]) spread(p *nn.PassOf[T], n int) memory[T] {
	m.h = spread(p, m.h, n)
	if m.c != nil {
		m.c = spread(p, m.c, n)
	}
	return m
}

// first returns the memory of the first n sequences.
func (m memory[T]) first(p *nn.PassOf[T], n int) memory[T] {
	if m.h.Rows > n {
		m.h = p.RowRange(m.h, 0, n)
		if m.c != nil {
			m.c = p.RowRange(m.c, 0, n)
		}
	}
	return m
}

// step returns the memory after a step, given the share of the gates that does
// not come from inputs.
func (r recurrence[T]) step(p *nn.PassOf[T], m memory[T], gates *ad.NodeOf[T], inputs ...ad.InputOf[T]) memory[T] {
	weights, bias := p.Param(r.weights), p.Param(r.bias)
	if r.cell == LSTM {
		h, c := p.LSTMStep(m.h, m.c, gates, weights, bias, inputs...)
		return memory[T]{h, c}
	}
	return memory[T]{h: p.GRUStep(m.h, gates, weights, bias, inputs...)}
}

// run returns h at all steps of packed sequences; see ad.Tape.GRUFrom.
func (r recurrence[T]) run(p *nn.PassOf[T], gates *ad.NodeOf[T], active []int, inputs ...ad.InputOf[T]) *ad.NodeOf[T] {
	weights, bias := p.Param(r.weights), p.Param(r.bias)
	if r.cell == LSTM {
		return p.LSTM(gates, weights, bias, active, inputs...)
	}
	return p.GRU(gates, weights, bias, active, inputs...)
}
