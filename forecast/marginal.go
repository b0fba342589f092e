package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// A marginal is the law of a single value: that of an ordered sample, or a
// Gaussian if there is none.
type marginal struct {
	sample   []float64
	mean, sd float64
}

// A gatherer takes the marginals out of a distribution, one at a time.
type gatherer struct {
	d      *Distribution
	sample []float64
}

func newGatherer(d *Distribution) *gatherer {
	return &gatherer{d: d, sample: make([]float64, len(d.Paths))}
}

// marginal returns the law of value k. It holds until the next call.
func (g *gatherer) marginal(k int) marginal {
	if len(g.sample) == 0 {
		return marginal{mean: g.d.Mean[k], sd: g.d.SD[k]}
	}
	mean := 0.0
	for i, p := range g.d.Paths {
		g.sample[i] = p[k]
		mean += (p[k] - mean) / float64(i+1)
	}
	slices.Sort(g.sample)
	return marginal{sample: g.sample, mean: mean}
}

func (m marginal) quantile(p float64) float64 {
	if m.sample == nil {
		return m.mean + m.sd*mathext.NormalQuantile(p)
	}
	h := float64(len(m.sample)-1) * p
	i := int(h)
	a := m.sample[i]
	if i+1 == len(m.sample) {
		return a
	}
	b := m.sample[i+1]
	return math.Min(a+(h-float64(i))*(b-a), b)
}

func (m marginal) crps(x float64) float64 {
	if m.sample == nil {
		return GaussianCRPS(x, m.mean, m.sd)
	}
	return sortedCRPS(x, m.sample)
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
	density := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
	return sd * (z*math.Erf(z/math.Sqrt2) + 2*density - 1/math.Sqrt(math.Pi))
}

// SampleCRPS returns the continuous ranked probability score of the
// observation x under the law from which the sample was drawn, estimated
// without bias ("fair"; Ferro 2014, Zamo and Naveau 2018):
//
//	mean of |X - x| - mean over pairs i < j of |X_i - X_j| / 2
//
// so that a model's score does not depend on how many paths were drawn. A
// single draw counts as a law in one point. It panics if the sample is empty.
func SampleCRPS(x float64, sample []float64) float64 {
	if len(sample) == 0 {
		panic("forecast: CRPS of an empty sample")
	}
	s := slices.Clone(sample)
	slices.Sort(s)
	return sortedCRPS(x, s)
}

func sortedCRPS(x float64, sorted []float64) float64 {
	n := len(sorted)
	dist, pairs := 0.0, 0.0
	for i, v := range sorted {
		dist += math.Abs(v - x)
		pairs += float64(2*i+1-n) * (v - x)
	}
	if n == 1 {
		return dist
	}
	return dist/float64(n) - pairs/(float64(n)*float64(n-1))
}
