package ad

import (
	"math"

	"tsgen/internal/kernel"
)

// BernoulliLogDensity returns, for every row i, the log-likelihood of the
// observed values of x, numbers from 0 to 1, under independent Bernoulli
// variables with the logits l, which is the cross-entropy with its sign
// turned,
//
//	Σ_j x_ij l_ij - log(1 + e^l_ij)
//	dl += dy (x - σ(l))
//
// over the columns j in which x is not NaN. x and logits are m×n; x has no
// gradient. The result is m×1.
func (t *TapeOf[T]) BernoulliLogDensity(x, logits *NodeOf[T]) *NodeOf[T] {
	sameShape("Bernoulli density", x, logits)
	n := t.record(x.Rows, 1, bernoulliBack[T]{}, logits, x)
	norm := t.workspace(len(x.Val))
	kernel.Softplus(norm, logits.Val)
	for i := range n.Val {
		sum := 0.0
		for k := i * x.Cols; k < (i+1)*x.Cols; k++ {
			if v := float64(x.Val[k]); !math.IsNaN(v) {
				sum += v*float64(logits.Val[k]) - float64(norm[k])
			}
		}
		n.Val[i] = T(sum)
	}
	return n
}

type bernoulliBack[T Float] struct{}

func (bernoulliBack[T]) run(t *TapeOf[T], n *NodeOf[T]) {
	logits, x := n.in[0], n.in[1]
	mean := t.workspace(len(x.Val))
	kernel.Sigmoid(mean, logits.Val)
	for i, g := range n.Grad {
		for k := i * x.Cols; k < (i+1)*x.Cols; k++ {
			if v := x.Val[k]; v == v {
				logits.Grad[k] += g * (v - mean[k])
			}
		}
	}
}
