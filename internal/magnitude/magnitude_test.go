package magnitude_test

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/magnitude"
	"tsgen/series"
)

func panel(values ...float64) *series.Panel {
	p := &series.Panel{Channels: []string{"a", "b"}, Step: series.Step{Width: 1}}
	s := &series.Series{ID: "x", Values: values}
	for i := range len(values) / 2 {
		s.Times = append(s.Times, float64(i))
	}
	p.Series = []*series.Series{s}
	return p
}

// Channels whose finite values are too large or too small to be squared are divided by
// powers of two, which can be undone, and others are left alone.
func TestRescale(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		values, want []float64
		scales       magnitude.Scales
	}{
		"usual":    {[]float64{1, -2e100, 0, nan}, nil, nil},
		"nothing":  {[]float64{0, nan, 0, nan}, nil, nil},
		"none":     {nil, nil, nil},
		"infinite": {[]float64{1, math.Inf(1)}, nil, nil},
		"large":    {[]float64{1, -math.Ldexp(3, 900), 2, nan}, []float64{1, -0.75, 2, nan}, magnitude.Scales{0, 902}},
		"tiny":     {[]float64{math.Ldexp(1, -1060), 4, math.Ldexp(-1, -1062), 5}, []float64{0.5, 4, -0.125, 5}, magnitude.Scales{-1059, 0}},
	} {
		p := panel(c.values...)
		q, scales := magnitude.Rescale(p)
		if !reflect.DeepEqual(scales, c.scales) || c.scales == nil && q != p {
			t.Errorf("%s: scales %v, want %v", name, scales, c.scales)
			continue
		}
		for k, want := range c.want {
			if x := q.Series[0].Values[k]; x != want && !(math.IsNaN(x) && math.IsNaN(want)) {
				t.Errorf("%s: value %d is %v, want %v", name, k, x, want)
			}
		}
		if c.scales != nil && (!scales.Restore(q.Series[0].Values) || q.Series[0].Values[0] != p.Series[0].Values[0]) {
			t.Errorf("%s: restored %v, want %v", name, q.Series[0].Values, p.Series[0].Values)
		}
	}
}

// A forecast comes back in the units of the history, in each of its forms, and is
// refused where these do not reach.
func TestForecast(t *testing.T) {
	p := panel(math.Ldexp(1, 1022), 1, math.Ldexp(1.5, 1022), 2) // by 2^1023
	for name, c := range map[string]struct {
		d    forecast.Distribution
		far  bool
		want float64 // of channel a
	}{
		"Gaussian":      {d: forecast.Distribution{Mean: []float64{0.5, 3}, SD: []float64{0.125, 1}}, want: 0.5},
		"wide":          {d: forecast.Distribution{Mean: []float64{0.5, 3}, SD: []float64{0.5, 1}}, far: true},
		"paths":         {d: forecast.Distribution{Paths: [][]float64{{0.5, 3}, {1, 3}}}, want: 0.5},
		"quantiles":     {d: forecast.Distribution{Probs: []float64{0.5}, Values: [][]float64{{0.5, 3}}}, want: 0.5},
		"far quantiles": {d: forecast.Distribution{Probs: []float64{0.5}, Values: [][]float64{{2, 3}}}, far: true},
	} {
		c.d.Times, c.d.ID = []float64{2}, "x"
		f, err := magnitude.Forecast(p, func(q *series.Panel) (*forecast.Forecast, error) {
			if q.Series[0].Values[2] != 0.75 || q.Series[0].Values[3] != 2 {
				t.Errorf("%s: the model sees %v", name, q.Series[0].Values)
			}
			return &forecast.Forecast{Model: "m", Series: []*forecast.Distribution{&c.d}}, nil
		})
		if c.far {
			if !errors.Is(err, forecast.ErrMismatch) || !strings.Contains(err.Error(), `series "x"`) {
				t.Errorf("%s: error %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: error %v", name, err)
			continue
		}
		row := f.Series[0].Mean
		for _, rows := range [][][]float64{f.Series[0].Paths, f.Series[0].Values} {
			if len(rows) > 0 {
				row = rows[0]
			}
		}
		if row[0] != math.Ldexp(c.want, 1023) || row[1] != 3 {
			t.Errorf("%s: %v, want %v and 3", name, row, math.Ldexp(c.want, 1023))
		}
	}
	fails := errors.New("no")
	if _, err := magnitude.Forecast(p, func(*series.Panel) (*forecast.Forecast, error) { return nil, fails }); err != fails {
		t.Errorf("error %v", err)
	}
	usual, want := panel(1, 2), &forecast.Forecast{Model: "m"}
	f, err := magnitude.Forecast(usual, func(q *series.Panel) (*forecast.Forecast, error) {
		if q != usual {
			t.Error("usual values were rescaled")
		}
		return want, nil
	})
	if f != want || err != nil {
		t.Errorf("usual values: %v, error %v", f, err)
	}
}
