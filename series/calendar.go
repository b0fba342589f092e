package series

import (
	"math"
	"math/bits"
	"slices"
)

// What it takes for slots of the calendar to be told from gaps.
const (
	fewestCycles = 3    // weeks or days over which slots must have been left out
	leastFilled  = 0.75 // share of the slots from the first stamp to the last that have one
)

// detectCalendar recognises steps along slots of the calendar that leave others out:
// days of the week, parts of the day, days of the month, first and last business
// days, periods of 4, 4 and 5 weeks.
func detectCalendar(a Axis, series []timeline) (Step, int) {
	clock, same := clockOf(a, series)
	if !same {
		return detectHours(a, series)
	}
	for _, detect := range []func(Axis, []timeline, float64) (Step, int){detectWeekdays, detectMonthDays, detectWorkdays, detectFiscal} {
		if s, gaps := detect(a, series, clock); s.Regular() {
			return s, gaps
		}
	}
	return Step{}, 0
}

// alongMarks returns the number of gaps of the series along the marks of the step,
// if all stamps are marks and most marks have stamps.
func alongMarks(a Axis, step Step, series []timeline) (gaps int, ok bool) {
	m := marks{a, step}
	steps, distances := 0, 0
	for _, s := range series {
		previous := 0
		for i, t := range s.Times {
			k := m.near(t)
			for t < m.at(k) {
				k--
			}
			if m.at(k) != t {
				return 0, false
			}
			if i > 0 {
				if k <= previous {
					return 0, false
				}
				steps, distances = steps+s.n*(k-previous), distances+s.n
				if k > previous+1 {
					gaps += s.n
				}
			}
			previous = k
		}
	}
	return gaps, distances > 0 && float64(distances) >= leastFilled*float64(steps)
}

// detectWeekdays recognises days of the week, some of which never have a stamp
// though several weeks passed over them.
func detectWeekdays(a Axis, series []timeline, clock float64) (Step, int) {
	set := uint8(0)
	weeks := 0
	for _, s := range series {
		first := 0
		for i, t := range s.Times {
			d := dayOf(a.civil(t))
			if i == 0 {
				first = d
			}
			set |= 1 << weekdayOf(d)
			weeks = max(weeks, (d-first)/7)
		}
	}
	if n := bits.OnesCount8(set); n < 2 || n == 7 || weeks < fewestCycles {
		return Step{}, 0
	}
	step := Step{Weekdays: set, Anchor: clock}
	if set == 0b0011111 {
		step = Step{BusinessDay: true, Anchor: clock}
	}
	if gaps, ok := alongMarks(a, step, series); ok {
		return step, gaps
	}
	return Step{}, 0
}

// detectHours recognises a part of every day, or of some days of the week.
func detectHours(a Axis, series []timeline) (Step, int) {
	var times []float64 // of the day
	set := uint8(0)
	days := 0
	for _, s := range series {
		first := 0
		for i, t := range s.Times {
			c := a.civil(t)
			d := dayOf(c)
			if i == 0 {
				first = d
			}
			days = max(days, d-first)
			set |= 1 << weekdayOf(d)
			tod := math.Round((c-float64(d)*day)*1e6) / 1e6
			if at, found := slices.BinarySearch(times, tod); !found {
				if len(times) == maxSlots {
					return Step{}, 0
				}
				times = slices.Insert(times, at, tod)
			}
		}
	}
	n := len(times)
	if n < 2 || days < fewestCycles {
		return Step{}, 0
	}
	width := times[1] - times[0]
	for i := 1; i < n; i++ {
		if times[i]-times[i-1] != width {
			return Step{}, 0
		}
	}
	step := Step{Width: width, Anchor: times[0], Close: times[n-1]}
	switch {
	case set == 0b0011111 && days >= 7:
		step.BusinessDay = true
	case set != 0b1111111 && days >= 7*fewestCycles:
		step.Weekdays = set
	case float64(n)*width == day:
		return Step{}, 0 // the whole of every day
	}
	if gaps, ok := alongMarks(a, step, series); ok {
		return step, gaps
	}
	return Step{}, 0
}

// maxSlots bounds the slots of a day.
const maxSlots = 1440

// monthsOf returns how many months the longest of the series spans.
func monthsOf(a Axis, series []timeline) int {
	most := 0
	for _, s := range series {
		if n := s.Len(); n > 0 {
			most = max(most, monthOf(a.civil(s.Times[n-1]))-monthOf(a.civil(s.Times[0])))
		}
	}
	return most
}

// detectMonthDays recognises two to four days of the month.
func detectMonthDays(a Axis, series []timeline, clock float64) (Step, int) {
	var counts [32]int
	shortEnds := false // some stamp is on the last day of a month that has not 31
	for _, s := range series {
		for _, t := range s.Times {
			c := civilTime(a.civil(t))
			_, length := monthStart(monthOf(a.civil(t)))
			d := c.Day()
			if d == length && d > 27 {
				shortEnds = shortEnds || d < 31
				d = 31
			}
			counts[d]++
		}
	}
	set := uint32(0)
	for d := 1; d <= 31; d++ {
		if counts[d] > 0 {
			set |= 1 << (d - 1)
		}
	}
	if n := bits.OnesCount32(set); n < 2 || n > 4 || monthsOf(a, series) < fewestCycles || bits.OnesCount32(set>>27) > 1 || set>>30 == 1 && !shortEnds {
		return Step{}, 0
	}
	step := Step{MonthDays: set, Anchor: clock}
	if gaps, ok := alongMarks(a, step, series); ok {
		return step, gaps
	}
	return Step{}, 0
}

// detectWorkdays recognises first and last business days of months.
func detectWorkdays(a Axis, series []timeline, clock float64) (Step, int) {
	months, gaps := medianStep(distances(series, func(t float64) int { return monthOf(a.civil(t)) }))
	if months == 0 || monthsOf(a, series) < fewestCycles {
		return Step{}, 0
	}
	for _, which := range []int{1, -1} {
		m := marks{a, Step{Months: 1, Workday: which, Anchor: clock}}
		off := func(t float64) bool { return m.at(monthOf(a.civil(t))) != t }
		if !slices.ContainsFunc(series, func(s timeline) bool { return slices.ContainsFunc(s.Times, off) }) {
			return Step{Months: months, Workday: which, Anchor: clock}, gaps
		}
	}
	return Step{}, 0
}

// detectFiscal recognises periods of 4, 4 and 5 weeks, at whichever of the three the
// first stamp is.
func detectFiscal(a Axis, series []timeline, _ float64) (Step, int) {
	var longest *Series
	for _, s := range series {
		if longest == nil || s.Len() > longest.Len() {
			longest = s.Series
		}
	}
	if longest == nil || longest.Len() < 2*fewestCycles {
		return Step{}, 0
	}
	for _, step := range fiscalSteps(a.civil(longest.Times[0])) {
		if gaps, ok := alongMarks(a, step, series); ok {
			return step, gaps
		}
	}
	return Step{}, 0
}

// fiscalSteps returns the periods of 4, 4 and 5 weeks of which one begins at a civil time:
// as the first, the second or the third of its quarter.
func fiscalSteps(c float64) []Step {
	steps := make([]Step, 3)
	for i := range steps {
		anchor := c - 28*day*float64(i)
		steps[i] = Step{Fiscal: true, Anchor: anchor - fiscalDays*day*math.Floor(anchor/(fiscalDays*day))}
	}
	return steps
}
