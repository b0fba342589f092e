package rnn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/models/density"
	"tsgen/series"
)

// TestFamilies fits a model with each distribution of observations to values without
// memory and demands draws in the distribution's domain whose mean is near theirs.
func TestFamilies(t *testing.T) {
	draws := map[density.Domain]struct {
		mean, deviation float64
		draw            func(rng *rand.Rand) float64
	}{
		density.Real:     {3, 1, func(rng *rand.Rand) float64 { return 3 + rng.NormFloat64() }},
		density.Positive: {math.Exp(0.125), math.Exp(0.125) * math.Sqrt(math.Expm1(0.25)), func(rng *rand.Rand) float64 { return math.Exp(0.5 * rng.NormFloat64()) }},
		density.Count:    {2, math.Sqrt2, func(rng *rand.Rand) float64 { return float64(rng.IntN(5)) }},
		density.Unit:     {0.25, math.Sqrt(0.1875), func(rng *rand.Rand) float64 { return float64(rng.IntN(4) / 3) }},
	}
	for _, family := range density.Families() {
		t.Run(string(family), func(t *testing.T) {
			dist := draws[family.Domain()]
			rng := rand.New(rand.NewPCG(4, 7))
			p := &series.Panel{Channels: []string{"x"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
			for i := range 30 {
				s := &series.Series{ID: fmt.Sprint(i)}
				for k := range 30 {
					s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, dist.draw(rng))
				}
				p.Series = append(p.Series, s)
			}
			m := fit(t, VRNN, Options{Hidden: 4, Latent: 1, Updates: 300, Rate: 0.01, Batch: 8, Level: LevelPanel, Likelihood: family},
				p, forecast.FitOptions{Horizon: 2, Season: 1})
			x := pathsOf(t, m, p, 2, 50)
			if err := family.CheckValues(x); err != nil {
				t.Fatal(err)
			}
			mean := 0.0
			for _, v := range x {
				mean += v / float64(len(x))
			}
			// 3000 draws, and what was learned from 900 values.
			if math.Abs(mean-dist.mean) > 0.2*dist.deviation {
				t.Errorf("draws have the mean %.3f, the values %.3f ± %.3f", mean, dist.mean, dist.deviation)
			}
		})
	}
}
