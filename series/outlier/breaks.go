package outlier

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"tsgen/series/internal/robust"
)

const (
	// leastSide is the number of values that the level on either side of a break is the
	// median of, or a season if that is more.
	leastSide = 10

	// leastStretches of that many values are compared.
	leastStretches = 4

	// Breaks are steps that are clear times as high as any other change of the level
	// between neighbouring stretches, and overNoise times as high as values are on average
	// apart from the level. sharp of it comes at once.
	clear, overNoise, sharp = 4, 4, 0.6

	// atOnce values on either side tell whether it does.
	atOnce = 4

	// mostBreaks are made out. A series with more changes its level by habit.
	mostBreaks = 3

	// roughness is von Neumann's ratio (1941), of the mean square of the differences of neighbours to the variance, from
	// which on values lie about a level as noise does, of which it is 2; it is near 0 on a curve.
	roughness = 1
)

// breaks returns the breaks of the level, with the absurd values left out. Where they are is told of the values without
// their season.
func (x *channel) breaks(absurd []Finding) []Finding {
	var rows []int
	var y []float64
	for i, v := range x.values {
		if len(absurd) > 0 && absurd[0].Row == x.rows[i] {
			absurd = absurd[1:]
			continue
		}
		rows, y = append(rows, x.rows[i]), append(y, v)
	}
	all := len(y) == len(x.values)
	side := max(1, (leastSide+x.season-1)/x.season) * x.season
	few := len(y) < leastStretches*side && len(y) >= 2*x.season+leastStretches*leastSide
	if few { // a step of the season has its like among all others, a season before or after
		side = leastSide
	}
	var found []Finding
	last := false // whether a step just before the end is the next
	for {
		z := x.straight(y, rows, all && len(found) == 0)
		next := steps(z, side)
		if next == nil || few && len(next) > 1 {
			s, ok := lastStep(z, side)
			if last || !ok {
				return found
			}
			last, next = true, []step{s}
		}
		if len(found)+len(next) > mostBreaks {
			return nil
		}
		if x.irregular && !(jump(y, next) && rough(y, next)) {
			return found // curves that are seen seldom
		}
		for k, s := range next {
			from, to := 0, len(y) // of the levels that it lies between
			if k > 0 {
				from = next[k-1].at
			}
			if k+1 < len(next) {
				to = next[k+1].at
			}
			if slices.Contains(y[:s.at], 0) && slices.Contains(y[s.at:], 0) ||
				spread(y[s.at:to]) == 0 && (to < len(y) || robust.Median(y[s.at:]) == 0) {
				return found // what is zero at times or at last, or rests for a while, has no level there to break
			}
			f := Finding{Row: rows[s.at], Value: s.after, Usual: s.before, Break: true}
			f.Product = product(y, max(from, s.at-4*side), s.at, min(to, s.at+4*side), s.before, s.after)
			scale, shift := f.Move()
			for i := range s.at {
				y[i] = scale*y[i] + shift
			}
			found = append(found, f)
		}
	}
}

// straight returns values in rows, which may be all as they are, without their season.
func (x *channel) straight(y []float64, rows []int, all bool) []float64 {
	if all && x.beside != nil {
		return less(y, x.beside)
	}
	profile, _ := x.profile(y, robust.RunningMedian(y, x.width()), rows)
	if profile == nil {
		return y
	}
	return less(y, profile)
}

// A step is where a level becomes another one.
type step struct {
	at            int
	before, after float64
}

// steps returns the steps of the level of y, of side values on either side, that are breaks, in order: those that are
// about as high as the highest, if all others are far lower.
func steps(y []float64, side int) []step {
	n := len(y)
	if n < leastStretches*side {
		return nil
	}
	medians := sideMedians(y, side)
	change := func(t int) float64 { return medians[t] - medians[t-side] }
	var highest []int // each the highest of those that lie a side apart from those before
	for len(highest) < mostBreaks {
		at := 0
		for t := side; t+side <= n; t++ {
			if apartFrom(highest, t, side) && (at == 0 || math.Abs(change(t)) > math.Abs(change(at))) {
				at = t
			}
		}
		if at == 0 {
			break
		}
		highest = append(highest, at)
	}
	for k := len(highest); k > 0; k-- {
		var elsewhere []float64
		for t := side; t+side <= n; t++ {
			if apartFrom(highest[:k], t, side) {
				elsewhere = append(elsewhere, change(t))
			}
		}
		if all := breaksAmong(y, medians, highest[:k], side, elsewhere); all != nil {
			return all
		}
	}
	return nil
}

