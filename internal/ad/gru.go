package ad

import "tsgen/internal/kernel"

// An InputOf is a product X·W that joins the gates of a recurrent unit.
type InputOf[T Float] struct{ X, W *NodeOf[T] }

// GRU runs a gated recurrent unit over packed sequences from states of zero;
// see [TapeOf.GRUFrom].
func (t *TapeOf[T]) GRU(gx, wh, bh *NodeOf[T], active []int, inputs ...InputOf[T]) *NodeOf[T] {
	return t.GRUFrom(nil, gx, wh, bh, active, inputs...)
}

// GRUStep makes one step of a gated recurrent unit from the states h, m×n, and
// returns the next ones. It is [TapeOf.GRUFrom] over one step, for models whose
// input at a step depends on the state before it.
func (t *TapeOf[T]) GRUStep(h, gx, wh, bh *NodeOf[T], inputs ...InputOf[T]) *NodeOf[T] {
	return t.GRUFrom(h, gx, wh, bh, []int{h.Rows}, inputs...)
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
// Inputs, X of Σactive×k packed like gx and W of k×3n, have their products
// added to gx, which beside them may also be 1×3n, the same for every row. The
// sum is not kept, unlike that of a Linear before.
//
//	r = σ(gx_r + h·Wh_r + bh_r),  u = σ(gx_u + h·Wh_u + bh_u)
//	c = tanh(gx_c + r ⊙ (h·Wh_c + bh_c)),  h' = (1-u) ⊙ c + u ⊙ h
//
// Backward goes from the last step to the first. With the gradients dgx and
// dgh of the two shares of the gates ([kernel.GRUGatesGrad]) and the states H
// before each step,
//
//	dh += dgh·Whᵀ + dh' ⊙ u,  dWh += Hᵀ·dgh,  dbh += Σ_rows dgh
//	dX += dgx·Wᵀ,  dW += Xᵀ·dgx
func (t *TapeOf[T]) GRUFrom(h0, gx, wh, bh *NodeOf[T], active []int, inputs ...InputOf[T]) *NodeOf[T] {
	total, h := packedRows("GRU", active), wh.Rows
	recurrentShapes("GRU", 3, total, h0, gx, wh, bh, active, inputs)
	var in [12]*NodeOf[T]
	n := t.record(total, h, gruBack[T]{}, appendInputs(append(in[:0], gx, wh, bh, h0), inputs)...)
	n.index, n.sets = t.copyInts(active), true
	apart := n.keep(4*h, total) // the gates, see kernel.GRUGates
	room, shared := active[0]*h, shareRoom(gx, inputs, active)
	work := t.workspace(4*room + shared)
	sum, gh, zero := cut(&work, shared), cut(&work, 3*room), cut(&work, room)
	if h0 == nil {
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
		p := stateBefore(n.Val, h0, zero, k, from, a, h)
		kernel.Affine(gh, p, wh.Val, bh.Val, a, wh.Rows, wh.Cols)
		kernel.GRUGates(n.Val[at*h:to*h], n.saved[at*apart:max(to*apart, 4*h)], share[(at-begin)*gx.Cols:(to-begin)*gx.Cols], gh, p, a, h)
		at, from = to, at
	}
	return n
}

type gruBack[T Float] struct{}

func (gruBack[T]) run(t *TapeOf[T], n *NodeOf[T]) {
	gx, wh, bh, h0 := n.in[0], n.in[1], n.in[2], n.in[3]
	h, active := n.Cols, n.index
	first, states := active[0]*h, n.Rows*n.Cols
	work := t.workspace(6*states + 2*first)
	dghs, zero := cut(&work, 3*states), cut(&work, first)
	if h0 == nil {
		clear(zero)
	}
	dgx, addX := n.targetOr(gx, 3*states, &work)
	carries, addStart := n.targetOr(h0, first, &work)
	to := n.Rows
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
		carry, dgh := carries[:a*h], dghs[3*at*h:3*to*h]
		kernel.GRUGatesGrad(dgx[3*at*h:3*to*h], dgh, carry, d,
			n.saved[4*at*h:4*to*h], stateBefore(n.Val, h0, zero, k, from, a, h), a, h)
		if k > 0 || h0 != nil && h0.varies {
			t.mulTransposed(carry, dgh, wh, a, true)
		}
		to = at
	}
	if addX {
		addRows(gx, dgx, n.Rows)
	}
	if addStart {
		addRows(h0, carries, h0.Rows)
	}
	t.recurrentWeights(n, n.Rows, h0, wh, bh, dghs)
	for i := 4; i < len(n.list); i += 2 {
		t.productBackward(n.list[i], n.list[i+1], dgx)
	}
}
