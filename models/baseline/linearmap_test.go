package baseline_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/models/baseline"
	"tsgen/series"
)

// fitted returns the linear map of p.
func fitted(t *testing.T, o baseline.LinearMapOptions, p *series.Panel, horizon, season int) *baseline.LinearMap {
	t.Helper()
	m := &baseline.LinearMap{LinearMapOptions: o}
	if err := m.Fit(t.Context(), p, forecast.FitOptions{Horizon: horizon, Season: season}); err != nil {
		t.Fatal(err)
	}
	return m
}

// A line with a season is a linear map of its past: it is continued exactly,
// over gaps and beyond the horizon that the map was fitted for.
func TestLinearMapExact(t *testing.T) {
	effects := []float64{3, -1, -4, 2, 5, -5}
	at := func(i int) float64 { return 10 - 0.25*float64(i) + effects[i%6] }
	var y, want []float64
	for i := range 90 {
		y = append(y, at(i))
		if i < 20 {
			want = append(want, at(90+i))
		}
	}
	for name, gaps := range map[string][]int{"complete": nil, "gaps": {7, 20, 21, 60}} {
		for _, i := range gaps {
			y[i] = nan
		}
		m := fitted(t, baseline.LinearMapOptions{Ridge: 1e-9}, regular(y...), 8, 6)
		mean, sd := continued(t, m, y, 6, 20)
		for h := range mean {
			if math.Abs(mean[h]-want[h]) > 0.05 || sd[h] > 0.05 {
				t.Errorf("%s: step %d: mean %v and SD %v, want %v and 0", name, h+1, mean[h], sd[h], want[h])
			}
		}
	}
}

// Of many series of one autoregression of order 1 the map is the conditional
// mean, and the standard deviations are those of the process:
// sd(h)^2 = (1 - a^2h) / (1 - a^2).
func TestLinearMapAutoregression(t *testing.T) {
	const a, count, n, horizon = 0.8, 40, 300, 6
	rng := rand.New(rand.NewPCG(3, 1))
	p := regular(make([]float64, n)...)
	base := p.Series[0]
	p.Series = nil
	for i := range count {
		s := &series.Series{ID: string(rune('A' + i)), Times: base.Times, Values: make([]float64, n)}
		y := rng.NormFloat64() / math.Sqrt(1-a*a)
		for k := range n {
			s.Values[k] = 100 + y
			y = a*y + rng.NormFloat64()
		}
		p.Series = append(p.Series, s)
	}
	p.IDColumn = "id"
	m := fitted(t, baseline.LinearMapOptions{}, p, horizon, 1)
	f, err := m.Forecast(t.Context(), p, forecast.Options{At: seriestest.Ahead(p, horizon)})
	if err != nil {
		t.Fatal(err)
	}
	for h := range horizon {
		off, mean := 0.0, 0.0
		for i, s := range p.Series {
			want := 100 + math.Pow(a, float64(h+1))*(s.Values[n-1]-100)
			off += math.Pow(f.Series[i].Mean[h]-want, 2) / count
			mean += f.Series[i].SD[h] / count
		}
		want := math.Sqrt((1 - math.Pow(a, 2*float64(h+1))) / (1 - a*a))
		if off = math.Sqrt(off); off > 0.3*want || math.Abs(mean/want-1) > 0.1 {
			t.Errorf("step %d: means off by %v, mean SD %v, want 0 and %v", h+1, off, mean, want)
		}
	}
}

