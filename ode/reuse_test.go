package ode

import (
	"context"
	"math"
	"testing"
)

// TestJacobianReuse protects Kvaerno5 from a Jacobian a step: a linear system
// takes one for twenty steps, a nonlinear one fewer than steps, with the answers of Rodas5P, and
// the same steps again give the same bits.
func TestJacobianReuse(t *testing.T) {
	const n = 30
	heat := plain(n, func(dst []float64, _ float64, y []float64) {
		for i := range dst {
			left, right := 0.0, 0.0
			if i > 0 {
				left = y[i-1]
			}
			if i < n-1 {
				right = y[i+1]
			}
			dst[i] = (n + 1) * (n + 1) * (left - 2*y[i] + right)
		}
	})
	wave := make([]float64, n)
	for i := range wave {
		wave[i] = math.Sin(math.Pi * float64(i+1) / (n + 1))
	}
	oscillator := relaxation([]float64{100})
	oscillator.VJP = nil
	for _, tt := range []struct {
		name  string
		f     Field
		y0    []float64
		times []float64
		most  float64 // of the Jacobians, in parts of the steps
	}{
		{"heat", heat, wave, []float64{0.01, 0.1, 0.3}, 0.1},
		{"van der Pol", oscillator, []float64{2, 0}, []float64{50, 150, 300}, 0.6},
	} {
		opt := &Options{RTol: 1e-7, ATol: 1e-9, KeepSteps: true}
		b := newBatch(t, tt.f.Batch(), Kvaerno5{}, opt)
		solve(t, b, []float64{0}, tt.y0, [][]float64{tt.times})
		st := b.Stats(0)

		if float64(st.Jacobians) > tt.most*float64(st.Accepted) {
			t.Errorf("%s: %d Jacobians for %d steps", tt.name, st.Jacobians, st.Accepted)
		}
		other := newBatch(t, tt.f.Batch(), Rodas5P{}, &Options{RTol: 1e-9, ATol: 1e-11})
		solve(t, other, []float64{0}, tt.y0, [][]float64{tt.times})
		if e := off(b.Y(0), other.Y(0)); e > 1e-5 {
			t.Errorf("%s: off by %.2g", tt.name, e)
		}
		first := append([]float64(nil), b.Y(0)...)
		if err := b.Resolve(context.Background(), tt.y0); err != nil {
			t.Fatal(err)
		}
		same(t, tt.name+" once more", b.Y(0), first)
	}
}
