package ad

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A layer is a number of operations on some inputs.
type layer[T Float] struct {
	name   string
	shapes [][2]int
	apply  func(t *TapeOf[T], in []*NodeOf[T]) *NodeOf[T]
}

func layers[T Float]() []layer[T] {
	const h = 40
	active := []int{5, 5, 3, 3, 1}
	return []layer[T]{
		{"MatMul", [][2]int{{7, 64}, {64, h}}, func(t *TapeOf[T], in []*NodeOf[T]) *NodeOf[T] { return t.MatMul(in[0], in[1]) }},
		{"LinearTanh, twice", [][2]int{{7, h}, {h, h}, {1, h}, {7, h}}, func(t *TapeOf[T], in []*NodeOf[T]) *NodeOf[T] {
			return t.LinearTanh(t.LinearTanh(in[0], in[1], in[2]), in[1], in[3])
		}},
		{"GRU", [][2]int{{17, 3 * h}, {h, 3 * h}, {1, 3 * h}, {5, h}, {17, 33}, {33, 3 * h}, {17, h}, {h, 3 * h}}, func(t *TapeOf[T], in []*NodeOf[T]) *NodeOf[T] {
			return t.GRUFrom(in[3], in[0], in[1], in[2], active, InputOf[T]{in[4], in[5]}, InputOf[T]{in[6], in[7]})
		}},
		{"GRU, a bias for all rows", [][2]int{{1, 3 * h}, {h, 3 * h}, {1, 3 * h}, {17, h}, {h, 3 * h}}, func(t *TapeOf[T], in []*NodeOf[T]) *NodeOf[T] {
			return t.GRU(in[0], in[1], in[2], active, InputOf[T]{in[3], in[4]})
		}},
		{"LSTM", [][2]int{{17, 4 * h}, {h, 4 * h}, {1, 4 * h}}, func(t *TapeOf[T], in []*NodeOf[T]) *NodeOf[T] { return t.LSTM(in[0], in[1], in[2], active) }},
		{"a Gaussian layer", [][2]int{{7, 12}, {7, 12}, {7, 6}}, func(t *TapeOf[T], in []*NodeOf[T]) *NodeOf[T] {
			part := func(x *NodeOf[T], k int) *NodeOf[T] { return t.Columns(x, 6*k, 6*k+6) }
			mean, sd := part(in[0], 0), t.SoftplusAbove(0.1, part(in[0], 1))
			z := t.Reparameterise(mean, sd, t.Const(7, 6, in[2].Val))
			kl := t.KLGaussian(mean, sd, part(in[1], 0), t.SoftplusAbove(0.1, part(in[1], 1)))
			return t.Concat(t.Stack([]*NodeOf[T]{z, kl}), t.Stack([]*NodeOf[T]{t.Sigmoid(z), t.Exp(in[2])}))
		}},
	}
}

// values returns as many numbers as the shapes have, of float32 and of everyday size.
func (l layer[T]) values() (all [][]float64) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, s := range l.shapes {
		v := make([]float64, s[0]*s[1])
		for i := range v {
			v[i] = float64(float32((rng.Float64() - 0.5) / 2))
		}
		all = append(all, v)
	}
	return all
}

// run returns the gradients of the inputs, which are added to what is there, and the
// values of the result.
func (l layer[T]) run(tape *TapeOf[T], values [][]float64) (all [][]T) {
	tape.Reset()
	var in []*NodeOf[T]
	for i, s := range l.shapes {
		g := make([]T, len(values[i]))
		for j := range g {
			g[j] = 0.25
		}
		all = append(all, g)
		in = append(in, tape.Param(s[0], s[1], tape.Data(s[0], s[1], values[i]).Val, g))
	}
	y := l.apply(tape, in)
	all = append(all, append([]T(nil), y.Val...))
	tape.Backward(tape.Sum(tape.Mul(y, y)))
	return all
}

// TestSingle holds the values and gradients of operations on a tape of float32 to
// those in float64, to 1e-5 of the largest.
func TestSingle(t *testing.T) {
	doubles := layers[float64]()
	for k, l := range layers[float32]() {
		t.Run(l.name, func(t *testing.T) {
			values := l.values()
			var tape TapeOf[float32]
			want, got := doubles[k].run(new(Tape), values), l.run(&tape, values)
			for i := range want {
				largest, off := 0.0, 0.0
				for j, w := range want[i] {
					largest, off = max(largest, math.Abs(w)), max(off, math.Abs(w-float64(got[i][j])))
				}
				if !(off <= 1e-5*largest) {
					t.Errorf("slice %d of %d is %g off where the largest is %g", i, len(want), off, largest)
				}
			}
			again := l.run(&tape, values)
			for i := range got {
				for j := range got[i] {
					if got[i][j] != again[i][j] {
						t.Fatalf("slice %d, element %d is %v, then %v", i, j, got[i][j], again[i][j])
					}
				}
			}
		})
	}
}
