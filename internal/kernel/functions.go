package kernel

import (
	"math"
	"slices"
)

// Exp sets dst to e^x. dst may be x.
func Exp[T Float](dst, x []T) {
	sameLength("Exp", "x", len(x), len(dst))
	expAll(dst, x)
}

// Tanh sets dst to tanh x. dst may be x.
func Tanh[T Float](dst, x []T) {
	sameLength("Tanh", "x", len(x), len(dst))
	tanhAll(dst, x)
}

// Sigmoid sets dst to σ(x) = 1/(1 + e^-x). dst may be x.
func Sigmoid[T Float](dst, x []T) {
	sameLength("Sigmoid", "x", len(x), len(dst))
	sigmoidAll(dst, x)
}

// Softplus sets dst to ln(1 + e^x). dst may be x.
func Softplus[T Float](dst, x []T) {
	sameLength("Softplus", "x", len(x), len(dst))
	softplusAll(dst, x)
}

// Log sets dst to ln x: -Inf at ±0, NaN below. dst may be x.
func Log[T Float](dst, x []T) {
	sameLength("Log", "x", len(x), len(dst))
	logAll(dst, x)
}

// LogSumExp returns ln Σ e^x_i without overflow: the largest element is taken
// out first. It is -Inf for an empty slice, and NaN when an element is. Of float32s it is
// that in float64, rounded.
func LogSumExp[T Float](x []T) T {
	top := T(math.Inf(-1))
	for _, v := range x {
		if v > top {
			top = v
		}
	}
	if math.IsInf(float64(top), 0) {
		if slices.ContainsFunc(x, func(v T) bool { return v != v }) {
			return T(math.NaN())
		}
		return top
	}
	var buf [128]float64
	sum := 0.0
	for len(x) > 0 {
		b := buf[:min(len(buf), len(x))]
		for i := range b {
			b[i] = float64(x[i]) - float64(top)
		}
		Exp(b, b)
		sum += Sum(b)
		x = x[len(b):]
	}
	return T(float64(top) + log(sum))
}
