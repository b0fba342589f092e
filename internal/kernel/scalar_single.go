package kernel

import (
	"math"
	"unsafe"
)

// The functions of this file are those of scalar.go in float32, with shorter
// polynomials. A conversion behind a product keeps it from being fused.

func expm1ReducedSingle(r float32) float32 {
	z := float32(r * r)
	even := fmaSingle(expC4Single, z, expC2Single)
	even = fmaSingle(even, z, expC0Single)
	odd := fmaSingle(expC5Single, z, expC3Single)
	odd = fmaSingle(odd, z, expC1Single)
	return fmaSingle(fmaSingle(odd, r, even), z, r)
}

func reduceSingle(x float32) (shifted, r float32) {
	shifted = fmaSingle(x, log2E, roundShiftSingle)
	k := shifted - roundShiftSingle
	r = fmaSingle(-k, ln2HiSingle, x)
	return shifted, fmaSingle(-k, ln2LoSingle, r)
}

func expSingle(x float32) float32 {
	if x > expMaxSingle {
		x = expMaxSingle
	}
	if x < expMinSingle {
		x = expMinSingle
	}
	shifted, r := reduceSingle(x)
	b := math.Float32bits(shifted)
	half := b >> 1
	y := float32((1 + expm1ReducedSingle(r)) * pow2Single(half))
	return float32(y * pow2Single(b-half))
}

func pow2Single(b uint32) float32 {
	return math.Float32frombits(b<<23 + 127<<23)
}

func tanhSingle(x float32) float32 {
	sign := math.Float32bits(x) & (1 << 31)
	a := math.Float32frombits(math.Float32bits(x) &^ (1 << 31))
	if a > tanhMaxSingle {
		a = tanhMaxSingle
	}
	a += a
	shifted, r := reduceSingle(a)
	s := pow2Single(math.Float32bits(shifted))
	e := fmaSingle(s, expm1ReducedSingle(r), s-1)
	d := e + 2
	lost := e - (d - 2)
	inverse := 1 / d
	t := float32(e * inverse)
	rest := fmaSingle(-t, lost, fmaSingle(-t, d, e))
	return math.Float32frombits(math.Float32bits(fmaSingle(rest, inverse, t)) | sign)
}

func sigmoidSingle(x float32) float32 {
	a := -x
	if a > -expMinSingle {
		a = -expMinSingle
	}
	if a < sigmoidMinSingle {
		a = sigmoidMinSingle
	}
	shifted, r := reduceSingle(a)
	k := shifted - roundShiftSingle
	low := k
	if low > sigmoidTopSingle {
		low = sigmoidTopSingle
	}
	s := pow2Single(math.Float32bits(low + roundShiftSingle))
	d := fmaSingle(s, expm1ReducedSingle(r), s+1)
	return float32(1 / d * pow2Single(math.Float32bits((low-k)+roundShiftSingle)))
}

func log1pReducedSingle(f, k float32) float32 {
	s := f / (2 + f)
	z := float32(s * s)
	w := float32(z * z)
	even := fmaSingle(logC2Single, w, logC0Single)
	odd := fmaSingle(logC3Single, w, logC1Single)
	h := float32(float32(f*0.5) * f)
	t := fmaSingle(fmaSingle(odd, z, even), z, h)
	t = fmaSingle(s, t, float32(k*ln2LoSingle))
	return fmaSingle(k, ln2HiSingle, f-(h-t))
}

func softplusSingle(x float32) float32 {
	e := expSingle(math.Float32frombits(math.Float32bits(x) | 1<<31))
	f, k := e, float32(0)
	if e > 0.5 {
		f, k = (e-1)*0.5, 1
	}
	l := log1pReducedSingle(f, k)
	if !(x <= 0) { // NaN too
		l += x
	}
	return l
}

func logSingle(x float32) float32 {
	y, below := x, float32(0)
	if x < minNormalSingle {
		y, below = x*(1<<25), 25
	}
	k, f := splitSingle(y)
	l := log1pReducedSingle(f, k-below)
	switch {
	case x == 0:
		return float32(math.Inf(-1))
	case !(x >= 0): // NaN too
		return float32(math.NaN())
	case x > math.MaxFloat32:
		return x
	}
	return l
}

// splitSingle returns k and f of a normal y = 2^k·(1+f), sqrt(1/2) <= 1+f < sqrt(2).
func splitSingle(y float32) (k, f float32) {
	b := math.Float32bits(y) + logBiasSingle
	return float32(int32(b>>23)) - 127, math.Float32frombits(b&(1<<23-1)+sqrtHalfBitsSingle) - 1
}

// normalSingle returns the standard normal deviate of 32 random bits: the sign is the highest,
// the others say with which probability p it is exceeded in size, halved.
func normalSingle(bits uint32) float32 {
	p := (float32(bits&(1<<31-1)) + 0.5) * 0x1p-32
	x := 1 - (p + p)
	a := float32((p * 4) * (1 - p))
	k, f := splitSingle(a)
	if a > 0.75 { // where a is near 1, and a - 1 has lost its digits
		f = -float32(x * x)
	}
	w := -log1pReducedSingle(f, k)
	v := float32(math.Sqrt(float64(w)))
	even := fmaSingle(normalC8Single, w, normalC6Single)
	even = fmaSingle(even, w, normalC4Single)
	even = fmaSingle(even, w, normalC2Single)
	even = fmaSingle(even, w, normalC0Single)
	odd := fmaSingle(normalC9Single, w, normalC7Single)
	odd = fmaSingle(odd, w, normalC5Single)
	odd = fmaSingle(odd, w, normalC3Single)
	odd = fmaSingle(odd, w, normalC1Single)
	z := float32(fmaSingle(odd, v, even) * v)
	return math.Float32frombits(math.Float32bits(z) ^ bits&(1<<31))
}

// The functions of either width.

func expOf[T Float](x T) T      { return eitherOf(x, exp, expSingle) }
func tanhOf[T Float](x T) T     { return eitherOf(x, tanh, tanhSingle) }
func sigmoidOf[T Float](x T) T  { return eitherOf(x, sigmoid, sigmoidSingle) }
func softplusOf[T Float](x T) T { return eitherOf(x, softplus, softplusSingle) }
func logOf[T Float](x T) T      { return eitherOf(x, log, logSingle) }

func eitherOf[T Float](x T, double func(float64) float64, single func(float32) float32) T {
	if unsafe.Sizeof(x) == 8 {
		return T(double(float64(x)))
	}
	return T(single(float32(x)))
}
