package latentode

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/nn"
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

// BenchmarkUpdate times one update, loss, gradient and Adam, of the size of
// that example: all 1000 spirals with their 100 points, 4 latent variables, a
// field with 20 hidden units, Dopri5 at 1e-7.
func BenchmarkUpdate(b *testing.B) {
	panel := spirals(1000)
	for _, tolerance := range []float64{1e-7, 1e-5} {
		b.Run(fmt.Sprintf("tolerance=%v", tolerance), func(b *testing.B) {
			o := Options{State: 4, Hidden: 20, Batch: 1000, Context: 70, Tolerance: tolerance, Updates: 1, Level: LevelPanel}
			p, records, err := newPlan(o, panel, forecast.FitOptions{Horizon: 30, Season: 1})
			if err != nil {
				b.Fatal(err)
			}
			f := &fitted{plan: p, params: &nn.Params{}}
			f.network = newNetwork(f.params, p, rand.New(rand.NewPCG(1, 1)))
			obj, err := newObjective(f, records, 1)
			if err != nil {
				b.Fatal(err)
			}
			t := nn.Training{Schedule: nn.Schedule{Rate: 1e-3, Updates: b.N}, Shards: shards}
			b.ResetTimer()
			if err := t.Run(context.Background(), nn.NewCheckpoint(f.params.Values), obj); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(obj.evaluations()), "evaluations")
		})
	}
}
