package series

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
)

// ErrEvents is the error of events that a panel cannot have.
var ErrEvents = errors.New("events cannot be added")

// An Event is something that comes on days of the calendar, such as a holiday. It is a
// covariate that is known as far as its days are.
type Event struct {
	Name string `json:"name"`

	// Days are the days, counted from 1 January 1970, in increasing order.
	Days []int `json:"days"`
}

// on returns the number of its days from one to another (exclusive).
func (e *Event) on(from, to int) float64 {
	return float64(sort.SearchInts(e.Days, to) - sort.SearchInts(e.Days, from))
}

// WithEvents returns a panel with a known covariate for each event, behind those that p has, in
// the place of the events that it had. It is 1 on the days of the event, by the clock of the
// axis, and else 0; of a step of several days it is the number of such days from its stamp
// to the next, or in its month. The events are known to the last observation, or as far as the other
// covariates; Foresee goes on. The error wraps ErrEvents if p is not on the calendar,
// or an event has the name of another column.
func (p *Panel) WithEvents(events []Event) (*Panel, error) {
	q := p.BareOfEvents()
	if len(events) == 0 {
		return q, nil
	}
	q = q.With(slices.Clone(q.Series))
	if !p.Axis.Calendar() {
		return nil, fmt.Errorf("series: %w: the times are plain numbers and no dates", ErrEvents)
	}
	own := len(q.Known)
	q.Known, q.Events = slices.Clone(q.Known), events
	for _, e := range events {
		if slices.Contains(q.Channels, e.Name) || slices.Contains(q.Known, e.Name) || e.Name == "" {
			return nil, fmt.Errorf("series: %w: there is a column %q already", ErrEvents, e.Name)
		}
		if !slices.IsSorted(e.Days) {
			return nil, fmt.Errorf("series: %w: the days of %q do not increase", ErrEvents, e.Name)
		}
		q.Known = append(q.Known, e.Name)
	}
	made := make(tracks)
	for i, s := range q.Series {
		x := *s
		x.Known = made.of(q, s, own, math.Inf(-1))
		q.Series[i] = &x
	}
	return q, nil
}

// KnownColumns returns the known covariates that are neither static nor events.
func (p *Panel) KnownColumns() []string {
	n := len(p.Known) - len(p.Events)
	return p.Known[len(p.Static):n:n]
}

// Foresee returns p with its events known up to the times at, which are those of its series; p
// itself if it has no events. Other covariates are not known farther than before, and
// then neither are the events.
func (p *Panel) Foresee(at [][]float64) *Panel {
	if len(p.Events) == 0 {
		return p
	}
	q := p.BareOfEvents()
	own := len(q.Known)
	q.Known, q.Events = p.Known, p.Events
	made := make(tracks)
	for i, s := range q.Series {
		x, until := *s, math.Inf(-1)
		if n := len(at[i]); n > 0 && own == len(p.Static) {
			until = at[i][n-1]
		}
		x.Known = made.of(q, s, own, until)
		q.Series[i] = &x
	}
	return q
}

// BareOfEvents returns p without its events; p itself if it has none.
func (p *Panel) BareOfEvents() *Panel {
	if len(p.Events) == 0 {
		return p
	}
	q := p.With(make([]*Series, len(p.Series)))
	width, own := len(p.Known), len(p.Known)-len(p.Events)
	q.Known, q.Events = p.Known[:own:own], nil
	for i, s := range p.Series {
		x := *s
		if own == 0 {
			x.Known = Track{}
		} else {
			x.Known.Values = make([]float64, 0, len(s.Known.Times)*own)
			for k := range s.Known.Times {
				x.Known.Values = append(x.Known.Values, s.Known.Values[k*width:k*width+own]...)
			}
		}
		q.Series[i] = &x
	}
	return q
}

// tracks are those that have been made of events: series with the same times, and no other covariates,
// share one.
type tracks map[trackKey]sharedTrack

type trackKey struct {
	rows               int
	first, last, until float64
	step               Step
}

type sharedTrack struct {
	times []float64 // of the series that it was made for
	track Track
}

// of returns trackEvents of a series.
func (made tracks) of(p *Panel, s *Series, own int, until float64) Track {
	if own > 0 || s.Len() == 0 {
		return p.trackEvents(s, own, until)
	}
	key := trackKey{s.Len(), s.Times[0], s.Times[s.Len()-1], until, s.Step}
	if known, ok := made[key]; ok && slices.Equal(known.times, s.Times) {
		return known.track
	}
	track := p.trackEvents(s, own, until)
	made[key] = sharedTrack{s.Times, track}
	return track
}

