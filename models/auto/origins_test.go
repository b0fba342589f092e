package auto

import (
	"testing"

	"tsgen/series"
)

// TestOriginsOfALongSeason protects that a season that came hardly twice does not leave a single
// moment of the past to judge by, and that two of one that came more often lie before the first.
func TestOriginsOfALongSeason(t *testing.T) {
	const horizon, year = 24, 8766
	for _, c := range []struct {
		steps, before int // before is what lies before the first origin at least
	}{
		{17420, year}, {2*year + 50, year}, {3 * year, 2 * year}, {4 * year, 2 * year},
	} {
		p := &series.Panel{
			Channels: []string{"y"}, Step: series.Step{Width: 1}, Seasons: []float64{24, year},
			Series: []*series.Series{{Times: make([]float64, c.steps), Values: make([]float64, c.steps)}},
		}
		windows, step := origins(p, horizon, 24)
		if windows != mostOrigins {
			t.Errorf("%d steps are seen from %d origins, want %d", c.steps, windows, mostOrigins)
		}
		if first := c.steps - horizon - (windows-1)*step; first < c.before {
			t.Errorf("of %d steps %d lie before the first origin, want %d", c.steps, first, c.before)
		}
	}
}

// TestOriginsOfManyDecades protects that times that are even by their logarithms are seen from late origins alone, others of irregular
// steps from as many as equally spaced ones.
func TestOriginsOfManyDecades(t *testing.T) {
	const horizon = 3
	panel := func(next func(t float64) float64) *series.Panel {
		p := &series.Panel{Channels: []string{"y"}}
		for range 20 {
			s := &series.Series{Values: make([]float64, 16)}
			for x := 1.0; len(s.Times) < 16; x = next(x) {
				s.Times = append(s.Times, x)
			}
			p.Series = append(p.Series, s)
		}
		return p
	}
	even := panel(func(t float64) float64 { return t + 1 })
	even.Step = series.Step{Width: 1}
	want, _ := origins(even, horizon, 1)
	even.Step = series.Step{}
	if got, _ := origins(even, horizon, 1); got != want || want < 2 {
		t.Errorf("%d origins, of equally spaced times %d", got, want)
	}
	if got, _ := origins(panel(func(t float64) float64 { return 2 * t }), horizon, 1); got != 1 {
		t.Errorf("%d origins of times of many decades", got)
	}
}

// TestOriginsOfThinningTimes protects that times after a dose, which lie ever farther apart, are seen from the last origin
// alone, and times that hardly thin out from more.
func TestOriginsOfThinningTimes(t *testing.T) {
	panel := func(times ...float64) *series.Panel {
		return &series.Panel{Channels: []string{"y"}, Series: []*series.Series{{Times: times, Values: make([]float64, len(times))}}}
	}
	if got, _ := origins(panel(0, 0.25, 0.5, 1, 2, 4, 8), 2, 1); got != 1 {
		t.Errorf("%d origins of times that thin out", got)
	}
	if got, _ := origins(panel(0, 1, 2.2, 3, 4.5, 6, 7.9), 2, 1); got < 2 {
		t.Errorf("%d origins of times that hardly do", got)
	}
}

// A model is passed over where more than one of a hundred of its forecasts leave the past of their series, but
// for a single one of a few.
func TestSupports(t *testing.T) {
	for _, test := range []struct {
		n, of int
		want  bool
	}{{0, 3, true}, {1, 3, false}, {1, 19, false}, {1, 30, true}, {2, 30, false}, {2, 200, true}, {3, 200, false}} {
		if got := supports(test.n, test.of); got != test.want {
			t.Errorf("%d of %d: %v", test.n, test.of, got)
		}
	}
}
