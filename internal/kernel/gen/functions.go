package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
)

// fractionBits is the number of bits of an element's fraction, bias that of its exponent.
func (s set) fractionBits() uint8 {
	if s.size == 4 {
		return 23
	}
	return 52
}

func (s set) bias() float64 {
	if s.size == 4 {
		return 127
	}
	return 1023
}

func (s set) signBit() uint64  { return 1 << (8*s.size - 1) }
func (s set) oneBits() uint64  { return s.floatBits(1) }
func (s set) infBits() uint64  { return s.floatBits(math.Inf(1)) }
func (s set) nanBits() uint64  { return s.floatBits(math.NaN()) }
func (s set) fraction() uint64 { return 1<<s.fractionBits() - 1 }

// expDegree and logDegree are the degrees of the polynomials of exp and log.
func (s set) expDegree() int {
	if s.size == 4 {
		return 5
	}
	return 10
}

func (s set) logDegree() int {
	if s.size == 4 {
		return 3
	}
	return 7
}

// coefficients returns the names of a polynomial's coefficients from that of degree top
// down, by steps.
func coefficients(name string, top, step int) (names []string) {
	for j := top; j >= 0; j -= step {
		names = append(names, fmt.Sprint(name, j))
	}
	return names
}

// expWords are the constants of exp, log1pWords those that softplus has
// besides.
func (s set) expWords() []uint64 {
	names := append([]string{"roundShift", "log2E", "ln2Hi", "ln2Lo"}, coefficients("expC", s.expDegree(), 1)...)
	return append(s.words(names...), s.oneBits())
}

func (s set) log1pWords() []uint64 {
	return s.words(append(coefficients("logC", s.logDegree(), 1), "ln2Hi", "ln2Lo")...)
}

func (s set) functions() {
	exp, log1p := s.expWords(), s.log1pWords()
	series := s.logDegree() + 1
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
		{"softplus", "sets dst to ln(1+e^x).", append(log1p[:series:series], exp...), set.softplus},
		{"log", "sets dst to ln x.", log1p, set.log},
	} {
		s.text(f.name, "dst, x *"+s.element()+", n int", f.doc)
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
	s.multiplyAdd(s.named("log2E"), x, shifted)
	k = s.sub(shifted, s.named("roundShift"))
	r = s.copy(x)
	s.multiplySubtract(s.named("ln2Hi"), k, r)
	s.multiplySubtract(s.named("ln2Lo"), k, r)
	return shifted, k, r
}

// halves returns the sums over the even and over the odd coefficients of a polynomial of
// the given degree in x, for z = x²: p(x) is even + x·odd.
func (s set) halves(name string, degree int, z vec) (even, odd vec) {
	return s.horner(z, coefficients(name, degree&^1, 2)), s.horner(z, coefficients(name, (degree-1)|1, 2))
}

// horner returns Σ c_j·z^j, the highest coefficient first.
func (s set) horner(z vec, coefs []string) vec {
	q := s.constant(s.named(coefs[0]))
	for _, c := range coefs[1:] {
		s.multiplyBy(s.named(c), z, q)
	}
	return q
}

func (s set) expm1Reduced(r vec) vec {
	z := s.mul(r, r)
	even, odd := s.halves("expC", s.expDegree(), z)
	s.multiplyBy(even, r, odd)
	s.multiplyBy(r, z, odd)
	return odd
}

// exp returns e^x for x within the limits or NaN.
func (s set) exp(x vec) vec {
	shifted, k, r := s.reduce(x)
	y := s.add(s.expm1Reduced(r), s.float(1))
	if s.zmm() {
		// One rounding, as the second of the two factors below.
		s.pick(VSCALEFPD, VSCALEFPS)(k, y, y)
		return y
	}
	half := s.shiftRight(shifted, 1)
	y = s.mul(y, s.pow2(half))
	return s.mul(y, s.pow2(s.subBits(shifted, half)))
}

func (s set) pow2(b vec) vec {
	return s.addBits(s.shiftLeft(b, s.fractionBits()), s.bits(s.oneBits()))
}

