package ode

import "math"

// The step control works with logarithms to base 2, to a part in 10⁸, which
// is cheaper than the exact ones and no worse: the constants of the control
// have two digits.

// log2 returns the logarithm of a positive finite x, from the series of the
// inverse hyperbolic tangent.
func log2(x float64) float64 {
	const carry = 1<<52 - 0x6a09e667f3bcd - 1 // the number taken off is the mantissa of √2
	bits := math.Float64bits(x)
	if bits>>52 == 0 {
		return -1022 // no smaller error tells anything
	}
	// The sum carries into the exponent if the mantissa is above that of √2, so
	// that m lies between 1/√2 and √2.
	e := int64(bits+carry)>>52 - 1023
	m := math.Float64frombits(bits - uint64(e)<<52)
	s := (m - 1) / (m + 1)
	q := s * s
	return float64(e) + s*(2/math.Ln2)*(1+q*(1./3)+q*q*(1./5+q*(1./7)+q*q*(1./9)))
}

// exp2 returns the power of 2 by x, which is between -1000 and 1000, from the
// series of the exponential function.
func exp2(x float64) float64 {
	n := math.Floor(x + 0.5)
	f := (x - n) * math.Ln2
	g := f * f
	p := 1 + f + g*(1./2+f*(1./6)) + g*g*(1./24+f*(1./120)+g*(1./720+f*(1./5040)))
	return p * math.Float64frombits(uint64(int64(n)+1023)<<52)
}
