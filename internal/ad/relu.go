package ad

import "math"

// LinearReLU returns Y = max(X·W + b, 0) with the shapes of Linear.
//
//	dX += D·Wᵀ,  dW += Xᵀ·D,  db += Σ_rows D or db += D,  D = dY where Y > 0
func (t *TapeOf[T]) LinearReLU(x, w, b *NodeOf[T]) *NodeOf[T] {
	n := t.record(x.Rows, w.Cols, linearReLUBack[T]{}, x, w, b)
	linearForward(n, x, w, b)
	for i, v := range n.Val {
		n.Val[i] = max(v, 0)
	}
	return n
}

type linearReLUBack[T Float] struct{}

func (linearReLUBack[T]) run(t *TapeOf[T], n *NodeOf[T]) {
	for i, y := range n.Val {
		// All ones for y > 0 and zero for y = 0, without a branch, which would
		// be guessed wrong every second time.
		mask := uint64(-int64(math.Float64bits(float64(y))) >> 63)
		n.Grad[i] = T(math.Float64frombits(math.Float64bits(float64(n.Grad[i])) & mask))
	}
	linearBack[T]{}.run(t, n)
}
