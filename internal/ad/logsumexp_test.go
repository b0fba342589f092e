package ad

import (
	"math"
	"testing"
)

// LogSumExp and its derivative are right where the exponentials
// themselves overflow or vanish.
func TestLogSumExpDoesNotOverflow(t *testing.T) {
	for _, c := range []struct {
		x    []float64
		want float64
		grad []float64
	}{
		{[]float64{1000, 1000}, 1000 + math.Ln2, []float64{0.5, 0.5}},
		{[]float64{-2000, -2000, -2000, -2000}, -2000 + 2*math.Ln2, []float64{0.25, 0.25, 0.25, 0.25}},
		{[]float64{0, math.Inf(-1)}, 0, []float64{1, 0}},
	} {
		var tape Tape
		grad := make([]float64, len(c.x))
		y := tape.LogSumExp(tape.Param(1, len(c.x), c.x, grad))
		tape.Backward(y)
		if math.Abs(y.Val[0]-c.want) > 1e-12 {
			t.Errorf("%v: %v, want %v", c.x, y.Val[0], c.want)
		}
		for i, g := range c.grad {
			if math.Abs(grad[i]-g) > 1e-12 {
				t.Errorf("%v: derivative %d is %v, want %v", c.x, i, grad[i], g)
			}
		}
	}
}
