package ad

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"tsgen/internal/kernel"
)

// A leaf is a parameter of a benchmark.
type leaf[T Float] struct {
	rows, cols int
	val, grad  []T
}

func newLeaf[T Float](rng *rand.Rand, rows, cols int) leaf[T] {
	l := leaf[T]{rows, cols, make([]T, rows*cols), make([]T, rows*cols)}
	kernel.Narrow(l.val, normals(rng, rows*cols))
	return l
}

func (l leaf[T]) on(t *TapeOf[T]) *NodeOf[T] { return t.Param(l.rows, l.cols, l.val, l.grad) }

// report adds the rate of flops floating-point operations a run, those of the
// matrix products.
func report(b *testing.B, flops float64) {
	b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

// BenchmarkMLP computes a perceptron and its vector-Jacobian product with
// respect to input and parameters for a batch of 128.
func BenchmarkMLP(b *testing.B) { benchmarkMLP[float64](b) }

// BenchmarkMLPSingle is BenchmarkMLP in float32.
func BenchmarkMLPSingle(b *testing.B) { benchmarkMLP[float32](b) }

func benchmarkMLP[T Float](b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	const rows = 128
	for _, h := range []int{20, 64} {
		b.Run(fmt.Sprintf("4-%d-%d-4", h, h), func(b *testing.B) {
			sizes := []int{4, h, h, 4}
			x := newLeaf[T](rng, rows, 4)
			var weights, biases []leaf[T]
			flops := 0
			for i := range 3 {
				weights = append(weights, newLeaf[T](rng, sizes[i], sizes[i+1]))
				biases = append(biases, newLeaf[T](rng, 1, sizes[i+1]))
				flops += 3 * 2 * rows * sizes[i] * sizes[i+1]
			}
			var tape TapeOf[T]
			for b.Loop() {
				tape.Reset()
				y := x.on(&tape)
				for i, w := range weights {
					if i < 2 {
						y = tape.LinearTanh(y, w.on(&tape), biases[i].on(&tape))
					} else {
						y = tape.Linear(y, w.on(&tape), biases[i].on(&tape))
					}
				}
				tape.Backward(tape.Sum(y))
			}
			report(b, float64(flops))
		})
	}
}

// BenchmarkGRUStep computes a step of a gated recurrent unit with 64 inputs and
// 64 units for a batch of 32, and its gradient with respect to input, state and
// parameters.
func BenchmarkGRUStep(b *testing.B) { benchmarkGRUStep[float64](b) }

// BenchmarkGRUStepSingle is BenchmarkGRUStep in float32.
func BenchmarkGRUStepSingle(b *testing.B) { benchmarkGRUStep[float32](b) }

func benchmarkGRUStep[T Float](b *testing.B) {
	const rows, in, h = 32, 64, 64
	rng := rand.New(rand.NewPCG(1, 1))
	x, state := newLeaf[T](rng, rows, in), newLeaf[T](rng, rows, h)
	wx, wh := newLeaf[T](rng, in, 3*h), newLeaf[T](rng, h, 3*h)
	bx, bh := newLeaf[T](rng, 1, 3*h), newLeaf[T](rng, 1, 3*h)
	var tape TapeOf[T]
	for b.Loop() {
		tape.Reset()
		gx := tape.Linear(x.on(&tape), wx.on(&tape), bx.on(&tape))
		tape.Backward(tape.Sum(tape.GRUStep(state.on(&tape), gx, wh.on(&tape), bh.on(&tape))))
	}
	report(b, 3*2*rows*(in+h)*3*h)
}
