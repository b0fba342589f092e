package ad

import "tsgen/internal/kernel"

// LSTM runs a long short-term memory over packed sequences from states and
// cells of zero and returns the states; see [TapeOf.LSTMFrom].
func (t *TapeOf[T]) LSTM(gx, wh, bh *NodeOf[T], active []int, inputs ...InputOf[T]) *NodeOf[T] {
	states, _ := t.LSTMFrom(nil, nil, gx, wh, bh, active, inputs...)
	return states
}

// LSTMStep makes one step of a long short-term memory from the states h and the
// cells c, both m×n, and returns the next ones; see [TapeOf.LSTMFrom].
func (t *TapeOf[T]) LSTMStep(h, c, gx, wh, bh *NodeOf[T], inputs ...InputOf[T]) (state, cell *NodeOf[T]) {
	return t.LSTMFrom(h, c, gx, wh, bh, []int{h.Rows}, inputs...)
}

// LSTMFrom runs a long short-term memory (Hochreiter & Schmidhuber 1997, with
// the forget gate of Gers et al. 2000) over packed sequences; see
// [TapeOf.GRUFrom] for the packing and the inputs. gx, Σactive×4n, holds the
// input's share of the gates X·Wx + bx (blocks input, forget, candidate,
// output); wh is n×4n and bh 1×4n. The states start from h0 and the cells from
// c0, active[0]×n, or from zero where they are nil. The results hold the states
// h and the cells c after every step, Σactive×n each.
//
//	i = σ(a_i),  f = σ(a_f),  g = tanh(a_g),  o = σ(a_o),  a = gx + h·Wh + bh
//	c' = f ⊙ c + i ⊙ g,  h' = o ⊙ tanh(c')
//
// Backward goes from the last step to the first. With the gradients da of the
// gates ([kernel.LSTMGatesGrad]) and the states H before each step,
//
//	dgx += da,  dh += da·Whᵀ,  dWh += Hᵀ·da,  dbh += Σ_rows da
//	dX += da·Wᵀ,  dW += Xᵀ·da
func (t *TapeOf[T]) LSTMFrom(h0, c0, gx, wh, bh *NodeOf[T], active []int, inputs ...InputOf[T]) (states, cells *NodeOf[T]) {
	total, h := packedRows("LSTM", active), wh.Rows
	recurrentShapes("LSTM", 4, total, h0, gx, wh, bh, active, inputs)
	recurrentShapes("LSTM", 4, total, c0, gx, wh, bh, active, inputs)
	var in [12]*NodeOf[T]
	// The cells lie in the rows below the states.
	n := t.record(2*total, h, lstmBack[T]{}, appendInputs(append(in[:0], gx, wh, bh, h0, c0), inputs)...)
	n.index, n.sets = t.copyInts(active), true
	apart := n.keep(5*h, total) // the gates, see kernel.LSTMGates
	hs, cs := n.Val[:total*h], n.Val[total*h:]
	room, shared := active[0]*h, shareRoom(gx, inputs, active)
	work := t.workspace(5*room + shared)
	sum, gh, zero := cut(&work, shared), cut(&work, 4*room), cut(&work, room)
	if h0 == nil || c0 == nil {
		clear(zero)
	}
	at, from, begin, end := 0, 0, 0, 0
	var share []T // of the rows from begin to end
	for k, a := range active {
		to := at + a
		if at == end {
			begin, end = at, shareEnd(active[k:], at)
			share = inputShare(sum, gx, inputs, begin, end)
		}
		p, c := stateBefore(hs, h0, zero, k, from, a, h), stateBefore(cs, c0, zero, k, from, a, h)
		kernel.Affine(gh, p, wh.Val, bh.Val, a, wh.Rows, wh.Cols)
		kernel.LSTMGates(hs[at*h:to*h], cs[at*h:to*h], n.saved[at*apart:max(to*apart, 5*h)], share[(at-begin)*gx.Cols:(to-begin)*gx.Cols], gh, c, a, h)
		at, from = to, at
	}
	return t.RowRange(n, 0, total), t.RowRange(n, total, 2*total)
}

type lstmBack[T Float] struct{}

func (lstmBack[T]) run(t *TapeOf[T], n *NodeOf[T]) {
	gx, wh, bh, h0, c0 := n.list[0], n.list[1], n.list[2], n.list[3], n.list[4]
	h, total, active := n.Cols, n.Rows/2, n.index
	cs := n.Val[total*h:]
	first := active[0] * h
	work := t.workspace(4*total*h + 3*first)
	zero := cut(&work, first)
	carries, addStart := n.targetOr(h0, first, &work)
	cellCarries, addCells := n.targetOr(c0, first, &work)
	clear(cellCarries)
	if c0 == nil {
		clear(zero)
	}
	dgs, addX := n.targetOr(gx, 4*total*h, &work)
	to := total
	for k := len(active) - 1; k >= 0; k-- {
		a := active[k]
		at := to - a
		d := n.Grad[at*h : to*h]
		if k+1 < len(active) {
			b := active[k+1] * h
			kernel.Axpy(d[:b], 1, carries[:b])
		}
		from := at
		if k > 0 {
			from -= active[k-1]
		}
		carry, dc, dg := carries[:a*h], cellCarries[:a*h], dgs[4*at*h:4*to*h]
		kernel.Axpy(dc, 1, n.Grad[(total+at)*h:(total+to)*h])
		kernel.LSTMGatesGrad(dg, dc, d, dc, n.saved[5*at*h:5*to*h], stateBefore(cs, c0, zero, k, from, a, h), a, h)
		if k > 0 || h0 != nil && h0.varies {
			t.mulTransposed(carry, dg, wh, a, false)
		}
		to = at
	}
	if addX {
		addRows(gx, dgs, total)
	}
	if addStart {
		addRows(h0, carries, h0.Rows)
	}
	if addCells {
		addRows(c0, cellCarries, c0.Rows)
	}
	t.recurrentWeights(n, total, h0, wh, bh, dgs)
	for i := 5; i < len(n.list); i += 2 {
		t.productBackward(n.list[i], n.list[i+1], dgs)
	}
}
