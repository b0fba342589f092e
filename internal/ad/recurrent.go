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
func recurrentShapes(op string, gates, total int, h0, gx, wh, bh *Node, active []int) {
	h := wh.Rows
	if gx.Rows != total || gx.Cols != gates*h || wh.Cols != gates*h || bh.Rows != 1 || bh.Cols != gates*h {
		panic(fmt.Sprintf("ad: %s over %d steps with %d×%d inputs, %d×%d weights and a %d×%d bias",
			op, total, gx.Rows, gx.Cols, wh.Rows, wh.Cols, bh.Rows, bh.Cols))
	}
	if h0 != nil && (h0.Rows != active[0] || h0.Cols != h) {
		panic(fmt.Sprintf("ad: %s of %d units over %d sequences from %d×%d states", op, h, active[0], h0.Rows, h0.Cols))
	}
}

// stateBefore sets the rows of prev that belong to step k, which starts at row
// at, to the states that the step starts from: those of the step before in
// states, start, or zero where start is nil.
func stateBefore(prev, states []float64, start *Node, active []int, k, at, h int) []float64 {
	p := prev[at*h : (at+active[k])*h]
	switch {
	case k > 0:
		copy(p, states[(at-active[k-1])*h:])
	case start != nil:
		copy(p, start.Val)
	default:
		clear(p)
	}
	return p
}

// recurrentWeights adds to the gradients of a cell's inputs, recurrent weights
// and bias what dgx and dgh, the gradients of the two shares of its gates, make
// of them; prev holds the state before every step.
func recurrentWeights(gx, wh, bh *Node, dgx, dgh, prev []float64) {
	if gx.Grad != nil {
		kernel.Axpy(gx.Grad, 1, dgx)
	}
	if wh.Grad != nil {
		kernel.MulTN(wh.Grad, prev, dgh, wh.Rows, gx.Rows, wh.Cols, true)
	}
	if bh.Grad != nil {
		kernel.SumRows(bh.Grad, dgh, gx.Rows, bh.Cols)
	}
}

// cut takes the first n elements off s.
func cut(s *[]float64, n int) []float64 {
	c := (*s)[:n:n]
	*s = (*s)[n:]
	return c
}
