package ode

import (
	"math"
	"testing"
)

// TestPower holds the fast logarithm and power of the step control against
// package math, over all that errors can be.
func TestPower(t *testing.T) {
	for x := -300.0; x <= 300; x += 0.0371 {
		if got, want := exp2(x), math.Exp2(x); math.Abs(got/want-1) > 1e-8 {
			t.Fatalf("exp2(%g) is %g, want %g", x, got, want)
		}
		if got := log2(math.Exp2(x)); math.Abs(got-x) > 1e-8 {
			t.Fatalf("log2(2^%g) is %g", x, got)
		}
	}
	if got := log2(5e-324); got != -1022 {
		t.Errorf("log2 of the smallest number is %g, want -1022", got)
	}
}
