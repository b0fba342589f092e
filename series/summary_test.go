package series

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// A summary counts, and finds the trend within series, whatever their levels are.
func TestSummarize(t *testing.T) {
	p := mustRead(t, "id,t,a,b\nx,1,10,0\nx,2,12,1\nx,3,14,\ny,2,100,0\ny,3,102,0.5\nz,9,3,0\n")
	s := Summarize(p)
	if s.Series != 3 || s.Observations != 6 || s.First != 1 || s.Last != 9 || s.Shortest != 1 || s.Median != 2 || s.Longest != 3 {
		t.Errorf("summary %+v", s)
	}
	a, b := s.Channels[0], s.Channels[1]
	// The lines of x and y rise by 2 a step, exactly; z says nothing of a slope.
	if math.Abs(a.Trend-2) > 1e-12 || math.Abs(a.Explained-1) > 1e-12 || !a.Whole || a.Least != 3 || a.Median != 12 || a.Most != 102 || a.Values != 6 {
		t.Errorf("channel a: %+v", a)
	}
	// About the means of their series: 1*(1-0.5)+(-0.5)*(-0.5)... the cross sum is 0.5 for x and
	// 0.25 for y, over a spread of 0.5 each.
	if math.Abs(b.Trend-0.75) > 1e-12 || b.Missing != 1 || b.Zeros != 3 || b.Whole {
		t.Errorf("channel b: %+v", b)
	}
}

// TestRanked holds values by their ranks against those sorted: of either sign, alike, and of all sizes.
func TestRanked(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	p := &Panel{Channels: []string{"a", "b"}}
	var all []float64
	for range 20 {
		s := &Series{}
		for range 50 {
			v := math.Round(5*rng.NormFloat64()) * math.Pow(10, float64(rng.IntN(9)-4))
			if rng.IntN(8) == 0 {
				v = math.NaN()
			} else {
				all = append(all, v)
			}
			s.Times, s.Values = append(s.Times, float64(len(s.Times))), append(s.Values, 7, v)
		}
		p.Series = append(p.Series, s)
	}
	slices.Sort(all)
	for k, want := range all {
		if got := p.ranked(1, k); got != want || want == 0 && math.Signbit(got) {
			t.Fatalf("rank %d is %v, want %v", k, got, want)
		}
	}
}
