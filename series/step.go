package series

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// A Step is the regular distance between neighbouring observations. The zero
// value means irregular times. Exactly one of the fields Width, Days, Months,
// BusinessDay, Weekdays, MonthDays and Fiscal is set otherwise, but for Width, which may
// stand with a part of the day and with Weekdays.
type Step struct {
	// Width is a fixed distance in the axis's unit: seconds for calendar axes.
	Width float64 `json:"width,omitempty"`

	// Days is a distance in days of the calendar, for stamps whose zone
	// changes with the clocks so that some days have 23 or 25 hours. In one
	// zone throughout, days and weeks are widths.
	Days int `json:"days,omitempty"`

	// Months is a distance in calendar months: 1 for monthly data, 3 for
	// quarterly and 12 for yearly.
	Months int `json:"months,omitempty"`

	// BusinessDay is the distance from one weekday (Monday to Friday) to the
	// next.
	BusinessDay bool `json:"businessDay,omitempty"`

	// Weekdays is the distance from one of a set of days of the week to the next:
	// bit 0 is Monday, bit 6 Sunday.
	Weekdays uint8 `json:"weekdays,omitempty"`

	// MonthDays is the distance from one of a set of days of the month to the next:
	// bit 0 is the first, bit 30 the last of every month.
	MonthDays uint32 `json:"monthDays,omitempty"`

	// Workday, beside Months, puts the stamps on the first (1) or the last (-1) day
	// of the month from Monday to Friday.
	Workday int `json:"workday,omitempty"`

	// Fiscal is the distance from one period of a quarter of 13 weeks to the next, which
	// are 4, 4 and 5 weeks long. Anchor is then what the clock shows at a mark from which
	// 4 weeks go to the next but one of 5, in seconds since the beginning of 1970.
	Fiscal bool `json:"fiscal,omitempty"`

	// Close, beside Width, is the last time of the day that has a stamp, where
	// stamps lie only from Anchor on until then, on every day or on Weekdays. It is
	// in seconds of civil time.
	Close float64 `json:"close,omitempty"`

	// Anchor says where in the month (Months) or in the day (all others but a
	// Width without Close) the stamps lie, in seconds of civil time from its
	// beginning. Months without the anchor's day are entered on their last day, so
	// that 30 days mean the end of every month.
	Anchor float64 `json:"anchor,omitempty"`
}

// Regular reports whether the step is set.
func (s Step) Regular() bool { return s != Step{} }

const (
	day  = 86400.0
	week = 7 * day
)

// season returns the usual season in steps on a calendar axis, or 1.
func (s Step) season() int {
	whole := func(n float64) int {
		if n >= 1 && n == math.Trunc(n) {
			return int(n)
		}
		return 1
	}
	switch {
	case s.Close > 0:
		return s.perDay()
	case s.weekdays() != 0:
		return bits.OnesCount8(s.weekdays())
	case s.MonthDays != 0:
		return 12 * bits.OnesCount32(s.MonthDays)
	case s.Fiscal:
		return 12
	case s.Months > 0:
		return whole(12 / float64(s.Months))
	case s.Days > 0:
		return Step{Width: float64(s.Days) * day}.season()
	case s.Width == day:
		return 7
	case s.Width == week:
		return 52
	case s.Width >= 300 && s.Width < day:
		return whole(day / s.Width)
	case s.Width >= 60 && s.Width < 300:
		return whole(3600 / s.Width)
	case s.Width >= 1 && s.Width < 60:
		return whole(60 / s.Width)
	}
	return 1
}

// Describe says the step in words: "monthly", "every 15 minutes", "step 0.1",
// "irregular". calendar tells whether widths are seconds of a calendar axis.
func (s Step) Describe(calendar bool) string {
	switch {
	case !s.Regular():
		return "irregular"
	case s.Close > 0:
		days := ""
		if s.BusinessDay || s.Weekdays != 0 {
			days = " on " + s.dayNames()
		}
		return fmt.Sprintf("%s from %s to %s%s", Step{Width: s.Width}.Describe(true), clockText(s.Anchor), clockText(s.Close), days)
	case s.Weekdays != 0:
		return s.dayNames()
	case s.MonthDays != 0:
		return s.monthDayNames()
	case s.Fiscal:
		return "periods of 4, 4 and 5 weeks"
	case s.Workday > 0 && s.Months > 0:
		return Step{Months: s.Months}.Describe(true) + " on the first business day"
	case s.Workday < 0 && s.Months > 0:
		return Step{Months: s.Months}.Describe(true) + " on the last business day"
	case s.BusinessDay:
		return "business days"
	case s.Months == 1:
		return "monthly"
	case s.Months == 3:
		return "quarterly"
	case s.Months == 12:
		return "yearly"
	case s.Months%12 == 0 && s.Months > 0:
		return fmt.Sprintf("every %d years", s.Months/12)
	case s.Months > 0:
		return fmt.Sprintf("every %d months", s.Months)
	case s.Days > 0:
		return Step{Width: float64(s.Days) * day}.Describe(true)
	case !calendar:
		return "step " + FormatNumber(s.Width)
	}
	for _, u := range []struct {
		width      float64
		each, unit string
	}{
		{week, "weekly", "weeks"},
		{day, "daily", "days"},
		{3600, "hourly", "hours"},
		{60, "every minute", "minutes"},
		{1, "every second", "seconds"},
	} {
		if n := s.Width / u.width; n == 1 {
			return u.each
		} else if n > 1 && n == math.Trunc(n) {
			return fmt.Sprintf("every %s %s", FormatNumber(n), u.unit)
		}
	}
	return "every " + FormatNumber(s.Width) + " seconds"
}

