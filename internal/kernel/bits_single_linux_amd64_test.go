//go:build !noasm

package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"
)

// placeSingle copies x to the front or the end of a fence.
func (f fence) placeSingle(x []float32, atFront bool) []float32 {
	all := unsafe.Slice((*float32)(unsafe.Pointer(&f.data[0])), 2*len(f.data))
	from := 0
	if !atFront {
		from = len(all) - len(x)
	}
	s := all[from : from+len(x) : from+len(x)]
	copy(s, x)
	return s
}

// TestSameBitsSingle compares the float32 products of every path with the Go
// path's, between pages that may not be touched.
func TestSameBitsSingle(t *testing.T) {
	var fences [3]fence
	for i := range fences {
		fences[i] = newFence(t, 1<<19)
	}
	rng := rand.New(rand.NewPCG(9, 10))
	shapes := [][3]int{{9, 385, 19}, {40, 193, 26}, {193, 260, 505}, {9, 1100, 480}}
	for range 150 {
		shapes = append(shapes, [3]int{rng.IntN(20), rng.IntN(70), rng.IntN(110)})
	}
	for trial, s := range shapes {
		m, k, n := s[0], s[1], s[2]
		in := [][]float32{everyday(rng, m*n), everyday(rng, m*k), everyday(rng, k*n)}
		if trial%3 == 1 && m*k > 0 {
			in[1][0], in[1][m*k-1] = math.MaxFloat32, 0x1p-149
		}
		var want []float32
		for _, p := range routes() {
			usePath(t, p)
			c := fences[0].placeSingle(in[0], trial%2 == 0)
			a, b := fences[1].placeSingle(in[1], trial%2 == 0), fences[2].placeSingle(in[2], trial%2 == 0)
			if trial%4 < 2 {
				MulNN(c, a, b, m, k, n, trial%4 == 0)
			} else {
				MulTN(c, a, b, m, k, n, trial%4 == 2)
			}
			if want == nil {
				want = append(want, c...)
				continue
			}
			for i, v := range c {
				if math.Float32bits(v) != math.Float32bits(want[i]) && (v == v || want[i] == want[i]) {
					t.Fatalf("m, k, n = %d, %d, %d: element %d is %x on %v, %x on %v", m, k, n, i, v, p, want[i], generic)
				}
			}
		}
	}
}
