package main

import (
	"fmt"
	"math/bits"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A set is an instruction set for elements of size bytes: its name ends the
// kernels' names, and its registers hold width elements.
type set struct {
	name  string
	width int
	size  int
	held  map[uint64]vec // constants that lie in registers
}

type (
	vec  = reg.VecVirtual
	ptr  = reg.GPVirtual
	mask = reg.Register // an opmask or, for AVX2, a vector; nil for all lanes
)

// Comparison predicates of VCMPPD and VCMPPS.
const (
	equal          = 0x00
	less           = 0x11
	notGreaterOrEq = 0x19 // true for NaN
	greater        = 0x1e
)

// zmm reports whether the registers are those of AVX-512.
func (s set) zmm() bool { return s.bytes(1) == 64 }

// element names the type of an element.
func (s set) element() string { return fmt.Sprintf("float%d", 8*s.size) }

// pick returns the instruction of an element's size.
func (s set) pick(double, single func(...Op)) func(...Op) {
	if s.size == 4 {
		return single
	}
	return double
}

// multiplyAdd adds x·y to z, and multiplySubtract takes it off, with one rounding.
func (s set) multiplyAdd(x, y Op, z vec) { s.pick(VFMADD231PD, VFMADD231PS)(x, y, z) }

func (s set) multiplySubtract(x, y Op, z vec) { s.pick(VFNMADD231PD, VFNMADD231PS)(x, y, z) }

// multiplyBy sets z to y·z + x with one rounding.
func (s set) multiplyBy(x, y Op, z vec) { s.pick(VFMADD213PD, VFMADD213PS)(x, y, z) }

func (s set) vec() vec {
	if s.zmm() {
		return ZMM()
	}
	return YMM()
}

// bytes returns the size of n vectors.
func (s set) bytes(n int) int { return s.size * s.width * n }

// text starts a function whose pointers do not escape.
func (s set) text(name, signature, doc string) {
	TEXT(name+s.name, NOSPLIT, "func("+signature+")")
	Pragma("noescape")
	Doc(name + s.name + " " + doc)
}

func end() {
	VZEROUPPER()
	RET()
}

func pointer(name string) ptr { return Load(Param(name), GP64()).(ptr) }

// broadcast fills a vector with a parameter of an element's type.
func (s set) broadcast(name string) vec {
	b, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	v := s.vec()
	s.pick(VBROADCASTSD, VBROADCASTSS)(b.Addr, v)
	return v
}

func (s set) load(m Mem, lanes mask) vec {
	v := s.vec()
	s.loadTo(v, m, lanes)
	return v
}

// loadTo leaves zero in the lanes that the mask excludes and does not touch
// their memory.
func (s set) loadTo(v vec, m Mem, lanes mask) {
	switch {
	case lanes == nil:
		VMOVUPD(m, v)
	case s.zmm() && s.size == 4:
		VMOVUPS_Z(m, lanes, v)
	case s.size == 4:
		VMASKMOVPS(m, lanes, v)
	case s.zmm():
		VMOVUPD_Z(m, lanes, v)
	default:
		VMASKMOVPD(m, lanes, v)
	}
}

func (s set) store(v vec, m Mem, lanes mask) {
	switch {
	case lanes == nil:
		VMOVUPD(v, m)
	case s.zmm() && s.size == 4:
		VMOVUPS(v, lanes, m)
	case s.size == 4:
		VMASKMOVPS(v, lanes, m)
	case s.zmm():
		VMOVUPD(v, lanes, m)
	default:
		VMASKMOVPD(v, lanes, m)
	}
}

// first returns the mask of the first n lanes, 0 <= n <= width.
func (s set) first(n ptr) mask {
	if s.zmm() {
		t := GP64()
		MOVQ(U64(1<<s.width-1), t)
		BZHIQ(n, t, t)
		k := K()
		if s.width == 8 {
			KMOVB(t.As32(), k)
		} else {
			KMOVW(t.As32(), k)
		}
		return k
	}
	v := YMM()
	VMOVUPD(at(s.firstAt(n)), v)
	return v
}

// firstAt returns where in memory the mask of the first n lanes of an AVX2
// vector lies.
func (s set) firstAt(n ptr) ptr {
	t, off := GP64(), GP64()
	LEAQ(constants.base.Offset(32), t)
	MOVQ(n, off)
	SHLQ(U8(log2(s.size)), off)
	SUBQ(off, t)
	return t
}

// over runs body over n elements, a vector at a time, and once more with a
// mask over what remains; n and the pointers are used up. The name sets the
// loops of a function apart.
func (s set) over(name string, n ptr, pointers []ptr, body func(lanes mask)) {
	JMP(LabelRef(name + "Test"))
	Label(name)
	body(nil)
	for _, p := range pointers {
		ADDQ(U8(s.bytes(1)), p)
	}
	SUBQ(U8(s.width), n)
	Label(name + "Test")
	CMPQ(n, U8(s.width))
	JGE(LabelRef(name))
	TESTQ(n, n)
	JZ(LabelRef(name + "Done"))
	body(s.first(n))
	Label(name + "Done")
}

// log2 returns the logarithm of a power of two.
func log2(n int) uint8 { return uint8(bits.TrailingZeros(uint(n))) }

func at(p ptr) Mem { return Mem{Base: p} }

func (s set) copy(x vec) vec {
	v := s.vec()
	VMOVAPD(x, v)
	return v
}

func (s set) constant(c Op) vec {
	v := s.vec()
	VMOVUPD(c, v)
	return v
}

func (s set) add(x vec, y Op) vec {
	v := s.vec()
	s.pick(VADDPD, VADDPS)(y, x, v)
	return v
}

func (s set) sub(x vec, y Op) vec {
	v := s.vec()
	s.pick(VSUBPD, VSUBPS)(y, x, v)
	return v
}

func (s set) mul(x vec, y Op) vec {
	v := s.vec()
	s.pick(VMULPD, VMULPS)(y, x, v)
	return v
}

func (s set) div(x vec, y Op) vec {
	v := s.vec()
	s.pick(VDIVPD, VDIVPS)(y, x, v)
	return v
}

// and, or and xor work on the bits.
func (s set) and(x vec, y Op) vec {
	v := s.vec()
	VANDPD(y, x, v)
	return v
}

func (s set) or(x vec, y Op) vec {
	v := s.vec()
	VORPD(y, x, v)
	return v
}

func (s set) xor(x vec, y Op) vec {
	v := s.vec()
	VXORPD(y, x, v)
	return v
}

// atMost and atLeast return min(x, y) and max(x, y), and x where x is NaN.
func (s set) atMost(x vec, y Op) vec {
	v := s.constant(y)
	s.pick(VMINPD, VMINPS)(x, v, v)
	return v
}

func (s set) atLeast(x vec, y Op) vec {
	v := s.constant(y)
	s.pick(VMAXPD, VMAXPS)(x, v, v)
	return v
}

// addBits and subBits work on integers of an element's size.
func (s set) addBits(x vec, y Op) vec {
	v := s.vec()
	s.pick(VPADDQ, VPADDD)(y, x, v)
	return v
}

func (s set) subBits(x vec, y Op) vec {
	v := s.vec()
	s.pick(VPSUBQ, VPSUBD)(y, x, v)
	return v
}

func (s set) shiftLeft(x vec, by uint8) vec {
	v := s.vec()
	s.pick(VPSLLQ, VPSLLD)(U8(by), x, v)
	return v
}

func (s set) shiftRight(x vec, by uint8) vec {
	v := s.vec()
	s.pick(VPSRLQ, VPSRLD)(U8(by), x, v)
	return v
}

// compare returns the mask of the lanes where x stands to y as asked.
func (s set) compare(x vec, how uint8, y Op) mask {
	if s.zmm() {
		k := K()
		s.pick(VCMPPD, VCMPPS)(U8(how), y, x, k)
		return k
	}
	v := YMM()
	s.pick(VCMPPD, VCMPPS)(U8(how), y, x, v)
	return v
}

// choose returns yes in the lanes of the mask and no in the others.
func (s set) choose(lanes mask, yes Op, no vec) vec {
	v := s.vec()
	switch {
	case s.zmm():
		s.pick(VBLENDMPD, VBLENDMPS)(yes, no, lanes, v)
	case s.size == 4:
		VBLENDVPS(lanes, yes, no, v)
	default:
		VBLENDVPD(lanes, yes, no, v)
	}
	return v
}

// only returns x in the lanes of the mask and zero in
// the others.
func (s set) only(lanes mask, x Op) vec {
	v := s.vec()
	switch {
	case s.zmm() && s.size == 4:
		VMOVUPS_Z(x, lanes, v)
	case s.zmm():
		VMOVUPD_Z(x, lanes, v)
	default:
		VANDPD(x, lanes, v)
	}
	return v
}
