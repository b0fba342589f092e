package ad

import "tsgen/internal/kernel"

// LogSumExp returns, for every row of X, m×n, the logarithm of the sum of its
// exponentials, m×1, without overflow:
//
//	y_i = log Σ_j e^x_ij
//	dx_ij += dy_i e^(x_ij - y_i)
//
// A row of -Inf gives -Inf, and its gradient is NaN.
func (t *TapeOf[T]) LogSumExp(x *NodeOf[T]) *NodeOf[T] {
	n := t.record(x.Rows, 1, logSumExpBack[T]{}, x)
	for i := range n.Val {
		n.Val[i] = kernel.LogSumExp(x.Val[i*x.Cols : (i+1)*x.Cols])
	}
	return n
}

type logSumExpBack[T Float] struct{}

func (logSumExpBack[T]) run(t *TapeOf[T], n *NodeOf[T]) {
	x := n.in[0]
	share := t.workspace(len(x.Val))
	for i, y := range n.Val {
		for k := i * x.Cols; k < (i+1)*x.Cols; k++ {
			share[k] = x.Val[k] - y
		}
	}
	kernel.Exp(share, share)
	for i, g := range n.Grad {
		kernel.Axpy(x.Grad[i*x.Cols:(i+1)*x.Cols], g, share[i*x.Cols:(i+1)*x.Cols])
	}
}
