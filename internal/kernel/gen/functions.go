package main

import (
	. "github.com/mmcloughlin/avo/build"
)

const (
	signBit  = 1 << 63
	oneBits  = 0x3ff0000000000000
	infBits  = 0x7ff0000000000000
	nanBits  = 0x7ff8000000000001
	fraction = 1<<52 - 1
)

// expWords are the constants of exp, log1pWords those that softplus has
// besides.
func expWords() []uint64 {
	return append(words("roundShift", "log2E", "ln2Hi", "ln2Lo", "expC10", "expC9", "expC8", "expC7", "expC6",
		"expC5", "expC4", "expC3", "expC2", "expC1", "expC0"), oneBits)
}

func log1pWords() []uint64 {
	return words("logC7", "logC6", "logC5", "logC4", "logC3", "logC2", "logC1", "logC0", "ln2Hi", "ln2Lo")
}

func (s set) functions() {
	exp, log1p := expWords(), log1pWords()
	for _, f := range []struct {
		name, doc string
		held      []uint64
		body      func(s set, x vec) vec
	}{
		{"exp", "sets dst to e^x.", exp, func(s set, x vec) vec {
			return s.exp(s.atLeast(s.atMost(x, s.named("expMax")), s.named("expMin")))
		}},
		{"tanh", "sets dst to tanh x.", exp, set.tanh},
		{"sigmoid", "sets dst to 1/(1+e^-x).", exp, set.sigmoid},
		{"softplus", "sets dst to ln(1+e^x).", append(log1p[:8:8], exp...), set.softplus},
		{"log", "sets dst to ln x.", log1p, set.log},
	} {
		s.text(f.name, "dst, x *float64, n int", f.doc)
		dst, x, n := pointer("dst"), pointer("x"), pointer("n")
		s := s.hold(f.held...)
		s.over("loop", n, []ptr{dst, x}, func(lanes mask) {
			s.store(f.body(s, s.load(at(x), lanes)), at(dst), lanes)
		})
		end()
	}
}

// reduce returns shifted, k and r of the Go function of that name.
func (s set) reduce(x vec) (shifted, k, r vec) {
	shifted = s.constant(s.named("roundShift"))
	VFMADD231PD(s.named("log2E"), x, shifted)
	k = s.sub(shifted, s.named("roundShift"))
	r = s.copy(x)
	VFNMADD231PD(s.named("ln2Hi"), k, r)
	VFNMADD231PD(s.named("ln2Lo"), k, r)
	return shifted, k, r
}

// horner returns Σ c_j·z^j, the highest coefficient first.
func (s set) horner(z vec, coefs ...string) vec {
	q := s.constant(s.named(coefs[0]))
	for _, c := range coefs[1:] {
		VFMADD213PD(s.named(c), z, q)
	}
	return q
}

func (s set) expm1Reduced(r vec) vec {
	z := s.mul(r, r)
	even := s.horner(z, "expC10", "expC8", "expC6", "expC4", "expC2", "expC0")
	odd := s.horner(z, "expC9", "expC7", "expC5", "expC3", "expC1")
	VFMADD213PD(even, r, odd)
	VFMADD213PD(r, z, odd)
	return odd
}

// exp returns e^x for x within the limits or NaN.
func (s set) exp(x vec) vec {
	shifted, k, r := s.reduce(x)
	y := s.add(s.expm1Reduced(r), s.float(1))
	if s.zmm() {
		// One rounding, as the second of the two factors below.
		VSCALEFPD(k, y, y)
		return y
	}
	half := s.shiftRight(shifted, 1)
	y = s.mul(y, s.pow2(half))
	return s.mul(y, s.pow2(s.subBits(shifted, half)))
}

func (s set) pow2(b vec) vec {
	return s.addBits(s.shiftLeft(b, 52), s.bits(oneBits))
}

func (s set) tanh(x vec) vec {
	a := s.atMost(s.and(x, s.bits(signBit-1)), s.named("tanhMax"))
	shifted, _, r := s.reduce(s.add(a, a))
	scale := s.pow2(shifted)
	e := s.sub(scale, s.float(1))
	VFMADD231PD(s.expm1Reduced(r), scale, e)
	d := s.add(e, s.float(2))
	lost := s.sub(e, s.sub(d, s.float(2)))
	inverse := s.div(s.constant(s.float(1)), d)
	t := s.mul(e, inverse)
	VFNMADD231PD(t, d, e)
	VFNMADD231PD(t, lost, e)
	VFMADD231PD(e, inverse, t)
	return s.or(t, s.and(x, s.bits(signBit)))
}

func (s set) sigmoid(x vec) vec {
	a := s.xor(x, s.bits(signBit))
	a = s.atLeast(s.atMost(a, s.minus("expMin")), s.named("sigmoidMin"))
	_, k, r := s.reduce(a)
	low := s.atMost(k, s.named("sigmoidTop"))
	scale := s.pow2(s.add(low, s.named("roundShift")))
	d := s.add(scale, s.float(1))
	VFMADD231PD(s.expm1Reduced(r), scale, d)
	y := s.div(s.constant(s.float(1)), d)
	excess := s.sub(low, k)
	if s.zmm() {
		VSCALEFPD(excess, y, y)
		return y
	}
	return s.mul(y, s.pow2(s.add(excess, s.named("roundShift"))))
}

func (s set) log1pReduced(f, k vec) vec {
	q := s.div(f, s.add(f, s.float(2)))
	z := s.mul(q, q)
	w := s.mul(z, z)
	even := s.horner(w, "logC6", "logC4", "logC2", "logC0")
	odd := s.horner(w, "logC7", "logC5", "logC3", "logC1")
	h := s.mul(s.mul(f, s.float(0.5)), f)
	VFMADD213PD(even, z, odd)
	VFMADD213PD(h, z, odd)
	t := s.mul(k, s.named("ln2Lo"))
	VFMADD231PD(q, odd, t)
	y := s.sub(f, s.sub(h, t))
	VFMADD231PD(s.named("ln2Hi"), k, y)
	return y
}

func (s set) softplus(x vec) vec {
	e := s.exp(s.atLeast(s.or(x, s.bits(signBit)), s.named("expMin")))
	high := s.compare(e, greater, s.float(0.5))
	f := s.choose(high, s.mul(s.sub(e, s.float(1)), s.float(0.5)), e)
	l := s.log1pReduced(f, s.only(high, s.float(1)))
	return s.add(l, s.atLeast(x, s.float(0)))
}

func (s set) log(x vec) vec {
	tiny := s.compare(x, less, s.named("minNormal"))
	y := s.choose(tiny, s.mul(x, s.float(1<<54)), x)
	b := s.addBits(y, s.namedBits("logBias"))
	// A small integer below the point of 2^52.
	k := s.or(s.shiftRight(b, 52), s.float(1<<52))
	k = s.sub(k, s.float(1<<52+1023))
	k = s.sub(k, s.only(tiny, s.float(54)))
	m := s.addBits(s.and(b, s.bits(fraction)), s.namedBits("sqrtHalfBits"))
	l := s.log1pReduced(s.sub(m, s.float(1)), k)
	l = s.choose(s.compare(x, equal, s.float(0)), s.constant(s.bits(signBit|infBits)), l)
	l = s.choose(s.compare(x, notGreaterOrEq, s.float(0)), s.constant(s.bits(nanBits)), l)
	return s.choose(s.compare(x, equal, s.bits(infBits)), x, l)
}
