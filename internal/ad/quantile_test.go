package ad

import (
	"math"
	"testing"
)

// TestQuantileLoss holds the loss to the absolute error, which it is for the median
// alone, to the definition by hand, and to 0 for what is missing.
func TestQuantileLoss(t *testing.T) {
	var tape Tape
	l := tape.QuantileLoss([]float64{3, -1, math.NaN()}, tape.Const(3, 1, []float64{1, 1, 1}), []float64{0.5})
	for i, want := range []float64{2, 2, 0} {
		if got := l.Val[i]; math.Abs(got-want) > 1e-15 {
			t.Errorf("loss of the median in row %d: %v, want %v", i, got, want)
		}
	}
	// (0.9·(5-4) + 0.8·(7-5))/2·2
	if got := tape.QuantileLoss([]float64{5}, tape.Const(1, 2, []float64{4, 7}), []float64{0.9, 0.2}).Val[0]; math.Abs(got-2.5) > 1e-15 {
		t.Errorf("loss of two quantiles %v, want 2.5", got)
	}
}
