package vae

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// TestLevelOfShapes protects against copies: short series whose levels tell their shapes, such as sines of
// slow frequencies, are modelled at the level of the panel, and others, such as walks, at their own.
func TestLevelOfShapes(t *testing.T) {
	panel := func(value func(t float64, rng *rand.Rand, phase, rate float64) float64) *series.Panel {
		rng := rand.New(rand.NewPCG(4, 7))
		p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
		for i := range 60 {
			s := &series.Series{ID: fmt.Sprint(i)}
			phase, rate := 0.1*rng.Float64(), 0.1*rng.Float64()
			for t := range 24 {
				s.Times, s.Values = append(s.Times, float64(t)), append(s.Values, value(float64(t), rng, phase, rate))
			}
			p.Series = append(p.Series, s)
		}
		return p
	}
	walk := 0.0
	for name, c := range map[string]struct {
		panel *series.Panel
		ask   Level
		want  Level
	}{
		"sines":               {panel(func(t float64, _ *rand.Rand, phase, rate float64) float64 { return math.Sin(rate*t + phase) }), LevelAuto, LevelPanel},
		"sines asked":         {panel(func(t float64, _ *rand.Rand, phase, rate float64) float64 { return math.Sin(rate*t + phase) }), LevelWindow, LevelWindow},
		"walks":               {panel(func(_ float64, rng *rand.Rand, _, _ float64) float64 { walk += rng.NormFloat64(); return walk }), LevelAuto, LevelWindow},
		"counts of one value": {panel(func(float64, *rand.Rand, float64, float64) float64 { return 3 }), LevelAuto, LevelWindow},
	} {
		got, _, err := newConfig(Options{Level: c.ask}, c.panel, forecast.FitOptions{Season: 1})
		if err != nil {
			t.Fatal(err)
		}
		if got.Options.Level != c.want {
			t.Errorf("%s have the level %q, want %q", name, got.Options.Level, c.want)
		}
	}
}
