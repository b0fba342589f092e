package anomaly

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// A tail says how large deviations are: Student's distribution about a center, or for
// infinitely many degrees of freedom the Gaussian.
type tail struct{ center, scale, degrees float64 }

const (
	enough = 60 // deviations that tell the tail of a series by itself

	// bulk is the part of the deviations that a tail is learned from: of the others it
	// counts how many there are, not how far out they lie.
	bulk = 0.95

	// heavier is by how much the logarithm of the likelihood must be better for a heavier
	// tail to be taken.
	heavier = 0.5
)

// tailOf returns that of some deviations, by maximum likelihood with those beyond the bulk
// censored, or the Gaussian that a model says itself if there are few.
func tailOf(x []float64) tail {
	const fewest = 8
	if len(x) < fewest {
		return tail{0, 1, math.Inf(1)}
	}
	sorted := slices.Clone(x)
	slices.Sort(sorted)
	t := tail{center: (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2}
	if len(x) < enough { // too few to tell that from nothing
		t.center = 0
	}
	size := make([]float64, len(x))
	for i, v := range x {
		size[i] = math.Abs(v - t.center)
	}
	slices.Sort(size)
	inside := int(math.Ceil(bulk * float64(len(size))))
	limit := size[inside-1]
	if limit == 0 {
		return tail{t.center, math.SmallestNonzeroFloat64, math.Inf(1)}
	}
	best := math.Inf(-1)
	for _, degrees := range []float64{math.Inf(1), 30, 15, 10, 7, 5, 4, 3, 2.5} {
		scale, l := likeliestScale(size[:inside], len(size)-inside, limit, degrees)
		if l > best+heavier || math.IsInf(best, -1) {
			best, t.scale, t.degrees = l, scale, degrees
		}
	}
	return t
}

// likeliestScale returns the scale of deviations in size, beside which so many lie beyond a
// limit, and the logarithm of the likelihood.
func likeliestScale(size []float64, beyond int, limit, degrees float64) (scale, logL float64) {
	constant := -0.5 * math.Log(2*math.Pi)
	if !math.IsInf(degrees, 1) {
		above, _ := math.Lgamma((degrees + 1) / 2)
		below, _ := math.Lgamma(degrees / 2)
		constant = above - below - 0.5*math.Log(degrees*math.Pi)
	}
	l := func(log float64) float64 { // of the logarithm of a scale
		t := tail{0, math.Exp(log), degrees}
		sum := float64(beyond)*math.Log(math.Max(t.p(limit), 1e-300)) + float64(len(size))*(constant-log)
		for _, x := range size {
			z := x / t.scale
			if math.IsInf(degrees, 1) {
				sum -= z * z / 2
			} else {
				sum -= (degrees + 1) / 2 * math.Log1p(z*z/degrees)
			}
		}
		return sum
	}
	a, b := math.Log(limit)-4, math.Log(limit)+2
	const golden, steps = 0.6180339887498949, 40
	x, y := b-golden*(b-a), a+golden*(b-a)
	fx, fy := l(x), l(y)
	for range steps {
		if fx >= fy {
			b, y, fy = y, x, fx
			x = b - golden*(b-a)
			fx = l(x)
		} else {
			a, x, fx = x, y, fy
			y = a + golden*(b-a)
			fy = l(y)
		}
	}
	return math.Exp((a + b) / 2), math.Max(fx, fy)
}

// p returns the probability of a deviation as large as x, or larger; NaN of NaN.
func (t tail) p(x float64) float64 {
	z := math.Abs(x-t.center) / t.scale
	switch {
	case math.IsNaN(x):
		return math.NaN()
	case math.IsInf(t.degrees, 1):
		return math.Erfc(z / math.Sqrt2)
	}
	return 2 * distuv.StudentsT{Sigma: 1, Nu: t.degrees}.Survival(z)
}

// interval returns the deviations between which all but a share lies.
func (t tail) interval(share float64) (lo, hi float64) {
	z := math.Sqrt2 * math.Erfcinv(share)
	if !math.IsInf(t.degrees, 1) {
		z = -distuv.StudentsT{Sigma: 1, Nu: t.degrees}.Quantile(share / 2)
	}
	return t.center - t.scale*z, t.center + t.scale*z
}
