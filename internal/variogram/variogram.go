// Package variogram says how far series go in so many steps, as many short ones tell together what none tells
// by itself: how much of a step is noise, which is over at the next, how much is forgotten, how much
// stays, how much goes on as the slope of a series, and how much comes back after a season.
package variogram

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat"
)

// A Law is the variogram of the series of a panel, half the mean square of their differences by the steps in
// between, as the sum of parts that are none of them negative. They are in units of the mean square of the
// differences of neighbours of a series, which has a scaled inverse chi-squared distribution over the panel.
type Law struct {
	Square  float64 `json:"square"`  // the usual mean square of the differences of neighbours
	Degrees float64 `json:"degrees"` // of freedom, those that it is as sure of for each series as

	Noise  float64   `json:"noise"`  // variance of what is over at the next step
	Memory []float64 `json:"memory"` // variances of autoregressions, by their coefficients in memories
	Walk   float64   `json:"walk"`   // variance that a walk gains a step
	Slope  float64   `json:"slope"`  // variance of the slopes
	Season int       `json:"season"` // steps in a season
	Waves  []float64 `json:"waves"`  // variances of the waves of the season, the longest first
}

// MostValues is the number of values, the last of a series, that are looked at.
const MostValues = 64

// Bounds of what is learned.
const (
	leastSeries = 20  // that tell what one by itself does not
	leastValues = 4   // of a series that tells anything
	mostDegrees = 1e3 // with which series are all alike
	mostWaves   = 2
	leastShare  = 1e-6 // of the variance of differences that none of the parts explains
)

// memories returns the coefficients of the autoregressions.
func memories() []float64 { return []float64{0.4, 0.65, 0.85} }

// Learn returns the law of series, on a grid with NaN for gaps, with seasons of so many steps; nil if they
// are too few.
func Learn(all [][]float64, season int) *Law {
	l := &Law{Season: season}
	var squares, numbers []float64
	var told [][]float64
	for _, y := range all {
		if g, n := neighbours(y); n >= leastValues-1 && g > 0 {
			told, squares, numbers = append(told, y), append(squares, g), append(numbers, n)
		}
	}
	if len(told) < leastSeries {
		return nil
	}
	l.Square, l.Degrees = usual(squares, numbers)
	units := make([]float64, len(told))
	for i := range told {
		units[i] = l.unit(squares[i], numbers[i])
	}
	l.compose(differences(told, units))
	return l
}

// neighbours returns the mean square of the differences of neighbours, and their number.
func neighbours(y []float64) (square, n float64) {
	for t := 1; t < len(y); t++ {
		if d := y[t] - y[t-1]; !math.IsNaN(d) {
			square += d * d
			n++
		}
	}
	return square / max(n, 1), n
}

// usual returns the usual one of mean squares, and as how many degrees of freedom that counts for each beside
// its own: by the mean and the variance of their logarithms (Smyth 2004).
func usual(squares, numbers []float64) (square, degrees float64) {
	logs := make([]float64, len(squares))
	chance := 0.0
	for i, g := range squares {
		logs[i] = math.Log(g) - mathext.Digamma(numbers[i]/2) + math.Log(numbers[i]/2)
		chance += trigamma(numbers[i]/2) / float64(len(squares))
	}
	mean, variance := stat.MeanVariance(logs, nil)
	degrees = 2 * inverseTrigamma(variance-chance)
	return math.Exp(mean + mathext.Digamma(degrees/2) - math.Log(degrees/2)), degrees
}

func trigamma(x float64) float64 { return mathext.Zeta(2, x) }

