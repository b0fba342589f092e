// Package scores brings values to a normal distribution by their ranks.
package scores

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// A Map is a rising map, linear between its knots, of values to the normal scores of
// their ranks. Its zero value, without knots, is none: there is nothing to be asked of it.
type Map struct {
	Values []float64 `json:"values"`
	Scores []float64 `json:"scores"`
}

const (
	leastKnots = 8
	mostKnots  = 64
	perKnot    = 20   // values
	leastGain  = 0.02 // nats a value
	least      = 1e-6 // distance of knots
)

// Choose returns the map of a sample of about the mean 0 and the deviation 1, none if
// by the map of each half the other is hardly likelier than by a normal distribution.
func Choose(sample []float64) Map {
	gain := 0.0
	for half := range 2 {
		var learned []float64
		for i := half; i < len(sample); i += 2 {
			learned = append(learned, sample[i])
		}
		m := newMap(learned)
		if m.Values == nil {
			return m
		}
		for i := 1 - half; i < len(sample); i += 2 {
			x := sample[i]
			y := m.Score(x)
			gain += (x*x-y*y)/2 + math.Log(m.Slope(x))
		}
	}
	if gain < leastGain*float64(len(sample)) {
		return Map{}
	}
	return newMap(sample)
}

// newMap returns the map of a sample, none of a small one or of few values. Values that
// are there more than once have the middle of their ranks.
func newMap(sample []float64) (m Map) {
	n := len(sample)
	knots := min(mostKnots, n/perKnot)
	if knots < leastKnots {
		return m
	}
	v := slices.Sorted(slices.Values(sample))
	for i := range knots {
		x := v[i*(n-1)/(knots-1)]
		if k := len(m.Values); k > 0 && x-m.Values[k-1] <= least {
			continue
		}
		from := sort.SearchFloat64s(v, x)
		to := sort.Search(n, func(i int) bool { return v[i] > x })
		m.Values = append(m.Values, x)
		m.Scores = append(m.Scores, distuv.UnitNormal.Quantile(float64(from+to)/2/float64(n)))
	}
	if len(m.Values) < leastKnots {
		return Map{}
	}
	return m
}

// Matched returns the map that takes draws to where m takes normal ones, so that their
// values have the distribution that those of m do; m itself if they are few.
func (m Map) Matched(draws []float64) Map {
	if len(draws) < leastKnots*perKnot {
		return m
	}
	if m.Values == nil {
		for i := range mostKnots {
			m.Values = append(m.Values, distuv.UnitNormal.Quantile((float64(i)+0.5)/mostKnots))
		}
		m.Scores = m.Values
	}
	v := slices.Sorted(slices.Values(draws))
	var matched Map
	for i, s := range m.Scores {
		x := stat.Quantile(distuv.UnitNormal.CDF(s), stat.LinInterp, v, nil)
		if k := len(matched.Scores); k > 0 && x-matched.Scores[k-1] <= least {
			continue
		}
		matched.Values, matched.Scores = append(matched.Values, m.Values[i]), append(matched.Scores, x)
	}
	if len(matched.Values) < leastKnots {
		return m
	}
	return matched
}

// piece returns the knot at which the piece that x lies in begins, of those that rise with
// knots.
func piece(knots []float64, x float64) int {
	return min(max(0, sort.SearchFloat64s(knots, x)-1), len(knots)-2)
}

// Slope returns the derivative of the score at x.
func (m *Map) Slope(x float64) float64 {
	i := piece(m.Values, x)
	return (m.Scores[i+1] - m.Scores[i]) / (m.Values[i+1] - m.Values[i])
}

// Score returns that of x; beyond the outermost knots the map goes on as between the last
// two.
func (m *Map) Score(x float64) float64 {
	i := piece(m.Values, x)
	return m.Scores[i] + (x-m.Values[i])*m.Slope(x)
}

// Value undoes Score.
func (m *Map) Value(y float64) float64 {
	i := piece(m.Scores, y)
	return m.Values[i] + (y-m.Scores[i])*(m.Values[i+1]-m.Values[i])/(m.Scores[i+1]-m.Scores[i])
}

// Check says what is wrong with a map that was read.
func (m *Map) Check() error {
	if len(m.Values) == 1 || len(m.Values) != len(m.Scores) {
		return fmt.Errorf("%d values with %d scores", len(m.Values), len(m.Scores))
	}
	for _, x := range [][]float64{m.Values, m.Scores} {
		for i, v := range x {
			if math.IsNaN(v-v) || i > 0 && !(v > x[i-1]) {
				return fmt.Errorf("%v after %v where knots rise", v, x[max(0, i-1)])
			}
		}
	}
	return nil
}
