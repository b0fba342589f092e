package seasons

import "math"

// A cholesky is the factor of the products of regressors, the response the last of them.
// Regressors that depend on those before them are left out.
type cholesky struct {
	l    []float64 // lower triangle, k×k
	k    int
	used []bool
}

// dependent is the share of a regressor's square that is left beside those before it, up to
// which it counts as dependent on them.
const dependent = 1e-9

func newCholesky(gram []float64, k int) *cholesky {
	c := &cholesky{l: make([]float64, k*k), k: k, used: make([]bool, k)}
	for i := range k {
		for j := range i + 1 {
			sum := gram[i*k+j]
			for m := range j {
				sum -= c.l[i*k+m] * c.l[j*k+m]
			}
			switch {
			case i > j && c.used[j]:
				c.l[i*k+j] = sum / c.l[j*k+j]
			case i == j && sum > dependent*gram[i*k+i]:
				c.l[i*k+i], c.used[i] = math.Sqrt(sum), true
			}
		}
	}
	return c
}

// left returns the sum of squares of the response that the first n regressors leave, and
// how many of these there are.
func (c *cholesky) left(square float64, n int) (rest float64, used int) {
	y := (c.k - 1) * c.k
	for j := range n {
		square -= c.l[y+j] * c.l[y+j]
		if c.used[j] {
			used++
		}
	}
	return math.Max(square, 0), used
}

// solve returns the coefficients of the first n regressors.
func (c *cholesky) solve(n int) []float64 {
	x := make([]float64, n)
	for i := n - 1; i >= 0; i-- {
		if !c.used[i] {
			continue
		}
		sum := c.l[(c.k-1)*c.k+i]
		for j := i + 1; j < n; j++ {
			sum -= c.l[j*c.k+i] * x[j]
		}
		x[i] = sum / c.l[i*c.k+i]
	}
	return x
}
