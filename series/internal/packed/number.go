package packed

import (
	"math"
	"math/bits"
)

// Scaled returns digits / 10^decimals, for at most 19 decimals: the float64 next to it.
func Scaled(digits uint64, decimals int) float64 {
	if digits < 1<<53 {
		return float64(digits) / powers[decimals] // both are exact, so the quotient is rounded once
	}
	// digits / 10^decimals = q / 2^63 * 2^(d-n), with both brought up to 64 bits.
	n, d := bits.LeadingZeros64(digits), bits.LeadingZeros64(whole[decimals])
	top := digits << n
	q, rest := bits.Div64(top>>1, top<<63, whole[decimals]<<d)
	if rest != 0 {
		q |= 1 // below the half of the last digit, so that it only breaks ties
	}
	return float64(q) * math.Float64frombits(uint64(1023+d-n-63)<<52)
}

var powers = [mostDigits + 1]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

var whole = func() (w [mostDigits + 1]uint64) {
	w[0] = 1
	for i := 1; i < len(w); i++ {
		w[i] = 10 * w[i-1]
	}
	return w
}()
