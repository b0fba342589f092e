package ad

import "tsgen/internal/kernel"

// transposes holds the transposes of weights that a tape has met in the
// backward passes of more than one operation, as the steps of a recurrence
// have, and nil for those that it has met once.
type transposes[T Float] map[place[T]][]T

// A place names a matrix by where it lies and its shape.
type place[T Float] struct {
	first      *T
	rows, cols int
}

// mulTransposed sets dx to D·Wᵀ, plus dx if add, for D of rows rows: the way
// back through X·W. A product with a transpose has to gather it first, which
// for few rows takes a good part of its time, so that this is done once for all
// operations.
func (t *TapeOf[T]) mulTransposed(dx, d []T, w *NodeOf[T], rows int, add bool) {
	if len(w.Val) == 0 {
		kernel.MulNT(dx, d, w.Val, rows, w.Cols, w.Rows, add)
		return
	}
	key := place[T]{&w.Val[0], w.Rows, w.Cols}
	wt, met := t.turned[key]
	if !met {
		if t.turned == nil {
			t.turned = transposes[T]{}
		}
		t.turned[key] = nil
		kernel.MulNT(dx, d, w.Val, rows, w.Cols, w.Rows, add)
		return
	}
	if wt == nil {
		wt = t.scratch(len(w.Val))
		kernel.Transpose(wt, w.Val, w.Rows, w.Cols)
		t.turned[key] = wt
	}
	kernel.MulNN(dx, d, wt, rows, w.Cols, w.Rows, add)
}
