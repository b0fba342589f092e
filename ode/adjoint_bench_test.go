package ode

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tsgen/internal/clock"
	"tsgen/internal/kernel"
	"tsgen/internal/solver"
)

// widePerceptron is y' = W₂ tanh(W₁ y) in two dimensions, for whole batches.
func widePerceptron(p []float64, hidden int) BatchField {
	const d = 2
	var u, g []float64
	forward := func(y []float64, n int) {
		u = solver.Resize(u, n*hidden)
		kernel.MulNN(u, y, p[:d*hidden], n, d, hidden, false)
		kernel.Tanh(u, u)
	}
	return BatchField{Dim: d, Params: len(p),
		Func: func(dst []float64, rows []int, _, y []float64) error {
			forward(y, len(rows))
			kernel.MulNN(dst, u, p[d*hidden:], len(rows), hidden, d, false)
			return nil
		},
		VJP: func(dy, dp []float64, rows []int, _, y, a []float64) error {
			n := len(rows)
			forward(y, n)
			g = solver.Resize(g, n*hidden)
			kernel.MulNT(g, a, p[d*hidden:], n, d, hidden, false)
			kernel.TanhGrad(g, u, g)
			if dp != nil {
				kernel.MulTN(dp[d*hidden:], u, a, hidden, n, d, true)
				kernel.MulTN(dp[:d*hidden], y, g, d, n, hidden, true)
			}
			kernel.MulNT(dy, g, p[:d*hidden], n, hidden, d, true)
			return nil
		},
	}
}

// BenchmarkAdjoints takes the gradient by the discrete and by the interpolating
// adjoint in turns. The metric ratio is that of their least processor times.
func BenchmarkAdjoints(b *testing.B) {
	for _, c := range []struct{ rows, hidden int }{{128, 20}, {1000, 20}, {1, 12500}} {
		b.Run(fmt.Sprintf("rows=%d,params=%d", c.rows, 4*c.hidden), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(5, 6))
			p := make([]float64, 4*c.hidden)
			for i := range p {
				p[i] = rng.NormFloat64() / 20
			}
			t0, y0 := make([]float64, c.rows), make([]float64, 2*c.rows)
			times, dy := make([][]float64, c.rows), make([][]float64, c.rows)
			for i := range times {
				y0[2*i], y0[2*i+1] = rng.NormFloat64(), rng.NormFloat64()
				times[i], dy[i] = []float64{2, 4}, []float64{1, 0, 0, 1}
			}
			least := [2]time.Duration{time.Hour, time.Hour}
			var s [2]*Batch
			for i, adj := range []Adjoint{Discrete, Interpolating} {
				s[i] = newBatch(b, widePerceptron(p, c.hidden), Dopri5{}, &Options{Adjoint: adj, TrustVJP: true})
				solve(b, s[i], t0, y0, times)
			}
			dp := make([]float64, len(p))
			for b.Loop() {
				for i := range s {
					from := clock.Processor()
					if err := s[i].BackwardContext(context.Background(), nil, dp, dy); err != nil {
						b.Fatal(err)
					}
					least[i] = min(least[i], clock.Processor()-from)
				}
			}
			for i, name := range []string{"discrete", "interpolating"} {
				rows := 0
				solve(b, s[i], t0, y0, times)
				if err := s[i].Backward(nil, dp, dy); err != nil {
					b.Fatal(err)
				}
				for row := range c.rows {
					rows += s[i].Stats(row).VJPs
				}
				b.ReportMetric(float64(rows)/float64(c.rows), name+"-products")
			}
			b.ReportMetric(float64(least[1])/float64(least[0]), "ratio")
		})
	}
}
