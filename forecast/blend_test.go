package forecast_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"tsgen/forecast"
)

func candidateOf(name string, m forecast.Model) forecast.Candidate {
	return forecast.Candidate{Name: name, New: func() forecast.Model { return m }}
}

func off(by, sd float64) shifted { return shifted{overconfident: overconfident{sd: sd}, by: by} }

// The mean of Gaussian quantiles is the Gaussian with the mean of the means and
// of the standard deviations.
func TestWeightedEnsemble(t *testing.T) {
	const z = 1.2815515655446004 // 0.9-quantile of the standard normal law
	history := noise(2, 10)
	opt := forecast.Options{At: [][]float64{{10, 11}, {10}}}
	refusing := shifted{overconfident: overconfident{sd: 1}, err: forecast.ErrMismatch}
	for _, tt := range []struct {
		members  []forecast.Model
		weights  []float64
		mean, sd float64
	}{
		{[]forecast.Model{off(0, 1), off(4, 3)}, []float64{0.75, 0.25}, 1, 1.5},
		{[]forecast.Model{off(0, 1), off(4, 3)}, []float64{3, 1}, 1, 1.5},
		{[]forecast.Model{off(0, 1), off(4, 3)}, []float64{1, 0}, 0, 1},
		{[]forecast.Model{off(0, 1), refusing, off(4, 3)}, []float64{1, 2, 1}, 2, 2},
	} {
		m := &forecast.Ensemble{Members: tt.members, Weights: tt.weights}
		f, err := m.Forecast(t.Context(), history, opt)
		if err != nil {
			t.Fatal(err)
		}
		q := f.Series[0].Quantiles(0.5, 0.9)
		if math.Abs(q[0][1]-tt.mean) > 1e-12 || math.Abs(q[1][1]-tt.mean-z*tt.sd) > 1e-12 {
			t.Errorf("weights %v: quantiles %v and %v, want %v and %v", tt.weights, q[0][1], q[1][1], tt.mean, tt.mean+z*tt.sd)
		}
	}
}

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

// Of models that are too high and too low the best blend is in the middle; a
// model that is right needs no other.
func TestBestBlend(t *testing.T) {
	for _, tt := range []struct {
		name   string
		models []forecast.Candidate
		want   []float64
	}{
		{"opposite errors", []forecast.Candidate{candidateOf("high", off(1, 1)), candidateOf("low", off(-1, 1)), candidateOf("far", off(9, 1))}, []float64{0.5, 0.5, 0}},
		{"one far off", []forecast.Candidate{candidateOf("high", off(3, 1)), candidateOf("low", off(-1, 1))}, []float64{0.25, 0.75}},
		{"one is right", []forecast.Candidate{candidateOf("far", off(8, 1)), candidateOf("right", off(0, 1)), candidateOf("wide", off(0, 9))}, []float64{0, 1, 0}},
		{"one refuses", []forecast.Candidate{candidateOf("right", off(0, 1)), candidateOf("refusing", &last{err: forecast.ErrTooShort})}, []float64{1, 0}},
	} {
		r, err := forecast.Backtest(t.Context(), noise(40, 60), tt.models, forecast.BacktestOptions{Horizon: 6, Windows: 4, Season: 1})
		if err != nil {
			t.Fatal(err)
		}
		weights := r.BestBlend(8)
		for i, w := range tt.want {
			if math.Abs(weights[i]-w) > 0.07 {
				t.Errorf("%s: weights %v, want about %v", tt.name, weights, tt.want)
				break
			}
		}
		whole, err := r.Blended("blend", weights)
		if err != nil {
			t.Fatal(err)
		}
		unseen, ok, err := r.CrossBlended("blend", 8)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		best := math.Inf(1)
		for _, m := range r.Models {
			if m.Err == nil {
				best = min(best, m.Scores.SQL)
			}
		}
		// On a grid of eighths the weights hardly differ from origin to origin.
		if whole.Scores.SQL > best+1e-12 || math.Abs(unseen.Scores.SQL-whole.Scores.SQL) > 0.01*whole.Scores.SQL {
			t.Errorf("%s: SQL %v of the blend, %v unseen, %v of the best model", tt.name, whole.Scores.SQL, unseen.Scores.SQL, best)
		}
		if len(unseen.Forecasts) != 4 || len(unseen.Steps) != 6 {
			t.Errorf("%s: %d forecasts, %d steps", tt.name, len(unseen.Forecasts), len(unseen.Steps))
		}
	}

	flat := noise(1, 30)
	for i := range flat.Series[0].Values {
		flat.Series[0].Values[i] = 1
	}
	r, err := forecast.Backtest(t.Context(), flat, []forecast.Candidate{candidateOf("a", off(0, 1))}, forecast.BacktestOptions{Horizon: 3, Windows: 2, Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	if w := r.BestBlend(8); w != nil {
		t.Errorf("without a scale: weights %v", w)
	}
	if _, ok, err := r.CrossBlended("blend", 8); ok || err != nil {
		t.Errorf("without a scale: %v, error %v", ok, err)
	}
}

// What a member refused at the fit can be asked for.
func TestRefused(t *testing.T) {
	m := &forecast.Ensemble{Members: []forecast.Model{off(0, 1), &last{err: forecast.ErrTooShort}}}
	if err := m.Refused(1); err != nil {
		t.Errorf("before a fit: %v", err)
	}
	if err := m.Fit(t.Context(), noise(1, 10), forecast.FitOptions{}); err != nil {
		t.Fatal(err)
	}
	got := []bool{m.Refused(0) == nil, errors.Is(m.Refused(1), forecast.ErrTooShort)}
	if !slices.Equal(got, []bool{true, true}) {
		t.Errorf("refusals %v and %v", m.Refused(0), m.Refused(1))
	}
}
