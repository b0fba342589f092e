package ad

import (
	"fmt"
)

// QuantileLoss returns, for every row i, twice the mean pinball loss of the
// quantiles of row i of Q, m×n, one for each of the probabilities p, for the value
// x_i,
//
//	y_i = 2/n Σ_j (x_i - q_ij) (p_j - [x_i < q_ij])
//	dq_ij += 2/n dy_i ([x_i < q_ij] - p_j)
//
// whose mean over many probabilities is the continuous ranked probability score
// (Gneiting & Ranjan 2011, equation 11). A row whose x is NaN has 0. The result
// is m×1.
func (t *TapeOf[T]) QuantileLoss(x []T, q *NodeOf[T], probs []T) *NodeOf[T] {
	if len(x) != q.Rows || len(probs) != q.Cols {
		panic(fmt.Sprintf("ad: loss of a %d×%d matrix of quantiles for %d values and %d probabilities", q.Rows, q.Cols, len(x), len(probs)))
	}
	n := t.record(q.Rows, 1, quantileLossBack[T]{}, q, t.Const(q.Rows, 1, x), t.Const(1, q.Cols, probs))
	clear(n.Val)
	for k, v := range q.Val {
		i, p := k/q.Cols, probs[k%q.Cols]
		if d := x[i] - v; d < 0 {
			n.Val[i] += 2 / T(q.Cols) * d * (p - 1)
		} else if d >= 0 {
			n.Val[i] += 2 / T(q.Cols) * d * p
		}
	}
	return n
}

type quantileLossBack[T Float] struct{}

func (quantileLossBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	q, x, probs := n.in[0], n.in[1].Val, n.in[2].Val
	for k, v := range q.Val {
		i := k / q.Cols
		if x[i] != x[i] {
			continue
		}
		d := probs[k%q.Cols]
		if x[i] < v {
			d--
		}
		q.Grad[k] -= 2 / T(q.Cols) * n.Grad[i] * d
	}
}