// dayNames says the days of the week: "Monday to Saturday", "Monday, Wednesday,
// Friday".
func (s Step) dayNames() string {
	names := [7]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
	set := s.weekdays()
	n := bits.OnesCount8(set)
	for first := range names {
		run := uint8(0)
		for i := range n {
			run |= 1 << ((first + i) % 7)
		}
		if run == set && n > 2 {
			return names[first] + " to " + names[(first+n-1)%7]
		}
	}
	var days []string
	for i, name := range names {
		if set>>i&1 == 1 {
			days = append(days, name)
		}
	}
	return strings.Join(days, ", ")
}

// monthDayNames says the days of the month: "1st and 15th of the month".
func (s Step) monthDayNames() string {
	var days []string
	for i := range 31 {
		if s.MonthDays>>i&1 == 0 {
			continue
		}
		d := i + 1
		switch {
		case d == 31:
			days = append(days, "last")
		case d%10 == 1 && d != 11:
			days = append(days, fmt.Sprintf("%dst", d))
		case d%10 == 2 && d != 12:
			days = append(days, fmt.Sprintf("%dnd", d))
		case d%10 == 3 && d != 13:
			days = append(days, fmt.Sprintf("%drd", d))
		default:
			days = append(days, fmt.Sprintf("%dth", d))
		}
	}
	n := len(days) - 1
	return strings.Join(days[:n], ", ") + " and " + days[n] + " of the month"
}

// clockText writes a time of day.
func clockText(sec float64) string {
	text := civilTime(sec).Format("15:04:05.999999")
	return strings.TrimSuffix(text, ":00")
}

// PerDay returns how many steps a day has, as far as stamps lie on it: 24 for
// hours, 9 for office hours from 8:00 to 16:00, 1 for days of any kind, less than 1
// for wider steps; 0 if the step is irregular. The step is one of a calendar axis.
func (s Step) PerDay() float64 {
	switch {
	case s.Close > 0:
		return float64(s.perDay())
	case s.weekdays() != 0:
		return 1
	}
	return s.PerWeek() / 7
}

// PerWeek returns how many steps a week has: 7 for days, 5 for business days, 45
// for office hours of nine slots on five days; 0 if the step is irregular.
func (s Step) PerWeek() float64 {
	days := 7
	if set := s.weekdays(); set != 0 {
		days = bits.OnesCount8(set)
	}
	switch {
	case s.Close > 0:
		return float64(days * s.perDay())
	case s.weekdays() != 0:
		return float64(days)
	case s.Width > 0:
		return week / s.Width
	case s.Days > 0:
		return 7 / float64(s.Days)
	}
	return s.PerYear() / (365.2425 / 7)
}

// PerYear returns how many steps a year has: 12 for months, 365.2425 for days, 24
// for the 1st and the 15th; 0 if the step is irregular.
func (s Step) PerYear() float64 {
	switch {
	case !s.Regular():
		return 0
	case s.Months > 0:
		return 12 / float64(s.Months)
	case s.MonthDays != 0:
		return 12 * float64(bits.OnesCount32(s.MonthDays))
	case s.Fiscal:
		return 365.2425 * 3 / fiscalDays
	}
	return s.PerWeek() * 365.2425 / 7
}

// Same reports whether s and t are the same distance: alike but for the
// anchor, for the rounding of a width, and for whether days are counted by the
// calendar.
func (s Step) Same(t Step) bool {
	if s.Months != t.Months || s.Workday != t.Workday || s.weekdays() != t.weekdays() || s.MonthDays != t.MonthDays || s.Fiscal != t.Fiscal ||
		s.Close > 0 != (t.Close > 0) || s.Close > 0 && s.perDay() != t.perDay() {
		return false
	}
	a, b := s.Width+day*float64(s.Days), t.Width+day*float64(t.Days)
	return math.Abs(a-b) <= 1e-4*math.Max(a, b)
}
