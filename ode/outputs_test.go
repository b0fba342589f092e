package ode

import (
	"context"
	"fmt"
	"math"
	"testing"
)

// TestSeveralOutputs holds the outputs of steps that have many against those of solutions
// that are asked for one at a time, and a gradient of their sum against the sum of the gradients.
func TestSeveralOutputs(t *testing.T) {
	const damping = 0.1 // θ
	pendulum := Field{
		Dim: 2, Params: 1,
		Func: func(dst []float64, _ float64, y []float64) error {
			dst[0], dst[1] = y[1], -math.Sin(y[0])-damping*y[1]
			return nil
		},
		VJP: func(dy, dp []float64, _ float64, y, a []float64) error {
			dy[0], dy[1] = dy[0]-a[1]*math.Cos(y[0]), dy[1]+a[0]-damping*a[1]
			if dp != nil {
				dp[0] -= a[1] * y[1]
			}
			return nil
		},
	}
	for _, m := range []Method{Dopri5{}, Tsit5{}, BogackiShampine{}, DOP853{}, RK4{Step: 0.5, Dense: true}} {
		t.Run(fmt.Sprintf("%T", m), func(t *testing.T) {
			var times []float64
			for k := range 40 {
				times = append(times, 0.05*float64(k*k)/10)
			}
			end := times[len(times)-1]
			solve := func(times []float64) *Batch {
				b, err := NewBatch(pendulum.Batch(), m, &Options{RTol: 1e-4, ATol: 1e-4, TrustVJP: true, StepAt: []float64{end}})
				if err != nil {
					t.Fatal(err)
				}
				if err := b.Solve(context.Background(), []float64{0}, []float64{1, 0.5}, [][]float64{times}); err != nil {
					t.Fatal(err)
				}
				return b
			}
			gradient := func(b *Batch, n int) []float64 {
				seed, dy0, dp := make([]float64, 2*n), make([]float64, 2), make([]float64, 1)
				seed[0], seed[1] = 1, -0.3
				if n > 2 {
					for k := range seed {
						seed[k] = seed[k%2]
					}
				}
				if err := b.Backward(dy0, dp, [][]float64{seed}); err != nil {
					t.Fatal(err)
				}
				return append(dy0, dp...)
			}
			all := solve(times)
			sum := make([]float64, 3)
			for k, at := range times {
				one := solve([]float64{at, end})
				for j, want := range one.Y(0)[:2] {
					if got := all.Y(0)[2*k+j]; math.Abs(got-want) > 1e-14*(1+math.Abs(want)) {
						t.Errorf("component %d at %g: %v, alone %v", j, at, got, want)
					}
				}
				for j, g := range gradient(one, 2) {
					sum[j] += g
				}
			}
			for j, got := range gradient(all, len(times)) {
				if math.Abs(got-sum[j]) > 1e-12*(1+math.Abs(sum[j])) {
					t.Errorf("derivative %d: %v, one by one %v", j, got, sum[j])
				}
			}
		})
	}
}
