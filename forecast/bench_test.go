package forecast_test

import (
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
)

// A thousand paths of 48 steps.
func BenchmarkScore(b *testing.B) {
	const steps, paths = 48, 1000
	rng := rand.New(rand.NewPCG(1, 2))
	values := make([]float64, 500+steps)
	for i := range values {
		values[i] = rng.NormFloat64()
	}
	history, actual, err := panel(0, []string{"y"}, values...).SplitLast(steps)
	if err != nil {
		b.Fatal(err)
	}
	d := &forecast.Distribution{Times: actual.Series[0].Times}
	for range paths {
		p := make([]float64, steps)
		for i := range p {
			p[i] = rng.NormFloat64()
		}
		d.Paths = append(d.Paths, p)
	}
	f := &forecast.Forecast{Channels: []string{"y"}, Series: []*forecast.Distribution{d}}
	for b.Loop() {
		if _, err := forecast.Score(history, actual, f, 24); err != nil {
			b.Fatal(err)
		}
	}
}
