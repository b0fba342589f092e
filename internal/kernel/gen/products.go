package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// tileVectors is the width of a tile of C in vectors.
const tileVectors = 3

// tileRows returns the heights of tiles of v vectors, the highest first: the
// accumulators, a row of B and one broadcast of A fill the registers.
func (s set) tileRows(v int) []int {
	switch {
	case s.zmm() || v == 1:
		return []int{8, 4, 2, 1}
	case v == 2:
		return []int{6, 4, 2, 1}
	}
	return []int{4, 2, 1}
}

// An ending is what is known of the last vector of a panel's columns.
type ending string

const (
	some  ending = ""      // a mask tells which of its lanes there are
	half  ending = "Half"  // it has half of them at most
	whole ending = "Whole" // it has all
)

func (s set) products() {
	for v := 1; v <= tileVectors; v++ {
		s.panel(v, some)
		if s.zmm() {
			s.panel(v, half)
		} else {
			s.panel(v, whole)
		}
	}
	s.copyPanel()
	if !s.zmm() {
		s.transpose()
	}
}

// panel writes the kernel for a panel of C of up to v vectors' columns and any
// number of rows. Where multipliers are of 256 bits, half of the last vector takes half the
// time. Where processors store by a mask in many steps, as AVX2's of AMD do, a whole one needs none.
func (s set) panel(v int, last ending) {
	name, columns := fmt.Sprintf("panel%d%s", v, last), v*s.width
	if last == half {
		columns -= s.width / 2
	}
	s.text(name,
		"c, a, b, from *"+s.element()+", m, k, n, cRow, aRow, aCol, bRow, fromRow int",
		fmt.Sprintf("computes m rows and n %s %d columns of C; from may be nil, distances are in bytes.", relation(last), columns))
	t := &tile{set: s, vectors: v, half: last == half,
		c: pointer("c"), a: pointer("a"), from: pointer("from"), m: pointer("m"),
		aRow: pointer("aRow"), aCol: pointer("aCol"), bRow: pointer("bRow")}
	if last != whole {
		rest := pointer("n")
		SUBQ(U8((v-1)*s.width), rest)
		if s.zmm() {
			t.last = s.first(rest)
		} else {
			t.lastAt = s.firstAt(rest)
		}
	}
	for _, rows := range s.tileRows(v) {
		done := fmt.Sprintf("below%d", rows)
		again := fmt.Sprintf("tile%d", rows)
		Label(again)
		CMPQ(t.m, U8(rows))
		JL(LabelRef(done))
		t.emit(rows)
		SUBQ(U8(rows), t.m)
		if rows > 1 {
			JMP(LabelRef(again))
		}
		Label(done)
	}
	end()
}

func relation(last ending) string {
	if last == whole {
		return "="
	}
	return "<="
}

type tile struct {
	set
	last             mask // for AVX-512
	lastAt           ptr  // for AVX2, whose 16 registers the tile fills; nil where the last vector is whole
	vectors          int
	half             bool // of the last vector
	c, a, from, m    ptr
	aRow, aCol, bRow ptr
}

// column returns a register for vector j of a row, and sized x for it.
func (t *tile) column(j int) vec {
	if t.half && j == t.vectors-1 {
		return YMM()
	}
	return t.vec()
}

func (t *tile) sized(x vec, j int) vec {
	if t.half && j == t.vectors-1 {
		return x.AsY().(vec)
	}
	return x
}

// lanes returns the mask of vector j.
func (t *tile) lanes(j int) mask {
	switch {
	case j < t.vectors-1:
		return nil
	case t.zmm():
		return t.last
	case t.lastAt == nil:
		return nil
	}
	return t.load(at(t.lastAt), nil)
}

