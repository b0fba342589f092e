package ad

import (
	"math"
	"math/rand/v2"
	"testing"
)

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// A cell makes one step of one sequence: it changes state, h values, and cell,
// as many, by the input's and the recurrent shares of the gates.
type cell func(state, cell, x, g []float64)

func gruCell(state, _, x, g []float64) {
	h := len(state)
	for j := range h {
		r, u := logistic(x[j]+g[j]), logistic(x[h+j]+g[h+j])
		c := math.Tanh(x[2*h+j] + r*g[2*h+j])
		state[j] = (1-u)*c + u*state[j]
	}
}

func lstmCell(state, cell, x, g []float64) {
	h := len(state)
	a := func(gate, j int) float64 { return x[gate*h+j] + g[gate*h+j] }
	for j := range h {
		cell[j] = logistic(a(1, j))*cell[j] + logistic(a(0, j))*math.Tanh(a(2, j))
		state[j] = logistic(a(3, j)) * math.Tanh(cell[j])
	}
}

// TestRecurrenceEqualsCells holds the packed sequences against the recurrence
// written out for each sequence alone.
func TestRecurrenceEqualsCells(t *testing.T) {
	const h = 3
	active := []int{3, 2, 2, 1}
	for _, c := range []struct {
		name  string
		gates int
		step  cell
		run   func(t *Tape, gx, wh, bh, h0 *Node) *Node
		start bool // from h0, cells too
	}{
		{"GRU", 3, gruCell, func(t *Tape, gx, wh, bh, _ *Node) *Node { return t.GRU(gx, wh, bh, active) }, false},
		{"GRUFrom", 3, gruCell, func(t *Tape, gx, wh, bh, h0 *Node) *Node { return t.GRUFrom(h0, gx, wh, bh, active) }, true},
		{"GRU with inputs", 3, gruCell, func(t *Tape, gx, wh, bh, h0 *Node) *Node {
			// The inputs are the columns of the identity, whose products with
			// the rows of gx are these, in two shares.
			zero, one := make([]float64, 9), make([]float64, 64)
			for i := range 8 {
				one[9*i] = 1
			}
			half := t.Scale(0.5, gx)
			in := Input{t.Const(8, 8, one), half}
			return t.GRUFrom(h0, t.Const(1, 9, zero), wh, bh, active, in, in)
		}, true},
		{"GRUStep", 3, gruCell, func(t *Tape, gx, wh, bh, h0 *Node) *Node {
			var states []*Node
			at := 0
			for _, a := range active {
				h0 = t.GRUStep(t.RowRange(h0, 0, a), t.RowRange(gx, at, at+a), wh, bh)
				states = append(states, h0)
				at += a
			}
			return t.Stack(states)
		}, true},
		{"LSTM", 4, lstmCell, func(t *Tape, gx, wh, bh, _ *Node) *Node { return t.LSTM(gx, wh, bh, active) }, false},
		{"LSTM with inputs", 4, lstmCell, func(t *Tape, gx, wh, bh, h0 *Node) *Node {
			zero, one := make([]float64, 12), make([]float64, 64)
			for i := range 8 {
				one[9*i] = 1
			}
			half := t.Scale(0.5, gx)
			in := Input{t.Const(8, 8, one), half}
			states, _ := t.LSTMFrom(h0, h0, t.Const(1, 12, zero), wh, bh, active, in, in)
			return states
		}, true},
		{"LSTMStep", 4, lstmCell, func(t *Tape, gx, wh, bh, h0 *Node) *Node {
			c0 := h0
			var states []*Node
			at := 0
			for _, a := range active {
				h0, c0 = t.LSTMStep(t.RowRange(h0, 0, a), t.RowRange(c0, 0, a), t.RowRange(gx, at, at+a), wh, bh)
				states = append(states, h0)
				at += a
			}
			return t.Stack(states)
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(3, 4))
			n := c.gates * h
			gx, wh, bh, h0 := normals(rng, 8*n), normals(rng, h*n), normals(rng, n), normals(rng, 3*h)
			var tape Tape
			out := c.run(&tape, tape.Const(8, n, gx), tape.Const(h, n, wh), tape.Const(1, n, bh), tape.Const(3, h, h0))
			for i := range active[0] {
				state, cell := make([]float64, h), make([]float64, h)
				if c.start {
					copy(state, h0[i*h:])
					copy(cell, h0[i*h:])
				}
				row := i
				for k := 0; k < len(active) && i < active[k]; k++ {
					g := append([]float64(nil), bh...)
					for a := range h {
						for b := range n {
							g[b] += state[a] * wh[a*n+b]
						}
					}
					c.step(state, cell, gx[row*n:(row+1)*n], g)
					for j, want := range state {
						if got := out.Val[row*h+j]; !(math.Abs(got-want) <= 1e-14) {
							t.Errorf("sequence %d, step %d, unit %d: %v, want %v", i, k, j, got, want)
						}
					}
					row += active[k]
				}
			}
		})
	}
}
