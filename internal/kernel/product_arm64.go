//go:build arm64 && !noasm

package kernel

import (
	"sync"
	"unsafe"
)

const (
	vectorBytes = 16

	// A panel of C is at most panelVectors vectors wide, so that a row of a panel of B is one line of
	// the cache.
	panelVectors = 4
	panelBytes   = vectorBytes * panelVectors

	// depth is the most rows of B that are worked through at a time: a panel of B is 16 KB then, and stays
	// in the first cache.
	depth = 256

	// Panels of a B of more than smallB bytes are gathered if at least sharing rows of A share them: its
	// rows lie so far apart that the first cache has no room for many.
	smallB  = 1 << 16
	sharing = 32

	// A product of a transposed B with fewer rows of A than that is not worth the transposition.
	worthTransposing = 4
)

// packed lends room for a panel of B.
var packed = sync.Pool{New: func() any { return new([depth * panelBytes / 8]float64) }}

// multiplyAll computes C panel by panel: depth rows of B at a time, four, two or one vectors of
// columns, all rows of A.
func multiplyAll[T Float](p *product, c, a, b, from []T, fromRow int) {
	transposed := p.bRow == 1 && p.n > 1 // B is stored n×k
	if path == generic || p.k == 0 || transposed && p.m < worthTransposing {
		multiplyGo(p, c, a, b, from, fromRow)
		return
	}
	room := packed.Get().(*[depth * panelBytes / 8]float64)
	defer packed.Put(room)
	size := int(unsafe.Sizeof(c[0]))
	buf := unsafe.Slice((*T)(unsafe.Pointer(room)), depth*panelBytes/size)
	width := vectorBytes / size
	gathered := transposed || p.k*p.n*size > smallB && p.m >= sharing
	steps := (p.k + depth - 1) / depth
	for s := range steps {
		k0, k1 := s*p.k/steps, (s+1)*p.k/steps
		y := a[k0*p.aCol:]
		for j := 0; j < p.n; {
			vectors := panelVectors
			for vectors > 1 && vectors*width > p.n-j {
				vectors /= 2
			}
			part := panel{m: p.m, k: k1 - k0, vectors: vectors, cRow: p.n, aRow: p.aRow, aCol: p.aCol, bRow: p.bRow, fromRow: fromRow}
			n := min(vectors*width, p.n-j)
			x := b[k0*p.bRow+j*p.bCol:]
			if gathered || n < width {
				gather(buf, x, part.k, n, vectors*width, p.bRow, p.bCol)
				x, part.bRow = buf, vectors*width
			}
			var start []T
			if from != nil {
				start = from[j:]
			}
			if n < width {
				intoPart(part, c[j:], y, x, start, n)
			} else {
				into(part, c[j:], y, x, start)
			}
			j += n
		}
		from, fromRow = c, p.n
	}
}

// A panel is the shape of the work of one call of the assembly, with the distances from row to row and
// from column to column in elements.
type panel struct {
	m, k, vectors                   int
	cRow, aRow, aCol, bRow, fromRow int
}

// into computes the panel.
func into[T Float](p panel, c, a, b, from []T) {
	if unsafe.Sizeof(c[0]) == 4 {
		p.single(single(c), single(a), single(b), single(from))
	} else {
		p.double(double(c), double(a), double(b), double(from))
	}
}

func (p panel) double(c, a, b, from *float64) {
	cr, ar, ac, br, fr := 8*p.cRow, 8*p.aRow, 8*p.aCol, 8*p.bRow, 8*p.fromRow
	switch p.vectors {
	case 4:
		panel4NEON(c, a, b, from, p.m, p.k, cr, ar, ac, br, fr)
	case 2:
		panel2NEON(c, a, b, from, p.m, p.k, cr, ar, ac, br, fr)
	case 1:
		panel1NEON(c, a, b, from, p.m, p.k, cr, ar, ac, br, fr)
	}
}

func (p panel) single(c, a, b, from *float32) {
	cr, ar, ac, br, fr := 4*p.cRow, 4*p.aRow, 4*p.aCol, 4*p.bRow, 4*p.fromRow
	switch p.vectors {
	case 4:
		panel4SingleNEON(c, a, b, from, p.m, p.k, cr, ar, ac, br, fr)
	case 2:
		panel2SingleNEON(c, a, b, from, p.m, p.k, cr, ar, ac, br, fr)
	case 1:
		panel1SingleNEON(c, a, b, from, p.m, p.k, cr, ar, ac, br, fr)
	}
}

// intoPart computes the first n columns of a panel of one vector, some rows at a time beside C.
func intoPart[T Float](p panel, c, a, b, from []T, n int) {
	const rows, width = 16, vectorBytes / 4
	var beside [rows * width]T
	for i := 0; i < p.m; i += rows {
		part := p
		part.m, part.cRow, part.fromRow = min(rows, p.m-i), width, width
		var start []T
		if from != nil {
			start = beside[:]
			for r := range part.m {
				copy(beside[r*width:], from[(i+r)*p.fromRow:][:n])
			}
		}
		into(part, beside[:], a[i*p.aRow:], b, start)
		for r := range part.m {
			copy(c[(i+r)*p.cRow:][:n], beside[r*width:])
		}
	}
}

// gather copies k rows of n columns of B to dst, in rows of width columns, of which the last are zero.
func gather[T Float](dst, b []T, k, n, width, bRow, bCol int) {
	for i := range k {
		row := dst[i*width : (i+1)*width]
		if bCol == 1 {
			copy(row, b[i*bRow:][:n])
		} else {
			for j := range n {
				row[j] = b[i*bRow+j*bCol]
			}
		}
		clear(row[n:])
	}
}
