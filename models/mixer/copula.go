package mixer

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// normal holds the standard normal quantiles of probs.
var normal = func() []float64 {
	z := make([]float64, len(probs))
	for i, p := range probs {
		z[i] = normalQuantile(p)
	}
	return z
}()

// interpolate returns the value at x of the line through the points (xs, ys), xs
// increasing, which goes on beyond its ends.
func interpolate(x float64, xs, ys []float64) float64 {
	i := 1
	for i < len(xs)-1 && xs[i] < x {
		i++
	}
	if xs[i] == xs[i-1] {
		return ys[i]
	}
	return ys[i] + (x-xs[i])*(ys[i]-ys[i-1])/(xs[i]-xs[i-1])
}

// factor sets dst, n×n, to the lower factor of the matrix of correlations that
// belongs to a positive semidefinite matrix of products, with correlations shrunk
// so that it has one.
func factor(dst []float64, n int, product func(i, j int) float64) {
	r := mat.NewSymDense(n, nil)
	sd := make([]float64, n)
	for i := range n {
		sd[i] = math.Sqrt(product(i, i))
		r.SetSym(i, i, 1)
		for j := range i {
			if sd[i]*sd[j] > 0 {
				r.SetSym(i, j, (1-shrinkage)*product(i, j)/(sd[i]*sd[j]))
			}
		}
	}
	var c mat.Cholesky
	if !c.Factorize(r) {
		panic("mixer: a shrunk correlation matrix is not positive definite")
	}
	var l mat.TriDense
	c.LTo(&l)
	for i := range n {
		for j := range i + 1 {
			dst[i*n+j] = l.At(i, j)
		}
	}
}
