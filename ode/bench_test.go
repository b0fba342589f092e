package ode

import (
	"context"
	"testing"
)

// BenchmarkSolve solves small systems, in nanoseconds an evaluation.
func BenchmarkSolve(b *testing.B) {
	lorenz := each(3, 0, func(dst []float64, _ float64, y []float64) {
		dst[0] = 10 * (y[1] - y[0])
		dst[1] = y[0]*(28-y[2]) - y[1]
		dst[2] = y[0]*y[1] - 8./3*y[2]
	}, nil)
	lorenz.Func = func(dst []float64, _ []int, t, y []float64) error {
		dst[0] = 10 * (y[1] - y[0])
		dst[1] = y[0]*(28-y[2]) - y[1]
		dst[2] = y[0]*y[1] - 8./3*y[2]
		return nil
	}
	s, err := NewBatch(lorenz, Dopri5{}, &Options{RTol: 1e-6, ATol: 1e-6, NoGradient: true})
	if err != nil {
		b.Fatal(err)
	}
	t0, y0, times := []float64{0}, []float64{1, 1, 1}, [][]float64{{10}}
	calls := 0
	for b.Loop() {
		if err := s.Solve(context.Background(), t0, y0, times); err != nil {
			b.Fatal(err)
		}
		calls += s.Stats(0).Calls
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(calls), "ns/call")
}
