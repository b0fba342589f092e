package kernel

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// On every path the elementwise loops give exactly what a scalar
// loop gives, their tails included.
func TestElementwise(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 1))
	const n = 37
	a, b, dst := uniform(rng, n), uniform(rng, n), uniform(rng, n)
	onEveryPath(t, func(t *testing.T) {
		for _, c := range []struct {
			name string
			run  func(d []float64)
			want func(d, a, b float64) float64
		}{
			{"Add", func(d []float64) { Add(d, a, b) }, func(d, a, b float64) float64 { return a + b }},
			{"Sub", func(d []float64) { Sub(d, a, b) }, func(d, a, b float64) float64 { return a - b }},
			{"Mul", func(d []float64) { Mul(d, a, b) }, func(d, a, b float64) float64 { return a * b }},
			{"MulAdd", func(d []float64) { MulAdd(d, a, b) }, func(d, a, b float64) float64 { return math.FMA(a, b, d) }},
			{"Axpy", func(d []float64) { Axpy(d, 0.3, b) }, func(d, a, b float64) float64 { return math.FMA(0.3, b, d) }},
			{"Combine", func(d []float64) { Combine(d, d, []float64{0.3, -2}, [][]float64{a, b}) },
				func(d, a, b float64) float64 { return d + math.FMA(-2, b, 0.3*a) }},
			{"ToTolerance", func(d []float64) { ToTolerance(d, a, d, b, b, a) },
				func(d, a, b float64) float64 { return a / (b + a*max(math.Abs(d), math.Abs(b))) }},
			{"Scale", func(d []float64) { Scale(d, 0.3) }, func(d, a, b float64) float64 { return 0.3 * d }},
		} {
			got := append([]float64(nil), dst...)
			c.run(got)
			for i := range got {
				if w := c.want(dst[i], a[i], b[i]); got[i] != w {
					t.Errorf("%s: element %d is %v, want %v", c.name, i, got[i], w)
				}
			}
		}
	})
}

// TestActivationGradients compares with differences of the functions.
func TestActivationGradients(t *testing.T) {
	rng := rand.New(rand.NewPCG(42, 1))
	x, dy := uniform(rng, 29), uniform(rng, 29)
	y, d := make([]float64, 29), make([]float64, 29)
	onEveryPath(t, func(t *testing.T) {
		for _, c := range []struct {
			name          string
			forward, back func()
			slope         func(x float64) float64
		}{
			{"tanh", func() { Tanh(y, x) }, func() { TanhGrad(d, y, dy) }, math.Tanh},
			{"sigmoid", func() { Sigmoid(y, x) }, func() { SigmoidGrad(d, y, dy) }, logistic},
		} {
			c.forward()
			c.back()
			for i := range x {
				const step = 1e-5
				want := dy[i] * (c.slope(x[i]+step) - c.slope(x[i]-step)) / (2 * step)
				near(t, c.name, d[i], want, 1e-8)
			}
		}
	})
}

// TestReductions uses integers, whose sums are exact in any order.
func TestReductions(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		for n := range 140 {
			x, y := make([]float64, n), make([]float64, n)
			for i := range x {
				x[i], y[i] = float64(i+1), float64(i-3)
			}
			k := float64(n)
			squares := k * (k + 1) * (2*k + 1) / 6
			if got := Sum(x); got != k*(k+1)/2 {
				t.Errorf("sum of 1 to %d is %v", n, got)
			}
			if got := SumSq(x); got != squares {
				t.Errorf("sum of the squares of 1 to %d is %v", n, got)
			}
			// i·(i-4) for i = 1 to n
			if got, want := Dot(x, y), squares-4*k*(k+1)/2; got != want {
				t.Errorf("dot product over %d elements is %v, want %v", n, got, want)
			}
		}
	})
}

// On every path SumRows adds to what is there the exact sum of each column, for
// widths on both sides of a vector's.
func TestRows(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		for _, n := range []int{1, 5, 8, 31, 32, 33, 75} {
			const m = 6
			x, sums := make([]float64, m*n), make([]float64, n)
			for i := range x {
				x[i] = float64(i)
			}
			for j := range n {
				sums[j] = 0.5
			}
			SumRows(sums, x, m, n)
			for j := range n {
				if want := 0.5 + float64(m*j+n*m*(m-1)/2); sums[j] != want {
					t.Errorf("column %d of %d sums to %v, want %v", j, n, sums[j], want)
				}
			}
		}
	})
}

// TestAdamFirstStep: at t = 1 the corrected moments are g and g², so that a
// parameter moves by the rate against the sign of its gradient.
func TestAdamFirstStep(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		g := []float64{3, -0.25, 1e-3, -1e5, 0, 7, 8, 9, -10}
		p, m, v := make([]float64, len(g)), make([]float64, len(g)), make([]float64, len(g))
		Adam(p, g, m, v, 0.01, 0.9, 0.999, 1e-300, 1-0.9, 1-0.999)
		for i, d := range g {
			want := 0.0
			if d != 0 {
				want = -math.Copysign(0.01, d)
			}
			near(t, "parameter", p[i], want, 1e-15)
			near(t, "mean", m[i], 0.1*d, 1e-15)
			near(t, "square", v[i], 0.001*d*d, 1e-15)
		}
	})
}

// TestAdamSteps follows algorithm 1 of the paper, line by line.
func TestAdamSteps(t *testing.T) {
	const rate, beta1, beta2, eps = 0.1, 0.9, 0.999, 1e-8
	onEveryPath(t, func(t *testing.T) {
		p, m, v := []float64{4}, []float64{0}, []float64{0}
		theta, mt, vt := 4.0, 0.0, 0.0
		for step := 1; step <= 50; step++ {
			g := 2 * theta // of θ²
			mt = beta1*mt + (1-beta1)*g
			vt = beta2*vt + (1-beta2)*g*g
			c1, c2 := 1-math.Pow(beta1, float64(step)), 1-math.Pow(beta2, float64(step))
			theta -= rate * (mt / c1) / (math.Sqrt(vt/c2) + eps)
			Adam(p, []float64{2 * p[0]}, m, v, rate, beta1, beta2, eps, c1, c2)
			near(t, "parameter", p[0], theta, 1e-12)
		}
	})
}

// Slices and sizes that do not fit end in a panic that names the loop and the argument.
func TestPanics(t *testing.T) {
	x := make([]float64, 6)
	for _, c := range []struct {
		want string
		call func()
	}{
		{"kernel: Exp: x has 5 elements, want 6", func() { Exp(x, x[:5]) }},
		{"kernel: Add: b has 6 elements, want 4", func() { Add(x[:4], x[:4], x) }},
		{"kernel: Dot: b has 2 elements, want 3", func() { Dot(x[:3], x[:2]) }},
		{"kernel: MulNN: c has 6 elements, want 3×3", func() { MulNN(x, x, x, 3, 2, 3, false) }},
		{"kernel: MulNT: b has 6 elements, want 4×2", func() { MulNT(x, x, x, 1, 2, 4, false) }},
		{"kernel: MulTN: a is -1×2", func() { MulTN(x, x, x, 2, -1, 3, false) }},
		{"kernel: GRUGates: gates has 6 elements, want 1×12", func() { GRUGates(x, x, x, x, x, 1, 3) }},
		{"kernel: Adam: v has 0 elements, want 6", func() { Adam(x, x, x, nil, 1, 0, 0, 0, 1, 1) }},
	} {
		func() {
			defer func() {
				if got, _ := recover().(string); !strings.Contains(got, c.want) {
					t.Errorf("panic %q, want %q", got, c.want)
				}
			}()
			c.call()
		}()
	}
}
