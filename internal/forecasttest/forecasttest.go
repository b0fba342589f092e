// Package forecasttest holds forecasts against what comes, as the tests of several models do.
package forecasttest

import (
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// Alone fits a model that fresh returns to each of number series by itself, which are the first values of what draw returns for
// it by step, and forecasts as many as ahead says. Each of those that come is given to what is called each, with its quantiles of
// the probabilities.
func Alone(t testing.TB, fresh func() forecast.Model, number, first, ahead int, draw func(i int) func(step int) float64,
	probabilities []float64, each func(q []float64, y float64)) {
	t.Helper()
	for i := range number {
		y, s := draw(i), &series.Series{}
		for k := range first {
			s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, y(k))
		}
		p := &series.Panel{Channels: []string{"y"}, TimeColumn: "t", Series: []*series.Series{s}}
		m := fresh()
		if err := m.Fit(t.Context(), p, forecast.FitOptions{Horizon: ahead}); err != nil {
			t.Fatal(err)
		}
		f, err := m.Forecast(t.Context(), p, forecast.Options{Horizon: ahead})
		if err != nil {
			t.Fatal(err)
		}
		all := f.Series[0].Quantiles(probabilities...)
		for k := range ahead {
			q := make([]float64, len(all))
			for j := range all {
				q[j] = all[j][k]
			}
			each(q, y(first+k))
		}
	}
}