func (s set) tanh(x vec) vec {
	a := s.atMost(s.and(x, s.bits(s.signBit()-1)), s.named("tanhMax"))
	shifted, _, r := s.reduce(s.add(a, a))
	scale := s.pow2(shifted)
	e := s.sub(scale, s.float(1))
	s.multiplyAdd(s.expm1Reduced(r), scale, e)
	d := s.add(e, s.float(2))
	lost := s.sub(e, s.sub(d, s.float(2)))
	inverse := s.div(s.constant(s.float(1)), d)
	t := s.mul(e, inverse)
	s.multiplySubtract(t, d, e)
	s.multiplySubtract(t, lost, e)
	s.multiplyAdd(e, inverse, t)
	return s.or(t, s.and(x, s.bits(s.signBit())))
}

func (s set) sigmoid(x vec) vec {
	a := s.xor(x, s.bits(s.signBit()))
	a = s.atLeast(s.atMost(a, s.minus("expMin")), s.named("sigmoidMin"))
	_, k, r := s.reduce(a)
	low := s.atMost(k, s.named("sigmoidTop"))
	scale := s.pow2(s.add(low, s.named("roundShift")))
	d := s.add(scale, s.float(1))
	s.multiplyAdd(s.expm1Reduced(r), scale, d)
	y := s.div(s.constant(s.float(1)), d)
	excess := s.sub(low, k)
	if s.zmm() {
		s.pick(VSCALEFPD, VSCALEFPS)(excess, y, y)
		return y
	}
	return s.mul(y, s.pow2(s.add(excess, s.named("roundShift"))))
}

func (s set) log1pReduced(f, k vec) vec {
	q := s.div(f, s.add(f, s.float(2)))
	z := s.mul(q, q)
	w := s.mul(z, z)
	even, odd := s.halves("logC", s.logDegree(), w)
	h := s.mul(s.mul(f, s.float(0.5)), f)
	s.multiplyBy(even, z, odd)
	s.multiplyBy(h, z, odd)
	t := s.mul(k, s.named("ln2Lo"))
	s.multiplyAdd(q, odd, t)
	y := s.sub(f, s.sub(h, t))
	s.multiplyAdd(s.named("ln2Hi"), k, y)
	return y
}

func (s set) softplus(x vec) vec {
	e := s.exp(s.atLeast(s.or(x, s.bits(s.signBit())), s.named("expMin")))
	high := s.compare(e, greater, s.float(0.5))
	f := s.choose(high, s.mul(s.sub(e, s.float(1)), s.float(0.5)), e)
	l := s.log1pReduced(f, s.only(high, s.float(1)))
	return s.add(l, s.atLeast(x, s.float(0)))
}

// lift is the power of two by which log brings denormal numbers among the normal ones.
func (s set) lift() int { return int(s.fractionBits()) + 2 }

// split returns k and f of the Go function of that name.
func (s set) split(y vec) (k, f vec) {
	b := s.addBits(y, s.namedBits("logBias"))
	// A small integer below the point of 2^fractionBits.
	point := float64(int(1) << s.fractionBits())
	k = s.or(s.shiftRight(b, s.fractionBits()), s.float(point))
	k = s.sub(k, s.float(point+s.bias()))
	m := s.addBits(s.and(b, s.bits(s.fraction())), s.namedBits("sqrtHalfBits"))
	return k, s.sub(m, s.float(1))
}

func (s set) log(x vec) vec {
	tiny := s.compare(x, less, s.named("minNormal"))
	lift := s.lift()
	y := s.choose(tiny, s.mul(x, s.float(math.Ldexp(1, lift))), x)
	k, f := s.split(y)
	l := s.log1pReduced(f, s.sub(k, s.only(tiny, s.float(float64(lift)))))
	l = s.choose(s.compare(x, equal, s.float(0)), s.constant(s.bits(s.signBit()|s.infBits())), l)
	l = s.choose(s.compare(x, notGreaterOrEq, s.float(0)), s.constant(s.bits(s.nanBits())), l)
	return s.choose(s.compare(x, equal, s.bits(s.infBits())), x, l)
}
