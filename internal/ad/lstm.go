package ad

import "tsgen/internal/kernel"

// LSTM runs a long short-term memory (Hochreiter & Schmidhuber 1997, with the
// forget gate of Gers et al. 2000) over packed sequences; see [Tape.GRUFrom]
// for the packing. gx, Σactive×4n, holds the input's share of the gates
// X·Wx + bx (blocks input, forget, candidate, output); wh is n×4n and bh 1×4n.
// States and cells start at zero. The result holds the state h after every
// step, Σactive×n.
//
//	i = σ(a_i),  f = σ(a_f),  g = tanh(a_g),  o = σ(a_o),  a = gx + h·Wh + bh
//	c' = f ⊙ c + i ⊙ g,  h' = o ⊙ tanh(c')
//
// Backward goes from the last step to the first. With the gradients da of the
// gates ([kernel.LSTMGatesGrad]) and the states H before each step,
//
//	dgx += da,  dh += da·Whᵀ,  dWh += Hᵀ·da,  dbh += Σ_rows da
func (t *Tape) LSTM(gx, wh, bh *Node, active []int) *Node {
	total, h := packedRows("LSTM", active), wh.Rows
	recurrentShapes("LSTM", 4, total, nil, gx, wh, bh, active)
	n := t.record(total, h, lstmBack, gx, wh, bh)
	n.index = t.copyInts(active)
	n.saved = t.scratch(lstmSaved * total * h)
	m := lstmMemoryOf(n)
	at := 0
	for k, a := range active {
		to := at + a
		p := stateBefore(m.prev, n.Val, nil, active, k, at, h)
		c := stateBefore(m.cellPrev, m.cell, nil, active, k, at, h)
		gh := t.workspace(4 * a * h)
		kernel.Affine(gh, p, wh.Val, bh.Val, a, h, 4*h)
		kernel.LSTMGates(n.Val[at*h:to*h], m.cell[at*h:to*h], m.gates[5*at*h:5*to*h], gx.Val[4*at*h:4*to*h], gh, c, a, h)
		at = to
	}
	return n
}

// lstmSaved is what is kept of each state, in elements per unit: what the gates
// keep, the cells after and before the step and the state before it.
const lstmSaved = 5 + 1 + 1 + 1

type lstmMemory struct{ gates, cell, cellPrev, prev []float64 }

func lstmMemoryOf(n *Node) lstmMemory {
	s, states := n.saved, n.Rows*n.Cols
	return lstmMemory{gates: cut(&s, 5*states), cell: cut(&s, states), cellPrev: cut(&s, states), prev: cut(&s, states)}
}

func lstmBack(t *Tape, n *Node) {
	gx, wh, bh := n.in[0], n.in[1], n.in[2]
	h, active, m := n.Cols, n.index, lstmMemoryOf(n)
	first, states := active[0]*h, n.Rows*n.Cols
	work := t.workspace(4*states + 2*first)
	dgs, carry, cellCarry := cut(&work, 4*states), cut(&work, first), cut(&work, first)
	clear(cellCarry)
	to := n.Rows
	for k := len(active) - 1; k >= 0; k-- {
		a := active[k]
		at := to - a
		d := n.Grad[at*h : to*h]
		if k+1 < len(active) {
			b := active[k+1] * h
			kernel.Axpy(d[:b], 1, carry[:b])
		}
		dc, dg := cellCarry[:a*h], dgs[4*at*h:4*to*h]
		kernel.LSTMGatesGrad(dg, dc, d, dc, m.gates[5*at*h:5*to*h], m.cellPrev[at*h:to*h], a, h)
		if k > 0 {
			kernel.MulNT(carry[:a*h], dg, wh.Val, a, 4*h, h, false)
		}
		to = at
	}
	recurrentWeights(gx, wh, bh, dgs, dgs, m.prev)
}