// jump reports whether half of each of some steps, at least, comes from one value to the next.
func jump(y []float64, all []step) bool {
	return !slices.ContainsFunc(all, func(s step) bool { return !((y[s.at]-y[s.at-1])/(s.after-s.before) >= 0.5) })
}

// rough reports whether values between steps lie about their levels as noise does.
func rough(y []float64, between []step) bool {
	differences, squares, from := 0.0, 0.0, 0
	for k := range len(between) + 1 {
		to := len(y)
		if k < len(between) {
			to = between[k].at
		}
		level := stat.Mean(y[from:to], nil)
		for i := from; i < to; i++ {
			squares += (y[i] - level) * (y[i] - level)
			if i > from {
				differences += (y[i] - y[i-1]) * (y[i] - y[i-1])
			}
		}
		from = to
	}
	return differences >= roughness*squares
}

// apartFrom reports whether a place is at least a side apart from each of some.
func apartFrom(some []int, t, side int) bool {
	return !slices.ContainsFunc(some, func(s int) bool { return t > s-side && t < s+side })
}

// breaksAmong returns the steps at some places, in order, if all are breaks beside the changes elsewhere, which are
// a trend if nearly all go one way.
func breaksAmong(y, medians []float64, places []int, side int, elsewhere []float64) []step {
	if len(elsewhere) == 0 {
		return nil
	}
	slices.Sort(elsewhere)
	last := len(elsewhere) - 1
	trend := 0.0
	if tenth := last / 10; elsewhere[tenth]*elsewhere[last-tenth] > 0 {
		trend = elsewhere[last/2]
	}
	most := max(elsewhere[last]-trend, trend-elsewhere[0])
	var all []step
	for _, t := range places {
		s := step{before: medians[t-side] + trend/2, after: medians[t] - trend/2}
		if !(math.Abs(s.after-s.before) > clear*most) || !s.place(y, t, side) {
			return nil
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b step) int { return cmp.Compare(a.at, b.at) })
	return all
}

// sideMedians returns the medians of side values from each on.
func sideMedians(y []float64, side int) []float64 {
	medians := make([]float64, len(y)-side+1)
	window := slices.Clone(y[:side])
	slices.Sort(window)
	for i := range medians {
		medians[i] = window[(side-1)/2]/2 + window[side/2]/2
		if i+side < len(y) {
			k, _ := slices.BinarySearch(window, y[i])
			window = slices.Delete(window, k, k+1)
			k, _ = slices.BinarySearch(window, y[i+side])
			window = slices.Insert(window, k, y[i+side])
		}
	}
	return medians
}

// place finds where a step comes that is highest between the side values before t and those after, and reports whether
// it stands out of the noise and comes at once.
func (s *step) place(y []float64, t, side int) bool {
	least := math.Inf(1) // of what lies on the wrong side of the middle
	for at := t - side/2; at <= t+side/2; at++ {
		wrong := 0.0
		for i := t - side; i < t+side; i++ {
			if i < at {
				wrong += math.Abs(y[i] - s.before)
			} else {
				wrong += math.Abs(y[i] - s.after)
			}
		}
		if wrong < least {
			s.at, least = at, wrong
		}
	}
	noise, height := least/float64(2*side), s.after-s.before
	near := robust.Median(y[s.at:min(len(y), s.at+atOnce)]) - robust.Median(y[max(0, s.at-atOnce):s.at])
	return math.Abs(height) > overNoise*noise && near*height > 0 && math.Abs(near) > sharp*math.Abs(height)
}

// product reports whether values spread about the level in proportion to it from one place to another with a break
// between them, or must be thought to, so that none that was positive is moved below zero.
func product(y []float64, from, at, to int, before, after float64) bool {
	if slices.Min(y) <= 0 {
		return false
	}
	if slices.Min(y[:at])+after-before <= 0 {
		return true
	}
	grown, ratio := math.Log(spread(y[at:to])/spread(y[from:at])), math.Log(after/before)
	return math.Abs(grown-ratio) < math.Abs(grown)
}

// spread returns the median distance from the median.
func spread(y []float64) float64 {
	m := robust.Median(y)
	d := make([]float64, len(y))
	for i, v := range y {
		d[i] = math.Abs(v - m)
	}
	return robust.Median(d)
}
