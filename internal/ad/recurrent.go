package ad

import (
	"fmt"

	"tsgen/internal/kernel"
)

// This file holds what the operations over packed sequences have in common.

// packedRows returns the number of rows of the packed matrix of sequences of
// which active[k] have a step k.
func packedRows(op string, active []int) int {
	total := 0
	for k, a := range active {
		if a < 1 || k > 0 && a > active[k-1] {
			panic(fmt.Sprintf("ad: %s with %d sequences active at step %d", op, a, k))
		}
		total += a
	}
	if total == 0 {
		panic(fmt.Sprintf("ad: %s over no steps", op))
	}
	return total
}

// recurrentShapes panics unless the arguments of a cell with the given number
// of gates fit.
func recurrentShapes[T Float](op string, gates, total int, h0, gx, wh, bh *NodeOf[T], active []int, inputs []InputOf[T]) {
	h := wh.Rows
	if gx.Rows != total && (gx.Rows != 1 || len(inputs) == 0) || gx.Cols != gates*h || wh.Cols != gates*h || bh.Rows != 1 || bh.Cols != gates*h {
		panic(fmt.Sprintf("ad: %s over %d steps with %d×%d inputs, %d×%d weights and a %d×%d bias",
			op, total, gx.Rows, gx.Cols, wh.Rows, wh.Cols, bh.Rows, bh.Cols))
	}
	if h0 != nil && (h0.Rows != active[0] || h0.Cols != h) {
		panic(fmt.Sprintf("ad: %s of %d units over %d sequences from %d×%d states", op, h, active[0], h0.Rows, h0.Cols))
	}
	for _, in := range inputs {
		if in.X.Rows != total || in.X.Cols != in.W.Rows || in.W.Cols != gates*h {
			panic(fmt.Sprintf("ad: %s of %d units over %d steps with %d×%d inputs and their %d×%d weights",
				op, h, total, in.X.Rows, in.X.Cols, in.W.Rows, in.W.Cols))
		}
	}
}

func appendInputs[T Float](nodes []*NodeOf[T], inputs []InputOf[T]) []*NodeOf[T] {
	for _, in := range inputs {
		nodes = append(nodes, in.X, in.W)
	}
	return nodes
}

// shareRows is the number of rows from which on the products of inputs are taken at a time:
// few enough for the second cache to hold them beside the recurrent weights, which every step
// reads, and enough for the weights of the inputs to be read seldom.
const shareRows = 64

// shareRoom returns the numbers that inputShare works in.
func shareRoom[T Float](gx *NodeOf[T], inputs []InputOf[T], active []int) int {
	if len(inputs) == 0 {
		return 0
	}
	return (shareRows + active[0]) * gx.Cols
}

// shareEnd returns the row behind those that begin at at whose products of inputs are taken at
// a time, active being the steps from there on.
func shareEnd(active []int, at int) (end int) {
	end = at + active[0]
	for _, a := range active[1:] {
		if end-at >= shareRows {
			break
		}
		end += a
	}
	return end
}

// inputShare returns the sum of the rows at to to (exclusive) of gx and of the
// products of inputs, for which it uses the memory of sum, if there are some.
func inputShare[T Float](sum []T, gx *NodeOf[T], inputs []InputOf[T], at, to int) []T {
	rows, c := to-at, gx.Cols
	if len(inputs) == 0 {
		return gx.Val[at*c : to*c]
	}
	sum = sum[:rows*c]
	for i, in := range inputs {
		k := in.X.Cols
		x := in.X.Val[at*k : to*k]
		switch {
		case i > 0:
			kernel.MulNN(sum, x, in.W.Val, rows, in.W.Rows, in.W.Cols, true)
		case gx.Rows == 1:
			kernel.Affine(sum, x, in.W.Val, gx.Val, rows, in.W.Rows, in.W.Cols)
		default:
			kernel.MulNNPlus(sum, gx.Val[at*c:to*c], x, in.W.Val, rows, in.W.Rows, in.W.Cols)
		}
	}
	return sum
}

// keep makes room for what the way forward keeps of n for the way back, so many rows of cols
// numbers, and returns how far apart they lie: 0, all in one place, where there is no way back.
func (n *NodeOf[T]) keep(cols, rows int) (apart int) {
	if !n.varies {
		n.saved = n.tape.scratch(cols)
		return 0
	}
	n.saved = n.tape.scratch(rows * cols)
	return cols
}

// stateBefore returns the states that step k of a recurrence starts from: those
// of the step before, which lie in the rows of states from from on, or for the
// first step start, or zero where start is nil.
func stateBefore[T Float](states []T, start *NodeOf[T], zero []T, k, from, rows, h int) []T {
	switch {
	case k > 0:
		return states[from*h : (from+rows)*h]
	case start != nil:
		return start.Val
	}
	return zero[:rows*h]
}

// recurrentWeights adds to the gradients of the recurrent weights and the bias
// of a recurrence with the states in the first total rows of n from h0, or from
// zero where h0 is nil, what dg, the gradient of the recurrent share of its
// gates, makes of them.
func (t *TapeOf[T]) recurrentWeights(n *NodeOf[T], total int, h0, wh, bh *NodeOf[T], dg []T) {
	if bh.varies {
		kernel.SumRows(bh.gradient(), dg, total, bh.Cols)
	}
	h, width, active := wh.Rows, wh.Cols, n.index
	if h0 != nil {
		t.weightGradient(wh, h0.Val, dg, active[0])
	}
	// The states before steps with equal numbers of sequences lie one behind
	// the other, for one product.
	to, before, rows := active[0], 0, 0
	for k := 1; k < len(active); k++ {
		to, rows = to+active[k], rows+active[k]
		if k+1 < len(active) && active[k] == active[k-1] {
			continue
		}
		t.weightGradient(wh, n.Val[before*h:], dg[(to-rows)*width:], rows)
		before, rows = to-active[k], 0
	}
}

// targetOr returns the gradient of x, an input of n, to set, if x has size
// elements, no gradient yet and is an input once, and else so many elements of
// work to set; add tells that what is set there is to be added to the gradient
// then.
func (n *NodeOf[T]) targetOr(x *NodeOf[T], size int, work *[]T) (d []T, add bool) {
	if x == nil || !x.varies {
		return cut(work, size), false
	}
	if len(x.Val) == size && n.uses(x) == 1 {
		if d, add = x.target(); !add {
			return d, false
		}
	}
	return cut(work, size), true
}

// uses returns how often x is an input of n.
func (n *NodeOf[T]) uses(x *NodeOf[T]) (count int) {
	in := n.list
	if in == nil {
		in = n.in[:]
	}
	for _, y := range in {
		if y == x {
			count++
		}
	}
	return count
}

// cut takes the first n elements off s.
func cut[T Float](s *[]T, n int) []T {
	c := (*s)[:n:n]
	*s = (*s)[n:]
	return c
}
