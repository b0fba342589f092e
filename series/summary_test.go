package series

import (
	"math"
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
