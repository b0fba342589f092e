package network

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A cycle in noise is found at its period, and none in noise or a trend alone.
func TestCycle(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	series := func(n int, f func(i int) float64) []float64 {
		y := make([]float64, n)
		for i := range y {
			y[i] = f(i) + rng.NormFloat64()
		}
		return y
	}
	wave := func(period, size float64) func(int) float64 {
		return func(i int) float64 { return 0.05*float64(i) + size*math.Sin(2*math.Pi*float64(i)/period) }
	}
	for _, c := range []struct {
		n, season int
		period    float64
	}{{600, 1, 131}, {600, 1, 40}, {240, 12, 62}, {100, 1, 17}} {
		got, r := NewView(series(c.n, wave(c.period, 3)), c.season, 0).cycle()
		if math.Abs(float64(got)-c.period) > 0.05*c.period+1 || r < 0.5 {
			t.Errorf("%d steps: a cycle of %d with correlation %.2f, want %v", c.n, got, r, c.period)
		}
	}
	for range 20 {
		if got, r := NewView(series(300, wave(50, 0)), 1, 0).cycle(); r > 0.5 {
			t.Errorf("noise has a cycle of %d with correlation %.2f", got, r)
		}
	}
}