// emit computes the next rows of the panel and moves c, a and from behind
// them.
func (t *tile) emit(rows int) {
	label := func(s string) string { return fmt.Sprintf("%s%d", s, rows) }
	acc := make([][]vec, rows)
	for i := range acc {
		acc[i] = make([]vec, t.vectors)
		for j := range acc[i] {
			acc[i][j] = t.column(j)
		}
	}
	TESTQ(t.from, t.from)
	JNZ(LabelRef(label("load")))
	for i := range acc {
		for j := range acc[i] {
			VXORPD(acc[i][j], acc[i][j], acc[i][j])
		}
	}
	JMP(LabelRef(label("start")))
	Label(label("load"))
	fromRow := pointer("fromRow")
	for i := range acc {
		for j := range acc[i] {
			t.loadTo(acc[i][j], at(t.from).Offset(t.bytes(j)), t.lanes(j))
		}
		ADDQ(fromRow, t.from)
	}
	Label(label("start"))

	// Rows 0 to 3 are reached from a, rows 4 to 7 from high.
	low, high, aRow3 := GP64(), GP64(), GP64()
	MOVQ(t.a, low)
	if rows > 3 {
		LEAQ(Mem{Base: t.aRow, Index: t.aRow, Scale: 2}, aRow3)
	}
	if rows > 4 {
		LEAQ(Mem{Base: t.a, Index: t.aRow, Scale: 4}, high)
	}
	cell := func(i int) Mem {
		base := low
		if i >= 4 {
			base = high
		}
		switch i % 4 {
		case 0:
			return at(base)
		case 3:
			return Mem{Base: base, Index: aRow3, Scale: 1}
		}
		return Mem{Base: base, Index: t.aRow, Scale: uint8(i % 4)}
	}
	b, k := pointer("b"), pointer("k")
	TESTQ(k, k)
	JZ(LabelRef(label("store")))
	Label(label("chain"))
	row := make([]vec, t.vectors)
	for j := range row {
		row[j] = t.column(j)
		t.loadTo(row[j], at(b).Offset(t.bytes(j)), t.lanes(j))
	}
	ADDQ(t.bRow, b)
	for i := range acc {
		x := t.vec()
		t.pick(VBROADCASTSD, VBROADCASTSS)(cell(i), x)
		for j := range row {
			t.multiplyAdd(row[j], t.sized(x, j), acc[i][j])
		}
	}
	ADDQ(t.aCol, low)
	if rows > 4 {
		ADDQ(t.aCol, high)
	}
	DECQ(k)
	JNZ(LabelRef(label("chain")))

	Label(label("store"))
	cRow := pointer("cRow")
	for i := range acc {
		for j := range acc[i] {
			t.store(acc[i][j], at(t.c).Offset(t.bytes(j)), t.lanes(j))
		}
		ADDQ(cRow, t.c)
	}
	if rows > 3 {
		LEAQ(Mem{Base: t.a, Index: t.aRow, Scale: 4}, t.a)
	}
	if rest := rows % 4; rest > 0 {
		LEAQ(Mem{Base: t.a, Index: t.aRow, Scale: uint8(rest)}, t.a)
	}
	if rows == 8 {
		LEAQ(Mem{Base: t.a, Index: t.aRow, Scale: 4}, t.a)
	}
}

// copyPanel gathers a panel of B, whose rows lie apart, into dense rows.
func (s set) copyPanel() {
	s.text("copyPanel", "dst, b *"+s.element()+", k, vectors, n, bRow int",
		"copies k rows of n elements, 0 < n <= vectors·width, to rows of whole vectors; bRow is in bytes.")
	dst, b, k, vectors, n, bRow := pointer("dst"), pointer("b"), pointer("k"), pointer("vectors"), pointer("n"), pointer("bRow")
	full := GP64()
	LEAQ(Mem{Base: vectors, Disp: -1}, full)
	t := GP64()
	MOVQ(full, t)
	SHLQ(U8(log2(s.width)), t)
	SUBQ(t, n)
	last := s.first(n)
	JMP(LabelRef("test"))
	Label("row")
	p, i := GP64(), GP64()
	MOVQ(b, p)
	MOVQ(full, i)
	JMP(LabelRef("inner"))
	Label("vector")
	s.store(s.load(at(p), nil), at(dst), nil)
	ADDQ(U8(s.bytes(1)), p)
	ADDQ(U8(s.bytes(1)), dst)
	DECQ(i)
	Label("inner")
	TESTQ(i, i)
	JNZ(LabelRef("vector"))
	s.store(s.load(at(p), last), at(dst), nil)
	ADDQ(U8(s.bytes(1)), dst)
	ADDQ(bRow, b)
	DECQ(k)
	Label("test")
	TESTQ(k, k)
	JNZ(LabelRef("row"))
	end()
}

