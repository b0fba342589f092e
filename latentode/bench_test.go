package latentode

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/nn"
	"tsgen/internal/training"
	"tsgen/series"
)

// spirals returns n noisy spirals, 100 points each, half of them turning one
// way and half the other, like those of the latent ODE example that comes with
// torchdiffeq.
func spirals(n int) *series.Panel {
	rng := rand.New(rand.NewPCG(1, 2))
	p := &series.Panel{Channels: []string{"x", "y"}, IDColumn: "id", TimeColumn: "t"}
	const step = 6 * math.Pi / 499
	for i := range n {
		s := &series.Series{ID: fmt.Sprint(i)}
		start := step * (100 + 250*rng.Float64())
		for k := range 100 {
			t := start + step*float64(k)
			r, angle, center := 0.3*t, t, 5.0
			if i%2 == 0 {
				angle = 6*math.Pi + 1 - t
				r, center = 15/angle, -5
			}
			s.Times = append(s.Times, step*float64(k))
			s.Values = append(s.Values, r*math.Cos(angle)+center+0.3*rng.NormFloat64(), r*math.Sin(angle)+0.3*rng.NormFloat64())
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// stays returns n records of the shape of those of the PhysioNet challenge of
// 2012: 75 irregular times in 48 hours, 41 channels of which each is observed
// at one time in seven.
func stays(n int) *series.Panel {
	rng := rand.New(rand.NewPCG(3, 4))
	p := &series.Panel{IDColumn: "id", TimeColumn: "hours"}
	for j := range 41 {
		p.Channels = append(p.Channels, fmt.Sprint("v", j))
	}
	for i := range n {
		s := &series.Series{ID: fmt.Sprint(i)}
		for k := range 480 {
			if rng.IntN(480) >= 75 {
				continue
			}
			s.Times = append(s.Times, float64(k)/10)
			for j := range p.Channels {
				x := math.NaN()
				if rng.IntN(7) == 0 {
					x = math.Sin(float64(i+j)+float64(k)/100) + 0.3*rng.NormFloat64()
				}
				s.Values = append(s.Values, x)
			}
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// BenchmarkUpdate times one update, loss, gradient and Adam, of the size of
// that example: all 1000 spirals with their 100 points, 4 latent variables, a
// field with 20 hidden units, Dopri5 at 1e-7; and of 50 stays in intensive care.
func BenchmarkUpdate(b *testing.B) {
	for _, bench := range []struct {
		name    string
		panel   *series.Panel
		horizon int
		options Options
	}{
		{"spirals/tolerance=1e-07", spirals(1000), 30, Options{State: 4, Hidden: 20, Batch: 1000, Context: 70, Tolerance: 1e-7}},
		{"spirals/tolerance=1e-05", spirals(1000), 30, Options{State: 4, Hidden: 20, Batch: 1000, Context: 70, Tolerance: 1e-5}},
		{"stays", stays(200), 10, Options{State: 10, Static: 10, Hidden: 50, Batch: 50, Context: 100}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			bench.options.Level, bench.options.Updates = LevelPanel, 1
			c, records, err := newConfig(b.Context(), bench.options, 0, bench.panel, forecast.FitOptions{Horizon: bench.horizon, Season: 1})
			if err != nil {
				b.Fatal(err)
			}
			f := &fitted{config: c, Fitted: training.Fitted{Params: &nn.Params{}}}
			f.network = newNetwork(f.Params, c, rand.New(rand.NewPCG(1, 1)))
			obj, err := newObjective(f, bench.panel, records, 1)
			if err != nil {
				b.Fatal(err)
			}
			t := nn.Training{Schedule: nn.Schedule{Rate: 1e-3, Updates: b.N}, Shards: shards}
			b.ResetTimer()
			if err := t.Run(context.Background(), nn.NewCheckpoint(f.Params.Values), obj); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(obj.evaluations()), "evaluations")
		})
	}
}
