package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

func (s set) elementwise() {
	for _, k := range []struct {
		name, doc string
		body      func(a, b vec) vec
	}{
		{"add", "sets dst to a + b.", func(a, b vec) vec { return s.add(a, b) }},
		{"sub", "sets dst to a - b.", func(a, b vec) vec { return s.sub(a, b) }},
		{"mul", "sets dst to a·b.", func(a, b vec) vec { return s.mul(a, b) }},
		{"tanhGrad", "sets dst to b·(1 - a²).", func(a, b vec) vec { return s.mul(b, s.oneMinusSquare(a)) }},
		{"sigmoidGrad", "sets dst to b·(a·(1 - a)).", func(a, b vec) vec { return s.mul(b, s.logisticSlope(a)) }},
	} {
		s.text(k.name, "dst, a, b *float64, n int", k.doc)
		dst, a, b, n := pointer("dst"), pointer("a"), pointer("b"), pointer("n")
		s.over("loop", n, []ptr{dst, a, b}, func(lanes mask) {
			s.store(k.body(s.load(at(a), lanes), s.load(at(b), lanes)), at(dst), lanes)
		})
		end()
	}
	s.mulAdd()
	s.axpy()
	s.scale()
	s.combine()
}

func (s set) mulAdd() {
	s.text("mulAdd", "dst, a, b *float64, n int", "adds a·b to dst.")
	dst, a, b, n := pointer("dst"), pointer("a"), pointer("b"), pointer("n")
	s.over("loop", n, []ptr{dst, a, b}, func(lanes mask) {
		d := s.load(at(dst), lanes)
		VFMADD231PD(s.load(at(a), lanes), s.load(at(b), lanes), d)
		s.store(d, at(dst), lanes)
	})
	end()
}

func (s set) axpy() {
	s.text("axpy", "y *float64, alpha float64, x *float64, n int", "adds alpha·x to y.")
	y, alpha, x, n := pointer("y"), s.broadcast("alpha"), pointer("x"), pointer("n")
	s.over("loop", n, []ptr{y, x}, func(lanes mask) {
		d := s.load(at(y), lanes)
		VFMADD231PD(s.load(at(x), lanes), alpha, d)
		s.store(d, at(y), lanes)
	})
	end()
}

func (s set) scale() {
	s.text("scale", "x *float64, alpha float64, n int", "multiplies x by alpha.")
	x, alpha, n := pointer("x"), s.broadcast("alpha"), pointer("n")
	s.over("loop", n, []ptr{x}, func(lanes mask) {
		s.store(s.mul(s.load(at(x), lanes), alpha), at(x), lanes)
	})
	end()
}

func (s set) combine() {
	s.text("combine", "dst, base, c *float64, x **float64, terms, n int", "sets dst to base + Σ c·x over the terms, at least one.")
	dst, base, c, x := pointer("dst"), pointer("base"), pointer("c"), pointer("x")
	terms, n := pointer("terms"), pointer("n")
	off, i, p := GP64(), GP64(), GP64()
	XORQ(off, off)
	loop := "terms"
	s.over("loop", n, []ptr{dst, base, off}, func(lanes mask) {
		sum, factor := s.vec(), s.vec()
		MOVQ(at(x), p)
		VBROADCASTSD(at(c), factor)
		s.loadTo(sum, Mem{Base: p, Index: off, Scale: 1}, lanes)
		VMULPD(factor, sum, sum)
		MOVQ(U32(1), i)
		JMP(LabelRef(loop + "Test"))
		Label(loop)
		MOVQ(Mem{Base: x, Index: i, Scale: 8}, p)
		VBROADCASTSD(Mem{Base: c, Index: i, Scale: 8}, factor)
		VFMADD231PD(s.load(Mem{Base: p, Index: off, Scale: 1}, lanes), factor, sum)
		INCQ(i)
		Label(loop + "Test")
		CMPQ(i, terms)
		JLT(LabelRef(loop))
		s.store(s.add(sum, s.load(at(base), lanes)), at(dst), lanes)
		loop = "lastTerms"
	})
	end()
}

// oneMinusSquare returns 1 - x².
func (s set) oneMinusSquare(x vec) vec {
	v := s.constant(s.float(1))
	VFNMADD231PD(x, x, v)
	return v
}

// logisticSlope returns x·(1 - x).
func (s set) logisticSlope(x vec) vec {
	return s.mul(x, s.sub(s.constant(s.float(1)), x))
}
