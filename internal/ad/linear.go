package ad

import (
	"fmt"

	"tsgen/internal/kernel"
)

// MatMul returns A·B for A of m×k and B of k×n.
//
//	dA += dC·Bᵀ,  dB += Aᵀ·dC
func (t *Tape) MatMul(a, b *Node) *Node {
	if a.Cols != b.Rows {
		panic(fmt.Sprintf("ad: product of a %d×%d and a %d×%d matrix", a.Rows, a.Cols, b.Rows, b.Cols))
	}
	n := t.record(a.Rows, b.Cols, matMulBack, a, b)
	kernel.MulNN(n.Val, a.Val, b.Val, a.Rows, a.Cols, b.Cols, false)
	return n
}

func matMulBack(_ *Tape, n *Node) {
	a, b := n.in[0], n.in[1]
	if a.Grad != nil {
		kernel.MulNT(a.Grad, n.Grad, b.Val, a.Rows, b.Cols, a.Cols, true)
	}
	if b.Grad != nil {
		kernel.MulTN(b.Grad, a.Val, n.Grad, a.Cols, a.Rows, b.Cols, true)
	}
}

// Linear returns X·W + b for X of m×k, W of k×n and b of 1×n, added to every
// row, or of m×n: the share of other inputs, which may have been computed for
// many steps at once.
//
//	dX += dY·Wᵀ,  dW += Xᵀ·dY,  db += Σ_rows dY or db += dY
func (t *Tape) Linear(x, w, b *Node) *Node {
	n := t.record(x.Rows, w.Cols, linearBack, x, w, b)
	linearForward(n, x, w, b)
	return n
}

func linearForward(n, x, w, b *Node) {
	if x.Cols != w.Rows || b.Cols != w.Cols || b.Rows != 1 && b.Rows != x.Rows {
		panic(fmt.Sprintf("ad: linear map of a %d×%d matrix by %d×%d weights and a %d×%d bias",
			x.Rows, x.Cols, w.Rows, w.Cols, b.Rows, b.Cols))
	}
	if b.Rows == 1 {
		kernel.Affine(n.Val, x.Val, w.Val, b.Val, x.Rows, x.Cols, w.Cols)
		return
	}
	copy(n.Val, b.Val)
	kernel.MulNN(n.Val, x.Val, w.Val, x.Rows, x.Cols, w.Cols, true)
}

func linearBack(_ *Tape, n *Node) { linearBackward(n, n.Grad) }

func linearBackward(n *Node, dy []float64) {
	x, w, b := n.in[0], n.in[1], n.in[2]
	if x.Grad != nil {
		kernel.MulNT(x.Grad, dy, w.Val, x.Rows, w.Cols, x.Cols, true)
	}
	if w.Grad != nil {
		kernel.MulTN(w.Grad, x.Val, dy, x.Cols, x.Rows, w.Cols, true)
	}
	switch {
	case b.Grad == nil:
	case b.Rows == 1:
		kernel.SumRows(b.Grad, dy, n.Rows, n.Cols)
	default:
		kernel.Axpy(b.Grad, 1, dy)
	}
}

// LinearTanh returns Y = tanh(X·W + b) with the shapes of Linear.
//
//	dX += D·Wᵀ,  dW += Xᵀ·D,  db += Σ_rows D or db += D,  D = dY ⊙ (1 - Y²)
func (t *Tape) LinearTanh(x, w, b *Node) *Node {
	n := t.record(x.Rows, w.Cols, linearTanhBack, x, w, b)
	linearForward(n, x, w, b)
	kernel.Tanh(n.Val, n.Val)
	return n
}

func linearTanhBack(t *Tape, n *Node) {
	d := t.workspace(len(n.Val))
	kernel.TanhGrad(d, n.Val, n.Grad)
	linearBackward(n, d)
}
