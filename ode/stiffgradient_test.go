package ode

import (
	"context"
	"math"
	"testing"
)

// TestStiffGradient holds gradients of stiff problems at a tolerance of 1e-9
// against those of the other implicit method at 1e-12, number by number. Where van
// der Pol's oscillator has jumped, the time of the jump has its error magnified.
func TestStiffGradient(t *testing.T) {
	for _, tt := range []struct {
		name  string
		f     Field
		y0    []float64
		times []float64
		atol  float64
		tol   float64
	}{
		{"Robertson", robertson([]float64{0.04, 1e4, 3e7}), []float64{1, 0, 0}, []float64{40, 1e4}, 1e-13, 1e-7},
		{"van der Pol, 1000, before the jump", relaxation([]float64{1000}), []float64{2, 0}, []float64{300, 700}, 1e-12, 1e-7},
		{"van der Pol, 1000, after the jump", relaxation([]float64{1000}), []float64{2, 0}, []float64{700, 1500}, 1e-12, 5e-4},
	} {
		grad := func(m Method, rtol, atol float64) []float64 {
			s, err := Solve(context.Background(), Problem{Field: tt.f, Y0: tt.y0, Times: tt.times}, m,
				&Options{RTol: rtol, ATol: atol, TrustVJP: true})
			if err != nil {
				t.Fatal(err)
			}
			g := make([]float64, len(tt.times)*tt.f.Dim)
			for i := range g {
				g[i] = math.Cos(float64(i))
			}
			r, err := s.Gradient(Loss{States: g})
			if err != nil {
				t.Fatal(err)
			}
			return append(r.Y0, r.Params...)
		}
		for k, m := range []Method{Rodas5P{}, Kvaerno5{}} {
			got, want := grad(m, 1e-9, tt.atol), grad([]Method{Kvaerno5{}, Rodas5P{}}[k], 1e-12, tt.atol/1e2)
			worst := 0.0
			for i, x := range got {
				worst = max(worst, math.Abs(x-want[i])/math.Abs(want[i]))
			}
			t.Logf("%s, %s: off by %.1e of a number", tt.name, name(m), worst)
			if !(worst <= tt.tol) {
				t.Errorf("%s, %s: %v, want %v", tt.name, name(m), got, want)
			}
		}
	}
}
