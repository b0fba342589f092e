package ode

import (
	"context"
	"strconv"
	"testing"

	"tsgen/internal/clock"
)

// BenchmarkOverhead solves wide systems whose field costs next to nothing. The
// metrics are processor time for a component and evaluation, with that of
// the field and without.
func BenchmarkOverhead(b *testing.B) {
	for _, n := range []int{400, 4000, 40000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			decay := func(dst []float64, _ float64, y []float64) {
				for i, v := range y {
					dst[i] = -v
				}
			}
			y0 := make([]float64, n)
			for i := range y0 {
				y0[i] = 1 + float64(i)/float64(n)
			}
			f := Field{Dim: n, Func: func(dst []float64, t float64, y []float64) error { decay(dst, t, y); return nil }}
			s, err := NewBatch(f.Batch(), Dopri5{}, &Options{NoGradient: true, RTol: 1e-8, ATol: 1e-8})
			if err != nil {
				b.Fatal(err)
			}
			calls := 0
			from := clock.Processor()
			for b.Loop() {
				if err := s.Solve(context.Background(), []float64{0}, y0, [][]float64{{20}}); err != nil {
					b.Fatal(err)
				}
				calls += s.Stats(0).Calls
			}
			all := float64(clock.Processor()-from) / float64(calls) / float64(n)
			dst := make([]float64, n)
			from = clock.Processor()
			m := min(calls, 1<<30/n)
			for range m {
				decay(dst, 0, y0)
			}
			own := float64(clock.Processor()-from) / float64(m) / float64(n)
			b.ReportMetric(all, "ns/component")
			b.ReportMetric(all-own, "own/component")
		})
	}
}
