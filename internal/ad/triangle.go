package ad

import (
	"fmt"

	"tsgen/internal/kernel"
)

// StrictlyUpper returns the square matrix W with zeros on and below its
// diagonal: weights by which every column is predicted from those before it.
//
//	dw_ij += dy_ij for i < j
func (t *TapeOf[T]) StrictlyUpper(w *NodeOf[T]) *NodeOf[T] {
	if w.Rows != w.Cols {
		panic(fmt.Sprintf("ad: triangle of a %d×%d matrix", w.Rows, w.Cols))
	}
	n := t.record(w.Rows, w.Cols, strictlyUpperBack[T]{}, w)
	for i := range n.Rows {
		row := n.Val[i*n.Cols : (i+1)*n.Cols]
		clear(row[:i+1])
		copy(row[i+1:], w.Val[i*n.Cols+i+1:])
	}
	return n
}

type strictlyUpperBack[T Float] struct{}

func (strictlyUpperBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	w := n.in[0]
	for i := range n.Rows {
		from, to := i*n.Cols+i+1, (i+1)*n.Cols
		kernel.Axpy(w.Grad[from:to], 1, n.Grad[from:to])
	}
}
