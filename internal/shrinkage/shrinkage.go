// Package shrinkage estimates covariances from fewer examples than they need.
package shrinkage

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Covariance returns the covariance of the columns of x about zero, rows being
// examples with NaN for missing values, shrunk towards its diagonal by the part that
// Schäfer and Strimmer (2005, equation 8 and table 2, target D) take to be best,
//
//	λ = Σ_{i≠j} Var(r_ij) / Σ_{i≠j} r_ij²,
//
// r being the correlations, as Wickramasuriya, Athanasopoulos and Hyndman (2019) do for
// errors of forecasts. Each pair of columns is judged by the examples that have both. A
// column without a value has the variance 0. It panics if the rows differ in length.
func Covariance(x [][]float64) (cov *mat.SymDense, lambda float64) {
	if len(x) == 0 || len(x[0]) == 0 {
		return nil, 0
	}
	k := len(x[0])
	scale := make([]float64, k)
	for j := range scale {
		n := 0.0
		for _, row := range x {
			if v := row[j]; !math.IsNaN(v) {
				scale[j] += v * v
				n++
			}
		}
		scale[j] = math.Sqrt(scale[j] / math.Max(n, 1))
	}
	r := mat.NewSymDense(k, nil)
	variances, squares := 0.0, 0.0
	for i := range k {
		r.SetSym(i, i, 1)
		for j := range i {
			c, v := correlation(x, i, j, scale[i]*scale[j])
			r.SetSym(i, j, c)
			variances, squares = variances+v, squares+c*c
		}
	}
	lambda = 1
	if squares > 0 {
		lambda = math.Min(variances/squares, 1)
	}
	for i := range k {
		for j := range i {
			r.SetSym(i, j, (1-lambda)*r.At(i, j)*scale[i]*scale[j])
		}
		r.SetSym(i, i, scale[i]*scale[i])
	}
	return r, lambda
}

// correlation returns that of two columns, whose scales have the given product, and its
// variance.
func correlation(x [][]float64, i, j int, scales float64) (r, variance float64) {
	if scales == 0 {
		return 0, 0
	}
	n, sum, squares := 0.0, 0.0, 0.0
	for _, row := range x {
		if p := row[i] * row[j] / scales; !math.IsNaN(p) {
			n, sum, squares = n+1, sum+p, squares+p*p
		}
	}
	if n < 2 {
		return 0, 1
	}
	return sum / n, (squares - sum*sum/n) / (n * (n - 1))
}

// Factor returns the lower Cholesky factor of the correlations of a covariance, with
// as much taken off them as it takes for it to be positive definite. A variance of 0 is
// one of a variable that is correlated with no other.
func Factor(cov *mat.SymDense) *mat.TriDense {
	k := cov.SymmetricDim()
	r := mat.NewSymDense(k, nil)
	for keep := 1.0; ; keep *= 0.95 {
		for i := range k {
			r.SetSym(i, i, 1)
			for j := range i {
				if scale := math.Sqrt(cov.At(i, i) * cov.At(j, j)); scale > 0 {
					r.SetSym(i, j, keep*cov.At(i, j)/scale)
				}
			}
		}
		var c mat.Cholesky
		if c.Factorize(r) && c.Cond() < 1e12 {
			var l mat.TriDense
			c.LTo(&l)
			return &l
		}
	}
}
