package neural

import "math"

// OrZero returns x, or 0 for NaN, which networks do not see.
func OrZero(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return x
}

// Indicator returns 1 for true and 0 for false.
func Indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
