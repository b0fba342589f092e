package kernel

import "math"

// multiplyGo computes C in tiles of 2×4 elements, whose chains run side by
// side.
func multiplyGo(p *product, c, a, b, from []float64, fromRow int) {
	i := 0
	for ; i+2 <= p.m; i += 2 {
		j := 0
		for ; j+4 <= p.n; j += 4 {
			p.tile(c, a, b, from, fromRow, i, j)
		}
		for ; j < p.n; j++ {
			p.element(c, a, b, from, fromRow, i, j)
			p.element(c, a, b, from, fromRow, i+1, j)
		}
	}
	if i < p.m {
		for j := range p.n {
			p.element(c, a, b, from, fromRow, i, j)
		}
	}
}

func transposeGo(dst, x []float64, m, n int) {
	for j := range n {
		for i := range m {
			dst[j*m+i] = x[i*n+j]
		}
	}
}

// element computes C(i, j).
func (p *product) element(c, a, b, from []float64, fromRow, i, j int) {
	s := 0.0
	if from != nil {
		s = from[i*fromRow+j]
	}
	x, y := i*p.aRow, j*p.bCol
	for range p.k {
		s = math.FMA(a[x], b[y], s)
		x += p.aCol
		y += p.bRow
	}
	c[i*p.n+j] = s
}

// tile computes C(i..i+1, j..j+3).
func (p *product) tile(c, a, b, from []float64, fromRow, i, j int) {
	var s00, s01, s02, s03, s10, s11, s12, s13 float64
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
		s00 = math.FMA(a0, b0, s00)
		s01 = math.FMA(a0, b1, s01)
		s02 = math.FMA(a0, b2, s02)
		s03 = math.FMA(a0, b3, s03)
		s10 = math.FMA(a1, b0, s10)
		s11 = math.FMA(a1, b1, s11)
		s12 = math.FMA(a1, b2, s12)
		s13 = math.FMA(a1, b3, s13)
		x0 += p.aCol
		x1 += p.aCol
		y += p.bRow
	}
	d := c[i*p.n+j:]
	d[0], d[1], d[2], d[3] = s00, s01, s02, s03
	d = d[p.n:]
	d[0], d[1], d[2], d[3] = s10, s11, s12, s13
}
