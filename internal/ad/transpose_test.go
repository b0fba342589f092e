package ad

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestWeightsUsedOften: the gradient of an input behind weights that several
// operations use is, bit for bit, that behind copies of the weights. The
// transposes of an earlier record must not be taken for those of a later one.
func TestWeightsUsedOften(t *testing.T) {
	const rows, h, uses = 3, 7, 4
	rng := rand.New(rand.NewPCG(4, 4))
	var tape Tape
	w := make([]float64, h*h)
	for range 2 {
		copy(w, normals(rng, h*h))
		x, bias := normals(rng, rows*h), make([]float64, h)
		run := func(weights func() []float64) []float64 {
			tape.Reset()
			grad := make([]float64, rows*h)
			y := tape.Param(rows, h, x, grad)
			for range uses {
				y = tape.LinearTanh(y, tape.Const(h, h, weights()), tape.Const(1, h, bias))
			}
			tape.Backward(tape.Sum(y))
			return grad
		}
		got := run(func() []float64 { return w })
		want := run(func() []float64 { return append([]float64(nil), w...) })
		for i := range got {
			if math.Float64bits(got[i]) != math.Float64bits(want[i]) {
				t.Errorf("element %d: derivative %v, with copies %v", i, got[i], want[i])
			}
		}
	}
}
