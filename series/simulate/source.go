package simulate

import (
	"math"
	"math/rand/v2"
)

// A source is where the random numbers of one series come from.
type source struct{ *rand.Rand }

// newSource returns the source of series k.
func newSource(seed, k uint64) source {
	return source{rand.New(rand.NewPCG(scramble(seed), scramble(k^0x9e3779b97f4a7c15)))}
}

// scramble is the finaliser of SplitMix64 (Steele et al. 2014): neighbours come out
// unalike.
func scramble(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// between is uniform on a to b.
func (s source) between(a, b float64) float64 { return a + (b-a)*s.Float64() }

// scale is uniform on a to b in its logarithm.
func (s source) scale(a, b float64) float64 { return a * math.Pow(b/a, s.Float64()) }

// chance is true with the probability p.
func (s source) chance(p float64) bool { return s.Float64() < p }

// maybe is the value of a draw with the probability p, and 0 else.
func (s source) maybe(p float64, draw func() float64) float64 {
	if s.chance(p) {
		return draw()
	}
	return 0
}

// weighted returns a place in weights, each as probable as it weighs.
func (s source) weighted(weights []float64) int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	u := total * s.Float64()
	for i, w := range weights {
		if u -= w; u < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// count is Poisson distributed with the given mean: by Knuth's product of uniform
// numbers, or from 30 on by the Gaussian of the same mean and variance, rounded.
func (s source) count(mean float64) float64 {
	if mean > 30 {
		return math.Max(0, math.Round(mean+math.Sqrt(mean)*s.NormFloat64()))
	}
	n, limit := -1.0, math.Exp(-mean)
	for p := 1.0; p > limit || n < 0; n++ {
		p *= s.Float64()
	}
	return n
}

// gamma is Gamma distributed with the given shape and the mean 1 (Marsaglia and Tsang
// 2000).
func (s source) gamma(shape float64) float64 {
	boost, a := 1.0, shape
	if a < 1 {
		boost, a = math.Pow(1-s.Float64(), 1/a), a+1
	}
	d := a - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := s.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if u := 1 - s.Float64(); math.Log(u) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return boost * d * v / shape
		}
	}
}
