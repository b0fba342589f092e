package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// conversions writes what goes between float64 and float32, over whole groups
// of eight.
func (s set) conversions() {
	const group = 8
	s.text("narrow", "dst *float32, x *float64, n int", "rounds x to float32.")
	dst, x, n := pointer("dst"), pointer("x"), pointer("n")
	s.groups(group, n, func() {
		for i := 0; i < group; i += s.width {
			if s.zmm() {
				v := YMM()
				VCVTPD2PS(at(x), v)
				VMOVUPS(v, at(dst))
			} else {
				v := XMM()
				VCVTPD2PSY(at(x).Offset(8*i), v)
				VMOVUPS(v, at(dst).Offset(4*i))
			}
		}
		ADDQ(U8(8*group), x)
		ADDQ(U8(4*group), dst)
	})

	s.text("addWidened", "dst, a *float64, x *float32, n int", "sets dst to a + x.")
	dst, a, x, n := pointer("dst"), pointer("a"), pointer("x"), pointer("n")
	s.groups(group, n, func() {
		for i := 0; i < group; i += s.width {
			v := s.vec()
			VCVTPS2PD(at(x).Offset(4*i), v)
			s.store(s.add(v, at(a).Offset(8*i)), at(dst).Offset(8*i), nil)
		}
		ADDQ(U8(8*group), dst)
		ADDQ(U8(8*group), a)
		ADDQ(U8(4*group), x)
	})
}

// groups runs body, which moves the pointers, over n elements, a multiple of
// group, and ends the function.
func (s set) groups(group int, n ptr, body func()) {
	JMP(LabelRef("test"))
	Label("loop")
	body()
	SUBQ(U8(group), n)
	Label("test")
	TESTQ(n, n)
	JNZ(LabelRef("loop"))
	end()
}
