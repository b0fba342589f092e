package plots

import (
	"math"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"tsgen/series"
)

// dateTicks marks an axis of calendar times at round times of the clock and of
// the calendar in the zone of the series. A label has two lines: the second
// says what the first leaves open (the day of a time of day, the year of a
// month), where it begins.
type dateTicks struct {
	axis   series.Axis
	length vg.Length // of the axis
}

// A dateStep is the distance between ticks.
type dateStep struct {
	seconds float64 // of steps below a month, else 0
	months  int
	digits  int    // of the fraction of a second, of steps below one
	label   string // layouts of the two lines; the second may be empty
	context string
	room    vg.Length // that a label needs
}

// width returns the length of the step in seconds, that of months being the
// average.
func (s dateStep) width() float64 { return s.seconds + float64(s.months)*365.2425*86400/12 }

// dateSteps returns the steps from which dateTicks chooses, from a microsecond
// to thousands of years.
func dateSteps() []dateStep {
	const minute, hour, day = 60, 3600, 86400
	var steps []dateStep
	for digits := 6; digits > 0; digits-- {
		for _, m := range []float64{1, 2, 5} {
			steps = append(steps, dateStep{m * math.Pow(10, -float64(digits)), 0, digits, "05." + strings.Repeat("0", digits), "15:04, 2 Jan 2006", 90})
		}
	}
	for _, s := range []float64{1, 2, 5, 10, 15, 30} {
		steps = append(steps, dateStep{s, 0, 0, "15:04:05", "2 Jan 2006", 60})
	}
	for _, s := range []float64{minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour} {
		steps = append(steps, dateStep{s, 0, 0, "15:04", "2 Jan 2006", 60})
	}
	for _, s := range []float64{day, 2 * day, 7 * day, 14 * day} {
		steps = append(steps, dateStep{s, 0, 0, "2 Jan", "2006", 44})
	}
	for _, m := range []int{1, 3, 6} {
		steps = append(steps, dateStep{0, m, 0, "Jan", "2006", 36})
	}
	for years := 1; years <= 1000; years *= 10 {
		for _, m := range []int{1, 2, 5} {
			steps = append(steps, dateStep{0, 12 * m * years, 0, "2006", "", 36})
		}
	}
	return steps
}

// Ticks implements plot.Ticker.
func (d dateTicks) Ticks(lo, hi float64) []plot.Tick {
	steps := dateSteps()
	at := slices.IndexFunc(steps, func(s dateStep) bool { return (hi-lo)/s.width() <= d.most(s) })
	if at < 0 {
		at = len(steps) - 1
	}
	// Few ticks say little: finer ones, as long as their labels keep apart.
	ticks := d.marks(steps[at], lo, hi)
	for finer := at - 1; finer >= max(0, at-3) && len(ticks) < fewTicks; finer-- {
		for _, s := range steps[finer].variants() {
			if more := d.marks(s, lo, hi); len(more) > len(ticks) && d.apart(more, lo, hi) {
				ticks = more
				break
			}
		}
	}
	return ticks
}

// variants returns the step, one with less to say of what its labels leave open, and, of
// days, one of twice the width.
func (s dateStep) variants() []dateStep {
	all := []dateStep{s}
	if s.context == "2 Jan 2006" {
		s.context = "2 Jan"
		return append(all, s)
	}
	if s.months == 0 && s.context == "2006" {
		s.seconds *= 2
		return append(all, s)
	}
	return all
}

// fewTicks is the number of ticks below which finer ones are tried.
const fewTicks = 3

// apart reports whether the labels of the ticks do not run into each other.
func (d dateTicks) apart(ticks []plot.Tick, lo, hi float64) bool {
	const gap = vg.Length(6)
	style := textStyle(tickSize, ink())
	var ends [2]vg.Length // of the last label, by line
	for i, t := range ticks {
		at := vg.Length((t.Value-lo)/(hi-lo)) * d.length
		for k, line := range strings.SplitN(t.Label, "\n", 2) {
			half := style.Width(strings.TrimSpace(line)) / 2
			if half == 0 {
				continue
			}
			if i > 0 && at-half < ends[k]+gap {
				return false
			}
			ends[k] = at + half
		}
	}
	return true
}

// marks returns the ticks of a step.
func (d dateTicks) marks(step dateStep, lo, hi float64) []plot.Tick {
	var ticks []plot.Tick
	above := ""
	for n := step.before(lo + float64(zone(d.axis, lo))); ; n++ {
		civil := step.at(n)
		t := civil - float64(zone(d.axis, civil))
		t = civil - float64(zone(d.axis, t)) // the zone at t itself, near a change of clocks
		if t > hi || len(ticks) > mostTicks {
			return ticks
		}
		if t < lo || len(ticks) > 0 && t <= ticks[len(ticks)-1].Value {
			continue
		}
		seconds, unit := math.Floor(civil), math.Pow(10, float64(step.digits))
		clock := time.Unix(int64(seconds), int64(math.Round((civil-seconds)*unit)*1e9/unit)).UTC()
		label := clock.Format(step.label)
		if context := clock.Format(step.context); context != above {
			above = context
			label += "\n" + context
		} else if context != "" {
			label += "\n " // labels of as many lines are in line
		}
		ticks = append(ticks, plot.Tick{Value: t, Label: label})
	}
}

// mostTicks bounds the ticks of an axis.
const mostTicks = 1000

// most returns the number of ticks for which there is room.
func (d dateTicks) most(s dateStep) float64 { return max(2, float64(d.length/s.room)) }

// monday is the first Monday of 1970, from which weeks are counted.
const monday = 4 * 86400

// before returns the number of the last tick before the civil time c.
func (s dateStep) before(c float64) int {
	if s.months > 0 {
		t := time.Unix(int64(math.Floor(c)), 0).UTC()
		return floorDiv(12*t.Year()+int(t.Month())-1, s.months) - 1
	}
	return int(math.Floor((c-monday)/s.seconds)) - 1
}

// at returns the civil time of tick n.
func (s dateStep) at(n int) float64 {
	if s.months > 0 {
		m := n * s.months
		return float64(time.Date(floorDiv(m, 12), 1+time.Month(m-12*floorDiv(m, 12)), 1, 0, 0, 0, 0, time.UTC).Unix())
	}
	return monday + float64(n)*s.seconds
}

func floorDiv(a, b int) int { return int(math.Floor(float64(a) / float64(b))) }

// zone returns the zone of the axis at time t, in seconds east of UTC.
func zone(a series.Axis, t float64) int {
	for _, z := range a.Earlier {
		if t < z.Until {
			return z.Offset
		}
	}
	return a.Offset
}
