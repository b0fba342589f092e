package mdn

import (
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/option"
	"tsgen/internal/seriestest"
)

// TestOpening protects the law of first rows: those on a ring begin on the ring, which no line of one
// channel on the other tells, and their density is one; where channels begin independently it is
// the network's.
func TestOpening(t *testing.T) {
	seriestest.Long(t)
	ring := func(before []float64, rng *rand.Rand) []float64 {
		if before != nil {
			return []float64{before[0] + rng.NormFloat64(), before[1] + rng.NormFloat64()}
		}
		s, c := math.Sincos(2 * math.Pi * rng.Float64())
		return []float64{3 * s, 3 * c}
	}
	apart := func(_ []float64, rng *rand.Rand) []float64 { return []float64{rng.NormFloat64(), rng.NormFloat64()} }
	config := func(next func(before []float64, rng *rand.Rand) []float64) *config {
		t.Helper()
		o := Options{Updates: 1}
		option.Defaults(&o)
		c, _, err := newConfig(o, panel(400, 12, 2, next), forecast.FitOptions{Horizon: 2, Season: 1})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := config(apart); c.Opening != nil {
		t.Errorf("channels that begin independently have a law of %d rows", len(c.Opening))
	}
	c := config(ring)
	if len(c.Opening) != 400 {
		t.Fatalf("%d rows of 400 series", len(c.Opening))
	}
	rng := rand.New(rand.NewPCG(1, 2))
	x := make([]float64, 2)
	inside := 0.0
	for range 500 {
		track := newTrack(c)
		track.look(nil, 0)
		for j, y := range c.Opening.draw(rng) {
			x[j] = track.opened(j, y, false)
			track.target(j, x[j])
		}
		if r := math.Hypot(x[0], x[1]); r < 1.5 {
			inside++
		}
	}
	if inside > 0.05*500 { // of two independent channels of this deviation a quarter is
		t.Errorf("%v of 500 first rows lie within half of the ring's radius", inside)
	}
	const step = 0.05
	sum := 0.0
	for a := -6.0; a < 6; a += step {
		for b := -6.0; b < 6; b += step {
			sum += step * step * math.Exp(c.Opening.logDensity([]target{{seen: true, y: a}, {seen: true, y: b}}, make([]bool, 2)))
		}
	}
	if math.Abs(sum-1) > 1e-3 {
		t.Errorf("the density is %v in all", sum)
	}
}
