package models

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// Of walks with a drift that is plain to see forecasts with it are surely better, of walks without they are not, nor is a
// model better than itself; and any is than one that there is no forecast of.
func TestSurelyLess(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	walks := func(drift float64) *series.Panel {
		p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
		for i := range 30 {
			s, y := &series.Series{ID: fmt.Sprint(i)}, 0.0
			for k := range 40 {
				y += drift + rng.NormFloat64()
				s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, y)
			}
			p.Series = append(p.Series, s)
		}
		return p
	}
	for _, c := range []struct {
		drift      float64
		one, other string
		want       bool
	}{
		{2, "drift", "naive", true}, {2, "naive", "drift", false}, {2, "drift", "drift", false}, {0, "drift", "naive", false},
		{0, "naive", "ar", true}, // which was not asked
	} {
		var candidates []forecast.Candidate
		for _, name := range []string{"naive", "drift"} {
			k, err := Lookup(name)
			if err != nil {
				t.Fatal(err)
			}
			candidates = append(candidates, forecast.Candidate{Name: name, New: k.Default})
		}
		report, err := forecast.Backtest(t.Context(), walks(c.drift), candidates, forecast.BacktestOptions{Horizon: 4, Windows: 1, Season: 1, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := isSurelyLess(report, c.one, c.other); err != nil || got != c.want {
			t.Errorf("drift %g: %s surely less than %s: %v, %v", c.drift, c.one, c.other, got, err)
		}
	}
}
