package baseline

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// What may continue a seasonally adjusted series.
const (
	RemainderETS = "ets" // exponential smoothing
	RemainderAR  = "ar"  // an autoregression
)

// mostLags is the highest order that is tried.
const mostLags = 100

// rest continues a series, if by an autoregression of at most the longest order
// (unless another was asked for).
func (m STL) rest(y []float64, longest, lead int) (prospect, remark) {
	y = recent(y, 1)
	var e *etsModel
	if m.Remainder != RemainderAR {
		e = chooseETS(y, additiveForms(1), lead)
	}
	var q *Process
	if m.Remainder != RemainderETS {
		q = m.process(y, longest, lead)
	}
	switch {
	case q != nil && (e == nil || q.aicc(y) < e.perValue()):
		return q.prospect(y, lead), ""
	case e != nil:
		responses := e.responses(lead)
		floats.Scale(math.Sqrt(e.variance)*e.scale, responses)
		return prospect{marginals: e.distribution(y[len(y)-1], lead), dependence: shocks(responses)}, ""
	}
	return prospect{marginals: lastValue(y)}, "are too short for a model and keep their last value"
}

// process returns the autoregression of y of the order asked for, or else of
// that with the least AICc of a few up to the longest; nil if y is too short.
func (m STL) process(y []float64, longest, lead int) *Process {
	orders := []int{m.Order}
	if m.Order == 0 {
		longest = min(longest, mostLags)
		orders = []int{longest}
		for _, p := range []int{1, 2, 3, 5, 8, 13} {
			if p < longest {
				orders = append(orders, p)
			}
		}
		slices.Sort(orders)
	}
	var best *Process
	least := math.Inf(1)
	for _, p := range orders {
		q, err := Estimate(y, p, lead)
		if err != nil || q.Reason == Short && m.Order == 0 && best != nil {
			continue
		}
		if a := q.aicc(y); best == nil || a < least {
			best, least = q, a
		}
	}
	return best
}

// aicc returns the corrected information criterion (Hurvich and Tsai 1989) of
// the process for each value of y, from which it was estimated. Orders have
// different numbers of equations; what an equation counts on average makes them
// comparable, and comparable with models of all values.
func (q *Process) aicc(y []float64) float64 {
	n, k := float64(len(equations(y, len(q.Coef)))), float64(len(q.Coef)+1)
	if n-k-2 < 1 {
		return math.Inf(1)
	}
	variance := q.Variance * (n - k) / n // at the maximum of the likelihood
	return math.Log(2*math.Pi*variance) + (n+k)/(n-k-2)
}
