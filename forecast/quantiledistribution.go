package forecast

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/mathext"
)

// A quantileDistribution is the distribution of a value whose quantile function is known at some
// probabilities and in between is piecewise linear in the normal score z, the
// standard normal quantile of the probability. In each piece the distribution is that
// of a Gaussian, as it is in the tails, so that its integrals have closed
// forms.
type quantileDistribution struct {
	scores []float64 // normal scores of the probabilities, increasing
	values []float64 // quantiles, not decreasing

	lowSD, highSD float64 // of the tails
}

func newQuantileDistribution(probs []float64) quantileDistribution {
	l := quantileDistribution{scores: make([]float64, len(probs)), values: make([]float64, len(probs))}
	for i, p := range probs {
		if p != 0.5 { // whose score is zero exactly
			l.scores[i] = mathext.NormalQuantile(p)
		}
	}
	return l
}

// prepare finds the tails once the values are set.
func (l *quantileDistribution) prepare() {
	last := len(l.scores) - 1
	l.lowSD, l.highSD = 0, 0
	median := l.at(0)
	if z := l.scores[0]; z < 0 {
		l.lowSD = (median - l.values[0]) / -z
	}
	if z := l.scores[last]; z > 0 {
		l.highSD = (l.values[last] - median) / z
	}
}

// A piece is a stretch of the quantile function: value + slope (z - score) for
// the scores z from lo to hi.
type piece struct {
	lo, hi       float64
	score, value float64
	slope        float64
}

func (p piece) at(z float64) float64 {
	if z == p.score {
		return p.value // which an infinite z-score times a slope of 0 would spoil
	}
	return p.value + p.slope*(z-p.score)
}

// piece returns piece i of the len(l.scores)+1, the tails included.
func (l *quantileDistribution) piece(i int) piece {
	switch last := len(l.scores) - 1; i {
	case 0:
		return piece{math.Inf(-1), l.scores[0], l.scores[0], l.values[0], l.lowSD}
	case last + 1:
		return piece{l.scores[last], math.Inf(1), l.scores[last], l.values[last], l.highSD}
	}
	a, b := l.scores[i-1], l.scores[i]
	return piece{a, b, a, l.values[i-1], (l.values[i] - l.values[i-1]) / (b - a)}
}

// at returns the quantile for the score z.
func (l *quantileDistribution) at(z float64) float64 {
	i := sort.SearchFloat64s(l.scores, z)
	if i < len(l.scores) && l.scores[i] == z {
		return l.values[i]
	}
	v := l.piece(i).at(z)
	if i < len(l.values) {
		v = math.Min(v, l.values[i]) // rounding must not have quantiles cross
	}
	return v
}

func (l *quantileDistribution) quantile(p float64) float64 {
	if p == 0.5 {
		return l.at(0)
	}
	return l.at(mathext.NormalQuantile(p))
}

// cdf returns the probability at which the quantile function passes x: the
// middle one where it stays at x for a while.
func (l *quantileDistribution) cdf(x float64) float64 {
	below := sort.SearchFloat64s(l.values, x)
	upTo := below + sort.Search(len(l.values)-below, func(i int) bool { return l.values[below+i] > x })
	if below < upTo { // x is one of the values
		lo, hi := 0.0, 1.0
		if below > 0 || l.lowSD > 0 {
			lo = normalCDF(l.scores[below])
		}
		if upTo < len(l.values) || l.highSD > 0 {
			hi = normalCDF(l.scores[upTo-1])
		}
		return (lo + hi) / 2
	}
	p := l.piece(below)
	if p.slope == 0 { // a tail that the distribution does not have
		return pointCDF(x, p.value)
	}
	return normalCDF(p.score + (x-p.value)/p.slope)
}

func (l *quantileDistribution) mean() float64 {
	mean := 0.0
	for i := range len(l.scores) + 1 {
		p := l.piece(i)
		m := momentsBetween(p.lo, p.hi)
		mean += p.value*m.one + p.slope*(m.z-p.score*m.one)
	}
	// What rounding leaves of a mean of zero is zero.
	const rounding = 1e-14
	if math.Abs(mean) <= rounding*max(math.Abs(l.values[0]), math.Abs(l.values[len(l.values)-1])) {
		return 0
	}
	return mean
}

// crps is the integral of twice the pinball loss over all probabilities,
// which is the continuous ranked probability score (Gneiting and Ranjan 2011).
func (l *quantileDistribution) crps(x float64) float64 {
	sum := 0.0
	for i := range len(l.scores) + 1 {
		p := l.piece(i)
		// where the quantile function passes x
		cut := p.hi
		switch {
		case p.slope > 0:
			cut = math.Min(math.Max(p.score+(x-p.value)/p.slope, p.lo), p.hi)
		case p.value > x:
			cut = p.lo
		}
		below, above := momentsBetween(p.lo, cut), momentsBetween(cut, p.hi)
		offset := p.value - p.slope*p.score - x // the quantile less x is offset + slope z
		sum -= offset*below.p + p.slope*below.pz
		sum += offset*(above.one-above.p) + p.slope*(above.z-above.pz)
	}
	return math.Max(2*sum, 0)
}

// moments are the integrals of 1, z, p and p z over the probability p, where z
// is the normal score of p.
type moments struct{ one, z, p, pz float64 }

// momentsBetween integrates over the scores from a to b, which may be
// infinite.
func momentsBetween(a, b float64) moments {
	if a >= b {
		return moments{}
	}
	pa, pb := normalCDF(a), normalCDF(b)
	da, db := normalDensity(a), normalDensity(b)
	// The integral of z phi(z) Phi(z) is -phi Phi plus that of phi(z)^2,
	// which is Phi(sqrt(2) z) / (2 sqrt(pi)).
	square := (normalCDF(math.Sqrt2*b) - normalCDF(math.Sqrt2*a)) / (2 * math.Sqrt(math.Pi))
	return moments{
		one: pb - pa,
		z:   da - db,
		p:   (pb*pb - pa*pa) / 2,
		pz:  da*pa - db*pb + square,
	}
}
