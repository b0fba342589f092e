package baseline

import (
	"math"
	"testing"
)

// A slope without an end is gone down as far as the iterations allow.
func TestDescendUnbounded(t *testing.T) {
	x := []float64{0}
	v := descent{value: func(x, g []float64) float64 { g[0] = -1; return -x[0] }, iterations: 3, tolerance: 1e-9}.descend(x)
	if !(x[0] > 1e9) || v != -x[0] {
		t.Errorf("%v at %v", v, x)
	}
}

// The search finds minima that are curved, ill-scaled, walled or not smooth, stays put
// where there is no way down, and returns the value there.
func TestDescend(t *testing.T) {
	tests := []struct {
		name  string
		value func(x, g []float64) float64
		x     []float64
		want  []float64
		tol   float64
	}{
		{"Rosenbrock", func(x, g []float64) float64 {
			a, b := 1-x[0], x[1]-x[0]*x[0]
			g[0], g[1] = -2*a-400*b*x[0], 200*b
			return a*a + 100*b*b
		}, []float64{-1.2, 1}, []float64{1, 1}, 1e-5},
		{"ill-scaled", func(x, g []float64) float64 {
			v := 0.0
			for i, c := range []float64{1e-4, 1, 1e4} {
				d := x[i] - float64(i)
				v += c * d * d
				g[i] = 2 * c * d
			}
			return v
		}, []float64{40, -3, 8}, []float64{0, 1, 2}, 1e-3},
		// x - log x, not defined below 0, where the first step would go.
		{"wall", func(x, g []float64) float64 {
			if x[0] <= 0 {
				return math.Inf(1)
			}
			g[0] = 1 - 1/x[0]
			return x[0] - math.Log(x[0])
		}, []float64{0.01}, []float64{1}, 1e-5},
		// The derivative jumps at the minimum, where no step fulfils the conditions.
		{"kink", func(x, g []float64) float64 {
			v := 0.0
			for i, c := range []float64{1, 5} {
				d := x[i] - float64(i)
				v += c * math.Abs(d)
				g[i] = math.Copysign(c, d)
			}
			return v
		}, []float64{3, -2.7}, []float64{0, 1}, 1e-3},
		// Too coarse to go down in the last steps.
		{"terraces", func(x, g []float64) float64 {
			v := 0.0
			for i, c := range []float64{1, 30} {
				v += c * x[i] * x[i]
				g[i] = 2 * c * x[i]
			}
			return math.Floor(v*1e4) / 1e4
		}, []float64{3, -2.7}, []float64{0, 0}, 0.03},
		// The gradient lies: there is no way down along it.
		{"ascent", func(x, g []float64) float64 { g[0] = -1; return x[0] }, []float64{5}, []float64{5}, 0},
		{"flat", func(x, g []float64) float64 { g[0] = 0; return 3 }, []float64{5}, []float64{5}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := append([]float64(nil), tt.x...)
			g := make([]float64, len(x))
			v := descent{value: tt.value, iterations: 200, tolerance: 1e-14}.descend(x)
			if at := tt.value(x, g); v != at {
				t.Errorf("returned %v, the value there is %v", v, at)
			}
			for i, w := range tt.want {
				if !(math.Abs(x[i]-w) <= tt.tol) {
					t.Errorf("x = %v, want %v", x, tt.want)
					break
				}
			}
		})
	}
}
