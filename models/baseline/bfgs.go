package baseline

import "math"

// A descent is what descend needs to know.
type descent struct {
	// value returns the function at x and fills gradient. It may be +Inf (or
	// NaN, which counts as that) where the function is not defined; gradient
	// then does not matter.
	value func(x, gradient []float64) float64

	// inverse fills h, n×n, with the inverse of about the second derivatives at x, and
	// reports whether there is one. If it is nil, they are learned on the way only.
	inverse func(x, h []float64) bool

	iterations int     // at most
	tolerance  float64 // it ends when a step promises less, relative to 1 + |value|
}

// descend moves x to a local minimum by the BFGS method (Nocedal and Wright,
// Numerical Optimization, 2nd ed., algorithm 6.1) with a line search by
// bisection for the weak Wolfe conditions, and returns the value there. The
// function must be finite at x.
//
// The BFGS of gonum/optimize takes 1.6 to 2.2 times as long for the forecasts of
// BenchmarkClassical by ETS.
func (d descent) descend(x []float64) float64 {
	n := len(x)
	g, p, y := make([]float64, n), make([]float64, n), make([]float64, n)
	next, ng := make([]float64, n), make([]float64, n)
	hy := make([]float64, n)
	h := make([]float64, n*n) // inverse Hessian
	f := d.value(x, g)
	fresh := d.inverse == nil || !d.inverse(x, h) // h is a multiple of the identity yet to be scaled
	for range d.iterations {
		if fresh {
			scale := 1 / math.Max(1, math.Sqrt(dot(g, g)))
			clear(h)
			for i := range n {
				h[i*n+i] = scale
			}
		}
		for i := range p {
			p[i] = -dot(h[i*n:(i+1)*n], g)
		}
		slope := dot(g, p)
		if !(slope < 0) || -slope <= d.tolerance*(1+math.Abs(f)) {
			if fresh || slope < 0 {
				return f
			}
			fresh = true
			continue
		}
		step, nf := d.search(x, f, slope, p, next, ng)
		if step == 0 {
			if fresh {
				return f
			}
			fresh = true
			continue
		}
		for i := range p {
			p[i] *= step
			y[i] = ng[i] - g[i]
		}
		copy(x, next)
		copy(g, ng)
		f = nf
		sy := dot(p, y)
		if !(sy > 1e-14*math.Sqrt(dot(p, p)*dot(y, y))) {
			continue
		}
		if fresh {
			scale := sy / dot(y, y)
			for i := range n {
				h[i*n+i] = scale
			}
			fresh = false
		}
		for i := range hy {
			hy[i] = dot(h[i*n:(i+1)*n], y)
		}
		k := (1 + dot(y, hy)/sy) / sy
		for i := range n {
			for j := range n {
				h[i*n+j] += k*p[i]*p[j] - (hy[i]*p[j]+p[i]*hy[j])/sy
			}
		}
	}
	return f
}

// search returns a step along p that fulfils the weak Wolfe conditions, or the
// best that was found, and leaves in next and ng the point and its gradient. It
// returns a step of zero if none goes down.
func (d descent) search(x []float64, f, slope float64, p, next, ng []float64) (step, value float64) {
	const (
		sufficient = 1e-4
		curvature  = 0.9
		trials     = 30
	)
	lo, hi := 0.0, math.Inf(1)
	best, bestValue := 0.0, f
	step = 1
	for range trials {
		for i := range x {
			next[i] = x[i] + step*p[i]
		}
		v := d.value(next, ng)
		switch {
		case !(v <= f+sufficient*step*slope):
			hi = step
		case dot(ng, p) < curvature*slope:
			lo = step
			best, bestValue = step, v
		default:
			return step, v
		}
		if math.IsInf(hi, 1) {
			step = 2 * lo
		} else {
			step = (lo + hi) / 2
		}
	}
	if best > 0 {
		for i := range x {
			next[i] = x[i] + best*p[i]
		}
		d.value(next, ng)
	}
	return best, bestValue
}
