package ad

import "fmt"

// Reshape returns the elements of X, in their order, as a matrix with the given
// number of columns. The result shares values and gradient with X, so that it
// costs nothing in either direction.
func (t *TapeOf[T]) Reshape(x *NodeOf[T], cols int) *NodeOf[T] {
	if cols < 1 || len(x.Val)%cols != 0 {
		panic(fmt.Sprintf("ad: a %d×%d matrix as one of %d columns", x.Rows, x.Cols, cols))
	}
	n := t.leaf(len(x.Val)/cols, cols, x.Val, nil)
	n.varies, n.of = x.varies, x
	return n
}

// ColumnMeans returns the mean of each column of X, m×n: 1×n.
//
//	dx_ij += dy_j / m
func (t *TapeOf[T]) ColumnMeans(x *NodeOf[T]) *NodeOf[T] {
	n := t.record(1, x.Cols, columnMeansBack[T]{}, x)
	clear(n.Val)
	for k, v := range x.Val {
		n.Val[k%x.Cols] += v / T(x.Rows)
	}
	return n
}

type columnMeansBack[T Float] struct{}

func (columnMeansBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	x := n.in[0]
	for k := range x.Grad {
		x.Grad[k] += n.Grad[k%x.Cols] / T(x.Rows)
	}
}

// AtLeast returns the greater of each element and c.
//
//	dx += dy where x > c
func (t *TapeOf[T]) AtLeast(c T, x *NodeOf[T]) *NodeOf[T] {
	n := t.record(x.Rows, x.Cols, atLeastBack[T]{}, x)
	n.scale = c
	for i, v := range x.Val {
		n.Val[i] = max(v, c)
	}
	return n
}

type atLeastBack[T Float] struct{}

func (atLeastBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	x := n.in[0]
	for i, g := range n.Grad {
		if x.Val[i] > n.scale {
			x.Grad[i] += g
		}
	}
}
