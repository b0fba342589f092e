// Package moments holds running moments of values some of which are missing.
package moments

import (
	"math"
	"slices"
)

// Moments are the running moments of the values added that are not NaN
// (Welford 1962): their number, their mean, and the sum of their squared
// distances from it.
type Moments struct{ N, Mean, Square float64 }

// Add adds x unless it is NaN.
func (m *Moments) Add(x float64) {
	if math.IsNaN(x) {
		return
	}
	m.N++
	d := x - m.Mean
	m.Mean += d / m.N
	m.Square += d * (x - m.Mean)
}

// Join adds the values of o (Chan, Golub & LeVeque 1979).
func (m *Moments) Join(o Moments) {
	n := m.N + o.N
	if n == 0 {
		return
	}
	d := o.Mean - m.Mean
	m.Square += o.Square + d*d*m.N*o.N/n
	m.Mean += d * o.N / n
	m.N = n
}

// Variance returns the mean square distance from the mean, 0 of no values.
func (m *Moments) Variance() float64 {
	if m.N == 0 {
		return 0
	}
	return m.Square / m.N
}

// OfChannel returns the moments of f of the values of channel j of x, rows of a
// value a channel.
func OfChannel(x []float64, channels, j int, f func(float64) float64) (m Moments) {
	for k := j; k < len(x); k += channels {
		if !math.IsNaN(x[k]) {
			m.Add(f(x[k]))
		}
	}
	return m
}

// Identity returns x.
func Identity(x float64) float64 { return x }

// A Line is the straight line through the points added whose x is not NaN, by
// least squares. U and X are the moments of the points' coordinates, Cross is
// Σ (u - mean u)(x - mean x).
type Line struct {
	U, X  Moments
	Cross float64
}

// Add adds the point (u, x) unless x is NaN.
func (l *Line) Add(u, x float64) {
	if math.IsNaN(x) {
		return
	}
	d := u - l.U.Mean
	l.U.Add(u)
	l.X.Add(x)
	l.Cross += d * (x - l.X.Mean)
}

// Deviation returns the root mean square of the points' distances from the
// line in x.
func (l *Line) Deviation() float64 {
	if l.X.N == 0 {
		return 0
	}
	rest := l.X.Square
	if l.U.Square > 0 {
		rest -= l.Cross * l.Cross / l.U.Square
	}
	return math.Sqrt(math.Max(0, rest) / l.X.N)
}

// Usual returns the usual deviation of each channel of series, which hold rows of a
// value a channel: the median of those that are not 0, or 0.
func Usual(series [][]float64, channels int) []float64 {
	usual := make([]float64, channels)
	for j := range usual {
		var deviations []float64
		for _, x := range series {
			var m Moments
			for i := j; i < len(x); i += channels {
				m.Add(x[i])
			}
			if m.Variance() > 0 {
				deviations = append(deviations, math.Sqrt(m.Variance()))
			}
		}
		if n := len(deviations); n > 0 {
			slices.Sort(deviations)
			usual[j] = deviations[n/2]
		}
	}
	return usual
}

// LeastScale returns what the scale of a window of values about a level should not
// fall below, so that a smooth or constant one does not make ordinary values look
// enormous: a thousandth of the level, but no more than a twentieth of the usual
// deviation of series, 0 if that is not known. Air pressure in pascals moves by less
// than a thousandth of its level.
func LeastScale(level, usual float64) float64 {
	least := 1e-3 * math.Abs(level)
	if usual > 0 {
		least = math.Min(least, usual/20)
	}
	return least
}

// Scale returns the scale of a window of values whose line is l: their deviation
// from it, which a trend does not change, but not less than a twentieth of their
// whole deviation, what LeastScale says, or a millionth of that of all series. One
// or two values say nothing of a scale: they get the usual one, or that of all.
func (l Line) Scale(usual, all float64) float64 {
	switch {
	case l.X.N < 3 && usual > 0:
		return usual
	case l.X.N == 1:
		return all
	}
	return max(l.Deviation(), 0.05*math.Sqrt(l.X.Variance()), LeastScale(l.X.Mean, usual), 1e-6*all)
}
