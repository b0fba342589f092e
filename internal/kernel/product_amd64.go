//go:build amd64 && !noasm

package kernel

import (
	"sync"
	"unsafe"
)

const (
	// A panel of C is at most panelVectors vectors wide.
	panelVectors = 3
	panelBytes   = 64 * panelVectors

	// depth is the most rows of B that are worked through at a time, so that
	// a panel of B stays in the first cache or near it; for one tile of rows of A,
	// which reads a panel once, it is all of them where they lie. The panels of AVX2 are half as
	// wide.
	depth, depthAVX2, tileRows = 208, 256, 8

	// Panels of B are gathered for the rows of A that share them. A B of up to
	// smallB elements, of which the second cache holds all, is read where it
	// lies, and for up to fewRows rows a larger one too: up to middleB, or if
	// depth rows of it have no more than thinB.
	smallB  = 1 << 17
	fewRows = 192
	middleB = 1 << 19
	thinB   = 1 << 16

	// Where there is AVX2 alone, manyRows of A gather the panels of a B of more than tinyB
	// elements.
	manyRows = 96
	tinyB    = 1 << 15

	// A panel reads the columns of an A stored k×m from lines so far apart that the first cache
	// holds few of them. One of more than tallA elements is transposed depth rows at a time, of
	// roomA elements at most, for the panels that share them.
	tallA, roomA = 1 << 17, 1 << 19
)

// gathers reports whether panels of B are gathered.
func (p *product) gathers() bool {
	switch size := p.k * p.n; {
	case path == avx2 && p.m >= manyRows:
		return size > tinyB
	case size <= smallB || p.m <= tileRows:
		return false
	case p.m <= fewRows:
		return size > middleB && min(p.k, depth)*p.n > thinB
	}
	return true
}

// packed lends room for a panel of B.
var packed = sync.Pool{New: func() any { return new([depth * panelBytes / 8]float64) }}

// turned lends room for the transpose of a part of A.
var turned = sync.Pool{New: func() any { return new([roomA]float64) }}

// multiplyAll computes C panel by panel: depth rows of B at a time, up to three
// vectors of columns, all rows of A.
func multiplyAll[T Float](p *product, c, a, b, from []T, fromRow int) {
	if path == generic || p.k == 0 {
		multiplyGo(p, c, a, b, from, fromRow)
		return
	}
	size := int(unsafe.Sizeof(c[0]))
	width := 64 / size
	if path == avx2 {
		width = 32 / size
	}
	transposed := p.bRow == 1 && p.n > 1 // B is stored n×k
	var buf []T
	if transposed || p.gathers() {
		room := packed.Get().(*[depth * panelBytes / 8]float64)
		defer packed.Put(room)
		buf = unsafe.Slice((*T)(unsafe.Pointer(room)), depth*panelBytes/size)
	}
	deepest := depth
	if path == avx2 {
		deepest = depthAVX2
	}
	steps := (p.k + deepest - 1) / deepest
	if buf == nil && p.m <= tileRows {
		steps = 1
	}
	var upright []T
	if p.aCol > 1 && p.m*p.k > tallA && p.m*((p.k+steps-1)/steps) <= roomA && p.n > 2*panelVectors*width {
		room := turned.Get().(*[roomA]float64)
		defer turned.Put(room)
		upright = unsafe.Slice((*T)(unsafe.Pointer(room)), roomA)
	}
	vectors := (p.n + width - 1) / width
	panels := (vectors + panelVectors - 1) / panelVectors
	for s := range steps {
		k0, k1 := s*p.k/steps, (s+1)*p.k/steps
		y, aRow, aCol := a[k0*p.aCol:], p.aRow, p.aCol
		if upright != nil {
			transposeInto(upright, y, k1-k0, p.m, k1-k0, p.aCol)
			y, aRow, aCol = upright, k1-k0, 1
		}
		for q := range panels {
			v0, v1 := q*vectors/panels, (q+1)*vectors/panels
			j0, j1 := v0*width, min(v1*width, p.n)
			part := panel{m: p.m, k: k1 - k0, n: j1 - j0, vectors: v1 - v0, cRow: p.n, aRow: aRow, aCol: aCol, bRow: p.bRow, fromRow: fromRow}
			if j1-j0 <= (v1-v0-1)*width+width/2 {
				part.half = 1
			}
			if j1-j0 == (v1-v0)*width {
				part.whole = 1
			}
			x := b[k0*p.bRow+j0*p.bCol:]
			switch {
			case transposed:
				part.bRow = part.vectors * width
				transposeInto(buf, x, part.n, part.k, part.bRow, p.bCol)
				x = buf
			case buf != nil:
				part.bRow = part.vectors * width
				copyPanel(buf, x, part.k, part.vectors, part.n, p.bRow)
				x = buf
			}
			var start []T
			if from != nil {
				start = from[j0:]
			}
			if size == 4 {
				part.intoSingle(as[float32](c[j0:]), as[float32](y), as[float32](x), as[float32](start))
			} else {
				part.into(as[float64](c[j0:]), as[float64](y), as[float64](x), as[float64](start))
			}
		}
		from, fromRow = c, p.n
	}
}