// transpose moves 4×4 blocks; both paths use it, for it does no arithmetic.
func (s set) transpose() {
	s.text("transpose", "dst, x *"+s.element()+", m, n, dstRow, xRow int",
		"sets dst to the transpose of x, m×n, both multiples of four; distances are in bytes.")
	dst, x, m, dstRow, xRow := pointer("dst"), pointer("x"), pointer("m"), pointer("dstRow"), pointer("xRow")
	dst3, x3 := GP64(), GP64()
	LEAQ(Mem{Base: dstRow, Index: dstRow, Scale: 2}, dst3)
	LEAQ(Mem{Base: xRow, Index: xRow, Scale: 2}, x3)
	row := func(base, stride, stride3 ptr, i int) Mem {
		switch i {
		case 0:
			return at(base)
		case 3:
			return Mem{Base: base, Index: stride3, Scale: 1}
		}
		return Mem{Base: base, Index: stride, Scale: uint8(i)}
	}
	JMP(LabelRef("test"))
	Label("rows")
	p, q, n := GP64(), GP64(), pointer("n")
	MOVQ(x, p)
	MOVQ(dst, q)
	JMP(LabelRef("inner"))
	Label("block")
	from := func(i int) Mem { return row(p, xRow, x3, i) }
	to := func(j int) Mem { return row(q, dstRow, dst3, j) }
	if s.size == 8 {
		transposeDouble(from, to)
	} else {
		transposeSingle(from, to)
	}
	ADDQ(U8(4*s.size), p)
	LEAQ(Mem{Base: q, Index: dstRow, Scale: 4}, q)
	SUBQ(U8(4), n)
	Label("inner")
	TESTQ(n, n)
	JNZ(LabelRef("block"))
	LEAQ(Mem{Base: x, Index: xRow, Scale: 4}, x)
	ADDQ(U8(4*s.size), dst)
	SUBQ(U8(4), m)
	Label("test")
	TESTQ(m, m)
	JNZ(LabelRef("rows"))
	end()
}

// transposeDouble moves a 4×4 block of float64 between the rows that from and to give.
func transposeDouble(from, to func(int) Mem) {
	// pair(i, j) holds columns j and j+1 of row i below, of row i+2 above.
	pair := func(i, j int) vec {
		v := YMM()
		VMOVUPD(from(i).Offset(8*j), v.AsX())
		VINSERTF128(U8(1), from(i+2).Offset(8*j), v, v)
		return v
	}
	for j := 0; j < 4; j += 2 {
		even, odd, v := pair(0, j), pair(1, j), YMM()
		VUNPCKLPD(odd, even, v)
		VMOVUPD(v, to(j))
		VUNPCKHPD(odd, even, v)
		VMOVUPD(v, to(j+1))
	}
}

// transposeSingle is transposeDouble for float32.
func transposeSingle(from, to func(int) Mem) {
	var x [4]vec
	for i := range x {
		x[i] = XMM()
		VMOVUPS(from(i), x[i])
	}
	v := XMM()
	for j, unpack := range []func(...Op){VUNPCKLPS, VUNPCKHPS} {
		// Two columns of the upper rows, and of the lower ones.
		upper, lower := XMM(), XMM()
		unpack(x[1], x[0], upper)
		unpack(x[3], x[2], lower)
		VUNPCKLPD(lower, upper, v)
		VMOVUPS(v, to(2*j))
		VUNPCKHPD(lower, upper, v)
		VMOVUPS(v, to(2*j+1))
	}
}
