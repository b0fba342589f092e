package pooled

import (
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/forecasttest"
)

// TestSingleSeries protects the intervals of a series that is learned from alone, of noise about lines, walks and levels: as many
// values come within them as are said.
func TestSingleSeries(t *testing.T) {
	const seen, ahead, number = 12, 12, 100
	for name, course := range map[string]func(rng *rand.Rand) func(k int) float64{
		"lines": func(rng *rand.Rand) func(int) float64 {
			slope := 0.3 * rng.NormFloat64()
			return func(k int) float64 { return slope * float64(k) }
		},
		"levels": func(*rand.Rand) func(int) float64 { return func(int) float64 { return 0 } },
		"walks": func(rng *rand.Rand) func(int) float64 {
			at := 0.0
			return func(int) float64 { at += rng.NormFloat64(); return at }
		},
	} {
		within80, within95 := 0, 0
		draw := func(i int) func(int) float64 {
			rng := rand.New(rand.NewPCG(8, uint64(i)))
			y := course(rng)
			return func(k int) float64 { return y(k) + rng.NormFloat64() }
		}
		fresh := func() forecast.Model { return &Model{} }
		forecasttest.Alone(t, fresh, number, seen, ahead, draw, []float64{0.025, 0.1, 0.9, 0.975}, func(q []float64, y float64) {
			if y >= q[1] && y <= q[2] {
				within80++
			}
			if y >= q[0] && y <= q[3] {
				within95++
			}
		})
		s80, s95 := float64(within80)/number/ahead, float64(within95)/number/ahead
		if s80 < 0.73 || s80 > 0.92 || s95 < 0.88 {
			t.Errorf("%s: intervals of 80 and 95 %% hold %.3f and %.3f of the values", name, s80, s95)
		}
	}
}
