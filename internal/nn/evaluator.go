package nn

import (
	"tsgen/internal/ad"
	"tsgen/internal/kernel"
)

// An Evaluator is an evaluator in float64.
type Evaluator = EvaluatorOf[float64]

// An EvaluatorOf computes an MLP and its vector-Jacobian products without a
// tape, for the right-hand side of a differential equation. It keeps the
// memory that it needs; the zero value is ready to use. It is not safe for
// concurrent use.
type EvaluatorOf[T ad.Float] struct {
	hidden [][]T
	grad   [2][]T
}

// Forward sets dst, n×out, to the outputs of m with the parameters values for
// the n rows of x.
func (e *EvaluatorOf[T]) Forward(m MLP, values, dst, x []T, n int) {
	last := len(m.Layers) - 1
	for len(e.hidden) < last {
		e.hidden = append(e.hidden, nil)
	}
	for i, l := range m.Layers[:last] {
		h := sized(&e.hidden[i], n*l.W.Cols)
		affine(h, x, l, values, n)
		kernel.Tanh(h, h)
		x = h
	}
	affine(dst, x, m.Layers[last], values, n)
}

func affine[T ad.Float](dst, x []T, l Linear, values []T, n int) {
	kernel.Affine(dst, x, in(l.W, values), in(l.B, values), n, l.W.Rows, l.W.Cols)
}

// Backward follows a Forward with the same m, values, x and n. It adds to dx,
// n×in, and, unless dp is nil, to dp, laid out as the parameters, the products
// of a, n×out, with the derivatives of the outputs with respect to x and to
// the parameters.
func (e *EvaluatorOf[T]) Backward(m MLP, values, dx, dp, x, a []T, n int) {
	for i := len(m.Layers) - 1; i >= 0; i-- {
		l := m.Layers[i]
		input := x
		if i > 0 {
			input = e.hidden[i-1]
		}
		if dp != nil {
			kernel.MulTN(in(l.W, dp), input, a, l.W.Rows, n, l.W.Cols, true)
			kernel.SumRows(in(l.B, dp), a, n, l.W.Cols)
		}
		if i == 0 {
			kernel.MulNT(dx, a, in(l.W, values), n, l.W.Cols, l.W.Rows, true)
			return
		}
		d := sized(&e.grad[i%2], n*l.W.Rows)
		kernel.MulNT(d, a, in(l.W, values), n, l.W.Cols, l.W.Rows, false)
		kernel.TanhGrad(d, input, d)
		a = d
	}
}

// sized returns *s with length n, longer memory where it does not suffice.
func sized[T any](s *[]T, n int) []T {
	if cap(*s) < n {
		*s = make([]T, n)
	}
	*s = (*s)[:n]
	return *s
}
