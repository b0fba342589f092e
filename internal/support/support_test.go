package support

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestLearn protects that each kind of values is recognised for what it is, and no
// more is said of values that are real numbers.
func TestLearn(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	draw := func(f func() float64) Channel {
		x := make([]float64, 400)
		for i := range x {
			x[i] = f()
		}
		return Learn(x, 1)[0]
	}
	if c := draw(rng.NormFloat64); c.Grid != 0 || c.Values != nil || c.Zeros != 0 || c.Least != nil || c.Most != nil {
		t.Errorf("real numbers: %+v", c)
	}
	if c := draw(func() float64 { return math.Round(500 + 100*rng.NormFloat64()) }); c.Grid != 1 || c.Nearest(417.4) != 417 {
		t.Errorf("whole numbers: %+v", c)
	}
	if c := draw(func() float64 { return math.Round(100*rng.NormFloat64()) / 100 }); c.Nearest(-0.12345) != -0.12 {
		t.Errorf("two decimals: %+v", c)
	}
	if c := draw(func() float64 { return 5 * float64(rng.IntN(400)) }); c.Grid != 5 || c.Nearest(17.6) != 20 || c.Nearest(-8) != 0 {
		t.Errorf("multiples of five: %+v", c)
	}
	list := make([]float64, 60)
	for i := range list {
		list[i] = rng.NormFloat64()
	}
	slices.Sort(list)
	c := draw(func() float64 { return list[rng.IntN(60)] })
	for range 50 {
		if x := c.Nearest(3 * rng.NormFloat64()); !slices.Contains(list, x) {
			t.Errorf("%v is none of the 60 values", x)
		}
	}
	if c := draw(func() float64 { return max(0, rng.NormFloat64()) }); math.Abs(c.Zeros-0.5) > 0.1 || c.Nearest(-1) != 0 {
		t.Errorf("half zeros: %+v", c)
	}
	if c := draw(rng.Float64); c.Nearest(1.7) != 1 || c.Nearest(-0.2) != 0 {
		t.Errorf("shares: %+v", c)
	}
	if c := draw(func() float64 { return 3 + rng.Float64() }); c.Nearest(-5) <= 0 {
		t.Errorf("positive values: %+v", c)
	}
	if c := draw(func() float64 { return min(9.7, 8+2*rng.NormFloat64()) }); c.Nearest(14) != 9.7 {
		t.Errorf("values that end at 9.7: %+v", c)
	}
}

// TestSnap protects the share of exact zeros: that of the data, whatever that of the
// draws below zero is, and no value between zero and the least of a grid.
func TestSnap(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	x := make([]float64, 1000)
	for i := range x {
		if i%10 < 3 {
			x[i] = 1 + float64(rng.IntN(9))
		}
	}
	all := Learn(x, 1)
	drawn := make([]float64, 1000)
	for i := range drawn {
		drawn[i] = 2 + 2*rng.NormFloat64()
	}
	Snap(all, Cuts(all, drawn), drawn, true)
	if high := slices.Max(drawn); high > 10 {
		t.Errorf("%v among counts up to 9", high)
	}
	zeros := 0
	for _, v := range drawn {
		if v == 0 {
			zeros++
		} else if v != math.Round(v) || v < 1 {
			t.Fatalf("%v among counts", v)
		}
	}
	if zeros < 690 || zeros > 710 {
		t.Errorf("%d zeros of 1000, want 700", zeros)
	}
}

// TestZerosOfTheirOwn protects draws that are counts already: their zeros stay, and
// none is added.
func TestZerosOfTheirOwn(t *testing.T) {
	all := []Channel{{Grid: 1, Zeros: 0.9}}
	drawn := []float64{0, 1, 1, 3}
	Snap(all, Cuts(all, drawn), drawn, true)
	if !slices.Equal(drawn, []float64{0, 1, 1, 3}) {
		t.Errorf("counts become %v", drawn)
	}
}

// TestAmounts protects what lies between zero and the draws that are cut to it: draws that spread zeros leave
// nothing there, and the amounts of the data have to fill it.
func TestAmounts(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	rain := func(spread float64) float64 {
		x := spread * rng.NormFloat64()
		if rng.Float64() < 0.4 {
			x += rng.ExpFloat64()
		}
		return x
	}
	data, drawn := make([]float64, 4000), make([]float64, 4000)
	for i := range data {
		if data[i] = rain(0); data[i] < 0 {
			data[i] = 0
		}
		drawn[i] = rain(0.5)
	}
	all := Learn(data, 1)
	cuts := Cuts(all, drawn)
	Snap(all, cuts, drawn, true)
	for _, bound := range []float64{0, 0.1, 0.5, 1, 2} {
		var has, wants float64
		for i := range data {
			if drawn[i] <= bound {
				has += 1. / 4000
			}
			if data[i] <= bound {
				wants += 1. / 4000
			}
		}
		if math.Abs(has-wants) > 0.02 {
			t.Errorf("%.3f of the draws are up to %v, of the data %.3f", has, bound, wants)
		}
	}
}
