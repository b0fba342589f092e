package ad

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestSingle holds the values and gradients of operations on a Single tape to
// those in float64, to 1e-4 of the largest; they differ, or nothing was computed
// in float32.
func TestSingle(t *testing.T) {
	const h = 40
	active := []int{5, 5, 3, 3, 1}
	for _, c := range []struct {
		name   string
		shapes [][2]int
		apply  func(t *Tape, in []*Node) *Node
	}{
		{"MatMul", [][2]int{{7, 64}, {64, h}}, func(t *Tape, in []*Node) *Node { return t.MatMul(in[0], in[1]) }},
		{"LinearTanh, twice", [][2]int{{7, h}, {h, h}, {1, h}, {7, h}}, func(t *Tape, in []*Node) *Node {
			return t.LinearTanh(t.LinearTanh(in[0], in[1], in[2]), in[1], in[3])
		}},
		{"GRU", [][2]int{{17, 3 * h}, {h, 3 * h}, {1, 3 * h}, {5, h}, {17, 33}, {33, 3 * h}, {17, h}, {h, 3 * h}}, func(t *Tape, in []*Node) *Node {
			return t.GRUFrom(in[3], in[0], in[1], in[2], active, Input{in[4], in[5]}, Input{in[6], in[7]})
		}},
		{"GRU, a bias for all rows", [][2]int{{1, 3 * h}, {h, 3 * h}, {1, 3 * h}, {17, h}, {h, 3 * h}}, func(t *Tape, in []*Node) *Node {
			return t.GRU(in[0], in[1], in[2], active, Input{in[3], in[4]})
		}},
		{"LSTM", [][2]int{{17, 4 * h}, {h, 4 * h}, {1, 4 * h}}, func(t *Tape, in []*Node) *Node { return t.LSTM(in[0], in[1], in[2], active) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(5, 6))
			var values [][]float64
			for _, s := range c.shapes {
				v := make([]float64, s[0]*s[1])
				for i := range v {
					v[i] = (rng.Float64() - 0.5) / 2
				}
				values = append(values, v)
			}
			tape := new(Tape)
			run := func(single bool) [][]float64 {
				tape.Reset()
				tape.Single = single
				var in []*Node
				var all [][]float64
				for i, s := range c.shapes {
					g := make([]float64, len(values[i]))
					for j := range g {
						g[j] = 0.25 // gradients are added to
					}
					all = append(all, g)
					in = append(in, tape.Param(s[0], s[1], values[i], g))
				}
				y := c.apply(tape, in)
				all = append(all, append([]float64(nil), y.Val...))
				tape.Backward(tape.Sum(tape.Mul(y, y)))
				return all
			}
			want, got := run(false), run(true)
			for i := range want {
				largest, off := 0.0, 0.0
				for j, w := range want[i] {
					largest, off = max(largest, math.Abs(w)), max(off, math.Abs(w-got[i][j]))
				}
				if !(off <= 1e-4*largest) || off == 0 {
					t.Errorf("slice %d of %d is %g off where the largest is %g", i, len(want), off, largest)
				}
			}
			again := run(true)
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
