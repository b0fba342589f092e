package mdn

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"
)

// scores is a rising map, linear between its knots, of values to the normal scores of
// their ranks. Without knots there is none.
type scores struct {
	Values []float64 `json:"values"`
	Scores []float64 `json:"scores"`
}

const (
	leastKnots = 8
	mostKnots  = 64
	perKnot    = 20   // values
	leastGain  = 0.02 // nats a value
)

// chooseScores returns the map of a sample of about the mean 0 and the deviation 1, none if
// by the map of each half the other is hardly likelier than by a normal distribution.
func chooseScores(sample []float64) scores {
	gain := 0.0
	for half := range 2 {
		var learned []float64
		for i := half; i < len(sample); i += 2 {
			learned = append(learned, sample[i])
		}
		s := newScores(learned)
		if s.Values == nil {
			return s
		}
		for i := 1 - half; i < len(sample); i += 2 {
			x := sample[i]
			y := s.score(x)
			gain += (x*x-y*y)/2 + math.Log(s.slope(x))
		}
	}
	if gain < leastGain*float64(len(sample)) {
		return scores{}
	}
	return newScores(sample)
}

// newScores returns the map of a sample, none of a small one or of few values. Values that
// are there more than once have the middle of their ranks.
func newScores(sample []float64) (s scores) {
	n := len(sample)
	knots := min(mostKnots, n/perKnot)
	if knots < leastKnots {
		return s
	}
	v := slices.Sorted(slices.Values(sample))
	for i := range knots {
		x := v[i*(n-1)/(knots-1)]
		if k := len(s.Values); k > 0 && x-s.Values[k-1] <= minMove {
			continue
		}
		from := sort.SearchFloat64s(v, x)
		to := sort.Search(n, func(i int) bool { return v[i] > x })
		s.Values = append(s.Values, x)
		s.Scores = append(s.Scores, distuv.UnitNormal.Quantile(float64(from+to)/2/float64(n)))
	}
	if len(s.Values) < leastKnots {
		return scores{}
	}
	return s
}

// piece returns the knot at which the piece that x lies in begins, of those that rise with
// knots.
func piece(knots []float64, x float64) int {
	return min(max(0, sort.SearchFloat64s(knots, x)-1), len(knots)-2)
}

// slope returns the derivative of the score at x.
func (s *scores) slope(x float64) float64 {
	i := piece(s.Values, x)
	return (s.Scores[i+1] - s.Scores[i]) / (s.Values[i+1] - s.Values[i])
}

// score returns that of x; beyond the outermost knots the map goes on as between the last
// two.
func (s *scores) score(x float64) float64 {
	i := piece(s.Values, x)
	return s.Scores[i] + (x-s.Values[i])*s.slope(x)
}

// value undoes score.
func (s *scores) value(y float64) float64 {
	i := piece(s.Scores, y)
	return s.Values[i] + (y-s.Scores[i])*(s.Values[i+1]-s.Values[i])/(s.Scores[i+1]-s.Scores[i])
}

// check says what is wrong with a map that was read.
func (s *scores) check() error {
	if len(s.Values) == 1 || len(s.Values) != len(s.Scores) {
		return fmt.Errorf("%d values with %d scores", len(s.Values), len(s.Scores))
	}
	for _, x := range [][]float64{s.Values, s.Scores} {
		for i, v := range x {
			if math.IsNaN(v-v) || i > 0 && !(v > x[i-1]) {
				return fmt.Errorf("%v after %v where knots rise", v, x[max(0, i-1)])
			}
		}
	}
	return nil
}
