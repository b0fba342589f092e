package ad

import (
	"fmt"

	"tsgen/internal/kernel"
)

// MatMul returns A·B for A of m×k and B of k×n.
//
//	dA += dC·Bᵀ,  dB += Aᵀ·dC
func (t *TapeOf[T]) MatMul(a, b *NodeOf[T]) *NodeOf[T] {
	if a.Cols != b.Rows {
		panic(fmt.Sprintf("ad: product of a %d×%d and a %d×%d matrix", a.Rows, a.Cols, b.Rows, b.Cols))
	}
	n := t.record(a.Rows, b.Cols, matMulBack[T]{}, a, b)
	n.sets = true
	kernel.MulNN(n.Val, a.Val, b.Val, a.Rows, b.Rows, b.Cols, false)
	return n
}

type matMulBack[T Float] struct{}

func (matMulBack[T]) run(t *TapeOf[T], n *NodeOf[T]) { t.productBackward(n.in[0], n.in[1], n.Grad) }

// Linear returns X·W + b for X of m×k, W of k×n and b of 1×n, added to every
// row, or of m×n: the share of other inputs, which may have been computed for
// many steps at once.
//
//	dX += dY·Wᵀ,  dW += Xᵀ·dY,  db += Σ_rows dY or db += dY
func (t *TapeOf[T]) Linear(x, w, b *NodeOf[T]) *NodeOf[T] {
	n := t.record(x.Rows, w.Cols, linearBack[T]{}, x, w, b)
	linearForward(n, x, w, b)
	return n
}

// linearForward sets n to X·W + b for an operation that goes back by linearBack,
// once it has made its own gradient that of this sum.
func linearForward[T Float](n, x, w, b *NodeOf[T]) {
	if x.Cols != w.Rows || b.Cols != w.Cols || b.Rows != 1 && b.Rows != x.Rows {
		panic(fmt.Sprintf("ad: linear map of a %d×%d matrix by %d×%d weights and a %d×%d bias",
			x.Rows, x.Cols, w.Rows, w.Cols, b.Rows, b.Cols))
	}
	n.sets = true
	if b.Rows == 1 {
		kernel.Affine(n.Val, x.Val, w.Val, b.Val, x.Rows, w.Rows, w.Cols)
		return
	}
	kernel.MulNNPlus(n.Val, b.Val, x.Val, w.Val, x.Rows, w.Rows, w.Cols)
}

type linearBack[T Float] struct{}

func (linearBack[T]) run(t *TapeOf[T], n *NodeOf[T]) {
	x, w, b := n.in[0], n.in[1], n.in[2]
	t.productBackward(x, w, n.Grad)
	addRows(b, n.Grad, n.Rows)
}

// productBackward goes back from D, the gradient of X·W, to X and W.
func (t *TapeOf[T]) productBackward(x, w *NodeOf[T], d []T) {
	if dx, add := x.target(); dx != nil {
		t.mulTransposed(dx, d, w, x.Rows, add)
	}
	t.weightGradient(w, x.Val, d, x.Rows)
}

// addRows adds d, the gradient of rows to which the rows of x or its only one
// were added, to that of x.
func addRows[T Float](x *NodeOf[T], d []T, rows int) {
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
func (t *TapeOf[T]) LinearTanh(x, w, b *NodeOf[T]) *NodeOf[T] {
	n := t.record(x.Rows, w.Cols, linearTanhBack[T]{}, x, w, b)
	linearForward(n, x, w, b)
	kernel.Tanh(n.Val, n.Val)
	return n
}

type linearTanhBack[T Float] struct{}

func (linearTanhBack[T]) run(t *TapeOf[T], n *NodeOf[T]) {
	kernel.TanhGrad(n.Grad, n.Val, n.Grad)
	linearBack[T]{}.run(t, n)
}
