// Package residual checks what a model's one-step forecasts leave of a series: errors that are
// on average zero and do not depend on each other leave nothing to be learned from the past.
package residual

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// A Check is what the errors of a channel of a series are like. NaN stands for what cannot be
// said of so few.
type Check struct {
	Values int     // errors that there are
	Mean   float64 // of the errors
	Error  float64 // standard error of the mean, as if the errors did not depend on each other
	SD     float64

	// ACF are the autocorrelations of lag 1 on. Of independent errors 95 % lie within
	// 1.96/sqrt(Values) of zero.
	ACF []float64

	// LjungBox is the probability of autocorrelations as large as the first Lags, or larger,
	// if there are none (Ljung and Box 1978, On a measure of lack of fit in time series
	// models, Biometrika 65).
	Lags     int
	LjungBox float64
}

// New returns the check of errors at successive steps, NaN where there is none, by
// autocorrelations up to so many lags.
func New(errors []float64, lags int) Check {
	c := Check{Lags: min(lags, len(errors)-1), LjungBox: math.NaN(), Mean: math.NaN(), SD: math.NaN(), Error: math.NaN()}
	sum := 0.0
	for _, e := range errors {
		if !math.IsNaN(e) {
			c.Values, sum = c.Values+1, sum+e
		}
	}
	if c.Values < 2 || c.Lags < 1 {
		return c
	}
	n := float64(c.Values)
	c.Mean = sum / n
	squares := 0.0
	for _, e := range errors {
		if !math.IsNaN(e) {
			squares += (e - c.Mean) * (e - c.Mean)
		}
	}
	c.SD = math.Sqrt(squares / (n - 1))
	c.Error = c.SD / math.Sqrt(n)
	if squares == 0 {
		return c
	}
	q := 0.0
	for k := 1; k <= c.Lags; k++ {
		r, pairs := 0.0, 0.0
		for i := k; i < len(errors); i++ {
			if a, b := errors[i]-c.Mean, errors[i-k]-c.Mean; !math.IsNaN(a) && !math.IsNaN(b) {
				r, pairs = r+a*b, pairs+1
			}
		}
		r /= squares
		c.ACF = append(c.ACF, r)
		if pairs > 0 {
			q += r * r / pairs
		}
	}
	c.LjungBox = distuv.ChiSquared{K: float64(c.Lags)}.Survival(n * (n + 2) * q)
	return c
}

// Biased reports whether the mean is farther from zero than chance makes it, at 5 %.
func (c Check) Biased() bool { return math.Abs(c.Mean) > 1.96*c.Error }

// Dependent reports whether the errors depend on each other more than chance makes them, at 5 %.
func (c Check) Dependent() bool { return c.LjungBox < 0.05 }
