package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// normals takes as many of the generators through all groups at a time as a register holds.
func (s set) normals() {
	const generators = 16
	s.text("normals", "dst *float32, state *uint32, groups int", "fills groups of 16 elements with standard normal deviates.")
	start, state := pointer("dst"), pointer("state")
	for from := 0; from < generators; from += s.width {
		dst, groups := GP64(), pointer("groups")
		LEAQ(at(start).Offset(s.size*from), dst)
		var words [4]vec
		word := func(i int) Mem { return at(state).Offset(s.size * (generators*i + from)) }
		for i := range words {
			words[i] = s.load(word(i), nil)
		}
		loop := fmt.Sprint("from", from)
		JMP(LabelRef(loop + "Test"))
		Label(loop)
		s.store(s.normal(s.random(&words)), at(dst), nil)
		ADDQ(U8(s.size*generators), dst)
		DECQ(groups)
		Label(loop + "Test")
		TESTQ(groups, groups)
		JNZ(LabelRef(loop))
		for i, w := range words {
			s.store(w, word(i), nil)
		}
	}
	end()
}

// random returns the next words of generators and steps them on.
func (s set) random(state *[4]vec) vec {
	word := s.addBits(s.rotate(s.addBits(state[0], state[3]), 7), state[0])
	t := s.shiftLeft(state[1], 9)
	for _, x := range [][2]int{{2, 0}, {3, 1}, {1, 2}, {0, 3}} {
		VXORPD(state[x[1]], state[x[0]], state[x[0]])
	}
	VXORPD(t, state[2], state[2])
	VMOVAPD(s.rotate(state[3], 11), state[3])
	return word
}

// rotate rotates words of 32 bits to the left.
func (s set) rotate(x vec, by uint8) vec {
	return s.or(s.shiftLeft(x, by), s.shiftRight(x, 32-by))
}

// normal returns the deviates of random words.
func (s set) normal(word vec) vec {
	p := s.vec()
	VCVTDQ2PS(s.and(word, s.bits(s.signBit()-1)), p)
	p = s.mul(s.add(p, s.float(0.5)), s.float(0x1p-32))
	x := s.sub(s.constant(s.float(1)), s.add(p, p))
	a := s.mul(s.mul(p, s.float(4)), s.sub(s.constant(s.float(1)), p))
	k, f := s.split(a)
	near := s.compare(a, greater, s.float(0.75))
	f = s.choose(near, s.xor(s.mul(x, x), s.bits(s.signBit())), f)
	w, v := s.xor(s.log1pReduced(f, k), s.bits(s.signBit())), s.vec()
	VSQRTPS(w, v)
	even, odd := s.halves("normalC", 9, w)
	s.multiplyBy(even, v, odd)
	return s.xor(s.mul(odd, v), s.and(word, s.bits(s.signBit())))
}
