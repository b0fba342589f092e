// Package freedom says how much wider a forecast's distribution is for having been
// estimated from few values.
package freedom

import (
	"math"
	"sync/atomic"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// least is the least number of degrees of freedom that is reckoned with: with fewer
// Student's distribution says nothing of use.
const least = 2

// Student returns the factor that makes the 80 % interval of a Gaussian whose variance
// was estimated with so many degrees of freedom that of Student's distribution.
func Student(degrees float64) float64 {
	const many = 1e6
	if degrees > many {
		return 1
	}
	degrees = math.Max(degrees, least)
	n := int(degrees)
	if n >= len(known) || float64(n) != degrees {
		return student(degrees)
	}
	if bits := known[n].Load(); bits != 0 {
		return math.Float64frombits(bits)
	}
	f := student(degrees)
	known[n].Store(math.Float64bits(f))
	return f
}

// known are the factors of whole degrees of freedom that have been asked for, by their bits: thousands of series
// ask for the same.
var known [1 << 10]atomic.Uint64

func student(degrees float64) float64 {
	const p = 0.9
	t := distuv.StudentsT{Sigma: 1, Nu: degrees}
	return t.Quantile(p) / mathext.NormalQuantile(p)
}

// Score returns what stands for the standard normal score z where the variance was estimated with so many degrees
// of freedom, of a standard deviation that was widened by Student: the quantile of Student's distribution, the 80 %
// interval of which is that of the standard Gaussian.
func Score(z, degrees float64) float64 {
	const z90 = 1.2815515655446004
	degrees = math.Max(degrees, least)
	return math.Copysign(quantile(math.Abs(z), degrees)/quantile(z90, degrees)*z90, z)
}

// quantile returns the quantile of Student's distribution whose probability is that of the normal score x, not
// negative, by the expansion of Hill (1970, algorithm 396 of the ACM), to three digits of two degrees of freedom
// and more of more.
func quantile(x, n float64) float64 {
	both := math.Erfc(x / math.Sqrt2) // probability of both tails
	a := 1 / (n - 0.5)
	b := 48 / (a * a)
	c := ((20700*a/b-98)*a-16)*a + 96.36
	d := ((94.5/(b+c)-3)/b + 1) * math.Sqrt(a*math.Pi/2) * n
	y := math.Pow(d*both, 2/n)
	if y > 0.05+a {
		x = -x
		y = x * x
		if n < 5 {
			c += 0.3 * (n - 4.5) * (x + 0.6)
		}
		c = (((0.05*d*x-5)*x-7)*x-2)*x + b + c
		y = (((((0.4*y+6.3)*y+36)*y+94.5)/c-y-3)/b + 1) * x
		return math.Sqrt(n * math.Expm1(a*y*y))
	}
	y = ((1/(((n+6)/(n*y)-0.089*d-0.822)*(n+2)*3)+0.5/(n+4))*y-1)*(n+1)/(n+2) + 1/y
	return math.Sqrt(n * y)
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
