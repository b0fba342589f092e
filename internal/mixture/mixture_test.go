package mixture

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The quantiles are those of a very large sample, increase, and those of one component are its own.
func TestQuantilesAgainstSample(t *testing.T) {
	l := NewLevels()
	var x Mixture
	x.Add(1, -1, 0.3)
	x.Add(3, 2, 1)
	x.Add(0.5, 8, 0.1)
	rng := rand.New(rand.NewPCG(1, 2))
	sample := make([]float64, 400_000)
	for i := range sample {
		switch u := 4.5 * rng.Float64(); {
		case u < 1:
			sample[i] = -1 + 0.3*rng.NormFloat64()
		case u < 4:
			sample[i] = 2 + rng.NormFloat64()
		default:
			sample[i] = 8 + 0.1*rng.NormFloat64()
		}
	}
	slices.Sort(sample)
	q := make([]float64, len(l.probs))
	x.Quantiles(q, l)
	for i, p := range l.probs {
		at, _ := slices.BinarySearch(sample, q[i])
		if got := float64(at) / float64(len(sample)); math.Abs(got-p) > 5*math.Sqrt(p*(1-p)/float64(len(sample)))+1e-4 {
			t.Errorf("the %v-quantile %v lies at %v of a sample", p, q[i], got)
		}
	}
	if !slices.IsSorted(q) {
		t.Errorf("quantiles cross: %v", q)
	}
	var one Mixture
	one.Add(2, 5, 3)
	one.Quantiles(q, l)
	for i, z := range l.scores {
		if want := 5 + 3*z; math.Abs(q[i]-want) > 1e-9 {
			t.Errorf("quantile %v of one Gaussian, want %v", q[i], want)
		}
	}
}

// Smoothing leaves the mean and the variance as they are, and makes points a distribution.
func TestSmooth(t *testing.T) {
	var x Mixture
	for _, v := range []float64{1, 2, 4, 9} {
		x.Add(1, v, 0)
	}
	mean, between, _ := x.Moments()
	x.Smooth()
	m, b, w := x.Moments()
	if math.Abs(m-mean) > 1e-12 || math.Abs(b+w-between) > 1e-12 || !(w > 0) {
		t.Errorf("mean %v and variances %v, %v after smoothing; before %v and %v", m, b, w, mean, between)
	}
}

// A mixture of very many components has the quantiles of the distribution that they were drawn
// from.
func TestQuantilesOfManyComponents(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	l := NewLevels()
	var x Mixture
	for range 4000 {
		x.Add(1, 2*rng.NormFloat64(), 1)
	}
	q := make([]float64, len(l.probs))
	x.Quantiles(q, l)
	for i, z := range l.scores {
		if want := math.Sqrt(5) * z; math.Abs(q[i]-want) > 0.12 {
			t.Errorf("the %v-quantile is %v, want %v", l.probs[i], q[i], want)
		}
	}
}
