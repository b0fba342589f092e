package series

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// A Snap says whether stamps off a grid are moved onto it.
type Snap string

// The ways to treat stamps off a grid.
const (
	SnapAuto   Snap = ""       // few of them, or all a little off
	SnapNever  Snap = "never"  // none: times are irregular then
	SnapAlways Snap = "always" // all, onto the commonest step
)

const (
	// mostOff is the share of the stamps that may lie anywhere beside the grid of
	// the others to be moved onto it.
	mostOff = 0.01

	// mostJitter is how far all stamps may lie off the grid, in steps, to be moved
	// onto it: clocks of sensors and exports run late by parts of a step.
	mostJitter = 0.1

	// fewestOfJitter is the number of stamps from which on jitter can be told.
	fewestOfJitter = 12
)

// A snapping is what came of moving stamps onto a grid.
type snapping struct {
	step  Step
	times [][]float64 // of the series
	off   int         // stamps that were moved
	most  float64     // farthest of the moves, in seconds or units of the axis
	gaps  int
}

// snapTo returns the stamps of the series on the grid of a step: that of the
// calendar, or one of a width through the place at which most of a series' stamps
// lie. ok is false if two stamps fall on one place.
func snapTo(a Axis, step Step, series []*Series) (g snapping, ok bool) {
	g = snapping{step: step, times: make([][]float64, len(series))}
	p := &Panel{Axis: a, Step: step}
	for i, s := range series {
		phase := 0.0
		if step.Width > 0 && step.Close == 0 {
			phase = commonPhase(s.Times, step.Width)
		}
		times := make([]float64, len(s.Times))
		previous := 0.0
		for j, t := range s.Times {
			u := p.Coordinate(t - phase)
			k := math.Round(u)
			times[j] = t
			if math.Abs(u-k) > 1e-6 || step.Width == 0 {
				times[j] = p.TimeAt(k) + phase
				if a.Calendar() {
					times[j] = math.Round(times[j]*1e6) / 1e6
				}
			}
			if d := math.Abs(times[j] - t); d > 0 {
				g.off++
				g.most = max(g.most, d)
			}
			if j > 0 {
				if k <= previous {
					return g, false
				}
				if k > previous+1 {
					g.gaps++
				}
			}
			previous = k
		}
		g.times[i] = times
	}
	return g, true
}

// commonPhase returns the remainder of the times by the width that most have, or if
// all differ the middle one.
func commonPhase(times []float64, width float64) float64 {
	counts := make(map[float64]int)
	best, most := 0.0, 0
	for _, t := range times {
		r := math.Round((t-width*math.Floor(t/width))*1e6) / 1e6
		if counts[r]++; counts[r] > most || counts[r] == most && r < best {
			best, most = r, counts[r]
		}
	}
	if 2*most > len(times) {
		return best
	}
	// The middle on the circle, as seen from the first.
	from := times[0]
	offsets := make([]float64, len(times))
	for i, t := range times {
		offsets[i] = math.Remainder(t-from, width)
	}
	slices.Sort(offsets)
	return from + offsets[len(offsets)/2] - width*math.Floor((from+offsets[len(offsets)/2])/width)
}

// usualWidths are the widths of calendar steps, in seconds, that jitter may hide.
var usualWidths = [...]float64{1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 14400, 21600, 28800, 43200, day, week}

// snap moves the stamps of an irregular panel onto a grid if few are off one, or
// all are but a little, and returns what is to be said of it.
func (p *Panel) snap(how Snap) (gaps int, remark string, ok bool) {
	if how == SnapNever {
		return 0, "", false
	}
	n := 0
	var d []float64
	for _, s := range p.Series {
		d = appendSpacings(d, s)
		n += s.Len()
	}
	if len(d) < 3 {
		return 0, "", false
	}
	for _, step := range p.candidateSteps(d) {
		g, ok := snapTo(p.Axis, step, p.Series)
		width := p.meanWidth(step)
		switch {
		case !ok || g.off == 0:
			continue
		case how == SnapAlways:
		case float64(g.off) <= mostOff*float64(n):
		case p.Axis.Calendar() && n >= fewestOfJitter && g.most <= mostJitter*width && g.gaps*2 < len(d):
		default:
			continue
		}
		for i := range p.Series {
			p.own(i).Times = g.times[i]
		}
		p.Step = step
		return g.gaps, p.snapped(g, n), true
	}
	return 0, "", false
}

