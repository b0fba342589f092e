package nn

import (
	"sync"

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

// A rounded holds the parameters of an update in float32, for all of its shards.
type rounded struct {
	once   sync.Once
	values []float32
}

// of returns values, the same at every call between two forgets, rounded.
func (r *rounded) of(values []float64) []float32 {
	r.once.Do(func() {
		if len(r.values) != len(values) {
			r.values = make([]float32, len(values))
		}
		kernel.Narrow(r.values, values)
	})
	return r.values
}

func (r *rounded) forget() { r.once = sync.Once{} }

// Single returns the value of the 1×1 result of segment, which is computed in float32 on
// inner with the parameters of p, and a summand of the loss. It goes back through segment
// at once and adds the gradient to that of p, if p has one: to p the result is constant.
// Where p is a shard of a training, the gradient stays in float32 until those of all
// shards are added up, and inner is that shard's alone.
func Single(p *Pass, inner *PassOf[float32], segment func() *ad.NodeOf[float32]) *ad.Node {
	open(p, inner)
	y := segment()
	if p.Grad != nil {
		inner.Backward(y)
		collect(p, inner)
	}
	sum := p.Buffer(1)
	sum[0] = float64(y.Val[0])
	return p.Const(1, 1, sum)
}

// SingleStage returns the result of segment as a node of p. It is computed in float32 on
// inner, as Single does it, and p goes back through it when its turn comes; until then inner
// must not be used for another stage.
func SingleStage(p *Pass, inner *PassOf[float32], segment func() *ad.NodeOf[float32]) *ad.Node {
	open(p, inner)
	y := segment()
	val := widened(p.Buffer(len(y.Val)), y.Val)
	if p.Grad == nil {
		return p.Const(y.Rows, y.Cols, val)
	}
	parameters := p.TapeOf.Param(1, 1, p.Buffer(1), p.Buffer(1)) // stands for those that the segment depends on
	inner.stage = stage{p, inner, y}
	return p.External(&inner.stage, y.Rows, y.Cols, val, parameters)
}

// A stage is the way back through a SingleStage.
type stage struct {
	p     *Pass
	inner *PassOf[float32]
	y     *ad.NodeOf[float32]
}

// Backward implements ad.External.
func (s *stage) Backward(grad []float64) {
	y := s.y
	s.inner.Backward(s.inner.Sum(s.inner.Mul(y, s.inner.Data(y.Rows, y.Cols, grad))))
	collect(s.p, s.inner)
}

// open makes inner ready for a part of the loss of p.
func open(p *Pass, inner *PassOf[float32]) {
	inner.Reset()
	shared := p.rounded
	if shared == nil {
		shared = &inner.own
		shared.forget()
	}
	inner.Values = shared.of(p.Values)
	if p.Grad == nil {
		inner.Grad = nil
	} else if len(inner.Grad) != len(p.Grad) {
		inner.Grad = make([]float32, len(p.Grad))
	}
	if p.single != inner && !inner.cleared { // else it has another part of the loss
		clear(inner.Grad)
	}
	inner.cleared = false
}

// collect adds the gradient that is in inner to that of p, or has that done when those of all shards
// are added up.
func collect(p *Pass, inner *PassOf[float32]) {
	switch {
	case p.single == inner:
	case p.rounded != nil && p.single == nil:
		p.single = inner
	default:
		kernel.AddWidened(p.Grad, p.Grad, inner.Grad)
		p.touched = extent{0, len(p.Grad)}
	}
}

// Touch tells p that what writes to Grad itself does so where the parameters q lie.
func (p *PassOf[T]) Touch(q ...Param) {
	for _, q := range q {
		p.touched.include(q)
	}
}

// begin makes p ready for the loss of another update.
func (p *PassOf[T]) begin(values []T) {
	p.Reset()
	p.Values = values
	clear(p.Grad[p.touched.from:p.touched.to])
	p.touched, p.single = extent{}, nil
}

// end closes the gradient of p: a loss of which no part is a Single may have written to all
// of Grad.
func (p *PassOf[T]) end() {
	if p.single == nil {
		p.touched = extent{0, len(p.Grad)}
	}
}

// addTo adds the gradient of p, a shard of a training, from element at on to sum, and clears
// what of it is in float32, while the cache holds it.
func addTo(sum []float64, p *Pass, at int) {
	if from, to := max(at, p.touched.from), min(at+len(sum), p.touched.to); from < to {
		kernel.Axpy(sum[from-at:to-at], 1, p.Grad[from:to])
	}
	if p.single != nil {
		grad := p.single.Grad[at : at+len(sum)]
		kernel.AddWidened(sum, sum, grad)
		clear(grad)
	}
}

// Double returns the result of f, which is computed in float64 of x, a matrix on p.
// In float64 that is f of p itself. In float32, f is given inner, with the parameters in
// float64 if it uses some, and a copy of x, and the way back must come before the next use of
// inner.
func Double[T ad.Float](p *PassOf[T], inner *Pass, x *ad.NodeOf[T], f func(p *Pass, x *ad.Node) *ad.Node) *ad.NodeOf[T] {
	if q, ok := any(p).(*Pass); ok {
		return any(f(q, any(x).(*ad.Node))).(*ad.NodeOf[T])
	}
	inner.Reset()
	d := &double[T]{p: p, inner: inner, x: x}
	var grad []float64
	if p.Grad != nil {
		grad = inner.Buffer(len(x.Val))
		if len(inner.Grad) != len(inner.Values) {
			inner.Grad = make([]float64, len(inner.Values))
		}
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
	p       *PassOf[T]
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
	for i := p.touched.from; i < p.touched.to; i++ {
		d.p.Grad[i] += T(p.Grad[i])
		p.Grad[i] = 0
	}
	p.touched = extent{}
}

// widened sets dst to x and returns it.
func widened[T ad.Float](dst []float64, x []T) []float64 {
	kernel.Widen(dst, x)
	return dst
}
