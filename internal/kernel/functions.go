package kernel

import (
	"math"
	"slices"
)

// Exp sets dst to e^x. dst may be x.
func Exp(dst, x []float64) {
	sameLength("Exp", "x", len(x), len(dst))
	expAll(dst, x)
}

// Tanh sets dst to tanh x. dst may be x.
func Tanh(dst, x []float64) {
	sameLength("Tanh", "x", len(x), len(dst))
	tanhAll(dst, x)
}

// Sigmoid sets dst to σ(x) = 1/(1 + e^-x). dst may be x.
func Sigmoid(dst, x []float64) {
	sameLength("Sigmoid", "x", len(x), len(dst))
	sigmoidAll(dst, x)
}

// Softplus sets dst to ln(1 + e^x). dst may be x.
func Softplus(dst, x []float64) {
	sameLength("Softplus", "x", len(x), len(dst))
	softplusAll(dst, x)
}

// Log sets dst to ln x: -Inf at ±0, NaN below. dst may be x.
func Log(dst, x []float64) {
	sameLength("Log", "x", len(x), len(dst))
	logAll(dst, x)
}

// LogSumExp returns ln Σ e^x_i without overflow: the largest element is taken
// out first. It is -Inf for an empty slice, and NaN when an element is.
func LogSumExp(x []float64) float64 {
	top := math.Inf(-1)
	for _, v := range x {
		if v > top {
			top = v
		}
	}
	if math.IsInf(top, 0) {
		if slices.ContainsFunc(x, math.IsNaN) {
			return math.NaN()
		}
		return top
	}
	var buf [128]float64
	sum := 0.0
	for len(x) > 0 {
		b := buf[:min(len(buf), len(x))]
		for i := range b {
			b[i] = x[i] - top
		}
		Exp(b, b)
		sum += Sum(b)
		x = x[len(b):]
	}
	return top + log(sum)
}
