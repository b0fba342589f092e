// Package freedom says how much wider a forecast's distribution is for having been
// estimated from few values.
package freedom

import (
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// least is the least number of degrees of freedom that is reckoned with: with fewer
// Student's distribution says nothing of use.
const least = 2

// Student returns the factor that makes the 80 % interval of a Gaussian whose variance
// was estimated with so many degrees of freedom that of Student's distribution.
func Student(degrees float64) float64 {
	const p, many = 0.9, 1e6
	if degrees > many {
		return 1
	}
	t := distuv.StudentsT{Sigma: 1, Nu: math.Max(degrees, least)}
	return t.Quantile(p) / mathext.NormalQuantile(p)
}

// Widening returns the factor by which the standard deviation of a forecast from n values
// widens for k parameters that were estimated from the same: that of Student for an
// estimate of the variance with n - k degrees of freedom, and sqrt(1 + k/n), the final
// prediction error of Akaike (1969).
func Widening(n, k float64) float64 {
	return math.Sqrt(1+k/math.Max(n, 1)) * Student(n-k)
}

// Chosen returns as how many parameters counts that a model was chosen among several by n values:
// three, but of few values, which leave less to choose from, one of every three.
func Chosen(n float64) float64 { return math.Min(3, n/3) }
