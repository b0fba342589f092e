package kernel

import "math"

// The functions of this file are the specification of the vector code: every
// path does these operations in this order. Products that feed a sum are
// written as math.FMA or wrapped in a conversion, because the language lets a
// compiler fuse x*y + z by itself and some architectures do.

// expm1Reduced returns e^r - 1 for |r| <= ln2/2.
func expm1Reduced(r float64) float64 {
	z := r * r
	even := math.FMA(expC10, z, expC8)
	even = math.FMA(even, z, expC6)
	even = math.FMA(even, z, expC4)
	even = math.FMA(even, z, expC2)
	even = math.FMA(even, z, expC0)
	odd := math.FMA(expC9, z, expC7)
	odd = math.FMA(odd, z, expC5)
	odd = math.FMA(odd, z, expC3)
	odd = math.FMA(odd, z, expC1)
	return math.FMA(math.FMA(odd, r, even), z, r)
}

// reduce splits x = k·ln2 + r with |r| <= ln2/2 and an integer k; shifted has
// k in its low bits.
func reduce(x float64) (shifted, r float64) {
	shifted = math.FMA(x, log2E, roundShift)
	k := shifted - roundShift
	r = math.FMA(-k, ln2Hi, x)
	return shifted, math.FMA(-k, ln2Lo, r)
}

// exp returns e^x. The power of two is applied in two factors, of which only
// the second can round.
func exp(x float64) float64 {
	if x > expMax {
		x = expMax
	}
	if x < expMin {
		x = expMin
	}
	shifted, r := reduce(x)
	b := math.Float64bits(shifted)
	half := b >> 1
	y := (1 + expm1Reduced(r)) * pow2(half)
	return float64(y * pow2(b-half))
}

// pow2 returns 2^k for the k in the low bits of b.
func pow2(b uint64) float64 {
	return math.Float64frombits(b<<52 + 1023<<52)
}

// tanh returns t = E/D, E = e^(2|x|) - 1, D = E + 2, with the sign of x. What
// the sum D and the quotient lost to rounding is put back: t + (E - t·D)/D.
func tanh(x float64) float64 {
	a := math.Abs(x)
	if a > tanhMax {
		a = tanhMax
	}
	a += a
	shifted, r := reduce(a)
	s := pow2(math.Float64bits(shifted))
	e := math.FMA(s, expm1Reduced(r), s-1)
	d := e + 2
	lost := e - (d - 2)
	inverse := 1 / d
	t := e * inverse
	rest := math.FMA(-t, lost, math.FMA(-t, d, e))
	return math.Copysign(math.FMA(rest, inverse, t), x)
}

// sigmoid returns 1/(1 + e^-x). With e^-x = 2^k·(1+p) the sum is rounded once,
// 2^k·p + (2^k + 1); of a k above sigmoidTop the excess is taken off the
// quotient, which may then be denormal.
func sigmoid(x float64) float64 {
	a := -x
	if a > -expMin {
		a = -expMin
	}
	if a < sigmoidMin {
		a = sigmoidMin
	}
	shifted, r := reduce(a)
	k := shifted - roundShift
	low := k
	if low > sigmoidTop {
		low = sigmoidTop
	}
	s := pow2(math.Float64bits(low + roundShift))
	d := math.FMA(s, expm1Reduced(r), s+1)
	return float64(1 / d * pow2(math.Float64bits((low-k)+roundShift)))
}

// log1pReduced returns ln(1+f) + k·ln2 for |f/(2+f)| <= 1/5.
func log1pReduced(f, k float64) float64 {
	s := f / (2 + f)
	z := s * s
	w := z * z
	even := math.FMA(logC6, w, logC4)
	even = math.FMA(even, w, logC2)
	even = math.FMA(even, w, logC0)
	odd := math.FMA(logC7, w, logC5)
	odd = math.FMA(odd, w, logC3)
	odd = math.FMA(odd, w, logC1)
	h := float64(f * 0.5 * f)
	t := math.FMA(math.FMA(odd, z, even), z, h)
	t = math.FMA(s, t, k*ln2Lo)
	return math.FMA(k, ln2Hi, f-(h-t))
}

// softplus returns ln(1 + e^x) as max(x, 0) + ln(1 + e) with e = e^-|x|.
// Where e > 1/2, 1+e = 2·(1 + (e-1)/2), and e-1 is exact.
func softplus(x float64) float64 {
	e := exp(-math.Abs(x))
	f, k := e, 0.0
	if e > 0.5 {
		f, k = (e-1)*0.5, 1
	}
	l := log1pReduced(f, k)
	if !(x <= 0) { // NaN too
		l += x
	}
	return l
}

// log returns ln x: -Inf for ±0, NaN below zero.
func log(x float64) float64 {
	y, below := x, 0.0
	if x < minNormal {
		y, below = x*(1<<54), 54
	}
	b := math.Float64bits(y) + logBias
	k := float64(int64(b>>52)) - (1023 + below)
	m := math.Float64frombits(b&(1<<52-1) + sqrtHalfBits)
	l := log1pReduced(m-1, k)
	switch {
	case x == 0:
		return math.Inf(-1)
	case !(x >= 0): // NaN too
		return math.NaN()
	case x > math.MaxFloat64:
		return x
	}
	return l
}
