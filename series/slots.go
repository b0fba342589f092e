package series

import (
	"math"
	"math/bits"

	"tsgen/series/internal/stamp"
)

// marks are the instants on which the stamps of a calendar step may lie: one
// a month, a day or a weekday, or several a week, a month or a day, numbered
// through. Every step is one or more marks wide.
type marks struct {
	axis Axis
	step Step
}

// fiscalDays is the number of days of a quarter of 4, 4 and 5 weeks.
const fiscalDays = 91

// perStep returns the number of marks in a step.
func (m *marks) perStep() float64 { return float64(max(m.step.Months, m.step.Days, 1)) }

// at returns mark k. Mark 0 is in January of year 0 for months and their days, on
// 1 January 1970 for days, in the week of Monday, 29 December 1969, for weekdays, and
// the anchor for periods of 4, 4 and 5 weeks.
func (m *marks) at(k int) float64 {
	return m.axis.instant(m.civil(k))
}

// civil returns what the clock shows at mark k.
func (m *marks) civil(k int) float64 {
	s := m.step
	switch {
	case s.Months > 0 && s.Workday != 0:
		first, length := monthStart(k)
		return workday(int(first/day), length, s.Workday) + s.Anchor
	case s.Months > 0:
		if s.Anchor <= 27*day { // which every month has
			return float64(stamp.FirstOfMonth(k))*day + s.Anchor
		}
		first, length := monthStart(k)
		return first + math.Min(s.Anchor, float64(length-1)*day+math.Mod(s.Anchor, day))
	case s.MonthDays != 0:
		n := bits.OnesCount32(s.MonthDays)
		month := floorDiv(k, n)
		first, length := monthStart(month)
		return first + float64(min(nthBit(s.MonthDays, k-n*month), length-1))*day + s.Anchor
	case s.Fiscal:
		quarter := floorDiv(k, 3)
		return s.Anchor + day*float64(fiscalDays*quarter+28*(k-3*quarter))
	case s.Width > 0: // within the days
		n := s.perDay()
		d := floorDiv(k, n)
		return float64(s.dayAt(d))*day + s.Anchor + float64(k-n*d)*s.Width
	}
	return float64(s.dayAt(k))*day + s.Anchor
}

// near returns the number of the last mark before instant t, or of one soon
// after it.
func (m *marks) near(t float64) int {
	s := m.step
	c := m.axis.civil(t)
	switch {
	case s.Months > 0:
		return monthOf(c)
	case s.MonthDays != 0:
		month := monthOf(c)
		first, length := monthStart(month)
		d := int((c - first) / day)
		below := s.MonthDays & (1<<(d+1) - 1)
		if d == length-1 {
			below = s.MonthDays
		}
		return month*bits.OnesCount32(s.MonthDays) + bits.OnesCount32(below) - 1
	case s.Fiscal:
		quarter := math.Floor((c - s.Anchor) / (fiscalDays * day))
		return 3*int(quarter) + min(2, int((c-s.Anchor-quarter*fiscalDays*day)/(28*day)))
	case s.Width > 0:
		n, d := s.perDay(), dayOf(c)
		k := s.dayNear(d)
		if s.dayAt(k) < d {
			return n*k + n - 1
		}
		return n*k + max(-1, min(n-1, int(math.Floor((c-float64(d)*day-s.Anchor)/s.Width))))
	}
	return s.dayNear(dayOf(c))
}

// perDay returns the number of marks of a day of which only a part has some.
func (s Step) perDay() int { return int(math.Round((s.Close-s.Anchor)/s.Width)) + 1 }

// weekdays returns the set of days of the week that have marks, Monday the lowest
// bit; zero for all.
func (s Step) weekdays() uint8 {
	if s.BusinessDay {
		return 0b0011111
	}
	return s.Weekdays
}

// dayAt returns the k-th day that has marks, counted from 1970.
func (s Step) dayAt(k int) int {
	set := uint32(s.weekdays())
	if set == 0 {
		return k
	}
	n := bits.OnesCount32(set)
	w := floorDiv(k, n)
	return 7*w + nthBit(set, k-n*w) - 3
}

// dayNear returns the number of the last day with marks up to day d.
func (s Step) dayNear(d int) int {
	set := uint32(s.weekdays())
	if set == 0 {
		return d
	}
	w := floorDiv(d+3, 7)
	return bits.OnesCount32(set)*w + bits.OnesCount32(set&(1<<(d+3-7*w+1)-1)) - 1
}

// nthBit returns the place of the n-th bit that is set, from 0.
func nthBit(set uint32, n int) int {
	for range n {
		set &= set - 1
	}
	return bits.TrailingZeros32(set)
}

// workday returns the beginning of the first (which = 1) or the last (-1) day from
// Monday to Friday of a month that begins on a day and has so many.
func workday(first, length, which int) float64 {
	d := first
	if which < 0 {
		d = first + length - 1
	}
	for weekdayOf(d) > 4 {
		d += which
	}
	return float64(d) * day
}

// weekdayOf returns the day of the week, 0 for Monday.
func weekdayOf(d int) int { return d + 3 - 7*floorDiv(d+3, 7) }
