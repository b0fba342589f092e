package nn

import (
	"tsgen/internal/ad"
	"tsgen/internal/kernel"
)

// This file holds what goes between networks in float32 and in float64: parameters,
// their updates and likelihoods are float64.

// Take sets the parameters to values, rounded to T; float64s are not copied.
func (p *PassOf[T]) Take(values []float64) {
	if same, yes := kernel.Same[T](values); yes {
		p.Values = same
		return
	}
	if len(p.Values) != len(values) {
		p.Values = make([]T, len(values))
	}
	kernel.Narrow(p.Values, values)
}

// Single returns the value of the 1×1 result of segment, which is computed in float32 on
// inner with the parameters of p, and a summand of the loss. It goes back through segment
// at once and adds the gradient to that of p, if p has one: to p the result is constant.
func Single(p *Pass, inner *PassOf[float32], segment func() *ad.NodeOf[float32]) *ad.Node {
	inner.Reset()
	inner.Take(p.Values)
	if p.Grad == nil {
		inner.Grad = nil
	} else if len(inner.Grad) != len(p.Grad) {
		inner.Grad = make([]float32, len(p.Grad))
	}
	clear(inner.Grad)
	y := segment()
	if p.Grad != nil {
		inner.Backward(y)
		kernel.AddWidened(p.Grad, p.Grad, inner.Grad)
	}
	sum := p.Buffer(1)
	sum[0] = float64(y.Val[0])
	return p.Const(1, 1, sum)
}

// Double returns the result of f, which is computed in float64 of x, a matrix on p.
// In float64 that is f of p itself. In float32, f is given inner and a copy of x, and the
// way back must come before the next use of inner.
func Double[T ad.Float](p *PassOf[T], inner *Pass, x *ad.NodeOf[T], f func(p *Pass, x *ad.Node) *ad.Node) *ad.NodeOf[T] {
	if q, ok := any(p).(*Pass); ok {
		return any(f(q, any(x).(*ad.Node))).(*ad.NodeOf[T])
	}
	inner.Reset()
	d := &double[T]{inner: inner, x: x}
	var grad []float64
	if p.Grad != nil {
		grad = inner.Buffer(len(x.Val))
	}
	d.wide = inner.TapeOf.Param(x.Rows, x.Cols, widened(inner.Buffer(len(x.Val)), x.Val), grad)
	d.y = f(inner, d.wide)
	val := p.Buffer(len(d.y.Val))
	for i, v := range d.y.Val {
		val[i] = T(v)
	}
	return p.External(d, d.y.Rows, d.y.Cols, val, x)
}

// double is the way back through a Double.
type double[T ad.Float] struct {
	inner   *Pass
	x       *ad.NodeOf[T]
	wide, y *ad.Node
}

// Backward implements ad.ExternalOf.
func (d *double[T]) Backward(grad []T) {
	p, y := d.inner, d.y
	p.Backward(p.Sum(p.Mul(y, p.Const(y.Rows, y.Cols, widened(p.Buffer(len(grad)), grad)))))
	for i, g := range d.wide.Grad {
		d.x.Grad[i] += T(g)
	}
}

// widened sets dst to x and returns it.
func widened[T ad.Float](dst []float64, x []T) []float64 {
	kernel.Widen(dst, x)
	return dst
}
