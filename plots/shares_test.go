package plots

import (
	"math"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/plot/vg"

	"tsgen/series"
)

// TestPooledShares holds shares of few values to being taken of enough neighbouring steps to
// be no 0 or 1, whose mean over all stays the same, and those of many to staying as they are.
func TestPooledShares(t *testing.T) {
	pit := func(origins, steps int) [][][]float64 {
		all := make([][][]float64, origins)
		for i := range all {
			all[i] = [][]float64{make([]float64, steps)}
		}
		return all
	}
	for _, c := range []struct{ origins, steps, want int }{{1, 24, 20}, {1, 8, 8}, {5, 24, 4}, {20, 24, 1}, {100, 3, 1}} {
		if got := pooledSteps(pit(c.origins, c.steps), c.steps); got != c.want {
			t.Errorf("%d origins of %d steps: %d pooled, want %d", c.origins, c.steps, got, c.want)
		}
	}
	for i, v := range smoothed([]float64{0, 1, 0, 1, math.NaN(), 1}, 3) {
		if want := []float64{1. / 3, 1. / 3, 2. / 3, 0.5, 1, 1}[i]; math.Abs(v-want) > 1e-12 {
			t.Errorf("step %d: %v, want %v", i, v, want)
		}
	}
}

// TestNarrowDates holds the axis of a narrow panel to two dates at least, whatever the span of
// its times, whose labels do not run into each other.
func TestNarrowDates(t *testing.T) {
	start := float64(time.Date(2024, 1, 2, 5, 0, 0, 0, time.UTC).Unix())
	for hours := 6.0; hours < 24*800; hours *= 1.1 {
		d := dateTicks{axis: series.Axis{Layout: time.DateTime}, length: 142}
		lo, hi := start, start+3600*hours
		ticks := d.Ticks(lo, hi)
		if len(ticks) < 2 {
			t.Errorf("%.0f hours: %d ticks", hours, len(ticks))
		}
		style := textStyle(tickSize, ink())
		end := vg.Length(math.Inf(-1))
		for _, tick := range ticks {
			text, _, _ := strings.Cut(tick.Label, "\n")
			at := vg.Length((tick.Value-lo)/(hi-lo)) * d.length
			if at-style.Width(text)/2 < end {
				t.Errorf("%.0f hours: %q runs into its neighbour", hours, text)
			}
			end = at + style.Width(text)/2
		}
	}
}
