package seasons

import (
	"math"

	"tsgen/series"
)

// Seconds of the units that seasons of a calendar have.
const (
	minute = 60.0
	hour   = 60 * minute
	day    = 24 * hour
	week   = 7 * day
	year   = 365.25 * day
)

// calendar returns the seasons of the calendar that steps as those of p have, the shortest
// first, by counting steps over 28 years, in which weekdays and leap years come round.
// Steps of five minutes and more are taken to have no season within the hour, and of
// a minute and more none within the minute.
func calendar(p *series.Panel) []Season {
	if !p.Axis.Calendar() {
		return nil
	}
	start := math.Inf(1)
	for _, s := range p.Series {
		if s.Len() > 0 {
			start = math.Min(start, s.Times[0])
		}
	}
	if math.IsInf(start, 1) {
		return nil
	}
	const span = 28 * year
	steps := p.Coordinate(start+span) - p.Coordinate(start)
	width := span / steps
	open := p.Step.Close > 0 // steps that leave out a part of each day
	if open {
		width = p.Step.Width
	}
	var all []Season
	for _, u := range []struct {
		name  string
		width float64
	}{{"minute", minute}, {"hour", hour}, {"day", day}, {"week", week}, {"year", year}} {
		period := steps * u.width / span
		switch {
		case open && u.name == "day":
			period = p.Step.PerDay()
		case open && u.width < day:
			period = u.width / width
		}
		if r := math.Round(period); math.Abs(period-r) < 1e-3 {
			period = r
		}
		if period < 2 || u.width < day && width >= u.width/12 {
			continue
		}
		all = append(all, Season{Period: period, Name: u.name})
	}
	return all
}
