package latentode

import "math"

// moments are the running moments of the values added that are not NaN
// (Welford 1962).
type moments struct{ n, mean, square float64 }

func (m *moments) add(x float64) {
	if math.IsNaN(x) {
		return
	}
	m.n++
	d := x - m.mean
	m.mean += d / m.n
	m.square += d * (x - m.mean)
}

func (m *moments) variance() float64 {
	if m.n == 0 {
		return 0
	}
	return m.square / m.n
}

// A line is the straight line through the points added whose x is not NaN, by
// least squares.
type line struct {
	u, x  moments
	cross float64 // Σ (u - mean u)(x - mean x)
}

func (l *line) add(u, x float64) {
	if math.IsNaN(x) {
		return
	}
	d := u - l.u.mean
	l.u.add(u)
	l.x.add(x)
	l.cross += d * (x - l.x.mean)
}

// deviation returns the root mean square of the points' distances from the
// line in x.
func (l *line) deviation() float64 {
	if l.x.n == 0 {
		return 0
	}
	rest := l.x.square
	if l.u.square > 0 {
		rest -= l.cross * l.cross / l.u.square
	}
	return math.Sqrt(math.Max(0, rest) / l.x.n)
}
