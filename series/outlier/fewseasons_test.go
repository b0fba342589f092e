package outlier

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Three years of weeks are too few to tell a season of 52 from what breaks: a step of the level or of the spread is
// still found as what it is, and steps that come each year, levels that wander and seasons that grow break nothing.
func TestFewSeasons(t *testing.T) {
	const season, n = 52, 180
	late := func(t int) float64 {
		if t >= n-40 {
			return 1
		}
		return 0
	}
	angle := func(t int) float64 { return 2 * math.Pi * float64(t) / season }
	open := func(t int) float64 {
		if t%season < 20 {
			return 1
		}
		return 0
	}
	for name, c := range map[string]struct {
		of    Part
		found bool
		draw  func(rng *rand.Rand) []float64
	}{
		"level": {Level, true, func(rng *rand.Rand) []float64 {
			return each(n, func(t int) float64 { return 800 - 250*late(t) + 20*rng.NormFloat64() })
		}},
		"spread beside a season": {Spread, true, func(rng *rand.Rand) []float64 {
			return each(n, func(t int) float64 {
				return 200 + 20*math.Sin(angle(t)) + 5*(1+3*late(t))*rng.NormFloat64()
			})
		}},
		"each year": {draw: func(rng *rand.Rand) []float64 {
			return each(n, func(t int) float64 { return 200 + 100*open(t) + 5*rng.NormFloat64() })
		}},
		"growing": {draw: func(rng *rand.Rand) []float64 {
			return each(n, func(t int) float64 {
				return (100 + 2*float64(t)) * (1 + 0.3*math.Sin(angle(t))) * math.Exp(0.02*rng.NormFloat64())
			})
		}},
		"wandering": {draw: func(rng *rand.Rand) []float64 {
			x := 0.0
			return each(n, func(int) float64 {
				x = 0.9*x + rng.NormFloat64()
				return 200 + x
			})
		}},
	} {
		wrong := 0
		for seed := range uint64(50) {
			found := Find(panelOf(c.draw(rand.New(rand.NewPCG(seed, 12)))), season)
			switch {
			case !c.found && len(found) > 0,
				c.found && (len(found) != 1 || found[0].Of != c.of || math.Abs(float64(found[0].Row-(n-40))) > 12):
				wrong++
			}
		}
		if wrong > 2 {
			t.Errorf("%s: in %d of 50 draws not just what there is is found", name, wrong)
		}
	}
}
