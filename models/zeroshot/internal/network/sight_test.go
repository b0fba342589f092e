package network

import (
	"math"
	"testing"
)

// Logarithms come to their places in the rows, whatever lies between.
func TestSight(t *testing.T) {
	var s sight
	nan := math.NaN()
	for range 2 {
		s.empty()
		s.add(1, 2)
		s.log(3, 0.5)
		s.squash(-4, 2)
		s.difference(nan, 1)
		s.masked(nan, 1)
		s.masked(6, 3)
		s.squash(1e6, 1)
		want := []float64{1, 2, math.Log(3) / 2, -2 * math.Asinh(4), 0, 0, 0, math.Asinh(2), 1, math.Asinh(1e4)}
		got := s.whole()
		if len(got) != len(want) {
			t.Fatalf("%v, want %v", got, want)
		}
		for i, x := range want {
			if math.Abs(got[i]-x) > 1e-14*(1+math.Abs(x)) {
				t.Errorf("number %d is %v, want %v", i, got[i], x)
			}
		}
	}
}
