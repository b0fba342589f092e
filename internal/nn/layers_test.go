package nn

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestDropout demands that as many elements as asked for are dropped, that the mean
// stays, and that nothing is without a source.
func TestDropout(t *testing.T) {
	p := &Pass{}
	ones := make([]float64, 10000)
	for i := range ones {
		ones[i] = 1
	}
	x := p.Const(100, 100, ones)
	if Dropout(p, x, 0.3, nil) != x {
		t.Error("activations are dropped without a source")
	}
	zeros, sum := 0.0, 0.0
	for _, v := range Dropout(p, x, 0.3, rand.New(rand.NewPCG(1, 1))).Val {
		sum += v / 10000
		if v == 0 {
			zeros++
		}
	}
	if math.Abs(zeros/10000-0.3) > 0.02 || math.Abs(sum-1) > 0.03 {
		t.Errorf("%v of 10000 elements are dropped, the mean is %v; want 3000 and 1", zeros, sum)
	}
}
