package robust

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestRunningMedian holds running medians to those of each window, and the deviation to that of normal values.
func TestRunningMedian(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x := make([]float64, 4001)
	for i := range x {
		x[i] = 3 * rng.NormFloat64()
	}
	if d := Deviation(x); math.Abs(d-3) > 0.15 {
		t.Errorf("a deviation of %v, want 3", d)
	}
	for _, width := range []int{1, 4, 29, 5000} {
		y := x[:200]
		for i, got := range RunningMedian(y, width) {
			from := max(0, min(i-width/2, len(y)-width))
			if want := Median(y[from:min(from+width, len(y))]); got != want {
				t.Fatalf("width %d: the median at %d is %v, want %v", width, i, got, want)
			}
		}
	}
}
