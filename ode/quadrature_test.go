package ode

import (
	"math"
	"testing"
)

// TestQuadratureCost protects the continuous adjoint from products by the row:
// the field gets a batch's rows together, and not more than twice the rows of
// the discrete adjoint.
func TestQuadratureCost(t *testing.T) {
	p := []float64{1.5, 1, 3, 1}
	var rows, calls [2]int
	for i, adj := range []Adjoint{Discrete, Interpolating} {
		f := lotka(p)
		vjp := f.VJP
		f.VJP = func(dy, dp []float64, r []int, t, y, a []float64) error {
			rows[i] += len(r)
			calls[i]++
			return vjp(dy, dp, r, t, y, a)
		}
		b := newBatch(t, f, Dopri5{}, &Options{Adjoint: adj, TrustVJP: true, RTol: 1e-5, ATol: 1e-5})
		const n = 64
		t0, y0 := make([]float64, n), make([]float64, 2*n)
		times, dy := make([][]float64, n), make([][]float64, n)
		for k := range t0 {
			y0[2*k], y0[2*k+1] = 1+float64(k)/n, 1
			times[k], dy[k] = []float64{3}, []float64{1, 1}
		}
		solve(t, b, t0, y0, times)
		if err := b.Backward(nil, make([]float64, 4), dy); err != nil {
			t.Fatal(err)
		}
	}
	if rows[1] > 5*rows[0]/2 || calls[1] > 4*calls[0] {
		t.Errorf("%d rows in %d calls, discrete %d in %d", rows[1], calls[1], rows[0], calls[0])
	}
}

// TestQuadratureSeesForcing protects parameter gradients that the adjoint does
// not feel: θ·sin 40t moves the state fast and the adjoint not at all.
func TestQuadratureSeesForcing(t *testing.T) {
	p := []float64{1.3}
	f := each(1, 1, func(dst []float64, at float64, y []float64) { dst[0] = p[0]*math.Sin(40*at) - 0.1*y[0] },
		func(dy, dp []float64, at float64, _, a []float64) {
			dy[0] -= 0.1 * a[0]
			if dp != nil {
				dp[0] += a[0] * math.Sin(40*at)
			}
		})
	// ∂y/∂θ = ∫e^(-0.1(T-t))·sin 40t dt, in closed form.
	const T = 2.3
	want := (0.1*math.Sin(40*T) - 40*math.Cos(40*T) + 40*math.Exp(-0.1*T)) / (0.01 + 1600)
	for _, m := range []Method{Dopri5{}, DOP853{}} {
		for _, adj := range []Adjoint{Interpolating, Backsolve} {
			b := newBatch(t, f, m, &Options{Adjoint: adj, RTol: 1e-8, ATol: 1e-8})
			solve(t, b, []float64{0}, []float64{0}, [][]float64{{T}})
			dp := make([]float64, 1)
			if err := b.Backward(nil, dp, [][]float64{{1}}); err != nil {
				t.Fatal(err)
			}
			if math.Abs(dp[0]-want) > 1e-7 {
				t.Errorf("%s, adjoint %d: %v, want %v", name(m), adj, dp[0], want)
			}
		}
	}
}
