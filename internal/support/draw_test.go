package support

import (
	"context"
	"math/rand/v2"
	"testing"
)

// TestDrawStaysInRange protects series that rise from where they begin: those that would stay at the
// end of the range that was seen are drawn again, those that do not reach it are not, and of what
// leaves it always values are brought to it.
func TestDrawStaysInRange(t *testing.T) {
	var seen []float64
	for i := range 101 {
		seen = append(seen, float64(i)+rand.New(rand.NewPCG(1, uint64(i))).Float64()/2)
	}
	all := Learn(seen, 1)
	draw := func(near bool, from, rise float64) (ended float64) {
		t.Helper()
		series, err := Draw(context.Background(), all, 200, 1, near, near, func(_ context.Context, _ int, rng *rand.Rand) ([]float64, error) {
			x := make([]float64, 100)
			x[0] = from * rng.Float64()
			for i := range x[1:] {
				x[i+1] = x[i] + rise
			}
			return x, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range series {
			if s[99] == s[98] {
				ended++
			}
			if near && s[99] > 106 {
				t.Fatalf("it rises to %v, of values up to 100", s[99])
			}
		}
		return ended
	}
	if n := draw(true, 100, 0.6); n > 2 { // at the end of the range from 45 on, which sixteen of sixteen are once in 20,000 times
		t.Errorf("%v of 200 series stay at the end of the range", n)
	}
	if n := draw(true, 0, 2); n != 200 {
		t.Errorf("%v of 200 series that always leave the range stay at its end", n)
	}
	if n := draw(false, 100, 0.6); n > 0 {
		t.Errorf("%v of 200 series that may leave the range stay at its end", n)
	}
}
