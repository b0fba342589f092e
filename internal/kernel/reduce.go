package kernel

import (
	"math"
	"unsafe"
)

// lanes is the number of partial sums that a reduction keeps.
const lanes = 32

// Dot returns Σ a_i·b_i.
//
// Element i < 32·⌊n/32⌋ goes to partial sum i mod 32, and of the rest each
// whole group of eight to the partial sums that follow each other from 0; each
// partial sum is a chain of fused multiply-adds from zero. Partial sums are
// folded, l with l+8 and l+16 with l+24, then l with l+16, then halves of the
// remaining eight; the last n mod 8 products are added to the total one by
// one. [Sum] and [SumSq] keep the same order.
//
// Of float32s products and sums are float64, 128 at a time in that order, and so those of
// [Sum].
func Dot[T Float](a, b []T) float64 {
	sameLength("Dot", "b", len(b), len(a))
	if unsafe.Sizeof(T(0)) == 8 {
		return dot(as[float64](a), as[float64](b))
	}
	var x, y [wideBlock]float64
	s := 0.0
	for len(a) > 0 {
		n := widen(&x, a)
		widen(&y, b)
		s += dot(x[:n], y[:n])
		a, b = a[n:], b[n:]
	}
	return s
}

func dot(a, b []float64) float64 {
	n := len(a) &^ 7
	s := dotBlocks(a[:n], b[:n])
	for i := n; i < len(a); i++ {
		s = math.FMA(a[i], b[i], s)
	}
	return s
}

// wideBlock is the number of float32s that are made float64 at a time.
const wideBlock = 128

// widen copies the first elements of x to dst and returns their number.
func widen[T Float](dst *[wideBlock]float64, x []T) int {
	n := min(len(dst), len(x))
	for i, v := range x[:n] {
		dst[i] = float64(v)
	}
	return n
}

// Sum returns Σ x_i, in the order of [Dot].
func Sum[T Float](x []T) float64 {
	if unsafe.Sizeof(T(0)) == 8 {
		return sum(as[float64](x))
	}
	var block [wideBlock]float64
	s := 0.0
	for len(x) > 0 {
		n := widen(&block, x)
		s += sum(block[:n])
		x = x[n:]
	}
	return s
}

func sum(x []float64) float64 {
	n := len(x) &^ 7
	s := sumBlocks(x[:n])
	for _, v := range x[n:] {
		s += v
	}
	return s
}

// SumSq returns Σ x_i², in the order of [Dot].
func SumSq[T Float](x []T) float64 {
	return Dot(x, x)
}

// SumRows adds the rows of x, m×n, to dst, of length n, from the first row to
// the last.
func SumRows[T Float](dst, x []T, m, n int) {
	holds("SumRows", "dst", len(dst), 1, n)
	holds("SumRows", "x", len(x), m, n)
	sumRows(dst[:n], x, m, n)
}
