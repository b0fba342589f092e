package forecast_test

import (
	"math"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// TestBegun protects the choice of the channels that are examined: those that have begun at half of the origins or more, and
// at the others of these no more.
func TestBegun(t *testing.T) {
	const steps, horizon, windows, apart = 100, 10, 6, 5 // origins after 65, 70 ... 90 steps
	nan := math.NaN()
	for _, c := range []struct {
		name   string
		from   int // first value of the second channel
		every  int // steps from one of them to the next
		season int
		begun  []int
		last   int
	}{
		{"from the start", 0, 1, 7, []int{0, 1}, 6},
		{"rare", 0, 30, 7, []int{0, 1}, 6},
		{"before the first origin", 50, 1, 7, []int{0, 1}, 6},
		{"a season before the third", 67, 1, 7, []int{0, 1}, 4},
		{"after most origins", 79, 1, 7, []int{0}, 6},
		{"after all", 93, 1, 7, []int{0}, 6},
		{"no season", 70, 1, 1, []int{0, 1}, 4},
		{"once", 95, 50, 1, []int{0, 1}, 6},
		{"never", 100, 1, 1, []int{0, 1}, 6},
	} {
		s := &series.Series{}
		for i := range steps {
			late := nan
			if i >= c.from && (i-c.from)%c.every == 0 {
				late = float64(i)
			}
			s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, 1+float64(i%5), late)
		}
		p := &series.Panel{Channels: []string{"a", "b"}, Step: series.Step{Width: 1}, Series: []*series.Series{s}}
		begun, last := forecast.Begun(p, horizon, windows, apart, c.season)
		if !slices.Equal(begun, c.begun) || last != c.last {
			t.Errorf("%s: channels %v at the last %d origins, want %v at %d", c.name, begun, last, c.begun, c.last)
		}
	}
}

// TestForChannels protects what a calibration says of channels of which it was not learned.
func TestForChannels(t *testing.T) {
	c := &forecast.Calibration{Levels: []float64{80}, Leads: []int{1}, Factors: [][]float64{{2}}, Channels: [][]float64{{3}, {0.5}}}
	wide := c.ForChannels([]int{0, 2}, 3)
	if want := [][]float64{{3}, {1}, {0.5}}; !slices.EqualFunc(wide.Channels, want, slices.Equal) {
		t.Errorf("factors of channels %v, want %v", wide.Channels, want)
	}
	if got := c.ForChannels([]int{0, 1}, 2); got != c {
		t.Error("of all channels it is not the same")
	}
	var none *forecast.Calibration
	if none.ForChannels([]int{0}, 2) != nil {
		t.Error("there is something of nothing")
	}
}
