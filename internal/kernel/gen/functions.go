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

func (s set) functions() {
	for _, f := range []struct {
		name, doc string
		body      func(x vec) vec
	}{
		{"exp", "sets dst to e^x.", func(x vec) vec {
			return s.exp(s.atLeast(s.atMost(x, named("expMax")), named("expMin")))
		}},
		{"tanh", "sets dst to tanh x.", s.tanh},
		{"sigmoid", "sets dst to 1/(1+e^-x).", s.sigmoid},
		{"softplus", "sets dst to ln(1+e^x).", s.softplus},
		{"log", "sets dst to ln x.", s.log},
	} {
		s.text(f.name, "dst, x *float64, n int", f.doc)
		dst, x, n := pointer("dst"), pointer("x"), pointer("n")
		s.over(n, []ptr{dst, x}, func(lanes mask) {
			s.store(f.body(s.load(at(x), lanes)), at(dst), lanes)
		})
	}
}

// reduce returns shifted, k and r of the Go function of that name.
func (s set) reduce(x vec) (shifted, k, r vec) {
	shifted = s.constant(named("roundShift"))
	VFMADD231PD(named("log2E"), x, shifted)
	k = s.sub(shifted, named("roundShift"))
	r = s.copy(x)
	VFNMADD231PD(named("ln2Hi"), k, r)
	VFNMADD231PD(named("ln2Lo"), k, r)
	return shifted, k, r
}

// horner returns Σ c_j·z^j, the highest coefficient first.
func (s set) horner(z vec, coefs ...string) vec {
	q := s.constant(named(coefs[0]))
	for _, c := range coefs[1:] {
		VFMADD213PD(named(c), z, q)
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
	y := s.add(s.expm1Reduced(r), float(1))
	if s.width == 8 {
		// One rounding, as the second of the two factors below.
		VSCALEFPD(k, y, y)
		return y
	}
	half := s.shiftRight(shifted, 1)
	y = s.mul(y, s.pow2(half))
	return s.mul(y, s.pow2(s.subBits(shifted, half)))
}

func (s set) pow2(b vec) vec {
	return s.addBits(s.shiftLeft(b, 52), bits(oneBits))
}

func (s set) tanh(x vec) vec {
	a := s.atMost(s.and(x, bits(signBit-1)), named("tanhMax"))
	shifted, _, r := s.reduce(s.add(a, a))
	scale := s.pow2(shifted)
	e := s.sub(scale, float(1))
	VFMADD231PD(s.expm1Reduced(r), scale, e)
	d := s.add(e, float(2))
	lost := s.sub(e, s.sub(d, float(2)))
	inverse := s.div(s.constant(float(1)), d)
	t := s.mul(e, inverse)
	VFNMADD231PD(t, d, e)
	VFNMADD231PD(t, lost, e)
	VFMADD231PD(e, inverse, t)
	return s.or(t, s.and(x, bits(signBit)))
}

// expNegative returns e^-|x|.
func (s set) expNegative(x vec) vec {
	return s.exp(s.atLeast(s.or(x, bits(signBit)), named("expMin")))
}

func (s set) sigmoid(x vec) vec {
	e := s.expNegative(x)
	one := s.constant(float(1))
	return s.div(s.choose(s.negative(x), e, one), s.add(e, one))
}

func (s set) log1pReduced(f, k vec) vec {
	q := s.div(f, s.add(f, float(2)))
	z := s.mul(q, q)
	w := s.mul(z, z)
	even := s.horner(w, "logC6", "logC4", "logC2", "logC0")
	odd := s.horner(w, "logC7", "logC5", "logC3", "logC1")
	h := s.mul(s.mul(f, float(0.5)), f)
	VFMADD213PD(even, z, odd)
	VFMADD213PD(h, z, odd)
	t := s.mul(k, named("ln2Lo"))
	VFMADD231PD(q, odd, t)
	y := s.sub(f, s.sub(h, t))
	VFMADD231PD(named("ln2Hi"), k, y)
	return y
}

func (s set) softplus(x vec) vec {
	e := s.expNegative(x)
	high := s.compare(e, greater, float(0.5))
	f := s.choose(high, s.mul(s.sub(e, float(1)), float(0.5)), e)
	l := s.log1pReduced(f, s.only(high, float(1)))
	return s.add(l, s.atLeast(x, float(0)))
}

func (s set) log(x vec) vec {
	tiny := s.compare(x, less, named("minNormal"))
	y := s.choose(tiny, s.mul(x, float(1<<54)), x)
	b := s.addBits(y, namedBits("logBias"))
	// A small integer below the point of 2^52.
	k := s.or(s.shiftRight(b, 52), float(1<<52))
	k = s.sub(k, float(1<<52+1023))
	k = s.sub(k, s.only(tiny, float(54)))
	m := s.addBits(s.and(b, bits(fraction)), namedBits("sqrtHalfBits"))
	l := s.log1pReduced(s.sub(m, float(1)), k)
	l = s.choose(s.compare(x, equal, float(0)), s.constant(bits(signBit|infBits)), l)
	l = s.choose(s.compare(x, notGreaterOrEq, float(0)), s.constant(bits(nanBits)), l)
	return s.choose(s.compare(x, equal, bits(infBits)), x, l)
}
