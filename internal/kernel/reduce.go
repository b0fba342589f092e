package kernel

import "math"

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
func Dot(a, b []float64) float64 {
	sameLength("Dot", "b", len(b), len(a))
	n := len(a) &^ 7
	s := dotBlocks(a[:n], b[:n])
	for i := n; i < len(a); i++ {
		s = math.FMA(a[i], b[i], s)
	}
	return s
}

// Sum returns Σ x_i, in the order of [Dot].
func Sum(x []float64) float64 {
	n := len(x) &^ 7
	s := sumBlocks(x[:n])
	for _, v := range x[n:] {
		s += v
	}
	return s
}

// SumSq returns Σ x_i², in the order of [Dot].
func SumSq(x []float64) float64 {
	return Dot(x, x)
}

// SumRows adds the rows of x, m×n, to dst, of length n, from the first row to
// the last.
func SumRows(dst, x []float64, m, n int) {
	holds("SumRows", "dst", len(dst), 1, n)
	holds("SumRows", "x", len(x), m, n)
	sumRows(dst[:n], x, m, n)
}
