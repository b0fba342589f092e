// Package moments holds running moments of values some of which are missing.
package moments

import "math"

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

// Variance returns the mean square distance from the mean, 0 of no values.
func (m *Moments) Variance() float64 {
	if m.N == 0 {
		return 0
	}
	return m.Square / m.N
}

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
