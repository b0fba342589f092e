package mdn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/series"
)

// TestDrawnByOdds protects that series that many are learned as wholes are drawn by their odds of being
// real: a network that has hardly learned has steps nearer to the data's, the first rows are those
// that it draws without, a stored model draws the same, and series of another length are drawn without.
func TestDrawnByOdds(t *testing.T) {
	seriestest.Long(t)
	rng := rand.New(rand.NewPCG(5, 6))
	spread := func(x float64) float64 {
		if x > 0 {
			return 0.5
		}
		return 0.05
	}
	p := &series.Panel{Channels: []string{"x"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	for i := range 500 {
		s := &series.Series{ID: fmt.Sprint(i)}
		x := rng.NormFloat64()
		for j := range 8 {
			s.Times, s.Values = append(s.Times, float64(j)), append(s.Values, x)
			x += spread(x) * rng.NormFloat64()
		}
		p.Series = append(p.Series, s)
	}
	ctx := context.Background()
	m := &Model{Options: Options{Updates: 20, Hidden: 4}}
	if err := m.Fit(ctx, p, forecast.FitOptions{Horizon: 2, Season: 1, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	if m.odds == nil {
		t.Fatal("no odds")
	}
	state, err := m.State()
	if err != nil {
		t.Fatal(err)
	}
	stored, err := FromState(state)
	if err != nil {
		t.Fatal(err)
	}
	draw := func(m *Model, length int) []*series.Series {
		t.Helper()
		g, err := m.Generate(ctx, forecast.GenerateOptions{Number: 200, Length: length, Seed: 2})
		if err != nil {
			t.Fatal(err)
		}
		return g.Series
	}
	wide := func(all []*series.Series) (share float64) { // of the steps, that the data have none of
		for _, s := range all {
			for i := 1; i < len(s.Values); i++ {
				if math.Abs(s.Values[i]-s.Values[i-1]) > 4*spread(s.Values[i-1]) {
					share += 1 / float64(7*len(all))
				}
			}
		}
		return share
	}
	with, again := draw(m, 8), draw(stored, 8)
	for i := range with {
		if !slices.Equal(with[i].Values, again[i].Values) {
			t.Fatal("a stored model draws others")
		}
	}
	shorter := draw(m, 5)
	m.odds = nil
	without := draw(m, 8)
	for i := range without {
		if with[i].Values[0] != without[i].Values[0] {
			t.Fatalf("series %d begins at %v, without odds at %v", i, with[i].Values[0], without[i].Values[0])
		}
	}
	for i, s := range draw(m, 5) {
		if !slices.Equal(s.Values, shorter[i].Values) {
			t.Fatal("shorter series are drawn by odds")
		}
	}
	if a, b := wide(with), wide(without); !(a < 0.85*b) {
		t.Errorf("%.3f of the steps are wider than those of the data, without odds %.3f", a, b)
	}
}
