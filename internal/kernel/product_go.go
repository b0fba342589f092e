package kernel

import (
	"math"
	"unsafe"
)

// multiplyGo computes C in tiles of 2×4 elements, whose chains run side by
// side.
func multiplyGo[T Float](p *product, c, a, b, from []T, fromRow int) {
	i := 0
	for ; i+2 <= p.m; i += 2 {
		j := 0
		for ; j+4 <= p.n; j += 4 {
			tile(p, c, a, b, from, fromRow, i, j)
		}
		for ; j < p.n; j++ {
			element(p, c, a, b, from, fromRow, i, j)
			element(p, c, a, b, from, fromRow, i+1, j)
		}
	}
	if i < p.m {
		for j := range p.n {
			element(p, c, a, b, from, fromRow, i, j)
		}
	}
}

func transposeGo[T Float](dst, x []T, m, n int) {
	for j := range n {
		for i := range m {
			dst[j*m+i] = x[i*n+j]
		}
	}
}

// element computes C(i, j).
func element[T Float](p *product, c, a, b, from []T, fromRow, i, j int) {
	var s T
	if from != nil {
		s = from[i*fromRow+j]
	}
	x, y := i*p.aRow, j*p.bCol
	for range p.k {
		s = T(fma(a[x], b[y], s))
		x += p.aCol
		y += p.bRow
	}
	c[i*p.n+j] = s
}

// tile computes C(i..i+1, j..j+3).
func tile[T Float](p *product, c, a, b, from []T, fromRow, i, j int) {
	var s00, s01, s02, s03, s10, s11, s12, s13 T
	if from != nil {
		f := from[i*fromRow+j:]
		s00, s01, s02, s03 = f[0], f[1], f[2], f[3]
		f = f[fromRow:]
		s10, s11, s12, s13 = f[0], f[1], f[2], f[3]
	}
	x0, x1 := i*p.aRow, (i+1)*p.aRow
	y := j * p.bCol
	for range p.k {
		a0, a1 := a[x0], a[x1]
		b0, b1, b2, b3 := b[y], b[y+p.bCol], b[y+2*p.bCol], b[y+3*p.bCol]
		s00 = T(fma(a0, b0, s00))
		s01 = T(fma(a0, b1, s01))
		s02 = T(fma(a0, b2, s02))
		s03 = T(fma(a0, b3, s03))
		s10 = T(fma(a1, b0, s10))
		s11 = T(fma(a1, b1, s11))
		s12 = T(fma(a1, b2, s12))
		s13 = T(fma(a1, b3, s13))
		x0 += p.aCol
		x1 += p.aCol
		y += p.bRow
	}
	d := c[i*p.n+j:]
	d[0], d[1], d[2], d[3] = s00, s01, s02, s03
	d = d[p.n:]
	d[0], d[1], d[2], d[3] = s10, s11, s12, s13
}

// fma returns x·y + z, rounded once to T. That the result is a float64 keeps it within what the compiler puts
// in line.
func fma[T Float](x, y, z T) float64 {
	if unsafe.Sizeof(x) == 8 {
		return math.FMA(float64(x), float64(y), float64(z))
	}
	return float64(fmaSingle(float32(x), float32(y), float32(z)))
}

// fmaSingle returns x·y + z, rounded once. The product is exact in float64; the
// sum is rounded to odd there, to the neighbour of an inexact sum whose last
// bit is one, after which rounding to float32 is that of the exact sum (Boldo &
// Melquiond 2008).
func fmaSingle(x, y, z float32) float32 {
	p, q := float64(float64(x)*float64(y)), float64(z)
	s := p + q
	t := s - p
	lost := (p - (s - t)) + (q - t)
	if b := math.Float64bits(s); (lost > 0 || lost < 0) && b&1 == 0 {
		if (lost > 0) == (s > 0) {
			b++
		} else {
			b--
		}
		s = math.Float64frombits(b)
	}
	return float32(s)
}
