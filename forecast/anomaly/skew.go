package anomaly

import "math"

// mostSkew is the skewness of an exponential distribution, beyond which none is taken.
const mostSkew = 2

// skewness returns that of counts with a mean and a deviation, as Poisson's: the ratio of the two.
func skewness(mean, sd float64) float64 {
	if !(mean > sd/mostSkew) {
		return mostSkew
	}
	return sd / mean
}

// skewed returns the deviation of a skewed distribution that is as far out as one of a symmetrical distribution, by the
// expansion of Cornish and Fisher.
func skewed(x, skew float64) float64 {
	x = math.Max(x, -3/skew) // beyond which it turns round
	return x + (x*x-1)*skew/6
}

// unskewed is the inverse of skewed.
func unskewed(x, skew float64) float64 {
	if skew == 0 {
		return x
	}
	return 3 / skew * (math.Sqrt(math.Max(0, 1+2*skew/3*(x+skew/6))) - 1)
}
