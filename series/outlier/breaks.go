package outlier

import (
	"math"
	"slices"
)

const (
	// leastSide is the number of values that the level on either side of a break is the
	// median of, or a season if that is more.
	leastSide = 10

	// A break is a step that is clear times as high as any other change of the level
	// between neighbouring stretches, and overNoise times as high as values are on average
	// apart from the level. sharp of it comes at once.
	clear, overNoise, sharp = 4, 4, 0.6

	// atOnce values on either side tell whether it does.
	atOnce = 4

	// mostBreaks are made out. A series with more changes its level by habit.
	mostBreaks = 2
)

// breaks returns the breaks of the level, with the absurd values left out. Where they are is told of the values without
// their season.
func (x *channel) breaks(absurd []Finding) []Finding {
	var rows []int
	var y []float64
	for i, v := range x.values {
		if !slices.ContainsFunc(absurd, func(f Finding) bool { return f.Row == x.rows[i] }) {
			rows, y = append(rows, x.rows[i]), append(y, v)
		}
	}
	side := max(1, (leastSide+x.season-1)/x.season) * x.season
	if len(y) < 4*side {
		return nil
	}
	var found []Finding
	for range mostBreaks + 1 {
		at, before, after, ok := steps(x.straight(y, rows, len(absurd)+len(found) == 0), side)
		if !ok || slices.Contains(y[:at], 0) && slices.Contains(y[at:], 0) {
			return found // demand that is zero at times has no level to break
		}
		f := Finding{Row: rows[at], Value: after, Usual: before, Break: true, Product: product(y, at, side, before, after)}
		for i := range at {
			if f.Product {
				y[i] *= after / before
			} else {
				y[i] += after - before
			}
		}
		found = append(found, f)
	}
	return nil
}

// straight returns values in rows, which may be all as they are, without their season.
func (x *channel) straight(y []float64, rows []int, all bool) []float64 {
	if all && x.beside != nil {
		return less(y, x.beside)
	}
	profile, _ := x.profile(y, runningMedian(y, x.width()), rows)
	if profile == nil {
		return y
	}
	return less(y, profile)
}

// steps returns the place of the highest step of the level of y and the levels on
// either side, of side values, if it is a break.
func steps(y []float64, side int) (at int, before, after float64, ok bool) {
	n := len(y)
	if n < 4*side {
		return 0, 0, 0, false
	}
	medians := make([]float64, n-side+1) // of the side values from each on
	window := slices.Clone(y[:side])
	slices.Sort(window)
	for i := range medians {
		medians[i] = window[(side-1)/2]/2 + window[side/2]/2
		if i+side < n {
			k, _ := slices.BinarySearch(window, y[i])
			window = slices.Delete(window, k, k+1)
			k, _ = slices.BinarySearch(window, y[i+side])
			window = slices.Insert(window, k, y[i+side])
		}
	}
	step := func(t int) float64 { return math.Abs(medians[t] - medians[t-side]) }
	highest := side
	for t := side; t+side <= n; t++ {
		if step(t) > step(highest) {
			highest = t
		}
	}
	before, after = medians[highest-side], medians[highest]
	elsewhere := 0.0
	for t := side; t+side <= n; t++ {
		if t <= highest-side || t >= highest+side {
			elsewhere = max(elsewhere, step(t))
		}
	}
	height := math.Abs(after - before)
	if !(height > clear*elsewhere) {
		return 0, 0, 0, false
	}
	// Where it comes: what lies on the wrong side of the middle is least.
	least := math.Inf(1)
	for t := highest - side/2; t <= highest+side/2; t++ {
		wrong := 0.0
		for i := highest - side; i < highest+side; i++ {
			if i < t {
				wrong += math.Abs(y[i] - before)
			} else {
				wrong += math.Abs(y[i] - after)
			}
		}
		if wrong < least {
			at, least = t, wrong
		}
	}
	noise := least / float64(2*side)
	at0 := median(y[max(0, at-atOnce):at])
	at1 := median(y[at:min(n, at+atOnce)])
	return at, before, after, height > overNoise*noise && (at1-at0)*(after-before) > 0 && math.Abs(at1-at0) > sharp*height
}

// product reports whether values spread about the level in proportion to it, or must
// be thought to, so that none that was positive is moved below zero.
func product(y []float64, at, side int, before, after float64) bool {
	if slices.Min(y) <= 0 {
		return false
	}
	if slices.Min(y[:at])+after-before <= 0 {
		return true
	}
	a, b := spread(y[max(0, at-4*side):at]), spread(y[at:min(len(y), at+4*side)])
	grown, ratio := math.Log(b/a), math.Log(after/before)
	return math.Abs(grown-ratio) < math.Abs(grown)
}

// spread returns the median distance from the median.
func spread(y []float64) float64 {
	m := median(y)
	d := make([]float64, len(y))
	for i, v := range y {
		d[i] = math.Abs(v - m)
	}
	return median(d)
}

// median returns the median of y.
func median(y []float64) float64 {
	s := slices.Clone(y)
	slices.Sort(s)
	return s[(len(s)-1)/2]/2 + s[len(s)/2]/2
}