// trackEvents returns the track of s, which has the first covariates, with the events, up to a
// time or the end of what is there.
func (p *Panel) trackEvents(s *Series, own int, until float64) Track {
	times := slices.Concat(s.Times, s.Known.Times)
	if len(times) == 0 {
		return Track{}
	}
	first, last := slices.Min(times), max(until, slices.Max(times))
	of := p.For(s)
	// A value holds until the next: the times at which events begin and end are wanted.
	times = append(times, last)
	for _, e := range p.Events {
		for _, d := range e.Days {
			for _, t := range of.changes(d, first) {
				if t > first && t < last {
					times = append(times, t)
				}
			}
		}
	}
	slices.Sort(times)
	times = slices.Compact(times)
	k := Track{Times: times, Values: make([]float64, 0, len(times)*len(p.Known))}
	at := 0
	for _, t := range times {
		for at+1 < len(s.Known.Times) && s.Known.Times[at+1] <= t {
			at++
		}
		if own > 0 {
			k.Values = append(k.Values, s.Known.Values[at*own:(at+1)*own]...)
		}
		from, to := of.daysOf(t)
		for i := range p.Events {
			k.Values = append(k.Values, p.Events[i].on(from, to))
		}
	}
	return k
}

// changes returns times at which an event on a day begins and ends, of a series that has
// an observation at first.
func (p *Panel) changes(d int, first float64) []float64 {
	begin := p.Axis.dayStart(d)
	if !p.severalDays() {
		return []float64{begin, p.Axis.dayStart(d + 1)}
	}
	origin := p.Coordinate(first)
	u := origin + math.Floor(p.Coordinate(begin)-origin+GridTolerance)
	return []float64{p.TimeAt(u - 1), p.TimeAt(u), p.TimeAt(u + 1), p.TimeAt(u + 2)}
}

// severalDays reports whether an observation stands for several days.
func (p *Panel) severalDays() bool {
	s := p.Step
	return s.Months > 0 || s.MonthDays != 0 || s.Fiscal || s.Days > 1 || s.Width > day && s.Close == 0
}

// dayStart returns the time at which a day begins.
func (a Axis) dayStart(d int) float64 {
	civil := float64(d) * day
	return civil - float64(a.offset(civil-float64(a.offset(civil))))
}

// daysOf returns the days for which the observation at t stands, the second exclusive: its own,
// or those of a step of several.
func (p *Panel) daysOf(t float64) (from, to int) {
	c := t + float64(p.Axis.offset(t))
	from = dayOf(c)
	if !p.severalDays() {
		return from, from + 1
	}
	if s := p.Step; s.Months > 0 {
		month := monthOf(c)
		if start, days := monthStart(month); s.Months > 1 && c-start > float64(days)*day/2 {
			month -= s.Months - 1 // a stamp at the end
		}
		begin, _ := monthStart(month)
		end, _ := monthStart(month + s.Months)
		return dayOf(begin), dayOf(end)
	}
	next := p.TimeAt(p.Coordinate(t) + 1)
	return from, max(from+1, dayOf(next+float64(p.Axis.offset(next))))
}

// Days returns the days of the first and the last observation of the panel, counted from
// 1 January 1970; ok is false without any, or for plain numbers.
func (p *Panel) Days() (first, last int, ok bool) {
	if !p.Axis.Calendar() {
		return 0, 0, false
	}
	for _, s := range p.Series {
		if s.Len() == 0 {
			continue
		}
		of := p.For(s)
		from, _ := of.daysOf(s.Times[0])
		_, to := of.daysOf(s.Times[s.Len()-1])
		if !ok || from < first {
			first = from
		}
		if !ok || to-1 > last {
			last = to - 1
		}
		ok = true
	}
	return first, last, ok
}

// Day returns the day on which an observation at t begins, counted from 1 January 1970 by the clock of the axis.
func (p *Panel) Day(t float64) int {
	day, _ := p.daysOf(t)
	return day
}

// StepsOverDays reports whether an observation of the panel stands for several days.
func (p *Panel) StepsOverDays() bool { return p.severalDays() }
