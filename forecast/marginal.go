package forecast

import (
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/mathext"
)

// A marginal is the distribution of a single value.
type marginal interface {
	mean() float64
	quantile(p float64) float64

	// at returns the quantile of the probability whose standard normal quantile is z.
	at(z float64) float64

	// cdf returns the probability of values below x, and half that of x.
	cdf(x float64) float64

	// crps returns the continuous ranked probability score of x.
	crps(x float64) float64
}

// A gatherer takes the marginals out of a distribution, one at a time.
type gatherer struct {
	d         *Distribution
	sought    []int // ranks of the sample that are needed, in order; nil for all
	sample    ordered
	gaussian  gaussian
	quantiles quantileDistribution
	confined  confined
}

func newGatherer(d *Distribution) *gatherer {
	return &gatherer{d: d, sample: make(ordered, len(d.Paths)), quantiles: newQuantileDistribution(d.Probs)}
}

// marginal returns the distribution of value k. It holds until the next call.
func (g *gatherer) marginal(k int) marginal {
	m := g.free(k)
	if domains := g.d.Domains; domains != nil {
		if len(g.d.Paths) > 0 {
			g.confined = confined{marginal: m, domain: domains[k%len(domains)], drawn: true}
		} else {
			g.confined = newConfined(m, domains[k%len(domains)])
		}
		return &g.confined
	}
	return m
}

// free returns the distribution of value k before it is confined.
func (g *gatherer) free(k int) marginal {
	switch {
	case len(g.d.Paths) > 0:
		for i, p := range g.d.Paths {
			g.sample[i] = p[k]
		}
		if g.sought == nil {
			slices.Sort(g.sample)
		} else {
			sortRanks(g.sample, 0, g.sought)
		}
		return &g.sample
	case len(g.d.Values) > 0:
		for i, v := range g.d.Values {
			g.quantiles.values[i] = v[k]
		}
		g.quantiles.prepare()
		return &g.quantiles
	}
	g.gaussian = gaussian{g.d.Mean[k], g.d.SD[k]}
	return &g.gaussian
}

// ranksOf returns the ranks of a sample of n on which quantiles depend, in order.
func ranksOf(n int, ps []float64) []int {
	ranks := make([]int, 0, 2*len(ps))
	for _, p := range ps {
		i := int(float64(n-1) * p)
		ranks = append(ranks, i, min(i+1, n-1))
	}
	slices.Sort(ranks)
	return slices.Compact(ranks)
}

// sortRanks brings the values of some ranks to the places at which they are in order (Hoare's
// FIND, 1961, for several ranks); x[0] has the rank first.
func sortRanks(x []float64, first int, ranks []int) {
	const few = 16
	for len(ranks) > 0 {
		if len(x) <= few || len(ranks)*4 > len(x) {
			slices.Sort(x)
			return
		}
		lo, hi := partition(x)
		below, _ := slices.BinarySearch(ranks, first+lo)
		above, _ := slices.BinarySearch(ranks, first+hi)
		sortRanks(x[:lo], first, ranks[:below])
		x, first, ranks = x[hi:], first+hi, ranks[above:]
	}
}

// partition brings the values below that of a pivot before lo, and those above it behind hi.
func partition(x []float64) (lo, hi int) {
	a, b, c := x[0], x[len(x)/2], x[len(x)-1]
	pivot := max(min(a, b), min(max(a, b), c)) // the median
	hi = len(x)
	for i := 0; i < hi; {
		switch v := x[i]; {
		case v < pivot:
			x[i], x[lo] = x[lo], v
			lo++
			i++
		case v > pivot:
			hi--
			x[i], x[hi] = x[hi], v
		default:
			i++
		}
	}
	return lo, hi
}

// An ordered sample is the distribution that gives each of its members the same
// probability.
type ordered []float64

func (s ordered) mean() float64 {
	mean := 0.0
	for i, x := range s {
		mean += (x - mean) / float64(i+1)
	}
	return mean
}

func (s ordered) quantile(p float64) float64 {
	h := float64(len(s)-1) * p
	i := int(h)
	a := s[i]
	if i+1 == len(s) {
		return a
	}
	b := s[i+1]
	return math.Min(a+(h-float64(i))*(b-a), b)
}

func (s ordered) at(z float64) float64 { return s.quantile(normalCDF(z)) }

func (s ordered) cdf(x float64) float64 {
	below := sort.SearchFloat64s(s, x)
	upTo := below + sort.Search(len(s)-below, func(i int) bool { return s[below+i] > x })
	return float64(below+upTo) / float64(2*len(s))
}

// crps is the unbiased estimate of SampleCRPS.
func (s ordered) crps(x float64) float64 {
	n := len(s)
	dist, pairs := 0.0, 0.0
	for i, v := range s {
		dist += math.Abs(v - x)
		pairs += float64(2*i+1-n) * (v - x)
	}
	if n == 1 {
		return dist
	}
	return dist/float64(n) - pairs/(float64(n)*float64(n-1))
}

// A gaussian with a standard deviation of zero is a distribution in one point.
type gaussian struct{ mu, sd float64 }

func (g gaussian) mean() float64 { return g.mu }

func (g gaussian) quantile(p float64) float64 { return g.mu + g.sd*mathext.NormalQuantile(p) }

func (g gaussian) at(z float64) float64 { return g.mu + g.sd*z }

func (g gaussian) cdf(x float64) float64 {
	if g.sd == 0 {
		return pointCDF(x, g.mu)
	}
	return normalCDF((x - g.mu) / g.sd)
}

func (g gaussian) crps(x float64) float64 { return GaussianCRPS(x, g.mu, g.sd) }

// pointCDF is the cdf of a distribution in one point.
func pointCDF(x, point float64) float64 {
	switch {
	case x < point:
		return 0
	case x > point:
		return 1
	}
	return 0.5
}

// GaussianCRPS returns the continuous ranked probability score of the
// observation x under a Gaussian (Gneiting and Raftery 2007, equation 21, with
// the sign that makes smaller better). For an sd of zero it is the absolute
// error; sd must not be negative.
func GaussianCRPS(x, mean, sd float64) float64 {
	if sd == 0 {
		return math.Abs(x - mean)
	}
	z := (x - mean) / sd
	return sd * (z*math.Erf(z/math.Sqrt2) + 2*normalDensity(z) - 1/math.Sqrt(math.Pi))
}

// SampleCRPS returns the continuous ranked probability score of the
// observation x under the distribution from which the sample was drawn, estimated
// without bias ("fair"; Ferro 2014, Zamo and Naveau 2018):
//
//	mean of |X - x| - mean over pairs i < j of |X_i - X_j| / 2
//
// so that a model's score does not depend on how many paths were drawn. A
// single draw counts as a distribution in one point. It panics if the sample is empty.
func SampleCRPS(x float64, sample []float64) float64 {
	if len(sample) == 0 {
		panic("forecast: CRPS of an empty sample")
	}
	s := ordered(slices.Clone(sample))
	slices.Sort(s)
	return s.crps(x)
}

func normalDensity(z float64) float64 { return math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) }

func normalCDF(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }
