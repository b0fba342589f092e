package ode

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"tsgen/internal/clock"
)

func lorenz(dst []float64, _ float64, y []float64) {
	dst[0] = 10 * (y[1] - y[0])
	dst[1] = y[0]*(28-y[2]) - y[1]
	dst[2] = y[0]*y[1] - 8./3*y[2]
}

func vanDerPol(dst []float64, _ float64, y []float64) {
	dst[0] = y[1]
	dst[1] = 5*(1-y[0]*y[0])*y[1] - y[0]
}

// brusselator is the reaction with diffusion on a line of len(y)/2 points.
func brusselator(dst []float64, _ float64, y []float64) {
	n := len(y) / 2
	c := 0.02 * float64((n+1)*(n+1))
	u, v, du, dv := y[:n], y[n:2*n], dst[:n], dst[n:2*n]
	at := func(i int, ul, ur, vl, vr float64) {
		w := u[i] * u[i] * v[i]
		du[i] = 1 + w - 4*u[i] + c*(ul-2*u[i]+ur)
		dv[i] = 3*u[i] - w + c*(vl-2*v[i]+vr)
	}
	at(0, 1, u[1], 3, v[1])
	for i := 1; i < n-1; i++ {
		at(i, u[i-1], u[i+1], v[i-1], v[i+1])
	}
	at(n-1, u[n-2], 1, v[n-2], 3)
}

// line is the start of the Brusselator on n points.
func line(n int) []float64 {
	y := make([]float64, 2*n)
	for i := range n {
		x := float64(i+1) / float64(n+1)
		y[i], y[n+i] = 1+math.Sin(2*math.Pi*x), 3
	}
	return y
}

// BenchmarkSolve solves single systems. The metric ns/call is processor time
// for an evaluation, own/call the same without the field's own.
func BenchmarkSolve(b *testing.B) {
	for _, p := range []struct {
		name string
		f    func(dst []float64, t float64, y []float64)
		y0   []float64
		end  float64
	}{
		{"lorenz", lorenz, []float64{1, 1, 1}, 10},
		{"vdp", vanDerPol, []float64{2, 0}, 20},
		{"orbit", orbit, []float64{0.5, 0, 0, math.Sqrt(3)}, 20},
		{"brusselator=400", brusselator, line(200), 0.3},
		{"brusselator=4000", brusselator, line(2000), 0.003},
	} {
		b.Run(p.name, func(b *testing.B) {
			f := Field{Dim: len(p.y0), Func: func(dst []float64, t float64, y []float64) error { p.f(dst, t, y); return nil }}
			s, err := NewBatch(f.Batch(), Dopri5{}, &Options{NoGradient: true})
			if err != nil {
				b.Fatal(err)
			}
			t0, times := []float64{0}, [][]float64{{p.end}}
			calls := 0
			from := clock.Processor()
			for b.Loop() {
				if err := s.Solve(context.Background(), t0, p.y0, times); err != nil {
					b.Fatal(err)
				}
				calls += s.Stats(0).Calls
			}
			all := float64(clock.Processor()-from) / float64(calls)
			dst := make([]float64, len(p.y0))
			from = clock.Processor()
			n := min(calls, 1<<20)
			for range n {
				p.f(dst, 0, p.y0)
			}
			own := float64(clock.Processor()-from) / float64(n)
			b.ReportMetric(all, "ns/call")
			b.ReportMetric(all-own, "own/call")
		})
	}
}

// BenchmarkGradient solves a batch of networks' flows and goes back. The
// metric back/forward is the ratio of processor times, product/call that of the
// field's own vector-Jacobian product to its evaluation.
func BenchmarkGradient(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 6))
	p := make([]float64, 3*8+8+8*3)
	for i := range p {
		p[i] = rng.NormFloat64() / 2
	}
	const n = 128
	t0, y0 := make([]float64, n), make([]float64, 3*n)
	times, dy := make([][]float64, n), make([][]float64, n)
	for i := range n {
		for j := range 3 {
			y0[3*i+j] = rng.NormFloat64()
		}
	}
	for _, c := range []struct{ outputs, memory int }{{4, 0}, {100, 0}, {4, 50000}} {
		b.Run(fmt.Sprintf("outputs=%d,memory=%d", c.outputs, c.memory), func(b *testing.B) {
			for i := range times {
				times[i] = times[i][:0]
				for k := range c.outputs {
					times[i] = append(times[i], 2*float64(k+1)/float64(c.outputs))
				}
			}
			f := tanhMLP(p)
			s, err := NewBatch(f.Batch(), Dopri5{}, &Options{RTol: 1e-5, ATol: 1e-5, Memory: c.memory})
			if err != nil {
				b.Fatal(err)
			}
			dy0, dp := make([]float64, 3*n), make([]float64, len(p))
			var forward, back time.Duration
			for b.Loop() {
				from := clock.Processor()
				if err := s.Solve(context.Background(), t0, y0, times); err != nil {
					b.Fatal(err)
				}
				between := clock.Processor()
				for i := range dy {
					dy[i] = s.Y(i)
				}
				if err := s.Backward(dy0, dp, dy); err != nil {
					b.Fatal(err)
				}
				forward += between - from
				back += clock.Processor() - between
			}
			const repeats = 100000
			y, dst := y0[:3], make([]float64, 3)
			from := clock.Processor()
			for range repeats {
				if err := f.Func(dst, 0, y); err != nil {
					b.Fatal(err)
				}
			}
			between := clock.Processor()
			for range repeats {
				if err := f.VJP(dst, dp, 0, y, y); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(clock.Processor()-between)/float64(between-from), "product/call")
			b.ReportMetric(float64(forward.Microseconds())/float64(b.N), "µs/forward")
			b.ReportMetric(float64(back)/float64(forward), "back/forward")
		})
	}
}

// BenchmarkThroughput solves Lorenz' system on all processors, a Batch each: the
// time of an operation on one processor over that on several is what more of
// them bring.
func BenchmarkThroughput(b *testing.B) {
	b.RunParallel(func(pb *testing.PB) {
		f := Field{Dim: 3, Func: func(dst []float64, t float64, y []float64) error { lorenz(dst, t, y); return nil }}
		s, err := NewBatch(f.Batch(), Dopri5{}, &Options{NoGradient: true})
		if err != nil {
			b.Error(err)
			return
		}
		t0, y0, times := []float64{0}, []float64{1, 1, 1}, [][]float64{{10}}
		for pb.Next() {
			if err := s.Solve(context.Background(), t0, y0, times); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
