package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// blocks addresses the blocks of a row of gates: block j of the row at p is n
// elements behind block j-1.
type blocks struct{ n1, n3 ptr }

func (s set) blocks(n ptr, three bool) blocks {
	b := blocks{n1: GP64()}
	MOVQ(n, b.n1)
	SHLQ(U8(log2(s.size)), b.n1)
	if three {
		b.n3 = GP64()
		LEAQ(Mem{Base: b.n1, Index: b.n1, Scale: 2}, b.n3)
	}
	return b
}

func (b blocks) at(p ptr, j int) Mem {
	switch j {
	case 0:
		return Mem{Base: p}
	case 3:
		return Mem{Base: p, Index: b.n3, Scale: 1}
	}
	return Mem{Base: p, Index: b.n1, Scale: uint8(j)}
}

func (s set) gates() {
	s.gru()
	s.gruGrad()
	s.lstm()
	s.lstmGrad()
}

// squash writes the loop that sets dst to f(a + b); its chains are short, so
// that many run side by side.
func (s set) squash(name string, n ptr, dst, a, b Mem, f func(vec) vec) {
	count, d, x, y := GP64(), GP64(), GP64(), GP64()
	MOVQ(n, count)
	LEAQ(dst, d)
	LEAQ(a, x)
	LEAQ(b, y)
	s.over(name, count, []ptr{d, x, y}, func(lanes mask) {
		s.store(f(s.add(s.load(at(x), lanes), s.load(at(y), lanes))), at(d), lanes)
	})
}

func (s set) gru() {
	s.text("gruGates", "hNew, gates, gx, gh, h *"+s.element()+", n int", "computes one row of GRUGates.")
	hNew, gates, gx, gh, h, n := pointer("hNew"), pointer("gates"), pointer("gx"), pointer("gh"), pointer("h"), pointer("n")
	s = s.hold(s.expWords()...)
	two := GP64()
	LEAQ(Mem{Base: n, Index: n, Scale: 1}, two)
	s.squash("logistic", two, at(gates), at(gx), at(gh), s.sigmoid)
	b := s.blocks(n, true)
	s.over("loop", n, []ptr{hNew, gates, gx, gh, h}, func(lanes mask) {
		c, ghc := s.load(b.at(gx, 2), lanes), s.load(b.at(gh, 2), lanes)
		s.store(ghc, b.at(gates, 3), lanes)
		s.multiplyAdd(ghc, s.load(b.at(gates, 0), lanes), c)
		c = s.tanh(c)
		s.store(c, b.at(gates, 2), lanes)
		d := s.sub(s.load(at(h), lanes), c)
		s.multiplyAdd(s.load(b.at(gates, 1), lanes), d, c)
		s.store(c, at(hNew), lanes)
	})
	end()
}

func (s set) gruGrad() {
	s.text("gruGatesGrad", "dgx, dgh, dh, dhNew, gates, h *"+s.element()+", n int", "computes one row of GRUGatesGrad.")
	dgx, dgh, dh, dhNew := pointer("dgx"), pointer("dgh"), pointer("dh"), pointer("dhNew")
	gates, h, n := pointer("gates"), pointer("h"), pointer("n")
	b := s.blocks(n, true)
	s.over("loop", n, []ptr{dgx, dgh, dh, dhNew, gates, h}, func(lanes mask) {
		d := s.load(at(dhNew), lanes)
		r, u, c := s.load(b.at(gates, 0), lanes), s.load(b.at(gates, 1), lanes), s.load(b.at(gates, 2), lanes)
		rest := s.sub(s.constant(s.float(1)), u)
		dc := s.mul(s.mul(d, rest), s.oneMinusSquare(c))
		du := s.mul(s.mul(d, s.sub(s.load(at(h), lanes), c)), s.mul(u, rest))
		dr := s.mul(s.mul(dc, s.load(b.at(gates, 3), lanes)), s.logisticSlope(r))
		for _, g := range []ptr{dgx, dgh} {
			s.store(dr, b.at(g, 0), lanes)
			s.store(du, b.at(g, 1), lanes)
		}
		s.store(dc, b.at(dgx, 2), lanes)
		s.store(s.mul(dc, r), b.at(dgh, 2), lanes)
		s.store(s.mul(d, u), at(dh), lanes)
	})
	end()
}

func (s set) lstm() {
	s.text("lstmGates", "hNew, cNew, gates, gx, gh, c *"+s.element()+", n int", "computes one row of LSTMGates.")
	hNew, cNew, gates := pointer("hNew"), pointer("cNew"), pointer("gates")
	gx, gh, c, n := pointer("gx"), pointer("gh"), pointer("c"), pointer("n")
	s = s.hold(s.expWords()...)
	b := s.blocks(n, true)
	two := GP64()
	LEAQ(Mem{Base: n, Index: n, Scale: 1}, two)
	s.squash("inputForget", two, at(gates), at(gx), at(gh), s.sigmoid)
	s.squash("candidate", n, b.at(gates, 2), b.at(gx, 2), b.at(gh, 2), s.tanh)
	s.squash("output", n, b.at(gates, 3), b.at(gx, 3), b.at(gh, 3), s.sigmoid)
	s.over("loop", n, []ptr{hNew, cNew, gates, c}, func(lanes mask) {
		next := s.mul(s.load(b.at(gates, 1), lanes), s.load(at(c), lanes))
		s.multiplyAdd(s.load(b.at(gates, 2), lanes), s.load(at(gates), lanes), next)
		s.store(next, at(cNew), lanes)
		t := s.tanh(next)
		s.store(t, b.at(gates, 4), lanes)
		s.store(s.mul(s.load(b.at(gates, 3), lanes), t), at(hNew), lanes)
	})
	end()
}

func (s set) lstmGrad() {
	s.text("lstmGatesGrad", "dg, dc, dhNew, dcNew, gates, c *"+s.element()+", n int", "computes one row of LSTMGatesGrad.")
	dg, dc, dhNew, dcNew := pointer("dg"), pointer("dc"), pointer("dhNew"), pointer("dcNew")
	gates, c, n := pointer("gates"), pointer("c"), pointer("n")
	b := s.blocks(n, true)
	s.over("loop", n, []ptr{dg, dc, dhNew, dcNew, gates, c}, func(lanes mask) {
		gate := func(j int) vec { return s.load(b.at(gates, j), lanes) }
		dh, t, o := s.load(at(dhNew), lanes), gate(4), gate(3)
		d := s.load(at(dcNew), lanes)
		s.multiplyAdd(s.oneMinusSquare(t), s.mul(dh, o), d)
		s.store(s.mul(s.mul(dh, t), s.logisticSlope(o)), b.at(dg, 3), lanes)
		i, g := gate(0), gate(2)
		s.store(s.mul(s.mul(d, g), s.logisticSlope(i)), b.at(dg, 0), lanes)
		s.store(s.mul(s.mul(d, i), s.oneMinusSquare(g)), b.at(dg, 2), lanes)
		f := gate(1)
		s.store(s.mul(s.mul(d, s.load(at(c), lanes)), s.logisticSlope(f)), b.at(dg, 1), lanes)
		s.store(s.mul(d, f), at(dc), lanes)
	})
	end()
}
