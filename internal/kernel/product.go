package kernel

import "unsafe"

// Float is the width of an element. Products of float32 are rounded to float32
// at every step of their chains.
type Float interface{ float32 | float64 }

// as returns x as a slice of its elements' type.
func as[U, T Float](x []T) []U {
	return unsafe.Slice((*U)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

// MulNN sets C, m×n, to A·B for A of m×k and B of k×n, plus C if add. C must
// not overlap A or B.
//
// Every element of C is one chain of fused multiply-adds in order of k, from
// zero or from its value before.
func MulNN[T Float](c, a, b []T, m, k, n int, add bool) {
	holds("MulNN", "c", len(c), m, n)
	holds("MulNN", "a", len(a), m, k)
	holds("MulNN", "b", len(b), k, n)
	multiply(&product{m: m, k: k, n: n, aRow: k, aCol: 1, bRow: n, bCol: 1}, c, a, b, start(c, add), n)
}

// MulNT sets C, m×n, to A·Bᵀ for A of m×k and B stored n×k, plus C if add. It
// is otherwise as [MulNN].
func MulNT[T Float](c, a, b []T, m, k, n int, add bool) {
	holds("MulNT", "c", len(c), m, n)
	holds("MulNT", "a", len(a), m, k)
	holds("MulNT", "b", len(b), n, k)
	multiply(&product{m: m, k: k, n: n, aRow: k, aCol: 1, bRow: 1, bCol: k}, c, a, b, start(c, add), n)
}

// MulTN sets C, m×n, to Aᵀ·B for A stored k×m and B of k×n, plus C if add. It
// is otherwise as [MulNN].
func MulTN[T Float](c, a, b []T, m, k, n int, add bool) {
	holds("MulTN", "c", len(c), m, n)
	holds("MulTN", "a", len(a), k, m)
	holds("MulTN", "b", len(b), k, n)
	multiply(&product{m: m, k: k, n: n, aRow: 1, aCol: m, bRow: n, bCol: 1}, c, a, b, start(c, add), n)
}

// MulNNPlus sets C, m×n, to D + A·B for D of m×n, A of m×k and B of k×n. D may
// be C; it is otherwise as [MulNN], the chains starting at D.
func MulNNPlus[T Float](c, d, a, b []T, m, k, n int) {
	holds("MulNNPlus", "c", len(c), m, n)
	holds("MulNNPlus", "d", len(d), m, n)
	holds("MulNNPlus", "a", len(a), m, k)
	holds("MulNNPlus", "b", len(b), k, n)
	multiply(&product{m: m, k: k, n: n, aRow: k, aCol: 1, bRow: n, bCol: 1}, c, a, b, d, n)
}

// Affine sets C, m×n, to A·B with bias, of length n, added to every row, for A
// of m×k and B of k×n: the layer x·W + b. The chains of [MulNN] start at the
// bias, which therefore costs nothing.
func Affine[T Float](c, a, b, bias []T, m, k, n int) {
	holds("Affine", "c", len(c), m, n)
	holds("Affine", "a", len(a), m, k)
	holds("Affine", "b", len(b), k, n)
	holds("Affine", "bias", len(bias), 1, n)
	multiply(&product{m: m, k: k, n: n, aRow: k, aCol: 1, bRow: n, bCol: 1}, c, a, b, bias, 0)
}

// Transpose sets dst, n×m, to the transpose of x, m×n. It must not overlap x.
func Transpose[T Float](dst, x []T, m, n int) {
	holds("Transpose", "dst", len(dst), n, m)
	holds("Transpose", "x", len(x), m, n)
	transpose(dst, x, m, n)
}

// start returns where the chains of a product start: C itself, or nil for
// zero.
func start[T Float](c []T, add bool) []T {
	if add {
		return c
	}
	return nil
}

// A product is the shape of C = A·B and how A and B are stored: the distances
// from one element to the next row's and the next column's.
type product struct {
	m, k, n    int
	aRow, aCol int
	bRow, bCol int
}

// multiply computes the product with chains that start from the matrix from,
// whose rows are fromRow apart, or from zero where from is nil.
func multiply[T Float](p *product, c, a, b, from []T, fromRow int) {
	if p.m == 0 || p.n == 0 {
		return
	}
	multiplyAll(p, c, a, b, from, fromRow)
}
