package ad

import (
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/internal/kernel"
)

// TestGradientOfSharedWeights: the gradient of weights that many steps share is, bit for
// bit, the sum of their products from the last step to the first, of few rows and of many,
// through another record in between, and of a second way back.
func TestGradientOfSharedWeights(t *testing.T) {
	const k, n = 5, 7
	rng := rand.New(rand.NewPCG(6, 7))
	w, got, want := normals(rng, k*n), make([]float64, k*n), make([]float64, k*n)
	var tape, inner Tape
	weights := tape.Param(k, n, w, got)
	sum := tape.Const(1, 1, []float64{0})
	step := func(on *Tape, rows int) (y *Node, add func()) {
		x, d := normals(rng, rows*k), normals(rng, rows*n)
		y = on.Sum(on.Mul(on.MatMul(on.Const(rows, k, x), weights), on.Const(rows, n, d)))
		return y, func() { kernel.MulTN(want, x, d, k, rows, n, true) }
	}
	var back []func()
	for i, rows := range []int{3, 8, 40, 8, 8, 8, 8, 8, 8, 8, 8, 8, 1, 3} {
		var y *Node
		var add func()
		if i == 4 {
			x, d := normals(rng, rows*k), normals(rng, rows*n)
			y = tape.Checkpoint(&inner, func() *Node {
				return inner.Sum(inner.Mul(inner.MatMul(inner.Const(rows, k, x), weights), inner.Const(rows, n, d)))
			})
			add = func() { kernel.MulTN(want, x, d, k, rows, n, true) }
		} else {
			y, add = step(&tape, rows)
		}
		sum, back = tape.Add(sum, y), append(back, add)
	}
	slices.Reverse(back)
	for pass := range 2 {
		tape.Backward(sum)
		for _, add := range back {
			add()
		}
		if !slices.Equal(got, want) {
			t.Errorf("way back %d: the gradient is %v, want %v", pass+1, got, want)
		}
	}
}
