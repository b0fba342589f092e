package forecast_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// A horizon stands for the times that follow each series, and options that make no
// sense are errors that name the option.
func TestResolve(t *testing.T) {
	p := noise(2, 10)
	p.Series[1] = p.Series[1].Slice(0, 7)
	got, err := forecast.Options{Horizon: 2, Samples: 7}.Resolve(p)
	if want := "[[10 11] [7 8]] 0 7"; err != nil || fmt.Sprint(got.At, got.Horizon, got.Samples) != want {
		t.Errorf("%v, error %v, want %s", got, err, want)
	}
	if again, err := got.Resolve(p); err != nil || fmt.Sprint(again) != fmt.Sprint(got) {
		t.Errorf("resolved again: %v, error %v", again, err)
	}
	at := [][]float64{{10}, {7}}
	for _, c := range []struct {
		opt  forecast.Options
		want string
	}{
		{forecast.Options{}, "times for 0 series"},
		{forecast.Options{At: at[:1]}, "times for 1 series"},
		{forecast.Options{At: at, Horizon: 2}, "both"},
		{forecast.Options{Horizon: -1}, "horizon of -1"},
		{forecast.Options{Horizon: 1 << 40}, "horizon of 1099511627776"},
		{forecast.Options{At: at, Samples: -5}, "-5 samples"},
	} {
		if _, err := c.opt.Resolve(p); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want one with %q", c.opt, err, c.want)
		}
	}
	if _, err := (forecast.Options{}).Resolve(nil); err == nil {
		t.Error("no history: no error")
	}
	p.Series[1] = p.Series[1].Slice(0, 0)
	if _, err := (forecast.Options{Horizon: 1}).Resolve(p); !errors.Is(err, forecast.ErrTooShort) {
		t.Errorf("an empty series: error %v", err)
	}
}

// Reach is how far the last observations lay ahead of the one before them, the median over the series that have more.
func TestReach(t *testing.T) {
	p := &series.Panel{Channels: []string{"y"}}
	for _, times := range [][]float64{{0, 1, 2, 4, 8}, {0, 1, 3, 5, 9}, {0, 2, 4, 5, 6}, {3, 9}} {
		p.Series = append(p.Series, &series.Series{Times: times, Values: make([]float64, len(times))})
	}
	for n, want := range map[int]float64{1: 4, 2: 6, 3: 7} {
		if got := forecast.Reach(p, n); got != want {
			t.Errorf("%d observations reach %g, want %g", n, got, want)
		}
	}
	if got := forecast.Reach(p, 5); !math.IsNaN(got) {
		t.Errorf("more than there are reach %g", got)
	}
}
