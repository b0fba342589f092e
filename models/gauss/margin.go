package gauss

import (
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/mathext"
)

// A margin takes values of a channel to normal scores and back: piecewise linear
// between knots, both rising, and beyond them on with the slope from the middle to
// the end, so that the tails are Gaussian.
type margin struct{ x, z []float64 }

// mostKnots is the number of quantiles that a margin is made of at most.
const mostKnots = 101

// newMargin returns the margin of some values. Values that repeat share the middle
// of their scores. Of fewer than two different values it is a straight line.
func newMargin(values []float64) margin {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	k := min(mostKnots, max(2, n/4))
	var m margin
	for i := range k {
		p := (float64(i) + 0.5) / float64(k)
		at := p*float64(n) - 0.5
		lo := min(max(int(math.Floor(at)), 0), n-1)
		hi := min(lo+1, n-1)
		x := sorted[lo] + (at-math.Floor(at))*(sorted[hi]-sorted[lo])
		z := mathext.NormalQuantile(p)
		if last := len(m.x) - 1; last >= 0 && !(x > m.x[last]) {
			m.z[last] = (m.z[last] + z) / 2
			continue
		}
		m.x, m.z = append(m.x, x), append(m.z, z)
	}
	if len(m.x) < 2 {
		return margin{x: []float64{-1, 1}, z: []float64{-1, 1}}
	}
	return m
}

// score returns the normal score of x, NaN of NaN.
func (m margin) score(x float64) float64 { return bend(x, m.x, m.z) }

// value returns the value with the normal score z.
func (m margin) value(z float64) float64 { return bend(z, m.z, m.x) }

// bend takes v from one scale to another, through knots.
func bend(v float64, from, to []float64) float64 {
	last := len(from) - 1
	middle := last / 2
	switch {
	case math.IsNaN(v):
		return v
	case v <= from[0]:
		at := max(middle, 1)
		return to[0] + (v-from[0])*(to[at]-to[0])/(from[at]-from[0])
	case v >= from[last]:
		at := min(middle, last-1)
		return to[last] + (v-from[last])*(to[last]-to[at])/(from[last]-from[at])
	}
	i := sort.SearchFloat64s(from, v)
	return to[i-1] + (v-from[i-1])*(to[i]-to[i-1])/(from[i]-from[i-1])
}
