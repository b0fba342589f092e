package nn

import "tsgen/internal/kernel"

// An Evaluator computes an MLP and its vector-Jacobian products without a
// tape, for the right-hand side of a differential equation. It keeps the
// memory that it needs; the zero value is ready to use. It is not safe for
// concurrent use.
type Evaluator struct {
	hidden [][]float64
	grad   [2][]float64
}

// Forward sets dst, n×out, to the outputs of m with the parameters values for
// the n rows of x.
func (e *Evaluator) Forward(m MLP, values, dst, x []float64, n int) {
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

func affine(dst, x []float64, l Linear, values []float64, n int) {
	kernel.Affine(dst, x, l.W.In(values), l.B.In(values), n, l.W.Rows, l.W.Cols)
}

// Backward follows a Forward with the same m, values, x and n. It adds to dx,
// n×in, and, unless dp is nil, to dp, laid out as the parameters, the products
// of a, n×out, with the derivatives of the outputs with respect to x and to
// the parameters.
func (e *Evaluator) Backward(m MLP, values, dx, dp, x, a []float64, n int) {
	for i := len(m.Layers) - 1; i >= 0; i-- {
		l := m.Layers[i]
		in := x
		if i > 0 {
			in = e.hidden[i-1]
		}
		if dp != nil {
			kernel.MulTN(l.W.In(dp), in, a, l.W.Rows, n, l.W.Cols, true)
			kernel.SumRows(l.B.In(dp), a, n, l.W.Cols)
		}
		if i == 0 {
			kernel.MulNT(dx, a, l.W.In(values), n, l.W.Cols, l.W.Rows, true)
			return
		}
		d := sized(&e.grad[i%2], n*l.W.Rows)
		kernel.MulNT(d, a, l.W.In(values), n, l.W.Cols, l.W.Rows, false)
		kernel.TanhGrad(d, in, d)
		a = d
	}
}

// sized returns *s with length n, longer memory where it does not suffice.
func sized(s *[]float64, n int) []float64 {
	if cap(*s) < n {
		*s = make([]float64, n)
	}
	*s = (*s)[:n]
	return *s
}
