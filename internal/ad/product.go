package ad

import "tsgen/internal/kernel"

// This file holds the products of all operations. On a tape that is Single they
// are computed in float32 from rounded factors; what a product is added to and
// the sum stay float64.

// leastSingle is the least number of columns that the factors of a product have
// for which float32 repays the rounding.
const leastSingle = 32

// single reports whether a product of m×k and k×n matrices is computed in
// float32.
func (t *Tape) single(k, n int) bool { return t.Single && k >= leastSingle && n >= leastSingle }

// multiply sets c, m×n, to A·W, plus c if add, for A of m rows.
func (t *Tape) multiply(c, a []float64, w *Node, m int, add bool) {
	if !t.single(w.Rows, w.Cols) {
		kernel.MulNN(c, a, w.Val, m, w.Rows, w.Cols, add)
		return
	}
	if !add {
		clear(c)
	}
	p := t.productSingle(a, w.Val, w.Rows, w.Cols, m, false)
	kernel.AddSingle(c, c, p)
}

// affine sets c, m×n, to A·W with bias added to every row.
func (t *Tape) affine(c, a []float64, w *Node, bias []float64, m int) {
	n := w.Cols
	if !t.single(w.Rows, n) {
		kernel.Affine(c, a, w.Val, bias, m, w.Rows, n)
		return
	}
	p := t.productSingle(a, w.Val, w.Rows, n, m, false)
	for i := range m {
		kernel.AddSingle(c[i*n:(i+1)*n], bias, p[i*n:(i+1)*n])
	}
}

// plus sets c, m×n, to D + A·W.
func (t *Tape) plus(c, d, a []float64, w *Node, m int) {
	if !t.single(w.Rows, w.Cols) {
		kernel.MulNNPlus(c, d, a, w.Val, m, w.Rows, w.Cols)
		return
	}
	kernel.AddSingle(c, d, t.productSingle(a, w.Val, w.Rows, w.Cols, m, false))
}

// multiplyFirst sets c, m×n, to Aᵀ·B, plus c if add, for A of k×m and B of k×n.
func (t *Tape) multiplyFirst(c, a, b []float64, m, k, n int, add bool) {
	if !t.single(m, n) {
		kernel.MulTN(c, a, b, m, k, n, add)
		return
	}
	if !add {
		clear(c)
	}
	work := t.workSingle(m*n + k*m + k*n)
	p, x, y := work[:m*n], work[m*n:m*n+k*m], work[m*n+k*m:]
	kernel.Narrow(x, a[:k*m])
	kernel.Narrow(y, b[:k*n])
	kernel.MulTN(p, x, y, m, k, n, false)
	kernel.AddSingle(c, c, p)
}

// productSingle returns A·W, m×n, or with turned A·Wᵀ for W stored n×k, in
// memory that lasts until the next product.
func (t *Tape) productSingle(a, w []float64, k, n, m int, turned bool) []float32 {
	v := t.narrow(w, k, n, turned)
	work := t.workSingle(m*n + m*k)
	p, x := work[:m*n], work[m*n:]
	kernel.Narrow(x, a[:m*k])
	kernel.MulNN(p, x, v, m, k, n, false)
	return p
}

// narrow returns W, k×n, rounded to float32, or the transpose of W stored n×k,
// once for all products of the tape.
func (t *Tape) narrow(w []float64, k, n int, turned bool) []float32 {
	key := rounded{place{&w[0], k, n}, turned}
	if v := t.rounded[key]; v != nil {
		return v
	}
	t.singles.size = chunkFloats
	v := t.singles.take(k * n)
	if turned {
		x := t.scratch(k * n)
		kernel.Transpose(x, w, n, k)
		w = x
	}
	kernel.Narrow(v, w)
	if t.rounded == nil {
		t.rounded = map[rounded][]float32{}
	}
	t.rounded[key] = v
	return v
}

// rounded names a matrix that is kept in float32.
type rounded struct {
	place
	turned bool
}

// workSingle returns n numbers that last until the next product.
func (t *Tape) workSingle(n int) []float32 {
	if len(t.factors) < n {
		t.factors = make([]float32, n)
	}
	return t.factors[:n]
}
