package mdn

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/series"
)

// leaps returns walks of 12 steps whose increments have the deviation 1, and leap at the sixth.
func leaps(leap float64) *series.Panel {
	t := 0
	return panel(60, 12, 1, func(before []float64, rng *rand.Rand) []float64 {
		if t++; t%12 == 1 {
			return []float64{rng.NormFloat64()}
		}
		sd := 1.0
		if t%12 == 7 {
			sd = leap
		}
		return []float64{before[0] + sd*rng.NormFloat64()}
	})
}

// TestPlaces protects that series move at each step as those did that were learned from, and
// that the network is told no places where these tell nothing.
func TestPlaces(t *testing.T) {
	if m := fit(t, Options{Hidden: 4, Head: 4, Updates: 1}, leaps(1), forecast.FitOptions{Horizon: 2, Season: 1}); m.config.Places != 0 {
		t.Errorf("the network is told %d places where all steps are alike", m.config.Places)
	}
	m := fit(t, Options{Hidden: 8, Head: 8, Updates: 150, Batch: 24}, leaps(4), forecast.FitOptions{Horizon: 2, Season: 1})
	g, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 200, Length: 12, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	var usual, sixth moments.Moments
	for _, s := range g.Series {
		for k := 1; k < len(s.Values); k++ {
			if d := s.Values[k] - s.Values[k-1]; k == 6 {
				sixth.Add(d)
			} else {
				usual.Add(d)
			}
		}
	}
	if a, b := math.Sqrt(sixth.Variance()), math.Sqrt(usual.Variance()); a < 2.5 || a > 6 || b > 1.6 {
		t.Errorf("the sixth increment has the deviation %.2f, others %.2f, want 4 and 1", a, b)
	}
}
