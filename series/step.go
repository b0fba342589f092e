package series

import (
	"fmt"
	"math"
)

// A Step is the regular distance between neighbouring observations. The zero
// value means irregular times. Exactly one of the fields Width, Days, Months
// and BusinessDay is set otherwise.
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

	// Anchor says where in the month (Months) or in the day (Days,
	// BusinessDay) the stamps lie, in seconds of civil time from its beginning.
	// Months without the anchor's day are entered on their last day, so that
	// 30 days mean the end of every month.
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
	case s.BusinessDay:
		return 5
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

// Same reports whether s and t are the same distance: alike but for the
// anchor, for the rounding of a width, and for whether days are counted by the
// calendar.
func (s Step) Same(t Step) bool {
	if s.Months != t.Months || s.BusinessDay != t.BusinessDay {
		return false
	}
	a, b := s.Width+day*float64(s.Days), t.Width+day*float64(t.Days)
	return math.Abs(a-b) <= 1e-4*math.Max(a, b)
}
