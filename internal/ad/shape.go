package ad

import (
	"fmt"

	"tsgen/internal/kernel"
)

// Columns returns the columns from to to (exclusive) of X.
func (t *TapeOf[T]) Columns(x *NodeOf[T], from, to int) *NodeOf[T] {
	if from < 0 || to < from || to > x.Cols {
		panic(fmt.Sprintf("ad: columns %d to %d of a %d×%d matrix", from, to, x.Rows, x.Cols))
	}
	n := t.record(x.Rows, to-from, columnsBack[T]{}, x)
	n.index = t.copyInts([]int{from})
	for i := range x.Rows {
		copy(n.Val[i*n.Cols:(i+1)*n.Cols], x.Val[i*x.Cols+from:])
	}
	return n
}

type columnsBack[T Float] struct{}

func (columnsBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	x, from := n.in[0], n.index[0]
	for i := range n.Rows {
		kernel.Axpy(x.Grad[i*x.Cols+from:i*x.Cols+from+n.Cols], 1, n.Grad[i*n.Cols:(i+1)*n.Cols])
	}
}

// Concat returns [A B], the columns of A followed by those of B.
func (t *TapeOf[T]) Concat(a, b *NodeOf[T]) *NodeOf[T] {
	if a.Rows != b.Rows {
		panic(fmt.Sprintf("ad: a %d×%d beside a %d×%d matrix", a.Rows, a.Cols, b.Rows, b.Cols))
	}
	n := t.record(a.Rows, a.Cols+b.Cols, concatBack[T]{}, a, b)
	for i := range n.Rows {
		row := n.Val[i*n.Cols : (i+1)*n.Cols]
		copy(row, a.Val[i*a.Cols:(i+1)*a.Cols])
		copy(row[a.Cols:], b.Val[i*b.Cols:(i+1)*b.Cols])
	}
	return n
}

type concatBack[T Float] struct{}

func (concatBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	from := 0
	for _, x := range n.in[:2] {
		if x.Grad != nil {
			for i := range n.Rows {
				kernel.Axpy(x.Grad[i*x.Cols:(i+1)*x.Cols], 1, n.Grad[i*n.Cols+from:i*n.Cols+from+x.Cols])
			}
		}
		from += x.Cols
	}
}

// AddColumns returns A with B, which has as many rows and no more columns, added to its first
// columns.
func (t *TapeOf[T]) AddColumns(a, b *NodeOf[T]) *NodeOf[T] {
	if a.Rows != b.Rows || a.Cols < b.Cols {
		panic(fmt.Sprintf("ad: the columns of a %d×%d matrix added to those of a %d×%d", b.Rows, b.Cols, a.Rows, a.Cols))
	}
	n := t.record(a.Rows, a.Cols, addColumnsBack[T]{}, a, b)
	copy(n.Val, a.Val)
	for i := range b.Rows {
		row := n.Val[i*n.Cols:]
		for j, v := range b.Val[i*b.Cols : (i+1)*b.Cols] {
			row[j] += v
		}
	}
	return n
}

type addColumnsBack[T Float] struct{}

func (addColumnsBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	a, b := n.in[0], n.in[1]
	if a.Grad != nil {
		kernel.Axpy(a.Grad, 1, n.Grad)
	}
	for i := range b.Rows {
		if b.Grad != nil {
			kernel.Axpy(b.Grad[i*b.Cols:(i+1)*b.Cols], 1, n.Grad[i*n.Cols:i*n.Cols+b.Cols])
		}
	}
}

// Rows returns the matrix whose row i is row index[i] of X. An index may
// repeat; its gradients add up.
func (t *TapeOf[T]) Rows(x *NodeOf[T], index []int) *NodeOf[T] {
	n := t.record(len(index), x.Cols, rowsBack[T]{}, x)
	n.index = t.copyInts(index)
	for i, j := range index {
		copy(n.Val[i*x.Cols:(i+1)*x.Cols], x.Val[j*x.Cols:(j+1)*x.Cols])
	}
	return n
}

type rowsBack[T Float] struct{}

func (rowsBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	x := n.in[0]
	for i, j := range n.index {
		kernel.Axpy(x.Grad[j*x.Cols:(j+1)*x.Cols], 1, n.Grad[i*x.Cols:(i+1)*x.Cols])
	}
}

// Sum returns the sum of all elements, 1×1.
func (t *TapeOf[T]) Sum(x *NodeOf[T]) *NodeOf[T] {
	n := t.record(1, 1, sumBack[T]{}, x)
	n.Val[0] = T(kernel.Sum(x.Val))
	return n
}

type sumBack[T Float] struct{}

func (sumBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	g := n.Grad[0]
	for i := range n.in[0].Grad {
		n.in[0].Grad[i] += g
	}
}

// BlockDot returns the m×n matrix of the products of the n blocks of k columns
// of rows of A, which has n·k columns, with the rows of B, m×k:
//
//	y_ij = Σ_l a_r(i),jk+l b_il
//	da_r(i),jk+l += dy_ij b_il,  db_il += Σ_j dy_ij a_r(i),jk+l
//
// r(i) is rows[i], or i where rows is nil. What rows choose is not copied.
func (t *TapeOf[T]) BlockDot(a *NodeOf[T], rows []int, b *NodeOf[T]) *NodeOf[T] {
	m := a.Rows
	if rows != nil {
		m = len(rows)
	}
	if m != b.Rows || b.Cols == 0 || a.Cols%b.Cols != 0 {
		panic(fmt.Sprintf("ad: products of the blocks of %d rows of a %d×%d with a %d×%d matrix", m, a.Rows, a.Cols, b.Rows, b.Cols))
	}
	k := b.Cols
	n := t.record(m, a.Cols/k, blockDotBack[T]{}, a, b)
	if rows != nil {
		n.index = t.copyInts(rows)
	}
	for i := range m {
		of, with := n.blocks(i), b.Val[i*k:(i+1)*k]
		for j := range n.Cols {
			n.Val[i*n.Cols+j] = T(kernel.Dot(a.Val[of+j*k:of+(j+1)*k], with))
		}
	}
	return n
}

// blocks returns where the row of A begins of which row i of a BlockDot is made.
func (n *NodeOf[T]) blocks(i int) int {
	if n.index != nil {
		i = n.index[i]
	}
	return i * n.in[0].Cols
}

type blockDotBack[T Float] struct{}

func (blockDotBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	a, b := n.in[0], n.in[1]
	k := b.Cols
	for i := range n.Rows {
		at, with := n.blocks(i), b.Val[i*k:(i+1)*k]
		for _, g := range n.Grad[i*n.Cols : (i+1)*n.Cols] {
			if a.Grad != nil {
				kernel.Axpy(a.Grad[at:at+k], g, with)
			}
			if b.Grad != nil {
				kernel.Axpy(b.Grad[i*k:(i+1)*k], g, a.Val[at:at+k])
			}
			at += k
		}
	}
}
