package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func (s set) reductions() {
	if s.size == 8 {
		s.dot()
		s.sum()
	}
	s.sumRows()
}

func (s set) dot() {
	s.text("dot", "a, b *float64, n int) (sum float64", "returns the total of a·b over whole groups of eight.")
	a, b, n := pointer("a"), pointer("b"), pointer("n")
	s.partials(n, []ptr{a, b}, func(offset int, acc vec) {
		s.multiplyAdd(at(b).Offset(offset), s.load(at(a).Offset(offset), nil), acc)
	})
}

func (s set) sum() {
	s.text("sum", "x *float64, n int) (sum float64", "returns the total of x over whole groups of eight.")
	x, n := pointer("x"), pointer("n")
	s.partials(n, []ptr{x}, func(offset int, acc vec) {
		VADDPD(at(x).Offset(offset), acc, acc)
	})
}

// partials keeps 32 partial sums, feeds them from n elements in the order that
// the Go function Dot describes, folds them and returns the total.
func (s set) partials(n ptr, pointers []ptr, feed func(offset int, acc vec)) {
	const lanes, group = 32, 8
	acc := make([]vec, lanes/s.width)
	for j := range acc {
		acc[j] = s.vec()
		VXORPD(acc[j], acc[j], acc[j])
	}
	advance := func(by int) {
		for _, p := range pointers {
			ADDQ(U32(8*by), p)
		}
		SUBQ(U8(by), n)
	}
	perGroup := group / s.width
	JMP(LabelRef("test"))
	Label("loop")
	for j := range acc {
		feed(s.bytes(j), acc[j])
	}
	advance(lanes)
	Label("test")
	CMPQ(n, U8(lanes))
	JGE(LabelRef("loop"))
	for g := range lanes/group - 1 {
		CMPQ(n, U8(group*(g+1)))
		JL(LabelRef("fold"))
		for j := range perGroup {
			k := g*perGroup + j
			feed(s.bytes(k), acc[k])
		}
	}
	Label("fold")
	for l := range perGroup {
		for _, g := range []int{0, 2} {
			VADDPD(acc[(g+1)*perGroup+l], acc[g*perGroup+l], acc[g*perGroup+l])
		}
		VADDPD(acc[2*perGroup+l], acc[l], acc[l])
	}
	var four reg.VecVirtual
	if s.zmm() {
		four = YMM()
		VEXTRACTF64X4(U8(1), acc[0], four)
		VADDPD(four, acc[0].AsY(), four)
	} else {
		four = s.add(acc[0], acc[1])
	}
	two := XMM()
	VEXTRACTF128(U8(1), four, two)
	VADDPD(two, four.AsX(), two)
	one := XMM()
	VUNPCKHPD(two, two, one)
	VADDSD(one, two, two)
	VZEROUPPER()
	Store(two, Return("sum"))
	RET()
}

// sumRows walks down the columns of x, several vectors side by side.
func (s set) sumRows() {
	s.text("sumRows", "dst, x *"+s.element()+", m, n int", "adds the rows of x, m×n, to dst.")
	v, x, m, n := pointer("dst"), pointer("x"), pointer("m"), pointer("n")
	stride := GP64()
	MOVQ(n, stride)
	SHLQ(U8(log2(s.size)), stride)
	block := func(label string, vectors int, lanes mask) {
		top := make([]vec, vectors)
		for j := range top {
			top[j] = s.load(at(v).Offset(s.bytes(j)), lanes)
		}
		p, i := GP64(), GP64()
		MOVQ(x, p)
		MOVQ(m, i)
		JMP(LabelRef(label + "Test"))
		Label(label + "Row")
		for j := range top {
			cell := at(p).Offset(s.bytes(j))
			if lanes == nil {
				s.pick(VADDPD, VADDPS)(cell, top[j], top[j])
			} else {
				s.pick(VADDPD, VADDPS)(s.load(cell, lanes), top[j], top[j])
			}
		}
		ADDQ(stride, p)
		DECQ(i)
		Label(label + "Test")
		TESTQ(i, i)
		JNZ(LabelRef(label + "Row"))
		for j := range top {
			s.store(top[j], at(v).Offset(s.bytes(j)), lanes)
		}
	}
	for _, vectors := range []int{4, 1} {
		label := fmt.Sprintf("by%d", vectors)
		JMP(LabelRef(label + "More"))
		Label(label)
		block(label, vectors, nil)
		ADDQ(U32(s.bytes(vectors)), v)
		ADDQ(U32(s.bytes(vectors)), x)
		SUBQ(U8(vectors*s.width), n)
		Label(label + "More")
		CMPQ(n, U8(vectors*s.width))
		JGE(LabelRef(label))
	}
	TESTQ(n, n)
	JZ(LabelRef("done"))
	block("rest", 1, s.first(n))
	Label("done")
	end()
}
