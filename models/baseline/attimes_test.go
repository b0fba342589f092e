package baseline_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/models/baseline"
	"tsgen/series"
)

// daily returns a panel of n days from 2024-01-01, with a season of a week.
func daily(n int) *series.Panel {
	s := &series.Series{}
	for i := range n {
		s.Times = append(s.Times, 1704067200+86400*float64(i))
		s.Values = append(s.Values, 10+math.Sin(2*math.Pi*float64(i)/7)+math.Cos(float64(i*i)))
	}
	return &series.Panel{Channels: []string{"y"}, Axis: series.Axis{Layout: "2006-01-02"}, Step: series.Step{Width: 86400}, Series: []*series.Series{s}}
}

// TestTimesOffTheGrid protects that models of a grid refuse a time between two steps
// and name both, take one that is off by less than the tolerance for the step, and
// that random walks, which have no grid, take any time.
func TestTimesOffTheGrid(t *testing.T) {
	p := daily(60)
	last := p.Series[0].Times[59]
	linear := &baseline.LinearMap{}
	if err := linear.Fit(t.Context(), p, forecast.FitOptions{Horizon: 2}); err != nil {
		t.Fatal(err)
	}
	at := func(m forecast.Model, seconds float64) (*forecast.Forecast, error) {
		return m.Forecast(t.Context(), p, forecast.Options{At: [][]float64{{last + 86400 + seconds}}, Samples: 20})
	}
	for _, m := range []forecast.Model{baseline.AR{}, baseline.ETS{}, baseline.Theta{}, baseline.STL{}, baseline.SeasonalNaive{}, linear} {
		_, err := at(m, 1800)
		if !errors.Is(err, forecast.ErrMismatch) || !strings.Contains(err.Error(), "2024-03-01T00:30") ||
			!strings.Contains(err.Error(), "2024-03-01 and 2024-03-02") {
			t.Errorf("%s: error %v", m.Name(), err)
		}
		on, err := at(m, 0)
		if err != nil {
			t.Errorf("%s: %v", m.Name(), err)
			continue
		}
		near, err := at(m, 1)
		if err != nil {
			t.Errorf("%s, a second off: %v", m.Name(), err)
			continue
		}
		a, b := on.Series[0].Quantile(nil, 0.5)[0], near.Series[0].Quantile(nil, 0.5)[0]
		if a != b {
			t.Errorf("%s: %v on the step, %v a second off", m.Name(), a, b)
		}
	}
	for _, m := range []forecast.Model{baseline.Naive{}, baseline.Drift{}} {
		if _, err := at(m, 1800); err != nil {
			t.Errorf("%s: %v", m.Name(), err)
		}
	}
}

// TestNoHistory protects that a forecast of no panel, and of one whose series is nil,
// is an error rather than a panic.
func TestNoHistory(t *testing.T) {
	for _, m := range []forecast.Model{baseline.AR{}, baseline.ETS{}, baseline.Theta{}, baseline.STL{}, baseline.SeasonalNaive{},
		baseline.Naive{}, baseline.Drift{}, &baseline.LinearMap{}} {
		for name, p := range map[string]*series.Panel{"nil": nil, "nil series": {Channels: []string{"y"}, Series: make([]*series.Series, 1)}} {
			if _, err := m.Forecast(t.Context(), p, forecast.Options{At: make([][]float64, 1)}); err == nil {
				t.Errorf("%s: no error of a panel that is %s", m.Name(), name)
			}
		}
	}
}