// candidateSteps returns the steps that the distances suggest.
func (p *Panel) candidateSteps(d []float64) []Step {
	slices.Sort(d)
	median := d[(len(d)-1)/2]
	common, most, run := median, 0, 0
	for i := range d {
		if run++; i > 0 && d[i] != d[i-1] {
			run = 1
		}
		if run > most {
			common, most = d[i], run
		}
	}
	var steps []Step
	if common > 0 && most*2 > len(d) {
		steps = append(steps, Step{Width: common})
	}
	if !p.Axis.Calendar() {
		return steps
	}
	for _, w := range usualWidths {
		if math.Abs(median-w) <= mostJitter*w && w != common {
			steps = append(steps, Step{Width: w})
		}
	}
	for _, months := range []int{1, 3, 12} {
		if w := 365.2425 / 12 * day * float64(months); math.Abs(median-w) <= mostJitter*w {
			steps = append(steps, Step{Months: months, Anchor: p.commonMonthDay()})
		}
	}
	return steps
}

// commonMonthDay returns where in the month most stamps lie, in seconds: at the end
// if most are on last days.
func (p *Panel) commonMonthDay() float64 {
	counts := make(map[float64]int)
	ends, n := 0, 0
	for _, s := range p.Series {
		for _, t := range s.Times {
			c := p.Axis.civil(t)
			first, length := monthStart(monthOf(c))
			if counts[c-first]++; int((c-first)/day) >= length-1 {
				ends++
			}
			n++
		}
	}
	if 2*ends > n {
		return 30 * day
	}
	best, most := 0.0, 0
	for at, count := range counts {
		if count > most || count == most && at < best {
			best, most = at, count
		}
	}
	return best
}

// meanWidth returns the mean width of a step.
func (p *Panel) meanWidth(s Step) float64 {
	if s.Width > 0 {
		return s.Width
	}
	return 365.2425 * day / s.PerYear()
}

// snapped says how many stamps were moved.
func (p *Panel) snapped(g snapping, n int) string {
	return fmt.Sprintf("%d of %d times lay off the grid (%s) by up to %s and were moved onto it; --snap never leaves them where they were",
		g.off, n, g.step.Describe(p.Axis.Calendar()), p.Axis.Span(g.most))
}

// Span says how long an interval of the axis is, to three digits.
func (a Axis) Span(t float64) string {
	if a.Calendar() {
		return roundedDuration(t)
	}
	return strings.TrimSpace(FormatNumber(roundDigits(t, 3)) + " " + a.Unit())
}

// roundedDuration writes seconds in the largest unit of which there is one.
func roundedDuration(sec float64) string {
	for _, u := range []struct {
		width float64
		name  string
	}{{day, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}} {
		if sec >= u.width {
			n := FormatNumber(roundDigits(sec/u.width, 3))
			if n == "1" {
				return "1 " + u.name
			}
			return n + " " + u.name + "s"
		}
	}
	return FormatNumber(roundDigits(sec*1000, 3)) + " milliseconds"
}

// clocksOf are places whose rules for the change of clocks are those of most.
var clocksOf = [...]string{"Europe/Berlin", "Europe/London", "Europe/Athens", "America/New_York", "America/Chicago", "America/Denver",
	"America/Los_Angeles", "Australia/Sydney", "Australia/Adelaide", "Pacific/Auckland", "America/Sao_Paulo", "America/Halifax", "Atlantic/Azores"}

// localDays recognises days of a place whose clocks change, written in UTC: it
// gives the axis the clock of the place.
func (p *Panel) localDays() (gaps int, remark string, ok bool) {
	a := p.Axis
	if !a.Calendar() || a.Offset != 0 || len(a.Earlier) > 0 || a.Location != "" || !p.nearlyDaily() {
		return 0, "", false
	}
	from, to := p.span()
	for _, name := range clocksOf {
		loc, err := time.LoadLocation(name)
		if err != nil {
			continue
		}
		b := a
		b.Universal = true
		b.follow(loc, from, to)
		if clock, same := clockOf(b, timelinesOf(p.Series)); !same || clock != 0 {
			continue
		}
		step, gaps := detectStep(b, p.Series)
		if !step.Regular() {
			continue
		}
		p.Axis, p.Step = b, step
		return gaps, fmt.Sprintf("the times are midnights of %s written in UTC, and steps are days of its clock; --zone UTC takes them as they are", name), true
	}
	return 0, "", false
}

// nearlyDaily reports whether the stamps are at two times of day an hour apart.
func (p *Panel) nearlyDaily() bool {
	lo, hi := math.Inf(1), math.Inf(-1)
	seen := make(map[float64]bool)
	for _, s := range p.Series {
		for _, t := range s.Times {
			tod := math.Round((t-float64(dayOf(t))*day)*1e6) / 1e6
			if !seen[tod] {
				if seen[tod] = true; len(seen) > 2 {
					return false
				}
			}
			lo, hi = min(lo, tod), max(hi, tod)
		}
	}
	return len(seen) == 2 && (hi-lo == 3600 || hi-lo == day-3600)
}

// span returns the first and the last time of all series.
func (p *Panel) span() (from, to float64) {
	from, to = math.Inf(1), math.Inf(-1)
	for _, s := range p.Series {
		if s.Len() > 0 {
			from, to = min(from, s.Times[0]), max(to, s.Times[s.Len()-1])
		}
	}
	return from, to
}
