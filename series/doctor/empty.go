package doctor

import (
	"fmt"
	"math"

	"tsgen/series"
)

const (
	// fewestCounts is the number of counts, and mostWithRow the part of the steps with a row, from which
	// on and up to which the others may be zeros.
	fewestCounts, mostWithRow = 30, 0.9

	hour, day, week = 3600., 24 * hour, 7 * day
)

// examineSteps looks for counts, of one as well, of which none is zero though many steps have no
// row, as in a log of events.
func examineSteps(p *series.Panel) (Finding, bool) {
	unit, width := unitOf(p)
	if unit == "" {
		return Finding{}, false
	}
	rows, steps, least := 0, 0.0, math.Inf(1)
	for _, s := range p.Series {
		for _, v := range s.Values {
			if !(v >= 1) || v != math.Trunc(v) {
				return Finding{}, false
			}
			least = math.Min(least, v)
		}
		if n := s.Len(); n > 0 {
			rows += n
			if span := s.Times[n-1] - s.Times[0]; p.Step.Regular() {
				own := p.For(s)
				steps += own.Coordinate(s.Times[n-1]) - own.Coordinate(s.Times[0]) + 1
			} else {
				steps += math.Round(span/width) + 1
			}
		}
	}
	share := float64(rows) / steps
	if rows < fewestCounts || least > 1 || share > mostWithRow {
		return Finding{}, false
	}
	return Finding{Code: EmptySteps, Value: fmt.Sprintf("%.2g %%", 100*share),
		Message: fmt.Sprintf("of the %ss from the first to the last have a row, and no count is 0", unit),
		Remedy:  fmt.Sprintf("where a step without a row means 0, say --every %s --aggregate sum", unit)}, true
}

// unitOf returns the word for the steps of a panel of the calendar, or for the whole hours or days
// that all its times are, and their length in seconds; no word if there is none.
func unitOf(p *series.Panel) (unit string, width float64) {
	if !p.Axis.Calendar() {
		return "", 0
	}
	switch s := p.Step; {
	case s.Months == 1:
		return "month", 0
	case s.Months == 3:
		return "quarter", 0
	case s.Months == 12:
		return "year", 0
	case s.Width == week || s.Days == 7:
		return "week", 0
	case s.Width == day || s.Days == 1:
		return "day", 0
	case s.Width == hour:
		return "hour", 0
	case s.Regular():
		return "", 0
	}
	for _, u := range []struct {
		word  string
		width float64
	}{{"day", day}, {"hour", hour}} {
		whole := true
		for _, s := range p.Series {
			for _, t := range s.Times {
				whole = whole && math.Mod(t, u.width) == 0
			}
		}
		if whole {
			return u.word, u.width
		}
	}
	return "", 0
}
