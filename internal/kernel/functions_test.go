package kernel

import (
	"fmt"
	"math"
	"testing"
)

// On every path the functions give exact results for NaN, infinities, signed zeros and
// the smallest and largest arguments.
func TestSpecialValues(t *testing.T) {
	inf, nan, negZero := math.Inf(1), math.NaN(), math.Copysign(0, -1)
	const tiny = 0x1p-1074
	for _, c := range []struct {
		name  string
		apply func(dst, x []float64)
		x     []float64
		want  []float64
	}{
		{"exp", Exp[float64],
			[]float64{nan, inf, -inf, 0, negZero, 710, 1e308, -745.2, -1e308, tiny, -744.4400719213812},
			[]float64{nan, inf, 0, 1, 1, inf, inf, 0, 0, 1, tiny}},
		{"tanh", Tanh[float64],
			[]float64{nan, inf, -inf, 0, negZero, tiny, -tiny, 1e308, -20, 0x1p-1022, -0x1p-600},
			[]float64{nan, 1, -1, 0, negZero, tiny, -tiny, 1, -1, 0x1p-1022, -0x1p-600}},
		{"sigmoid", Sigmoid[float64],
			[]float64{nan, inf, -inf, 0, negZero, 1e308, -1e308, 40, -744.4400719213812, tiny},
			[]float64{nan, 1, 0, 0.5, 0.5, 1, 0, 1, tiny, 0.5}},
		{"softplus", Softplus[float64],
			[]float64{nan, inf, -inf, 0, negZero, 1e308, -1e308, 800, -744.4400719213812, tiny},
			[]float64{nan, inf, 0, math.Ln2, math.Ln2, 1e308, 0, 800, tiny, math.Ln2}},
		{"log", Log[float64],
			[]float64{nan, inf, -inf, 0, negZero, -tiny, -1, 1, tiny, math.MaxFloat64, math.E},
			[]float64{nan, inf, nan, -inf, -inf, nan, nan, 0, -744.4400719213812, 709.782712893384, 1}},
	} {
		onEveryPath(t, func(t *testing.T) {
			got := make([]float64, len(c.x))
			c.apply(got, c.x)
			for i, w := range c.want {
				if math.Float64bits(got[i]) != math.Float64bits(w) && !(math.IsNaN(got[i]) && math.IsNaN(w)) {
					t.Errorf("%s(%v) = %v, want %v", c.name, c.x[i], got[i], w)
				}
			}
		})
	}
}

// TestBounded: the gradients 1-y² and y·(1-y) must not turn negative.
func TestBounded(t *testing.T) {
	x := points(-60, 60, 20000)
	y := make([]float64, len(x))
	onEveryPath(t, func(t *testing.T) {
		Tanh(y, x)
		for i, v := range y {
			if math.Abs(v) > 1 || math.Signbit(v) != math.Signbit(x[i]) {
				t.Fatalf("tanh(%v) = %v", x[i], v)
			}
		}
		Sigmoid(y, x)
		for i, v := range y {
			if v < 0 || v > 1 {
				t.Fatalf("sigmoid(%v) = %v", x[i], v)
			}
		}
	})
}

// On every path LogSumExp neither overflows nor vanishes, and is right
// for nothing, infinities and NaN.
func TestLogSumExp(t *testing.T) {
	inf := math.Inf(1)
	many := make([]float64, 1000)
	for i := range many {
		many[i] = 700 + math.Log(float64(i+1))
	}
	onEveryPath(t, func(t *testing.T) {
		for _, c := range []struct {
			x    []float64
			want float64
		}{
			{nil, -inf},
			{[]float64{-inf, -inf}, -inf},
			{[]float64{3}, 3},
			{[]float64{inf, 0}, inf},
			{[]float64{math.NaN(), 0}, math.NaN()},
			{[]float64{inf, math.NaN()}, math.NaN()},
			{[]float64{-inf, math.NaN()}, math.NaN()},
			{[]float64{1000, 1000}, 1000 + math.Ln2},
			{[]float64{-1000, -1000, -inf}, -1000 + math.Ln2},
			{many, 700 + math.Log(500500)}, // 1 + 2 + ... + 1000
		} {
			got := LogSumExp(c.x)
			if math.IsNaN(got) != math.IsNaN(c.want) || math.Abs(got-c.want) > 1e-12 {
				t.Errorf("LogSumExp of %d elements from %v is %v, want %v", len(c.x), c.x[:min(3, len(c.x))], got, c.want)
			}
		}
	})
}

// Far from zero it neither overflows nor vanishes.
func ExampleSoftplus() {
	x := []float64{-40, 0, 40}
	Softplus(x, x)
	fmt.Printf("%.4g\n", x)
	// Output: [4.248e-18 0.6931 40]
}
