package rnn

import (
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// TestSteps holds the states of a recurrence that is taken step by step from a single
// memory of nothing against those of its run over packed sequences.
func TestSteps(t *testing.T) {
	const h, in = 3, 2
	active := []int{4, 3, 3, 1}
	for _, cell := range []Cell{GRU, LSTM} {
		rng := rand.New(rand.NewPCG(1, 2))
		var s nn.Params
		r := newRecurrence[float64](&s, cell, "r", "w", "b", h, rng)
		input := nn.NewLinear(&s, "in", in, cell.gates()*h, 1, rng)
		x := make([]float64, 11*in)
		for i := range x {
			x[i] = rng.NormFloat64()
		}
		p := nn.Pass{Values: s.Values}
		all := p.Const(11, in, x)
		bias, weights := p.Param(input.B), p.Param(input.W)
		states := r.run(&p, bias, active, ad.Input{X: all, W: weights})
		m := r.start(&p, 1).spread(&p, active[0])
		at := 0
		for k, n := range active {
			m = r.step(&p, m.first(&p, n), bias, ad.Input{X: p.RowRange(all, at, at+n), W: weights})
			for i, got := range m.h.Val {
				if want := states.Val[at*h+i]; math.Abs(got-want) > 1e-14 {
					t.Errorf("%s: state %d of step %d is %v, of the run %v", cell, i, k, got, want)
				}
			}
			at += n
		}
	}
}
