package ad

import "fmt"

// RowRange returns the rows from to to (exclusive) of X. The result shares
// values and gradient with X, so that it costs nothing in either direction.
func (t *TapeOf[T]) RowRange(x *NodeOf[T], from, to int) *NodeOf[T] {
	if from < 0 || to < from || to > x.Rows {
		panic(fmt.Sprintf("ad: rows %d to %d of a %d×%d matrix", from, to, x.Rows, x.Cols))
	}
	n := t.leaf(to-from, x.Cols, x.Val[from*x.Cols:to*x.Cols], nil)
	n.varies, n.of, n.offset = x.varies, x, from*x.Cols
	return n
}

// Stack returns the rows of all matrices of x, which have the same number of
// columns, one matrix below the other: what a recurrence has computed step by
// step, for layers that take all steps at once.
func (t *TapeOf[T]) Stack(x []*NodeOf[T]) *NodeOf[T] {
	rows, cols := 0, 0
	for i, a := range x {
		if i == 0 {
			cols = a.Cols
		}
		if a.Cols != cols {
			panic(fmt.Sprintf("ad: a %d×%d matrix below one with %d columns", a.Rows, a.Cols, cols))
		}
		rows += a.Rows
	}
	n := t.record(rows, cols, stackBack[T]{}, x...)
	n.sets = true
	if n.list == nil {
		n.list = t.copyNodes(x)
	}
	at := 0
	for _, a := range x {
		at += copy(n.Val[at:], a.Val)
	}
	return n
}

type stackBack[T Float] struct{}

func (stackBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	at := 0
	for _, a := range n.list {
		addRows(a, n.Grad[at:at+len(a.Val)], a.Rows)
		at += len(a.Val)
	}
}
