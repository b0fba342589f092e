package freedom

// A Miss is what a forecast of a value says that has come: the square of the error, the variance that the
// forecast had, and the square of the time since the middle of what was seen, in any unit.
type Miss struct{ Square, Variance, Since float64 }

// leastSeries is the number of series that tell of slopes.
const leastSeries = 20

// Slopes returns the variance of the slopes that series have beside what is forecast of them, per squared unit
// of time, given what forecasts of each missed; zero if nothing speaks for any. It is that by least squares of
// what the squared errors are greater by than their variances, on the squared times.
func Slopes(all [][]Miss) float64 {
	total, squares, n := 0.0, 0.0, 0
	for _, own := range all {
		for _, m := range own {
			weight := m.Since / (m.Variance * m.Variance)
			total += weight * (m.Square - m.Variance)
			squares += weight * m.Since
		}
		if len(own) > 0 {
			n++
		}
	}
	if n < leastSeries || !(total > 0) {
		return 0
	}
	return total / squares
}
