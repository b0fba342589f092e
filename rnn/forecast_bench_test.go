package rnn

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/clock"
	"tsgen/series"
)

// BenchmarkForecast times 1000 paths of 12 steps of each of four series, by the
// processor's time of a step of a path.
func BenchmarkForecast(b *testing.B) {
	const count, paths, horizon = 4, 1000, 12
	rng := rand.New(rand.NewPCG(1, 1))
	panel := &series.Panel{Step: series.Step{Width: 1}, Channels: []string{"x"}}
	for i := range count {
		s := &series.Series{ID: fmt.Sprint(i)}
		for t := range 100 {
			s.Times, s.Values = append(s.Times, float64(t)), append(s.Values, rng.NormFloat64())
		}
		panel.Series = append(panel.Series, s)
	}
	for _, kind := range []string{VRNN, SRNN} {
		for _, hidden := range []int{32, 64} {
			for _, precision := range []Precision{Float64, Float32} {
				b.Run(fmt.Sprintf("%s/%d/%s", kind, hidden, precision), func(b *testing.B) {
					o := Options{Hidden: hidden, Latent: hidden / 4, Precision: precision}
					c, _, err := newConfig(kind, o, panel, forecast.FitOptions{Horizon: horizon, Season: 1})
					if err != nil {
						b.Fatal(err)
					}
					f, err := newFitted(c, rng)
					if err != nil {
						b.Fatal(err)
					}
					m := Model{Kind: kind, Options: o, fitted: f}
					before := clock.Processor()
					for b.Loop() {
						if _, err := m.Forecast(context.Background(), panel, forecast.Options{Horizon: horizon, Samples: paths}); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64((clock.Processor()-before).Nanoseconds())/float64(b.N*count*paths*horizon), "cpu-ns/step")
				})
			}
		}
	}
}
