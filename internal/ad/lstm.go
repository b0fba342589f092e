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
	recurrentShapes("LSTM", 4, total, nil, gx, wh, bh, active, nil)
	n := t.record(total, h, lstmBack, gx, wh, bh)
	n.index, n.sets = t.copyInts(active), true
	n.saved = t.scratch((5 + 1) * total * h)
	gates, cells := lstmMemory(n)
	work := t.workspace(5 * active[0] * h)
	gh, zero := cut(&work, 4*active[0]*h), cut(&work, active[0]*h)
	clear(zero)
	at, from := 0, 0
	for k, a := range active {
		p, c := stateBefore(n.Val, nil, zero, k, from, a, h), stateBefore(cells, nil, zero, k, from, a, h)
		kernel.Affine(gh, p, wh.Val, bh.Val, a, h, 4*h)
		to := at + a
		kernel.LSTMGates(n.Val[at*h:to*h], cells[at*h:to*h], gates[5*at*h:5*to*h], gx.Val[4*at*h:4*to*h], gh, c, a, h)
		at, from = to, at
	}
	return n
}

// lstmMemory returns what is kept of each state: its gates, see
// kernel.LSTMGates, and the cells after its step.
func lstmMemory(n *Node) (gates, cells []float64) {
	s := n.saved
	return cut(&s, 5*len(n.Val)), s
}

func lstmBack(t *Tape, n *Node) {
	gx, wh, bh := n.in[0], n.in[1], n.in[2]
	h, active := n.Cols, n.index
	gates, cells := lstmMemory(n)
	first, states := active[0]*h, n.Rows*n.Cols
	work := t.workspace(4*states + 3*first)
	carry, cellCarry, zero := cut(&work, first), cut(&work, first), cut(&work, first)
	clear(cellCarry)
	clear(zero)
	dgs, add := n.targetOr(gx, 4*states, &work)
	to := n.Rows
	for k := len(active) - 1; k >= 0; k-- {
		a := active[k]
		at := to - a
		d := n.Grad[at*h : to*h]
		if k+1 < len(active) {
			b := active[k+1] * h
			kernel.Axpy(d[:b], 1, carry[:b])
		}
		from := at
		if k > 0 {
			from -= active[k-1]
		}
		dc, dg := cellCarry[:a*h], dgs[4*at*h:4*to*h]
		kernel.LSTMGatesGrad(dg, dc, d, dc, gates[5*at*h:5*to*h], stateBefore(cells, nil, zero, k, from, a, h), a, h)
		if k > 0 {
			t.mulTransposed(carry[:a*h], dg, wh, a, false)
		}
		to = at
	}
	if add {
		addRows(gx, dgs, n.Rows)
	}
	recurrentWeights(n, nil, wh, bh, dgs)
}
