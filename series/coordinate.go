package series

import (
	"math"
	"slices"
	"time"

	"tsgen/series/internal/stamp"
)

// farthest is the distance from 1970 in seconds, some 300,000 years, beyond
// which the calendar is not followed.
const farthest = 1e13

// ulp is the distance from one to the next float64.
const ulp = 0x1p-52

// Coordinate returns the position of time t on the panel's axis, counted in
// steps from a fixed origin. It is continuous and strictly increasing, and the
// observations of a regular panel lie whole numbers apart (up to rounding):
// months, and days where clocks change, are counted by the civil calendar in
// the axis' zone; business days count weekdays, a weekend being part of its
// Friday; periods of 4, 4 and 5 weeks count those. Between two steps the position is linear in time (down to the
// microsecond of the calendar). For an irregular panel the position is t
// itself.
func (p *Panel) Coordinate(t float64) float64 {
	switch w := p.Step.Width; {
	case p.Step.Close > 0:
	case p.Axis.Calendar() && w >= 1e-6 && w < 1:
		// In whole microseconds: the seconds are too coarse for such steps.
		return math.Round(t*1e6) / math.Round(w*1e6)
	case w > 0:
		return t / w
	}
	if !p.Step.Regular() || math.IsNaN(t) || math.IsInf(t, 0) {
		return t
	}
	t = min(max(t, -farthest), farthest)
	m := marks{p.Axis, p.Step}
	k := m.near(t)
	at := m.at(k)
	for t < at {
		k--
		at = m.at(k)
	}
	if t == at {
		return float64(k) / m.perStep()
	}
	next := m.at(k + 1)
	return (float64(k) + (t-at)/(next-at)) / m.perStep()
}

// TimeAt returns the time at position u: the inverse of Coordinate. Calendar
// times are rounded to the microsecond and plain numbers to 15 significant
// digits, so that the times of a regular panel come out as they were read.
func (p *Panel) TimeAt(u float64) float64 {
	switch {
	case math.IsNaN(u) || math.IsInf(u, 0):
		return u
	case p.Step.Width > 0 && p.Step.Close == 0:
		return p.tidy(u * p.Step.Width)
	case !p.Step.Regular():
		return u
	}
	m := marks{p.Axis, p.Step}
	v := u * m.perStep()
	v = min(max(v, -farthest/day), farthest/day)
	if r := math.Round(v); math.Abs(v-r) <= 8*ulp*math.Max(1, math.Abs(r)) {
		v = r // a mark, but for the rounding of u
	}
	k := math.Floor(v)
	at := m.at(int(k))
	if v == k {
		return at
	}
	return p.tidy(at + (v-k)*(m.at(int(k)+1)-at))
}

// tidy takes the noise of arithmetic off a time.
func (p *Panel) tidy(t float64) float64 {
	if p.Axis.Calendar() {
		if math.Abs(t) < 1<<33 {
			return math.Round(t*1e6) / 1e6
		}
		return t
	}
	return roundDigits(t, 15)
}

// Future returns the n times that follow the last observation of s: by the
// panel's step, or for an irregular panel at the median spacing of s (of the
// whole panel if s has a single observation; one unit of the axis, or a day,
// if nothing in the panel is spaced). Times on a calendar axis fall on stamps
// that the axis' layout can write.
//
// A series with a Step of its own goes on by that. It is nil if s is empty or n is
// not positive.
func (p *Panel) Future(s *Series, n int) []float64 {
	p = p.For(s)
	if s.Len() == 0 || n <= 0 {
		return nil
	}
	last := s.Times[len(s.Times)-1]
	out := make([]float64, n)
	switch {
	case p.Step.Width > 0 && p.Step.Close == 0:
		for i := range out {
			out[i] = p.tidy(last + float64(i+1)*p.Step.Width)
		}
		return out
	case p.Step.Regular():
		u := p.Coordinate(last)
		for i := range out {
			out[i] = p.TimeAt(u + float64(i+1))
		}
		return out
	}
	gap := p.spacing(s)
	months, unit := p.Axis.resolution()
	if p.Axis.Calendar() && months > 0 {
		const meanMonth = 365.2425 / 12 * day
		step := months * int(math.Max(1, math.Round(gap/meanMonth/float64(months))))
		q := &Panel{Axis: p.Axis, Step: Step{Months: step}}
		return q.Future(s, n)
	}
	if p.Axis.Calendar() {
		if unit < 1 && gap >= 1 {
			unit = 1
		}
		gap = math.Max(1, math.Round(gap/unit)) * unit
	}
	if e := p.Axis.elapsed(); e != nil {
		unit = e.Resolution()
		gap = math.Max(1, math.Round(gap/unit)) * unit
	}
	for i := range out {
		out[i] = p.tidy(last + float64(i+1)*gap)
	}
	return out
}

