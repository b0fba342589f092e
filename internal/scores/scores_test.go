package scores

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestMap protects that the map is undone by its inverse, has the slope that it says,
// brings a sample to normal scores, and is left out where it brings nothing.
func TestMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var flat, normal []float64
	for range 2000 {
		flat, normal = append(flat, math.Sqrt(12)*(rng.Float64()-0.5)), append(normal, rng.NormFloat64())
	}
	if s := Choose(normal); s.Values != nil {
		t.Errorf("a normal sample has a map of %d knots", len(s.Values))
	}
	s := Choose(flat)
	if s.Values == nil {
		t.Fatal("a flat sample has no map")
	}
	const h = 1e-7
	sum := 0.0
	for _, x := range append(flat, -4, 4) {
		y := s.Score(x)
		if back := s.Value(y); math.Abs(back-x) > 1e-9 {
			t.Fatalf("%v comes back as %v", x, back)
		}
		if s.Slope(x-h) != s.Slope(x+h) {
			continue // a knot
		}
		if d := (s.Score(x+h) - s.Score(x-h)) / (2 * h); math.Abs(d/s.Slope(x)-1) > 1e-4 {
			t.Errorf("at %v the slope is %v, by differences %v", x, s.Slope(x), d)
		}
		sum += min(y*y, 10) / 2000
	}
	if math.Abs(sum-1) > 0.1 {
		t.Errorf("scores have the variance %v, want 1", sum)
	}
}

// TestMatched protects that draws that are not normal have the distribution of the values,
// with and without a map before, and that few of them leave it as it is.
func TestMatched(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	var flat, draws []float64
	for range 4000 {
		flat, draws = append(flat, math.Sqrt(12)*(rng.Float64()-0.5)), append(draws, 0.3+0.6*rng.NormFloat64())
	}
	for _, c := range []struct {
		m        Map
		quartile float64 // of the values
	}{{Choose(flat), math.Sqrt(12) / 4}, {Map{}, 0.6745}} {
		m, inner := c.m.Matched(draws), 0
		for _, y := range draws {
			if math.Abs(m.Value(y)) < c.quartile {
				inner++
			}
		}
		if inner < 1900 || inner > 2100 {
			t.Errorf("%d of 4000 values lie between the quartiles", inner)
		}
		if few := c.m.Matched(draws[:20]); len(few.Values) != len(c.m.Values) {
			t.Errorf("20 draws make a map of %d knots, want %d", len(few.Values), len(c.m.Values))
		}
	}
}

// TestCheck protects that a map that does not rise, or is not of numbers, is refused.
func TestCheck(t *testing.T) {
	for _, m := range []Map{
		{Values: []float64{1}, Scores: []float64{1}},
		{Values: []float64{1, 2}, Scores: []float64{1}},
		{Values: []float64{1, 1}, Scores: []float64{1, 2}},
		{Values: []float64{1, 2}, Scores: []float64{2, 1}},
		{Values: []float64{1, math.NaN()}, Scores: []float64{1, 2}},
	} {
		if m.Check() == nil {
			t.Errorf("%v is taken", m)
		}
	}
	if err := (&Map{Values: []float64{1, 2}, Scores: []float64{0, 1}}).Check(); err != nil {
		t.Error(err)
	}
}
