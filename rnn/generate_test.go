package rnn

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// TestHeldRows protects that rows of notes repeat as a whole as often as the data's, where
// nothing else does: neither seldomer, nor oftener by what the likelihood draws twice itself.
func TestHeldRows(t *testing.T) {
	for _, hold := range []float64{0, 0.5} {
		rng := rand.New(rand.NewPCG(1, 2))
		p := &series.Panel{Channels: []string{"a", "b", "c"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
		var of repeats
		for s := range 40 {
			x := &series.Series{ID: fmt.Sprint(s)}
			row := make([]float64, 3)
			for i := range 30 {
				if i == 0 || rng.Float64() >= hold {
					for j := range row {
						row[j] = float64(rng.IntN(2))
					}
				}
				x.Times, x.Values = append(x.Times, float64(i)), append(x.Values, row...)
			}
			of.count(x.Values, 3)
			p.Series = append(p.Series, x)
		}
		m := &Model{Kind: SRNN, Options: Options{Hidden: 8, Updates: 30}}
		if err := m.Fit(context.Background(), p, forecast.FitOptions{Horizon: 2, Season: 1, Seed: 1}); err != nil {
			t.Fatal(err)
		}
		g, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 60, Length: 30, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		var drawn repeats
		for _, s := range g.Series {
			drawn.count(s.Values, 3)
		}
		if d := drawn.share() - of.share(); d < -0.05 || d > 0.05 {
			t.Errorf("%.2f of the rows are those before, of the data %.2f", drawn.share(), of.share())
		}
	}
}

// TestShortSeriesAsAWhole protects that many short series without a season are learned as a
// whole, at a common level where they are alike, unless options or a season say otherwise.
func TestShortSeriesAsAWhole(t *testing.T) {
	panel := func(n int, widest float64) *series.Panel {
		rng := rand.New(rand.NewPCG(4, 2))
		p := &series.Panel{Channels: []string{"x"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
		for i := range n {
			s, scale := &series.Series{ID: fmt.Sprint(i)}, 1.0
			if i%2 == 1 {
				scale = widest
			}
			for j := range 24 {
				s.Times, s.Values = append(s.Times, float64(j)), append(s.Values, scale*rng.NormFloat64())
			}
			p.Series = append(p.Series, s)
		}
		return p
	}
	for name, x := range map[string]struct {
		options Options
		panel   *series.Panel
		season  int
		whole   bool
		level   Level
	}{
		"alike":     {Options{}, panel(20, 1), 1, true, LevelPanel},
		"differing": {Options{}, panel(20, 100), 1, true, LevelWindow},
		"few":       {Options{}, panel(19, 1), 1, false, LevelWindow},
		"season":    {Options{}, panel(20, 1), 4, false, LevelWindow},
		"context":   {Options{Context: 6}, panel(20, 1), 1, false, LevelWindow},
		"level":     {Options{Level: LevelWindow}, panel(20, 1), 1, false, LevelWindow},
	} {
		c, _, err := newConfig(VRNN, x.options, x.panel, forecast.FitOptions{Horizon: 4, Season: x.season})
		if err != nil {
			t.Fatal(err)
		}
		if c.Whole != x.whole || c.Options.Level != x.level || x.whole && c.Options.Context != 20 {
			t.Errorf("%s: whole %v, level %s, context %d", name, c.Whole, c.Options.Level, c.Options.Context)
		}
	}
}