// spacing returns the median distance between neighbouring times of s, or
// failing that of the panel.
func (p *Panel) spacing(s *Series) float64 {
	d := appendSpacings(nil, s)
	if len(d) == 0 {
		for _, o := range p.Series {
			d = appendSpacings(d, o)
		}
	}
	switch {
	case len(d) > 0:
		slices.Sort(d)
		return (d[(len(d)-1)/2] + d[len(d)/2]) / 2
	case p.Axis.Calendar():
		return day
	}
	return 1
}

// leastSpacing returns the least distance between neighbouring times of s.
func leastSpacing(s *Series) float64 {
	least := math.Inf(1)
	for i := 1; i < len(s.Times); i++ {
		least = min(least, s.Times[i]-s.Times[i-1])
	}
	return least
}

func appendSpacings(d []float64, s *Series) []float64 {
	for i := 1; i < len(s.Times); i++ {
		d = append(d, s.Times[i]-s.Times[i-1])
	}
	return d
}

// Season returns the number of steps in the shortest of the panel's Seasons, 1
// if it has none. If they are not known it is the usual season of the step:
// 12 for months, 4 for quarters, 52 for weeks, 7 for days, 5 for business
// days, 24 for hours (and as many as fit into a day for steps from five
// minutes up), 60 for minutes and for seconds. It is 1 for years, for plain
// numbers and for irregular times.
func (p *Panel) Season() int {
	switch {
	case len(p.Seasons) > 0:
		return int(math.Round(p.Seasons[0]))
	case p.Seasons != nil:
		return 1
	}
	if !p.Axis.Calendar() {
		return 1
	}
	return p.Step.season()
}

// SeasonsBeside returns the periods of the panel's seasons in steps, the shortest
// first, for a model that is told to take a season of that many steps: those
// that are known if this is the shortest of them or zero, else season alone; none
// if it is 1.
func (p *Panel) SeasonsBeside(season int) []float64 {
	usual := p.Season()
	switch {
	case (season == 0 || season == usual) && p.Seasons != nil:
		return p.Seasons
	case season == 0:
		season = usual
	}
	if season == 1 {
		return nil
	}
	return []float64{float64(season)}
}

// dayOf returns the day of civil time c, counted from 1 January 1970.
func dayOf(c float64) int { return floorDiv(int(math.Floor(c)), 86400) }

// monthOf returns the month of civil time c, counted from January of year 0.
func monthOf(c float64) int {
	sec := math.Floor(c)
	if math.Round((c-sec)*1e6) == 1e6 { // to the microsecond
		sec++
	}
	return stamp.Month(floorDiv(int(sec), 86400))
}

// monthStart returns the civil time at which month k begins, counted from
// January of year 0, and its number of days.
func monthStart(k int) (start float64, days int) {
	first := stamp.FirstOfMonth(k)
	return float64(first) * day, stamp.FirstOfMonth(k+1) - first
}

// civilTime returns civil seconds as a time.Time in UTC.
func civilTime(c float64) time.Time {
	sec := math.Floor(c)
	return time.Unix(int64(sec), int64(math.Round((c-sec)*1e6))*1000).UTC()
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