// inverseTrigamma returns where the trigamma function is y, half mostDegrees at most.
func inverseTrigamma(y float64) float64 {
	low, high := 0.1, float64(mostDegrees)/2
	for range 50 {
		if middle := math.Sqrt(low * high); trigamma(middle) > y {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// unit returns the mean square of the differences of neighbours that is believed of a series whose own is
// of n differences.
func (l *Law) unit(own, n float64) float64 {
	return (l.Degrees*l.Square + n*own) / (l.Degrees + n)
}

// differences returns the mean products of the differences of neighbours, in these units, of the last steps of series:
// as many as the median one has.
func differences(all [][]float64, units []float64) *mat.SymDense {
	lengths := make([]int, len(all))
	for i, y := range all {
		lengths[i] = len(y)
	}
	slices.Sort(lengths)
	n := min(lengths[(len(lengths)-1)/2], MostValues) - 1
	sums, pairs := make([]float64, n*n), make([]float64, n*n)
	for i, y := range all {
		for s := 1; s <= min(n, len(y)-1); s++ {
			a := y[len(y)-s] - y[len(y)-s-1]
			for t := 1; t <= s; t++ {
				if product := a * (y[len(y)-t] - y[len(y)-t-1]); !math.IsNaN(product) {
					k := (n-s)*n + n - t
					sums[k] += product / units[i]
					pairs[k]++
				}
			}
		}
	}
	products := mat.NewSymDense(n, nil)
	for s := range n {
		for t := s; t < n; t++ {
			products.SetSym(s, t, sums[s*n+t]/max(pairs[s*n+t], 1))
		}
	}
	return products
}

// compose sets the parts of the law to the likeliest ones given the mean products of differences, which are Gaussian:
// by the steps of Zhou, Hu, Zhou and Lange (2019), which keep variances from being negative.
func (l *Law) compose(products *mat.SymDense) {
	n := products.SymmetricDim()
	waves := 0
	if l.Season > 1 && n >= l.Season {
		waves = min(mostWaves, l.Season/2)
	}
	l.Memory, l.Waves = make([]float64, len(memories())), make([]float64, waves)
	parts := l.parts()
	of := make([]*mat.SymDense, len(parts)) // covariances of differences
	for k, p := range parts {
		of[k] = mat.NewSymDense(n, nil)
		for s := range n {
			for t := s; t < n; t++ {
				of[k].SetSym(s, t, p.of(s+1, t+1)+p.of(s, t)-p.of(s, t+1)-p.of(s+1, t))
			}
		}
		*p.variance = mat.Trace(products) / mat.Trace(of[k]) / float64(len(parts))
	}
	const steps = 300
	for range steps {
		sum := mat.NewSymDense(n, nil)
		for k, p := range parts {
			for s := range n {
				for t := s; t < n; t++ {
					sum.SetSym(s, t, sum.At(s, t)+*p.variance*of[k].At(s, t))
				}
			}
		}
		for s := range n {
			sum.SetSym(s, s, sum.At(s, s)+leastShare*mat.Trace(products)/float64(n))
		}
		var chol mat.Cholesky
		var inverse mat.SymDense
		if !chol.Factorize(sum) || chol.InverseTo(&inverse) != nil {
			return
		}
		var half, fitted mat.Dense
		half.Mul(&inverse, products)
		fitted.Mul(&half, &inverse)
		for k, p := range parts {
			seen, expected := 0.0, 0.0
			for s := range n {
				for t := range n {
					c := of[k].At(s, t)
					seen, expected = seen+c*fitted.At(s, t), expected+c*inverse.At(s, t)
				}
			}
			*p.variance *= math.Sqrt(max(0, seen) / expected)
		}
	}
}

// A part of a law has a variance, which is multiplied by of in the covariance of the values at two steps, not
// counting a constant.
type part struct {
	variance *float64
	of       func(s, t int) float64
}

func (l *Law) parts() []part {
	all := []part{
		{&l.Noise, func(s, t int) float64 {
			if s == t {
				return 1
			}
			return 0
		}},
		{&l.Walk, func(s, t int) float64 { return float64(min(s, t)) }},
		{&l.Slope, func(s, t int) float64 { return float64(s) * float64(t) }},
	}
	for k, phi := range memories() {
		all = append(all, part{&l.Memory[k], func(s, t int) float64 { return math.Pow(phi, math.Abs(float64(s-t))) }})
	}
	for k := range l.Waves {
		all = append(all, part{&l.Waves[k], func(s, t int) float64 {
			return math.Cos(2 * math.Pi * float64((k+1)*(s-t)) / float64(l.Season))
		}})
	}
	return all
}

// covariances returns the covariance of the values at two of n steps, but for a constant.
func (l *Law) covariances(n int) func(s, t int) float64 {
	stationary := make([]float64, n) // by the steps in between
	for _, p := range l.parts() {
		if p.variance == &l.Walk || p.variance == &l.Slope {
			continue
		}
		for lag := range stationary {
			stationary[lag] += *p.variance * p.of(0, lag)
		}
	}
	return func(s, t int) float64 {
		return stationary[max(s-t, t-s)] + l.Walk*float64(min(s, t)) + l.Slope*float64(s)*float64(t)
	}
}

// An Outlook is the distribution of the values 1, 2 ... steps after a series: their means, and deviations that were
// estimated with so many degrees of freedom.
type Outlook struct {
	Mean, SD []float64
	Degrees  float64
}

// Ahead returns the outlook of n steps after a series, on a grid with NaN for gaps, by best linear prediction with a
// mean that is not known (universal kriging). It is not ok if the series has too few values.
func (l *Law) Ahead(y []float64, n int) (o Outlook, ok bool) {
	y = y[max(0, len(y)-MostValues):]
	var at []int
	for t, v := range y {
		if !math.IsNaN(v) {
			at = append(at, t)
		}
	}
	k := len(at)
	if k < 2 {
		return Outlook{}, false
	}
	own, number := neighbours(y)
	unit, covariance := l.unit(own, number), l.covariances(len(y)+n)
	o.Degrees = l.Degrees + number
	cov, values, ones := mat.NewSymDense(k, nil), mat.NewVecDense(k, nil), mat.NewVecDense(k, nil)
	const level = 1 // the variance of the mean of the series does not matter, but makes the covariance definite
	for i, s := range at {
		for j := i; j < k; j++ {
			cov.SetSym(i, j, level+covariance(s, at[j]))
		}
		cov.SetSym(i, i, cov.At(i, i)+leastShare)
		values.SetVec(i, y[s])
		ones.SetVec(i, 1)
	}
	var chol mat.Cholesky
	var byValues, byOnes, by mat.VecDense
	if !chol.Factorize(cov) || chol.SolveVecTo(&byValues, values) != nil || chol.SolveVecTo(&byOnes, ones) != nil {
		return Outlook{}, false
	}
	certain := mat.Dot(ones, &byOnes)
	mean := mat.Dot(ones, &byValues) / certain
	to := mat.NewVecDense(k, nil)
	for h := 1; h <= n; h++ {
		u := len(y) - 1 + h
		for i, t := range at {
			to.SetVec(i, level+covariance(u, t))
		}
		if chol.SolveVecTo(&by, to) != nil {
			return Outlook{}, false
		}
		left := 1 - mat.Dot(to, &byOnes)
		variance := level + covariance(u, u) - mat.Dot(to, &by) + left*left/certain
		o.Mean = append(o.Mean, mat.Dot(to, &byValues)+left*mean)
		o.SD = append(o.SD, math.Sqrt(max(0, unit*variance)))
	}
	return o, true
}

// Validate says what is wrong with a law that was read, if anything.
func (l *Law) Validate() error {
	if l == nil {
		return nil
	}
	if len(l.Memory) != len(memories()) || len(l.Waves) > mostWaves || len(l.Waves) > 0 && l.Season < 2 {
		return fmt.Errorf("variogram: %d memories and %d waves of a season of %d", len(l.Memory), len(l.Waves), l.Season)
	}
	if !(l.Square > 0) || math.IsInf(l.Square, 0) || !(l.Degrees > 0) || l.Degrees > mostDegrees {
		return errors.New("variogram: no scale")
	}
	for _, p := range l.parts() {
		if v := *p.variance; !(v >= 0) || math.IsInf(v, 0) {
			return fmt.Errorf("variogram: a variance of %v", v)
		}
	}
	return nil
}