// A stored map forecasts the same bytes, on any number of processors.
func TestLinearMapState(t *testing.T) {
	y := values(t, "testdata/nile.csv")
	p := regular(y...)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	m := fitted(t, baseline.LinearMapOptions{}, p, 5, 4)
	mean, sd := continued(t, m, y, 4, 12)
	state, err := m.State()
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(state.Tensors) // whose order is the file's
	loaded, err := baseline.LinearMapFromState(state)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GOMAXPROCS(4)
	for name, other := range map[string]*baseline.LinearMap{
		"loaded": loaded, "fitted anew": fitted(t, baseline.LinearMapOptions{}, p, 5, 4),
	} {
		if m, s := continued(t, other, y, 4, 12); !reflect.DeepEqual(m, mean) || !reflect.DeepEqual(s, sd) {
			t.Errorf("%s: another forecast", name)
		}
	}

	for name, damage := range map[string]func(s *forecast.State){
		"kind":      func(s *forecast.State) { s.Kind = "ar" },
		"no fit":    func(s *forecast.State) { s.Options = json.RawMessage("{}") },
		"not JSON":  func(s *forecast.State) { s.Options = json.RawMessage("{") },
		"lookback":  func(s *forecast.State) { s.Options = replaced(s, `"fit":{"lookback":`, `"fit":{"lookback":-`) },
		"horizon":   func(s *forecast.State) { s.Options = replaced(s, `"horizon":`, `"horizon":1000`) },
		"spread":    func(s *forecast.State) { s.Options = replaced(s, `"spread":`, `"spread":-`) },
		"a tensor":  func(s *forecast.State) { s.Tensors = s.Tensors[:1] },
		"shape":     func(s *forecast.State) { s.Tensors[0].Data = s.Tensors[0].Data[1:] },
		"NaN":       func(s *forecast.State) { s.Tensors[0].Data[0] = nan },
		"SD":        func(s *forecast.State) { s.Tensors[1].Data[0] = -1 },
		"tensor ID": func(s *forecast.State) { s.Tensors[1].Name = "weights" },
	} {
		s, err := m.State()
		if err != nil {
			t.Fatal(err)
		}
		damage(s)
		if _, err := baseline.LinearMapFromState(s); err == nil {
			t.Errorf("%s: damage passes", name)
		}
	}
}

func replaced(s *forecast.State, what, by string) json.RawMessage {
	return json.RawMessage(strings.Replace(string(s.Options), what, by, 1))
}

// A linear map refuses data and options it cannot be fitted with, a forecast before it is
// fitted, and data of another step.
func TestLinearMapErrors(t *testing.T) {
	long := regular(make([]float64, 60)...)
	for i := range long.Series[0].Values {
		long.Series[0].Values[i] = math.Sin(float64(i))
	}
	for name, c := range map[string]struct {
		options baseline.LinearMapOptions
		train   *series.Panel
		fit     forecast.FitOptions
		want    error // nil for any
	}{
		"irregular":  {train: irregular([]float64{1, 2, 4, 1}), want: forecast.ErrMismatch},
		"short":      {train: regular(1, 3, 2, 5), fit: forecast.FitOptions{Horizon: 3}, want: forecast.ErrTooShort},
		"constant":   {train: regular(make([]float64, 50)...), want: forecast.ErrTooShort},
		"lookback":   {options: baseline.LinearMapOptions{Lookback: -1}, train: long},
		"far back":   {options: baseline.LinearMapOptions{Lookback: 50}, train: long, want: forecast.ErrTooShort},
		"ridge":      {options: baseline.LinearMapOptions{Ridge: nan}, train: long},
		"own season": {options: baseline.LinearMapOptions{Season: -2}, train: long},
		"season":     {train: long, fit: forecast.FitOptions{Season: -2}},
		"horizon":    {train: long, fit: forecast.FitOptions{Horizon: -1}},
	} {
		m := &baseline.LinearMap{LinearMapOptions: c.options}
		err := m.Fit(t.Context(), c.train, c.fit)
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
		if _, err := m.Forecast(t.Context(), long, forecast.Options{At: [][]float64{nil}}); !errors.Is(err, forecast.ErrNotFitted) {
			t.Errorf("%s: forecast of a model that is not fitted: error %v", name, err)
		}
	}
	m := fitted(t, baseline.LinearMapOptions{}, long, 4, 1)
	other := *long
	other.Step.Width *= 2
	if _, err := m.Forecast(t.Context(), &other, forecast.Options{At: [][]float64{{1e3}}}); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("another step: error %v", err)
	}
}

// A series shorter than the lookback is forecast, and that is said.
func TestLinearMapShortHistory(t *testing.T) {
	y := make([]float64, 120)
	for i := range y {
		y[i] = math.Sin(2 * math.Pi * float64(i) / 6)
	}
	m := fitted(t, baseline.LinearMapOptions{Lookback: 18, Ridge: 1e-6}, regular(y...), 6, 6)
	p := regular(y[:10]...)
	f, err := m.Forecast(t.Context(), p, forecast.Options{At: [][]float64{p.Future(p.Series[0], 6)}})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "forecast", f.Series[0].Mean, y[10:16], 1e-3)
	if len(f.Notes) != 1 || !strings.Contains(f.Notes[0], "shorter than the lookback") {
		t.Errorf("notes %q", f.Notes)
	}
}