// A panel is the shape of the work of one call of the assembly, with the
// distances from row to row and from column to column in elements.
type panel struct {
	m, k, n, vectors                int
	half                            int // 1 if AVX-512 has half of the last vector to do, and else 0
	whole                           int // 1 if AVX2 has all of the last vector to do, and else 0
	cRow, aRow, aCol, bRow, fromRow int
}

// into computes the panel. It has a twin for float32, since stubs of assembly have no type
// parameters and arguments of calls through values escape.
//
//nolint:dupl // see above
func (p panel) into(c, a, b, from []float64) {
	if path == avx2 {
		p.intoAVX2(c, a, b, from)
	} else {
		p.intoAVX512(c, a, b, from)
	}
}

//nolint:dupl // see into
func (p panel) intoSingle(c, a, b, from []float32) {
	if path == avx2 {
		p.intoSingleAVX2(c, a, b, from)
	} else {
		p.intoSingleAVX512(c, a, b, from)
	}
}

//nolint:dupl // see into
func (p panel) intoAVX512(c, a, b, from []float64) {
	cp, ap, bp, fp := first(c), first(a), first(b), first(from)
	cr, ar, ac, br, fr := 8*p.cRow, 8*p.aRow, 8*p.aCol, 8*p.bRow, 8*p.fromRow
	switch 2*p.vectors - p.half {
	case 6:
		panel3AVX512(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	case 5:
		panel3HalfAVX512(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	case 4:
		panel2AVX512(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	case 3:
		panel2HalfAVX512(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	case 2:
		panel1AVX512(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	case 1:
		panel1HalfAVX512(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	}
}

//nolint:dupl // see into
func (p panel) intoAVX2(c, a, b, from []float64) {
	cp, ap, bp, fp := first(c), first(a), first(b), first(from)
	cr, ar, ac, br, fr := 8*p.cRow, 8*p.aRow, 8*p.aCol, 8*p.bRow, 8*p.fromRow
	switch 2*p.vectors + p.whole {
	case 7:
		panel3WholeAVX2(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	case 6:
		panel3AVX2(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	case 5:
		panel2WholeAVX2(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	case 4:
		panel2AVX2(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	case 3:
		panel1WholeAVX2(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	case 2:
		panel1AVX2(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	}
}

//nolint:dupl // see into
func (p panel) intoSingleAVX512(c, a, b, from []float32) {
	cp, ap, bp, fp := first(c), first(a), first(b), first(from)
	cr, ar, ac, br, fr := 4*p.cRow, 4*p.aRow, 4*p.aCol, 4*p.bRow, 4*p.fromRow
	switch 2*p.vectors - p.half {
	case 6:
		panel3SingleAVX512(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	case 5:
		panel3HalfSingleAVX512(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	case 4:
		panel2SingleAVX512(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	case 3:
		panel2HalfSingleAVX512(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	case 2:
		panel1SingleAVX512(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	case 1:
		panel1HalfSingleAVX512(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	}
}

//nolint:dupl // see into
func (p panel) intoSingleAVX2(c, a, b, from []float32) {
	cp, ap, bp, fp := first(c), first(a), first(b), first(from)
	cr, ar, ac, br, fr := 4*p.cRow, 4*p.aRow, 4*p.aCol, 4*p.bRow, 4*p.fromRow
	switch 2*p.vectors + p.whole {
	case 7:
		panel3WholeSingleAVX2(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	case 6:
		panel3SingleAVX2(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	case 5:
		panel2WholeSingleAVX2(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	case 4:
		panel2SingleAVX2(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	case 3:
		panel1WholeSingleAVX2(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	case 2:
		panel1SingleAVX2(cp, ap, bp, fp, p.m, p.k, p.n, cr, ar, ac, br, fr)
	}
}

func copyPanel[T Float](dst, b []T, k, vectors, n, bRow int) {
	single := unsafe.Sizeof(dst[0]) == 4
	switch {
	case single && path == avx512:
		copyPanelSingleAVX512(first(as[float32](dst)), first(as[float32](b)), k, vectors, n, 4*bRow)
	case single:
		copyPanelSingleAVX2(first(as[float32](dst)), first(as[float32](b)), k, vectors, n, 4*bRow)
	case path == avx512:
		copyPanelAVX512(first(as[float64](dst)), first(as[float64](b)), k, vectors, n, 8*bRow)
	default:
		copyPanelAVX2(first(as[float64](dst)), first(as[float64](b)), k, vectors, n, 8*bRow)
	}
}

func transpose[T Float](dst, x []T, m, n int) {
	if path == generic {
		transposeGo(dst, x, m, n)
		return
	}
	transposeInto(dst, x, m, n, m, n)
}

// transposeInto sets dst to the transpose of x, m×n; rows lie dstRow and xRow
// elements apart.
func transposeInto[T Float](dst, x []T, m, n, dstRow, xRow int) {
	m4, n4 := m&^3, n&^3
	if m4 > 0 && n4 > 0 {
		if unsafe.Sizeof(dst[0]) == 4 {
			transposeSingleAVX2(single(dst), single(x), m4, n4, 4*dstRow, 4*xRow)
		} else {
			transposeAVX2(double(dst), double(x), m4, n4, 8*dstRow, 8*xRow)
		}
	}
	for i := range m {
		j := n4
		if i >= m4 {
			j = 0
		}
		for ; j < n; j++ {
			dst[j*dstRow+i] = x[i*xRow+j]
		}
	}
}
