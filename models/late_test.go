package models_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/models"
	"tsgen/models/auto"
	"tsgen/models/boost"
	"tsgen/series"
)

// lately returns daily series of two channels, the second of which has only so many last values of 60 to 80.
func lately(days, last int) *series.Panel {
	rng := rand.New(rand.NewPCG(uint64(days), uint64(last)))
	s := &series.Series{}
	for i := range days {
		week := math.Sin(2 * math.Pi * float64(i) / 7)
		late := 70 + 6*week + 2*rng.NormFloat64()
		if i < days-last {
			late = math.NaN()
		}
		s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, 30+5*week+rng.NormFloat64(), late)
	}
	return &series.Panel{Channels: []string{"old", "new"}, Step: series.Step{Width: 1}, Seasons: []float64{7}, Series: []*series.Series{s}}
}

// TestLateChannel protects forecasts of a channel that has begun lately: models are examined and calibrated by the others,
// none is refused for it, and what is said of it stays near its values.
func TestLateChannel(t *testing.T) {
	seriestest.Long(t)
	const horizon = 14
	for _, last := range []int{6, 27, 110} {
		p := lately(300, last)
		options := forecast.FitOptions{Horizon: horizon, Season: 7, Seed: 1}
		var candidates []auto.Candidate
		for _, c := range models.Candidates(p) {
			if slices.Contains([]string{"seasonal-naive", "ets", "gauss", "regression", "boost"}, c.Name) {
				candidates = append(candidates, c)
			}
		}
		choice, err := auto.Choose(t.Context(), p, candidates, auto.Options{Horizon: horizon, Season: 7, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range choice.Results {
			if r.Err != nil && strings.Contains(r.Err.Error(), "observations of new") {
				t.Errorf("%d values: %v", last, r.Err)
			}
		}
		if told := strings.Contains(choice.Reason, "new"); told != (last < 110) {
			t.Errorf("%d values: %s", last, choice.Reason)
		}
		name, set := models.Chosen(choice)
		k, err := models.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		chosen, err := k.New(set)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []forecast.Model{chosen, &forecast.Calibrated{New: func() forecast.Model { return &boost.Model{} }}} {
			if err := m.Fit(t.Context(), p, options); err != nil {
				t.Fatal(err)
			}
			f, err := m.Forecast(t.Context(), p, forecast.Options{Horizon: horizon, Season: 7, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			if m == chosen {
				f = choice.Calibration.Apply(f, p)
			}
			q := f.Series[0].Quantiles(0.025, 0.975)
			for h := range horizon {
				lo, hi := q[0][2*h+1], q[1][2*h+1]
				if lo < 0 || hi > 140 || !(hi > lo) {
					t.Errorf("%d values: %s says %.4g to %.4g of step %d", last, m.Name(), lo, hi, h+1)
				}
			}
		}
	}
}
