package ad

import "tsgen/internal/kernel"

// GRU runs a gated recurrent unit over packed sequences from states of zero;
// see [Tape.GRUFrom].
func (t *Tape) GRU(gx, wh, bh *Node, active []int) *Node {
	return t.GRUFrom(nil, gx, wh, bh, active)
}

// GRUStep makes one step of a gated recurrent unit from the states h, m×n, and
// returns the next ones. It is [Tape.GRUFrom] over one step, for models whose
// input at a step depends on the state before it.
func (t *Tape) GRUStep(h, gx, wh, bh *Node) *Node {
	return t.GRUFrom(h, gx, wh, bh, []int{h.Rows})
}

// GRUFrom runs a gated recurrent unit (Cho et al. 2014, with the reset gate
// behind the recurrent product) over a batch of sequences of unequal lengths.
//
// Sequences lie in the rows of a packed matrix, step by step: first the
// active[0] sequences' first steps, then the active[1] second steps, and so
// on. active does not rise, so sequence i of the batch is row i of every step
// that it has. gx, Σactive×3n, holds the input's share of the gates
// X·Wx + bx (blocks reset, update, candidate); wh is n×3n and bh 1×3n. The
// states start from h0, active[0]×n, or from zero where h0 is nil. The result
// holds the state after every step, packed like gx, Σactive×n.
//
//	r = σ(gx_r + h·Wh_r + bh_r),  u = σ(gx_u + h·Wh_u + bh_u)
//	c = tanh(gx_c + r ⊙ (h·Wh_c + bh_c)),  h' = (1-u) ⊙ c + u ⊙ h
//
// Backward goes from the last step to the first. With the gradients dgx and
// dgh of the two shares of the gates ([kernel.GRUGatesGrad]) and the states H
// before each step,
//
//	dh += dgh·Whᵀ + dh' ⊙ u,  dWh += Hᵀ·dgh,  dbh += Σ_rows dgh
func (t *Tape) GRUFrom(h0, gx, wh, bh *Node, active []int) *Node {
	total, h := packedRows("GRU", active), wh.Rows
	recurrentShapes("GRU", 3, total, h0, gx, wh, bh, active)
	n := t.record(total, h, gruBack, gx, wh, bh, h0)
	n.index = t.copyInts(active)
	n.saved = t.scratch(gruSaved * total * h)
	m := gruMemoryOf(n)
	at := 0
	for k, a := range active {
		p := stateBefore(m.prev, n.Val, h0, active, k, at, h)
		to := at + a
		gh := m.gh[3*at*h : 3*to*h]
		kernel.Affine(gh, p, wh.Val, bh.Val, a, h, 3*h)
		kernel.GRUGates(n.Val[at*h:to*h], m.gates[3*at*h:3*to*h], gx.Val[3*at*h:3*to*h], gh, p, a, h)
		at = to
	}
	return n
}

// gruSaved is what is kept of each state, in elements per unit: gates, the
// recurrent shares and the state before.
const gruSaved = 3 + 3 + 1

type gruMemory struct{ gates, gh, prev []float64 }

func gruMemoryOf(n *Node) gruMemory {
	s, states := n.saved, n.Rows*n.Cols
	return gruMemory{gates: cut(&s, 3*states), gh: cut(&s, 3*states), prev: cut(&s, states)}
}

func gruBack(t *Tape, n *Node) {
	gx, wh, bh, h0 := n.in[0], n.in[1], n.in[2], n.in[3]
	h, active, m := n.Cols, n.index, gruMemoryOf(n)
	first, states := active[0]*h, n.Rows*n.Cols
	work := t.workspace(6*states + first)
	dgx, dghs, carries := cut(&work, 3*states), cut(&work, 3*states), cut(&work, first)
	to := n.Rows
	for k := len(active) - 1; k >= 0; k-- {
		a := active[k]
		at := to - a
		d := n.Grad[at*h : to*h]
		if k+1 < len(active) {
			b := active[k+1] * h
			kernel.Axpy(d[:b], 1, carries[:b])
		}
		carry, dgh := carries[:a*h], dghs[3*at*h:3*to*h]
		kernel.GRUGatesGrad(dgx[3*at*h:3*to*h], dgh, carry, d,
			m.gates[3*at*h:3*to*h], m.gh[3*at*h:3*to*h], m.prev[at*h:to*h], a, h)
		if k > 0 || h0 != nil && h0.Grad != nil {
			kernel.MulNT(carry, dgh, wh.Val, a, 3*h, h, true)
		}
		to = at
	}
	if h0 != nil && h0.Grad != nil {
		kernel.Axpy(h0.Grad, 1, carries)
	}
	recurrentWeights(gx, wh, bh, dgx, dghs, m.prev)
}
