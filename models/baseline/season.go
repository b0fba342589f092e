package baseline

import (
	"math"
	"math/bits"

	"gonum.org/v1/gonum/dsp/fourier"
)

// wellAbove is how much of their mean the least of some values must be for
// the values to be taken as well above zero, so that they can be divided by.
const wellAbove = 0.02

// multiplicable reports whether all of y is well above zero.
func multiplicable(y []float64) bool {
	least, sum, n := math.Inf(1), 0.0, 0.0
	for _, v := range y {
		if isObserved(v) {
			least, sum, n = math.Min(least, v), sum+v, n+1
		}
	}
	return least > 0 && least > wellAbove*(sum/n)
}

// seasonalIndices returns the effects of the m places in the season of y, the
// first of them that of y[0], by classical decomposition: the means of what a
// centred moving average over a season leaves, brought to mean 0, or divided by
// it and brought to mean 1 (Hyndman and Athanasopoulos, Forecasting: Principles
// and Practice, 3rd ed., section 3.4). For the moving average gaps of y are
// interpolated, at first as they are and then with the season taken out. y must
// have two seasons.
func seasonalIndices(y []float64, m int, multiplicative bool) []float64 {
	effects := averageEffects(y, filled(y), m, multiplicative)
	if observed(y) == len(y) {
		return effects
	}
	for range gapPasses {
		z := filled(adjust(y, effects, multiplicative))
		for t := range z {
			if multiplicative {
				z[t] *= effects[t%m]
			} else {
				z[t] += effects[t%m]
			}
		}
		effects = averageEffects(y, z, m, multiplicative)
	}
	return effects
}

// gapPasses is how often gaps are interpolated with the season taken out.
const gapPasses = 4

// adjust takes the effects of the places in the season out of y.
func adjust(y, effects []float64, multiplicative bool) []float64 {
	z := make([]float64, len(y))
	for t, v := range y {
		if e := effects[t%len(effects)]; multiplicative {
			z[t] = v / e
		} else {
			z[t] = v - e
		}
	}
	return z
}

// averageEffects returns the effects as averages over the observed values of y,
// z being y with its gaps filled.
func averageEffects(y, z []float64, m int, multiplicative bool) []float64 {
	sum, count := make([]float64, m), make([]float64, m)
	half := m / 2
	// The window of an even season has half of the value at either end.
	window := 0.0
	for _, v := range z[:2*half+1] {
		window += v
	}
	for t := half; t+half < len(z); t++ {
		if t > half {
			window += z[t+half] - z[t-half-1]
		}
		trend := window / float64(m)
		if m%2 == 0 {
			trend -= (z[t-half] + z[t+half]) / float64(2*m)
		}
		if !isObserved(y[t]) {
			continue
		}
		effect := y[t] - trend
		if multiplicative {
			effect = y[t] / trend
		}
		sum[t%m] += effect
		count[t%m]++
	}
	neutral := 0.0
	if multiplicative {
		neutral = 1
	}
	mean := 0.0
	for i := range sum {
		if count[i] > 0 {
			sum[i] /= count[i]
		} else {
			sum[i] = neutral
		}
		mean += sum[i] / float64(m)
	}
	for i := range sum {
		if multiplicative {
			sum[i] /= mean
		} else {
			sum[i] -= mean
		}
	}
	return sum
}

// isSeasonal tests for a season of m steps by the autocorrelation at that lag,
// against the two-sided level of 90 % that the lower lags leave it (as
// Assimakopoulos and Nikolopoulos 2000 and Fiorucci et al. 2016 do before the
// theta method). Two seasons and less have none.
func isSeasonal(y []float64, m int) bool {
	const quantile = 1.6448536269514722 // of the normal distribution at 0.95
	if m < 2 || len(y) <= 2*m {
		return false
	}
	z := newStandard(y)
	if z.scale == 0 {
		return false
	}
	r := autocorrelations(z.y, m)
	lower := 0.0
	for _, v := range r[1:m] {
		lower += v * v
	}
	return math.Abs(r[m]) > quantile*math.Sqrt((1+2*lower)/float64(z.n))
}

// autocorrelations returns the autocorrelations of y, whose mean is 0, at the
// lags 0 to m, by Fourier transform. Missing values count as 0.
func autocorrelations(y []float64, m int) []float64 {
	n := 1 << bits.Len(uint(len(y)+m))
	padded := make([]float64, n)
	for t, v := range y {
		if isObserved(v) {
			padded[t] = v
		}
	}
	f := fourier.NewFFT(n)
	power := f.Coefficients(nil, padded)
	for i, c := range power {
		power[i] = complex(real(c)*real(c)+imag(c)*imag(c), 0)
	}
	r := f.Sequence(padded, power)[:m+1]
	variance := r[0]
	for i := range r {
		r[i] /= variance
	}
	return r
}
