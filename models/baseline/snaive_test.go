package baseline_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/freedom"
	"tsgen/models/baseline"
	"tsgen/series"
)

var (
	nan = math.NaN()

	_ forecast.Model = baseline.SeasonalNaive{}
	_ forecast.Model = baseline.AR{}
)

// regular returns a panel of one series of one channel at the times 0, 1 ...
func regular(values ...float64) *series.Panel {
	s := &series.Series{Values: values}
	for i := range values {
		s.Times = append(s.Times, float64(i))
	}
	return &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Series: []*series.Series{s}}
}

// irregular returns a panel of series of one channel, given as times and values
// in turn.
func irregular(records ...[]float64) *series.Panel {
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id"}
	for i, r := range records {
		s := &series.Series{ID: string(rune('a' + i))}
		for k := 0; k < len(r); k += 2 {
			s.Times = append(s.Times, r[k])
			s.Values = append(s.Values, r[k+1])
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// gap takes the row at the given position out of the only series of p.
func gap(p *series.Panel, rows ...int) *series.Panel {
	s := &series.Series{}
	for i, t := range p.Series[0].Times {
		skip := false
		for _, r := range rows {
			skip = skip || i == r
		}
		if !skip {
			s.Times = append(s.Times, t)
			s.Values = append(s.Values, p.Series[0].Values[i])
		}
	}
	return p.With([]*series.Series{s})
}

// Means and deviations of the seasonal forecast are those worked out by hand, with gaps,
// short data and irregular times too.
func TestSeasonalNaive(t *testing.T) {
	at := func(times ...float64) []float64 { return times }
	// Differences over a season of 3: 3, -1, 2; their mean square 14/3.
	seasonal := regular(1, 2, 3, 4, 1, 5)
	season := math.Sqrt(14. / 3)
	// short is the variance v of n differences, fewer than a season, with two of the
	// walk's, widened by Student's distribution.
	short := func(n, v, rate float64) float64 {
		few := freedom.Student(n)
		return (n*v + 2*rate) / (n + 2) * few * few
	}
	gapped := short(2, 2.5, (1+1+4./2+16)/4)
	ending := short(2, 5, (1+1+1+9)/4.)
	never := short(2, 8.5, (1+9./2+16)/3)
	tests := []struct {
		name     string
		p        *series.Panel
		season   int
		at       []float64
		mean, sd []float64
	}{
		{"seasons", seasonal, 3, at(6, 7, 8, 9, 11, 12),
			[]float64{4, 1, 5, 4, 5, 4}, []float64{season, season, season, season * math.Sqrt2, season * math.Sqrt2, season * math.Sqrt(3)}},
		// Without row 3 the differences over a season are -1 and 2.
		{"gap", gap(seasonal, 3), 3, at(6, 7),
			[]float64{1, 1}, []float64{math.Sqrt(gapped * 2), math.Sqrt(gapped)}},
		{"missing at the end", regular(1, 2, 3, 4, 1, nan), 3, at(6, 8),
			[]float64{4, 3}, []float64{math.Sqrt(ending), math.Sqrt(ending * 2)}},
		// Place 2 of the season was never observed: the walk from the last value,
		// whose increments are 1, 3 in two steps, and -4.
		{"place never observed", regular(1, 2, nan, 5, 1, nan), 3, at(6, 8),
			[]float64{5, 1}, []float64{math.Sqrt(never), math.Sqrt((1 + 9./2 + 16) / 3 * 4)}},
		{"naive", regular(1, 3, 2), 1, at(3, 5.5),
			[]float64{2, 2}, []float64{math.Sqrt(2.5), math.Sqrt(2.5 * 3.5)}},
		{"season of numbers", regular(1, 3, 2), 0, at(3), []float64{2}, []float64{math.Sqrt(2.5)}},
		{"shorter than a season", regular(1, 3, 2), 7, at(3), []float64{2}, []float64{math.Sqrt(2.5)}},
		{"constant", regular(7, 7, 7, 7), 2, at(4, 5), []float64{7, 7}, []float64{0, 0}},
		{"irregular", irregular([]float64{0, 1, 0.5, 2, 2.5, -1}), 12, at(3, 4.5),
			[]float64{-1, -1}, []float64{math.Sqrt((2 + 4.5) / 2 * 0.5), math.Sqrt((2 + 4.5) / 2 * 2)}},
		{"irregular with missing", irregular([]float64{0, 1, 0.25, nan, 0.5, 2, 2.5, nan}), 12, at(3),
			[]float64{2}, []float64{math.Sqrt(2 * 2.5)}},
		{"no times", regular(1, 3, 2), 1, nil, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := baseline.SeasonalNaive{}.Forecast(t.Context(), tt.p, forecast.Options{At: [][]float64{tt.at}, Season: tt.season})
			if err != nil {
				t.Fatal(err)
			}
			near(t, "mean", f.Series[0].Mean, tt.mean, 1e-12)
			near(t, "SD", f.Series[0].SD, tt.sd, 1e-12)
			if noted := len(f.Notes) > 0; noted != (tt.name == "shorter than a season") {
				t.Errorf("notes %q", f.Notes)
			}
		})
	}
}

// near holds got against want, with a tolerance relative to values above 1.
func near(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i, w := range want {
		if !(math.Abs(got[i]-w) <= tol*math.Max(1, math.Abs(w))) {
			t.Errorf("%s %d: %v, want %v", what, i, got[i], w)
		}
	}
}

// A series observed once has the rate of the others, one never observed their
// mean and variance.
func TestPooling(t *testing.T) {
	p := irregular([]float64{0, 2, 1, 4}, []float64{5, 10}, []float64{3, nan}, []float64{0, 0, 2, 4})
	at := [][]float64{{2}, {7}, {9}, {3}}
	f, err := baseline.SeasonalNaive{}.Forecast(t.Context(), p, forecast.Options{At: at})
	if err != nil {
		t.Fatal(err)
	}
	rate := (4. + 16/2.) / 2
	for i, want := range [][2]float64{{4, 4}, {10, rate * 2}, {4, (4 + 0 + 36 + 16 + 0) / 5.}, {4, 8}} {
		near(t, f.Series[i].ID, []float64{f.Series[i].Mean[0], f.Series[i].SD[0]}, []float64{want[0], math.Sqrt(want[1])}, 1e-12)
	}
}

// A channel is forecast exactly as it is alone, whatever the others hold.
func TestChannelsAreSeparate(t *testing.T) {
	both := &series.Panel{Channels: []string{"a", "b"}, Step: series.Step{Width: 1}, Series: []*series.Series{{
		Times: []float64{0, 1, 2, 3, 4, 5, 6, 7},
	}}}
	var a, b []float64
	for i := range 8 {
		a = append(a, math.Sin(float64(i)))
		b = append(b, float64(i*i%5))
		both.Series[0].Values = append(both.Series[0].Values, a[i], b[i])
	}
	opt := forecast.Options{At: [][]float64{{8, 9, 10}}, Season: 2}
	for _, m := range []forecast.Model{baseline.SeasonalNaive{}, baseline.AR{Order: 1}} {
		f, err := m.Forecast(t.Context(), both, opt)
		if err != nil {
			t.Fatal(err)
		}
		for c, y := range [][]float64{a, b} {
			alone, err := m.Forecast(t.Context(), regular(y...), opt)
			if err != nil {
				t.Fatal(err)
			}
			for k := range 3 {
				d, e := f.Series[0].Quantiles(0.1, 0.5, 0.975), alone.Series[0].Quantiles(0.1, 0.5, 0.975)
				for i := range d {
					if d[i][2*k+c] != e[i][k] {
						t.Errorf("%s: channel %d differs from the series alone", m.Name(), c)
					}
				}
			}
		}
	}
}

// The baselines refuse data, times and options they have no answer for, and say which.
func TestForecastErrors(t *testing.T) {
	good := regular(1, 2, 1, 3)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	offGrid := regular(1, 2, 3)
	offGrid.Series[0].Times[1] = 0.4
	infinite := regular(1, math.Inf(1))
	tests := []struct {
		name  string
		model forecast.Model
		p     *series.Panel
		opt   forecast.Options
		ctx   context.Context
		is    error
		want  string
	}{
		{name: "irregular", model: baseline.AR{}, p: irregular([]float64{0, 1, 5, 2}), opt: forecast.Options{At: [][]float64{{6}}},
			is: forecast.ErrMismatch, want: "ar: the model does not fit the data"},
		{name: "off the grid", model: baseline.AR{}, p: offGrid, opt: forecast.Options{At: [][]float64{{6}}},
			is: forecast.ErrMismatch, want: "0.4"},
		{name: "off the grid", model: baseline.SeasonalNaive{Season: 2}, p: offGrid, opt: forecast.Options{At: [][]float64{{6}}},
			is: forecast.ErrMismatch, want: "0.4"},
		{name: "one value", model: baseline.AR{}, p: regular(1), opt: forecast.Options{At: [][]float64{{6}}},
			is: forecast.ErrTooShort, want: "no series has two observations of y"},
		{name: "one value", model: baseline.SeasonalNaive{}, p: regular(1, nan), opt: forecast.Options{At: [][]float64{{6}}},
			is: forecast.ErrTooShort, want: "no series has two observations of y"},
		{name: "no values", model: baseline.SeasonalNaive{}, p: regular(), opt: forecast.Options{At: [][]float64{{6}}},
			is: forecast.ErrTooShort, want: "the series has none"},
		{name: "cancelled", model: baseline.AR{}, p: good, opt: forecast.Options{At: [][]float64{{6}}}, ctx: cancelled,
			is: context.Canceled},
		{name: "times", model: baseline.SeasonalNaive{}, p: good, want: "times for 0 series"},
		{name: "past", model: baseline.SeasonalNaive{}, p: good, opt: forecast.Options{At: [][]float64{{4, 3}}}, want: "time 3 to forecast is not after 4"},
		{name: "NaN time", model: baseline.AR{}, p: good, opt: forecast.Options{At: [][]float64{{nan}}}, want: "NaN"},
		{name: "far", model: baseline.AR{}, p: good, opt: forecast.Options{At: [][]float64{{1e300}}}, want: "steps ahead, at most 131072"},
		{name: "season", model: baseline.SeasonalNaive{}, p: good, opt: forecast.Options{At: [][]float64{{5}}, Season: -2}, want: "a season of -2"},
		{name: "season", model: baseline.AR{Season: 1 << 60}, p: good, opt: forecast.Options{At: [][]float64{{5}}}, want: "option season is 1152921504606846976"},
		{name: "order", model: baseline.AR{Order: -1}, p: good, opt: forecast.Options{At: [][]float64{{5}}}, want: "option order is -1"},
		{name: "Inf", model: baseline.SeasonalNaive{}, p: infinite, opt: forecast.Options{At: [][]float64{{5}}}, want: "infinite"},
		{name: "overflow", model: baseline.SeasonalNaive{}, p: regular(1e308, -1e308), opt: forecast.Options{At: [][]float64{{5}}},
			is: forecast.ErrMismatch, want: "the series: the values are too large"},
	}
	for _, tt := range tests {
		t.Run(tt.model.Name()+" "+tt.name, func(t *testing.T) {
			ctx := tt.ctx
			if ctx == nil {
				ctx = t.Context()
			}
			_, err := tt.model.Forecast(ctx, tt.p, tt.opt)
			if err == nil || !strings.Contains(err.Error(), tt.want) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("error %v, want %q and to be %v", err, tt.want, tt.is)
			}
		})
	}
	if err := (baseline.AR{}).Fit(t.Context(), irregular([]float64{0, 1, 5, 2}), forecast.FitOptions{}); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("Fit on irregular data: %v", err)
	}
}
