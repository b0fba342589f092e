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

// The table of the normal distribution is the distribution, in the tails too.
func TestNormal(t *testing.T) {
	n := newNormal()
	for z := -9.0; z < 9; z += 0.0137 {
		below, density := n.at(z)
		if want := math.Erfc(-z/math.Sqrt2) / 2; math.Abs(below-want) > 1e-8 {
			t.Errorf("below %v there is %v, want %v", z, below, want)
		}
		if want := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi); math.Abs(density-want) > 1e-6 {
			t.Errorf("the density at %v is %v, want %v", z, density, want)
		}
	}
}

// Below each quantile lies its probability, whether the mixture is almost a Gaussian or has parts
// far apart.
func TestQuantilesHoldTheirProbabilities(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	l := NewLevels()
	q := make([]float64, len(l.probs))
	for _, apart := range []float64{0.1, 0.3, 0.5, 1, 3, 10} {
		for range 20 {
			var x Mixture
			for range 12 {
				x.Add(0.1+rng.Float64(), apart*rng.NormFloat64(), 0.5+rng.Float64())
			}
			x.Quantiles(q, l)
			for i, p := range l.probs {
				below, total := 0.0, 0.0
				for k, w := range x.weight {
					below += w * math.Erfc(-(q[i]-x.mean[k])/x.sd[k]/math.Sqrt2) / 2
					total += w
				}
				if below /= total; math.Abs(below-p) > 0.02*min(p, 1-p)+1e-6 {
					t.Errorf("means %v apart: below the %v-quantile lies %v", apart, p, below)
				}
			}
		}
	}
}
