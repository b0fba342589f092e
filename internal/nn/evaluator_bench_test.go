package nn

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkEvaluator computes the perceptron of ad's BenchmarkMLP and its
// vector-Jacobian product without a tape.
func BenchmarkEvaluator(b *testing.B) {
	const rows = 128
	rng := rand.New(rand.NewPCG(1, 1))
	for _, h := range []int{20, 64} {
		b.Run(fmt.Sprintf("4-%d-%d-4", h, h), func(b *testing.B) {
			var s Params
			m := NewMLP(&s, "m", []int{4, h, h, 4}, 1, rng)
			x, a, y, dx := make([]float64, rows*4), make([]float64, rows*4), make([]float64, rows*4), make([]float64, rows*4)
			for i := range x {
				x[i], a[i] = rng.NormFloat64(), 1
			}
			grad := make([]float64, len(s.Values))
			var e Evaluator
			for b.Loop() {
				e.Forward(m, s.Values, y, x, rows)
				e.Backward(m, s.Values, dx, grad, x, a, rows)
			}
		})
	}
}
