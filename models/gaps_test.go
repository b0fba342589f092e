package models_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/models"
	"tsgen/series"
)

// A gap is the same whether its rows are missing or hold no values, for forecasts and what calibrates them.
func TestGapsOfBothKinds(t *testing.T) {
	seriestest.Long(t)
	rng := rand.New(rand.NewPCG(4, 4))
	empty, missing := &series.Series{}, &series.Series{}
	for i := range 90 {
		y := 10 + 2*math.Sin(2*math.Pi*float64(i)/7) + rng.NormFloat64()
		gap := i >= 20 && i < 26 || i == 50
		if gap {
			y = math.NaN()
		} else {
			missing.Times, missing.Values = append(missing.Times, float64(i)), append(missing.Values, y)
		}
		empty.Times, empty.Values = append(empty.Times, float64(i)), append(empty.Values, y)
	}
	for _, name := range models.ClosedForm() {
		k, err := models.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		var said [2][][]float64
		for i, s := range []*series.Series{empty, missing} {
			p := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Seasons: []float64{7}, Series: []*series.Series{s}}
			var m forecast.Model = &forecast.Calibrated{New: k.Default}
			if name == "boost" { // which is another model from within a gap, where past forecasts begin elsewhere
				m = k.Default()
			}
			err := forecast.Fit(t.Context(), m, p, forecast.FitOptions{Horizon: 7, Season: 7, Seed: 1})
			if errors.Is(err, forecast.ErrTooShort) || errors.Is(err, forecast.ErrMismatch) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			f, err := forecast.Continue(t.Context(), m, p, forecast.Options{Horizon: 7, Season: 7, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			said[i] = f.Series[0].Quantiles(0.1, 0.5, 0.975)
		}
		for i := range said[0] {
			if !slices.EqualFunc(said[0][i], said[1][i], func(a, b float64) bool { return math.Abs(a-b) < 1e-6 }) {
				t.Errorf("%s: with missing rows %.4f, with rows without values %.4f", name, said[1][i], said[0][i])
			}
		}
	}
}
