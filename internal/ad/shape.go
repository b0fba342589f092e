package ad

import (
	"fmt"

	"tsgen/internal/kernel"
)

// Columns returns the columns from to to (exclusive) of X.
func (t *Tape) Columns(x *Node, from, to int) *Node {
	if from < 0 || to < from || to > x.Cols {
		panic(fmt.Sprintf("ad: columns %d to %d of a %d×%d matrix", from, to, x.Rows, x.Cols))
	}
	n := t.record(x.Rows, to-from, columnsBack, x)
	n.index = t.copyInts([]int{from})
	for i := range x.Rows {
		copy(n.Val[i*n.Cols:(i+1)*n.Cols], x.Val[i*x.Cols+from:])
	}
	return n
}

func columnsBack(_ *Tape, n *Node) {
	x, from := n.in[0], n.index[0]
	for i := range n.Rows {
		kernel.Axpy(x.Grad[i*x.Cols+from:i*x.Cols+from+n.Cols], 1, n.Grad[i*n.Cols:(i+1)*n.Cols])
	}
}

// Concat returns [A B], the columns of A followed by those of B.
func (t *Tape) Concat(a, b *Node) *Node {
	if a.Rows != b.Rows {
		panic(fmt.Sprintf("ad: a %d×%d beside a %d×%d matrix", a.Rows, a.Cols, b.Rows, b.Cols))
	}
	n := t.record(a.Rows, a.Cols+b.Cols, concatBack, a, b)
	for i := range n.Rows {
		row := n.Val[i*n.Cols : (i+1)*n.Cols]
		copy(row, a.Val[i*a.Cols:(i+1)*a.Cols])
		copy(row[a.Cols:], b.Val[i*b.Cols:(i+1)*b.Cols])
	}
	return n
}

func concatBack(_ *Tape, n *Node) {
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

// Rows returns the matrix whose row i is row index[i] of X. An index may
// repeat; its gradients add up.
func (t *Tape) Rows(x *Node, index []int) *Node {
	n := t.record(len(index), x.Cols, rowsBack, x)
	n.index = t.copyInts(index)
	for i, j := range index {
		copy(n.Val[i*x.Cols:(i+1)*x.Cols], x.Val[j*x.Cols:(j+1)*x.Cols])
	}
	return n
}

func rowsBack(_ *Tape, n *Node) {
	x := n.in[0]
	for i, j := range n.index {
		kernel.Axpy(x.Grad[j*x.Cols:(j+1)*x.Cols], 1, n.Grad[i*x.Cols:(i+1)*x.Cols])
	}
}

// Sum returns the sum of all elements, 1×1.
func (t *Tape) Sum(x *Node) *Node {
	n := t.record(1, 1, sumBack, x)
	n.Val[0] = kernel.Sum(x.Val)
	return n
}

func sumBack(_ *Tape, n *Node) {
	g := n.Grad[0]
	for i := range n.in[0].Grad {
		n.in[0].Grad[i] += g
	}
}

// BlockDot returns the m×n matrix of the products of the n blocks of k columns
// of A, m×(n·k), with the same row of B, m×k:
//
//	y_ij = Σ_l a_i,jk+l b_il
//	da_i,jk+l += dy_ij b_il,  db_il += Σ_j dy_ij a_i,jk+l
func (t *Tape) BlockDot(a, b *Node) *Node {
	if a.Rows != b.Rows || b.Cols == 0 || a.Cols%b.Cols != 0 {
		panic(fmt.Sprintf("ad: products of the blocks of a %d×%d with a %d×%d matrix", a.Rows, a.Cols, b.Rows, b.Cols))
	}
	k := b.Cols
	n := t.record(a.Rows, a.Cols/k, blockDotBack, a, b)
	for i := range n.Val {
		r := i / n.Cols
		n.Val[i] = kernel.Dot(a.Val[i*k:(i+1)*k], b.Val[r*k:(r+1)*k])
	}
	return n
}

func blockDotBack(_ *Tape, n *Node) {
	a, b := n.in[0], n.in[1]
	k := b.Cols
	for i, g := range n.Grad {
		r := i / n.Cols
		if a.Grad != nil {
			kernel.Axpy(a.Grad[i*k:(i+1)*k], g, b.Val[r*k:(r+1)*k])
		}
		if b.Grad != nil {
			kernel.Axpy(b.Grad[r*k:(r+1)*k], g, a.Val[i*k:(i+1)*k])
		}
	}
}
