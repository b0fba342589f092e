package density

import (
	"math"
	"testing"

	"tsgen/internal/nn"
)

// The variance of the noise grows in a straight line with the lead time and
// never falls below the floor.
func TestNoise(t *testing.T) {
	var s nn.Params
	n := NewNoise(&s, "noise", 2, 0.05, 0.3)
	p := nn.Pass{Values: s.Values}
	sd := n.SD(&p, p.Const(3, 1, []float64{0, 1, 4}))
	for i, want := range []float64{0.3, math.Hypot(0.3, 0.15), math.Hypot(0.3, 0.3)} {
		for j := range 2 {
			if got := sd.Val[2*i+j]; math.Abs(got-want) > 1e-14 {
				t.Errorf("row %d, channel %d: %v, want %v", i, j, got, want)
			}
		}
	}
	for i := range s.Values {
		s.Values[i] = -1000
	}
	p.Reset()
	if got := n.SD(&p, p.Const(1, 1, []float64{9})).Val[0]; got != 0.05 {
		t.Errorf("the least deviation is %v, want the floor 0.05", got)
	}
}
