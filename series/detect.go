package series

import (
	"maps"
	"math"
	"slices"
)

// detectStep returns the step of series on an axis, and how many distances
// between neighbouring times are wider than one step (gaps). The step is
// the median distance; the times are regular if every distance is a whole
// number of such steps, so that at least half are a single one. Months, years
// and business days are recognised before fixed widths. For irregular times
// the second result is the number of distances that do not fit the median.
func detectStep(a Axis, series []*Series) (step Step, gaps int) {
	if !a.Calendar() {
		return detectWidth(series)
	}
	all := timelinesOf(series)
	if width := oneWidth(a, all); width > 0 {
		return Step{Width: width}, 0
	}
	if s, gaps := detectBusinessDays(a, all); s.Regular() {
		return s, gaps
	}
	if s, gaps := detectMonths(a, all); s.Regular() {
		return s, gaps
	}
	if s, gaps := detectCalendar(a, all); s.Regular() {
		return s, gaps
	}
	const micro = 1e6
	width, off := medianStep(distances(all, func(t float64) int { return int(math.Round(t * micro)) }))
	if width > 0 && width%(day*micro) != 0 {
		return Step{Width: float64(width) / micro}, off
	}
	if s, gaps := detectDays(a, all); s.Regular() {
		return s, gaps // by the clock, which may change after the last of them
	}
	if width > 0 {
		return Step{Width: float64(width) / micro}, off
	}
	return Step{}, off
}

// A timeline is a series whose times n series have.
type timeline struct {
	*Series
	n int
}

// timelinesOf returns the different timelines of series.
func timelinesOf(series []*Series) []timeline {
	type ends struct {
		n           int
		first, last float64
	}
	met := make(map[ends]int) // those of the first of them
	var all []timeline
	for _, s := range series {
		n := s.Len()
		if n == 0 {
			continue
		}
		e := ends{n, s.Times[0], s.Times[n-1]}
		i, ok := met[e]
		if ok && slices.Equal(all[i].Times, s.Times) {
			all[i].n++
			continue
		}
		if !ok {
			met[e] = len(all)
		}
		all = append(all, timeline{s, 1})
	}
	return all
}

// oneWidth returns the distance that all neighbouring times have, or 0 if they differ. It
// is 0, too, for what may be months, and where clocks change.
func oneWidth(a Axis, series []timeline) float64 {
	const micro = 1e6
	width := 0
	for _, s := range series {
		previous := 0
		for i, t := range s.Times {
			k := int(math.Round(t * micro))
			if i > 0 {
				if width == 0 {
					width = k - previous
				}
				if k-previous != width {
					return 0
				}
			}
			previous = k
		}
	}
	if width <= 0 || float64(width) >= 28*day*micro || len(a.Earlier) > 0 {
		return 0
	}
	return float64(width) / micro
}

// A spacing is a distance and how often it occurs.
type spacing struct{ distance, n int }

// distances returns the differences of index(t) between neighbouring times of
// every series, the least first.
func distances(series []timeline, index func(t float64) int) []spacing {
	counts := make(map[int]int)
	var run spacing // of distances that are alike, one after another
	for _, s := range series {
		previous := 0
		for i, t := range s.Times {
			k := index(t)
			if i > 0 && k-previous == run.distance {
				run.n += s.n
			} else if i > 0 {
				counts[run.distance] += run.n
				run = spacing{k - previous, s.n}
			}
			previous = k
		}
	}
	counts[run.distance] += run.n
	all := make([]spacing, 0, len(counts))
	for _, d := range slices.Sorted(maps.Keys(counts)) {
		if n := counts[d]; n > 0 {
			all = append(all, spacing{d, n})
		}
	}
	return all
}

// medianStep returns the (lower) median of d, the least of which comes first, if all of d are
// multiples of it, and the number of those above one. Otherwise it returns zero
// and the number of d that are not.
func medianStep(d []spacing) (step, rest int) {
	n := 0
	for _, r := range d {
		n += r.n
	}
	for below, i := 0, 0; i < len(d) && below <= (n-1)/2; i++ {
		step = d[i].distance
		below += d[i].n
	}
	if step <= 0 {
		return 0, n
	}
	above, off := 0, 0
	for _, r := range d {
		switch {
		case r.distance <= 0 || r.distance%step != 0:
			off += r.n
		case r.distance > step:
			above += r.n
		}
	}
	if off > 0 {
		return 0, off
	}
	return step, above
}

// clockOf returns the civil time of day that all times share.
func clockOf(a Axis, series []timeline) (clock float64, same bool) {
	first := true
	for _, s := range series {
		for _, t := range s.Times {
			c := a.civil(t)
			tod := math.Round((c-float64(dayOf(c))*day)*1e6) / 1e6
			if !first && tod != clock {
				return 0, false
			}
			clock, first = tod, false
		}
	}
	return clock, !first
}

