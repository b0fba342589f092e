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
	n.sets = true
	t.multiply(n.Val, a.Val, b, a.Rows, false)
	return n
}

func matMulBack(t *Tape, n *Node) { t.productBackward(n.in[0], n.in[1], n.Grad) }

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

// linearForward sets n to X·W + b for an operation that goes back by linearBack,
// once it has made its own gradient that of this sum.
func linearForward(n, x, w, b *Node) {
	if x.Cols != w.Rows || b.Cols != w.Cols || b.Rows != 1 && b.Rows != x.Rows {
		panic(fmt.Sprintf("ad: linear map of a %d×%d matrix by %d×%d weights and a %d×%d bias",
			x.Rows, x.Cols, w.Rows, w.Cols, b.Rows, b.Cols))
	}
	n.sets = true
	if b.Rows == 1 {
		n.tape.affine(n.Val, x.Val, w, b.Val, x.Rows)
		return
	}
	n.tape.plus(n.Val, b.Val, x.Val, w, x.Rows)
}

func linearBack(t *Tape, n *Node) {
	x, w, b := n.in[0], n.in[1], n.in[2]
	t.productBackward(x, w, n.Grad)
	addRows(b, n.Grad, n.Rows)
}

// productBackward goes back from D, the gradient of X·W, to X and W.
func (t *Tape) productBackward(x, w *Node, d []float64) {
	if dx, add := x.target(); dx != nil {
		t.mulTransposed(dx, d, w, x.Rows, add)
	}
	if dw, add := w.target(); dw != nil {
		t.multiplyFirst(dw, x.Val, d, x.Cols, x.Rows, w.Cols, add)
	}
}

// addRows adds d, the gradient of rows to which the rows of x or its only one
// were added, to that of x.
func addRows(x *Node, d []float64, rows int) {
	switch {
	case !x.varies:
	case x.Rows < rows:
		kernel.SumRows(x.gradient(), d, rows, x.Cols)
	default:
		if dx, add := x.target(); add {
			kernel.Axpy(dx, 1, d)
		} else {
			copy(dx, d)
		}
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
	kernel.TanhGrad(n.Grad, n.Val, n.Grad)
	linearBack(t, n)
}
