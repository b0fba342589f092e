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
		s.text(k.name, "dst, a, b *"+s.element()+", n int", k.doc)
		dst, a, b, n := pointer("dst"), pointer("a"), pointer("b"), pointer("n")
		s.over("loop", n, []ptr{dst, a, b}, func(lanes mask) {
			s.store(k.body(s.load(at(a), lanes), s.load(at(b), lanes)), at(dst), lanes)
		})
		end()
	}
	s.mulAdd()
	s.axpy()
	s.scale()
	if s.size == 8 {
		s.combine()
		s.toTolerance()
	}
}

func (s set) mulAdd() {
	s.text("mulAdd", "dst, a, b *"+s.element()+", n int", "adds a·b to dst.")
	dst, a, b, n := pointer("dst"), pointer("a"), pointer("b"), pointer("n")
	s.over("loop", n, []ptr{dst, a, b}, func(lanes mask) {
		d := s.load(at(dst), lanes)
		s.multiplyAdd(s.load(at(a), lanes), s.load(at(b), lanes), d)
		s.store(d, at(dst), lanes)
	})
	end()
}

func (s set) axpy() {
	s.text("axpy", "y *"+s.element()+", alpha "+s.element()+", x *"+s.element()+", n int", "adds alpha·x to y.")
	y, alpha, x, n := pointer("y"), s.broadcast("alpha"), pointer("x"), pointer("n")
	s.over("loop", n, []ptr{y, x}, func(lanes mask) {
		d := s.load(at(y), lanes)
		s.multiplyAdd(s.load(at(x), lanes), alpha, d)
		s.store(d, at(y), lanes)
	})
	end()
}

func (s set) scale() {
	s.text("scale", "x *"+s.element()+", alpha "+s.element()+", n int", "multiplies x by alpha.")
	x, alpha, n := pointer("x"), s.broadcast("alpha"), pointer("n")
	s.over("loop", n, []ptr{x}, func(lanes mask) {
		s.store(s.mul(s.load(at(x), lanes), alpha), at(x), lanes)
	})
	end()
}

// combine takes four vectors at a time through the terms, so that their
// pointers and factors are loaded once for the four.
func (s set) combine() {
	s.text("combine", "dst, base, c *float64, x **float64, terms, n int", "sets dst to base + Σ c·x over the terms, at least one.")
	dst, base, c, x := pointer("dst"), pointer("base"), pointer("c"), pointer("x")
	terms, n := pointer("terms"), pointer("n")
	off, i, p := GP64(), GP64(), GP64()
	XORQ(off, off)
	block := func(loop string, vectors int, lanes mask) {
		sum, factor := make([]vec, vectors), s.vec()
		term := func(j int) Mem { return Mem{Base: p, Index: off, Scale: 1}.Offset(s.bytes(j)) }
		MOVQ(at(x), p)
		VBROADCASTSD(at(c), factor)
		for j := range sum {
			sum[j] = s.mul(s.load(term(j), lanes), factor)
		}
		MOVQ(U32(1), i)
		JMP(LabelRef(loop + "Test"))
		Label(loop)
		MOVQ(Mem{Base: x, Index: i, Scale: 8}, p)
		VBROADCASTSD(Mem{Base: c, Index: i, Scale: 8}, factor)
		for j := range sum {
			s.multiplyAdd(s.load(term(j), lanes), factor, sum[j])
		}
		INCQ(i)
		Label(loop + "Test")
		CMPQ(i, terms)
		JLT(LabelRef(loop))
		for j := range sum {
			s.store(s.add(sum[j], s.load(at(base).Offset(s.bytes(j)), lanes)), at(dst).Offset(s.bytes(j)), lanes)
		}
	}
	JMP(LabelRef("byFourMore"))
	Label("byFour")
	block("byFourTerms", 4, nil)
	for _, q := range []ptr{dst, base, off} {
		ADDQ(U32(s.bytes(4)), q)
	}
	SUBQ(U8(4*s.width), n)
	Label("byFourMore")
	CMPQ(n, U8(4*s.width))
	JGE(LabelRef("byFour"))
	loop := "terms"
	s.over("loop", n, []ptr{dst, base, off}, func(lanes mask) {
		block(loop, 1, lanes)
		loop = "lastTerms"
	})
	end()
}

func (s set) toTolerance() {
	s.text("toTolerance", "dst, x, y, z, atol, rtol *float64, n int", "sets dst to x/(atol + rtol·max(|y|, |z|)), and to NaN where that is infinite.")
	dst, x, y, z := pointer("dst"), pointer("x"), pointer("y"), pointer("z")
	atol, rtol, n := pointer("atol"), pointer("rtol"), pointer("n")
	const magnitude = 1<<63 - 1
	w := s.hold(magnitude)
	nothing := s.vec()
	VXORPD(nothing, nothing, nothing)
	w.over("loop", n, []ptr{dst, x, y, z, atol, rtol}, func(lanes mask) {
		largest := w.and(w.load(at(z), lanes), w.bits(magnitude))
		VMAXPD(largest, w.and(w.load(at(y), lanes), w.bits(magnitude)), largest)
		tol := w.add(w.mul(largest, w.load(at(rtol), lanes)), w.load(at(atol), lanes))
		w.store(w.add(w.mul(tol, nothing), w.div(w.load(at(x), lanes), tol)), at(dst), lanes)
	})
	end()
}

// oneMinusSquare returns 1 - x².
func (s set) oneMinusSquare(x vec) vec {
	v := s.constant(s.float(1))
	s.multiplySubtract(x, x, v)
	return v
}

// logisticSlope returns x·(1 - x).
func (s set) logisticSlope(x vec) vec {
	return s.mul(x, s.sub(s.constant(s.float(1)), x))
}
