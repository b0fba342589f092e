package pooled

import (
	"math"
	"slices"

	"tsgen/internal/moments"
)

// A mean is what all series have in common: a constant, and a natural cubic spline over
// time (Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, 2nd ed., section
// 5.2.1), of which two knots make a line.
//
// Beyond the outermost knots, which are the outermost times that were seen, it stays where it ends: that says little of what
// follows, as the end of a dose's rise or of a night. A curve then may be anywhere: its variance is what two of its values far
// apart differ by.
type mean struct {
	// SinceStart tells that time counts from the start of a series.
	SinceStart bool `json:"sinceStart,omitempty"`

	// Knots are times of the spline in the panel's unit, in increasing order, two at least;
	// none make the mean constant.
	Knots []float64 `json:"knots,omitempty"`

	// Average holds the averages of the regressors over the times that were seen, to which a curve of an older file goes back
	// beyond them. Others have none.
	Average []float64 `json:"average,omitempty"`

	// Coefficients are those of 1, the line, and the curves.
	Coefficients []float64 `json:"coefficients"`

	// Spread is the variance of the curve over the times that were seen.
	Spread float64 `json:"spread,omitempty"`
}

// columns returns the number of coefficients.
func (m *mean) columns() int { return max(1, len(m.Knots)) }

// regressors sets dst to the regressors at time t of a series that starts at start. It returns
// how much the curve there goes with its nearest end, 1 within the ends.
func (m *mean) regressors(dst []float64, t, start float64) (left float64) {
	dst[0] = 1
	n := len(m.Knots)
	if n == 0 {
		return 1
	}
	if m.SinceStart {
		t -= start
	}
	span := m.Knots[n-1] - m.Knots[0]
	place := func(t float64) float64 { return (t - m.Knots[0]) / span }
	x := min(max(place(t), 0), 1)
	cubic := func(i int) float64 {
		knot := place(m.Knots[i])
		d := max(0, x-knot)
		return d * d * d / (1 - knot)
	}
	dst[1] = x
	for i := range n - 2 {
		dst[2+i] = cubic(i) - cubic(n-2)
	}
	left = math.Exp(-math.Abs(place(t)-x) * returns)
	for i, a := range m.Average {
		dst[i] = left*dst[i] + (1-left)*a
	}
	return left
}

// returns is how fast a curve forgets its end: all but 1/e over the time that was seen divided by this.
const returns = 2

// at returns the mean at time t of a series that starts at start, and the variance that it has
// there because nothing was seen so early or late.
func (m *mean) at(t, start float64) (value, variance float64) {
	x := make([]float64, m.columns())
	left := m.regressors(x, t, start)
	for i, b := range m.Coefficients {
		value += b * x[i]
	}
	if m.Average != nil {
		return value, m.Spread * (1 - left*left)
	}
	return value, 2 * m.Spread * (1 - left)
}

// settle sets the spread of a curve to that over the times of some courses.
func (m *mean) settle(all []course) {
	if len(m.Knots) < 3 {
		return
	}
	var over moments.Moments
	for _, c := range all {
		for _, t := range c.t {
			value, _ := m.at(t, c.start)
			over.Add(value)
		}
	}
	m.Spread = over.Variance()
}

// newMeans returns the means that are tried for some courses, the constant first.
func newMeans(all []course) []mean {
	const knots = 5
	means := []mean{{}}
	if len(all) < fewestShared {
		return means
	}
	for _, since := range []bool{false, true} {
		var times []float64
		for _, c := range all {
			for _, t := range c.t {
				if since {
					t -= c.start
				}
				times = append(times, t)
			}
		}
		slices.Sort(times)
		at := make([]float64, knots)
		for i := range at {
			at[i] = times[i*(len(times)-1)/(knots-1)]
		}
		if at[0] < at[knots-1] {
			means = append(means, mean{SinceStart: since, Knots: []float64{at[0], at[knots-1]}})
		}
		if at = slices.Compact(at); len(at) > 2 && len(times) > 10*knots {
			means = append(means, mean{SinceStart: since, Knots: at})
		}
		if !slices.ContainsFunc(all, func(c course) bool { return c.start != all[0].start }) {
			break // the two are the same but for the origin
		}
	}
	return means
}

// fewestShared is the number of series from which on they are taken to have more than a
// constant in common.
const fewestShared = 5
