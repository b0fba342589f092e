package models_test

import (
	"context"
	"math"
	"regexp"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/models"
	"tsgen/models/boost"
	"tsgen/models/statespace"
	"tsgen/series"
)

// promoted returns the mean of the medians that m forecasts of the five steps after the history, with
// promotions on all of them or on none.
func promoted(t *testing.T, m forecast.Model, history *series.Panel, on float64) float64 {
	t.Helper()
	const ahead = 5
	p := history.With([]*series.Series{history.Series[0]})
	s := *p.Series[0]
	next := float64(s.Len())
	at := make([]float64, ahead)
	for k := range at {
		at[k] = next + float64(k)
		s.Known.Times = append(s.Known.Times[:s.Len()+k:s.Len()+k], at[k])
		s.Known.Values = append(s.Known.Values[:s.Len()+k:s.Len()+k], on)
	}
	p.Series[0] = &s
	f, err := m.Forecast(context.Background(), p, forecast.Options{At: [][]float64{at}, Season: 7, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, v := range f.Series[0].Quantile(nil, 0.5) {
		sum += v / ahead
	}
	return sum
}

// unsaid is what files of models that left covariates out of account do not say.
var unsaid = regexp.MustCompile(`,"[Bb]are":false`)

// TestKnownEffects protects that models in closed form that are said to use covariates forecast what
// a promotion adds, estimated from the history, and that those of files from before they did leave it out.
func TestKnownEffects(t *testing.T) {
	seriestest.Long(t)
	const planted, tolerance = 5, 0.6
	data := promotions(1, 300, planted, 1)
	for _, k := range models.Kinds() {
		if !k.Known || k.Trained() || k.Blend {
			continue
		}
		t.Run(k.Name, func(t *testing.T) {
			m := k.Default()
			if err := m.Fit(context.Background(), data, forecast.FitOptions{Horizon: 7, Season: 7, Seed: 1}); err != nil {
				t.Fatal(err)
			}
			if effect := promoted(t, m, data, 1) - promoted(t, m, data, 0); math.Abs(effect-planted) > tolerance {
				t.Errorf("a promotion adds %.2f, in the data %d", effect, planted)
			}
			state, err := models.State(m)
			if err != nil {
				t.Fatal(err)
			}
			switch k.Name {
			case statespace.RegressionName, boost.Kind, models.EnsembleName:
				return // which has always used them, and whose members' states are their own
			}
			state.Options = unsaid.ReplaceAll(state.Options, nil)
			if m, err = models.FromState(state); err != nil {
				t.Fatal(err)
			}
			if effect := promoted(t, m, data, 1) - promoted(t, m, data, 0); effect != 0 {
				t.Errorf("a promotion adds %.2f to a forecast by an older file", effect)
			}
		})
	}
}
