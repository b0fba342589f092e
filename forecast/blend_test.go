package forecast_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

func candidateOf(name string, m forecast.Model) forecast.Candidate {
	return forecast.Candidate{Name: name, New: func() forecast.Model { return m }}
}

// shifted is an overconfident model with another median.
type shifted struct {
	overconfident
	by float64
}

func (m shifted) Forecast(ctx context.Context, h *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	f, err := m.overconfident.Forecast(ctx, h, opt)
	if err != nil {
		return nil, err
	}
	for _, d := range f.Series {
		for k := range d.Mean {
			d.Mean[k] += m.by
		}
	}
	return f, nil
}

func off(by, sd float64) shifted { return shifted{overconfident: overconfident{sd: sd}, by: by} }

// Forecasts of other times or series, and weights that are not shares, are not
// blended.
func TestBlendErrors(t *testing.T) {
	history := noise(2, 10)
	of := func(at [][]float64) *forecast.Forecast {
		f, err := off(0, 1).Forecast(t.Context(), history, forecast.Options{At: at})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	a, later := of([][]float64{{10, 11}, {10}}), of([][]float64{{10, 12}, {10}})
	fewer := *a
	fewer.Series = a.Series[:1]
	for name, c := range map[string]struct {
		forecasts []*forecast.Forecast
		weights   []float64
		want      string
	}{
		"nothing":      {nil, nil, "of nothing"},
		"other times":  {[]*forecast.Forecast{a, later}, nil, "other times"},
		"other series": {[]*forecast.Forecast{a, &fewer}, nil, "other series"},
		"few weights":  {[]*forecast.Forecast{a, a}, []float64{1}, "2 forecasts with the weights [1]"},
		"no weight":    {[]*forecast.Forecast{a, a}, []float64{0, 0}, "weights [0 0]"},
		"below zero":   {[]*forecast.Forecast{a, a}, []float64{2, -1}, "weights [2 -1]"},
		"not a number": {[]*forecast.Forecast{a}, []float64{math.NaN()}, "NaN"},
	} {
		if _, err := forecast.Blend(c.forecasts, c.weights); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
}

// Of models that err to opposite sides the one in the middle is right. Weights may
// differ from origin to origin.
func TestBlended(t *testing.T) {
	models := []forecast.Candidate{candidateOf("high", off(3, 1)), candidateOf("refusing", &last{err: forecast.ErrTooShort}), candidateOf("low", off(-1, 1)), candidateOf("right", off(0, 1))}
	r, err := forecast.Backtest(t.Context(), noise(40, 60), models, forecast.BacktestOptions{Horizon: 6, Windows: 4, Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	blend, err := r.Blended("blend", func(int) []float64 { return []float64{1, 0, 3, 0} })
	if err != nil {
		t.Fatal(err)
	}
	if got, want := blend.Scores.SQL, r.Models[3].Scores.SQL; math.Abs(got-want) > 1e-9 {
		t.Errorf("SQL %v, want %v", got, want)
	}
	if len(blend.Forecasts) != 4 || len(blend.Steps) != 6 || len(blend.PIT) != 4 || blend.Forecasts[0].Model != "blend" {
		t.Errorf("%d forecasts, %d steps", len(blend.Forecasts), len(blend.Steps))
	}
	mixed, err := r.Blended("mixed", func(origin int) []float64 {
		if origin == 2 {
			return []float64{1, 0, 0, 0}
		}
		return []float64{0, 0, 0, 1}
	})
	if err != nil {
		t.Fatal(err)
	}
	for o := range r.Origins {
		want := r.Models[3].SQL[o][0]
		if o == 2 {
			want = r.Models[0].SQL[o][0]
		}
		if got := mixed.SQL[o][0]; math.Abs(got-want) > 1e-9 {
			t.Errorf("origin %d: SQL %v, want %v", o, got, want)
		}
	}
	if _, err := r.Blended("nothing", func(int) []float64 { return make([]float64, 4) }); err == nil {
		t.Error("no weights: no error")
	}
}
