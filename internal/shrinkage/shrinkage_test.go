package shrinkage

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// The covariance and the shrinkage are those that NumPy has for the formulas of the R
// package hts (shrink.estim, target the diagonal), on the same rows.
func TestCovariance(t *testing.T) {
	x := [][]float64{{1, 2, 0.5}, {-1, -1.5, 1}, {0.5, 1, -2}, {-2, -1, 0.3}, {1.5, 0.2, -0.4}}
	cov, lambda := Covariance(x)
	if want := 0.27010879602784965; math.Abs(lambda-want) > 1e-12 {
		t.Errorf("λ = %.12f, want %.12f", lambda, want)
	}
	want := mat.NewSymDense(3, []float64{1.7, 0.91966292, -0.39414125, 0, 1.658, -0.42041733, 0, 0, 1.1})
	if !mat.EqualApprox(cov, want, 1e-8) {
		t.Errorf("covariance %v", mat.Formatted(cov))
	}
}

// Columns that are multiples of each other, constant or missing still have a factor.
func TestFactor(t *testing.T) {
	nan := math.NaN()
	cov, _ := Covariance([][]float64{{1, 2, 0, nan}, {-1, -2, 0, nan}, {3, 6, 0, nan}, {2, 4, 0, nan}})
	l := Factor(cov)
	var r mat.Dense
	r.Mul(l, l.T())
	if r.At(0, 1) < 0.9 || r.At(2, 2) != 1 || r.At(3, 0) != 0 {
		t.Errorf("correlations %v", mat.Formatted(&r))
	}
}