// detectBusinessDays recognises days without Saturdays and Sundays, if at
// least one weekend was passed over.
func detectBusinessDays(a Axis, series []timeline) (Step, int) {
	clock, same := clockOf(a, series)
	if !same {
		return Step{}, 0
	}
	weekend := false
	weekday := func(t float64) int {
		d := dayOf(a.civil(t)) + 3 // since Monday, 29 December 1969
		w := floorDiv(d, 7)
		weekend = weekend || d-7*w > 4
		return 5*w + min(d-7*w, 4)
	}
	weekdays := distances(series, weekday)
	if weekend {
		return Step{}, 0
	}
	over := distances(series, func(t float64) int { return dayOf(a.civil(t)) - weekday(t) })
	passed := slices.ContainsFunc(over, func(r spacing) bool { return r.distance > 0 })
	if step, gaps := medianStep(weekdays); step == 1 && passed {
		return Step{BusinessDay: true, Anchor: clock}, gaps
	}
	return Step{}, 0
}

// detectMonths recognises stamps on the same day of the month at the same time
// of day. A day that a month lacks is its last day; if all stamps lie on the
// last day of a month, the day is the 31st.
func detectMonths(a Axis, series []timeline) (Step, int) {
	clock, same := clockOf(a, series)
	if !same {
		return Step{}, 0
	}
	anchor, ends := 0, true // largest day of the month; whether all are the last
	for _, s := range series {
		for _, t := range s.Times {
			c := a.civil(t)
			dom := civilTime(c).Day()
			_, length := monthStart(monthOf(c))
			if dom < length && dom < anchor {
				return Step{}, 0
			}
			anchor, ends = max(anchor, dom), ends && dom == length
		}
	}
	if ends {
		anchor = 31
	}
	for _, s := range series {
		for _, t := range s.Times {
			c := a.civil(t)
			if _, length := monthStart(monthOf(c)); civilTime(c).Day() != min(anchor, length) {
				return Step{}, 0
			}
		}
	}
	months, gaps := medianStep(distances(series, func(t float64) int { return monthOf(a.civil(t)) }))
	if months == 0 {
		return Step{}, 0
	}
	return Step{Months: months, Anchor: float64(anchor-1)*day + clock}, gaps
}

// detectDays recognises days and weeks by the clock, where clocks change.
func detectDays(a Axis, series []timeline) (Step, int) {
	clock, same := clockOf(a, series)
	if !same || len(a.Earlier) == 0 {
		return Step{}, 0
	}
	days, gaps := medianStep(distances(series, func(t float64) int { return dayOf(a.civil(t)) }))
	if days == 0 {
		return Step{}, 0
	}
	return Step{Days: days, Anchor: clock}, gaps
}

// detectWidth recognises a fixed width in plain numbers, which may be rounded:
// every time must lie on its series' grid to a fiftieth of a step.
func detectWidth(series []*Series) (Step, int) {
	var d []float64
	for _, s := range series {
		d = appendSpacings(d, s)
	}
	if len(d) == 0 {
		return Step{}, 0
	}
	median := slices.Sorted(slices.Values(d))[(len(d)-1)/2]
	single := meanStep(d, median, 1)
	width := meanStep(d, single, math.Inf(1))
	for digits := 1; digits <= 15; digits++ {
		if w := roundDigits(width, digits); math.Abs(w-width) <= 1e-9*width {
			width = w
			break
		}
	}
	if !(width > 0) || math.IsInf(width, 1) {
		return Step{}, 0
	}
	gaps := 0
	for _, s := range series {
		previous := 0.0
		for i := 1; i < len(s.Times); i++ {
			u := (s.Times[i] - s.Times[0]) / width
			k := math.Round(u)
			if math.Abs(u-k) > GridTolerance || k <= previous {
				return Step{}, misfits(d, single)
			}
			if k > previous+1 {
				gaps++
			}
			previous = k
		}
	}
	return Step{Width: width}, gaps
}

// misfits returns the number of distances that are no multiples of width.
func misfits(d []float64, width float64) int {
	n := 0
	for _, v := range d {
		if k := math.Round(v / width); k < 1 || math.Abs(v/width-k) > GridTolerance {
			n++
		}
	}
	return n
}

// meanStep returns the mean length of a step over those distances that are
// about 1 to most steps of the given width long.
func meanStep(d []float64, width, most float64) float64 {
	var sum, steps float64
	for _, v := range d {
		if k := math.Round(v / width); k >= 1 && k <= most {
			sum += v
			steps += k
		}
	}
	return sum / steps
}
