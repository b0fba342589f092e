package series

import (
	"math"
	"slices"
)

// A Series is one record of one or more channels observed at its own times.
// Times need not be equally spaced, and any value may be missing.
type Series struct {
	// ID names the series within its panel; it is empty for the only series
	// of a file without an identifier column.
	ID string

	// Times holds the observation times in strictly increasing order, in the
	// unit of the panel's Axis.
	Times []float64

	// Values holds len(Times) rows of one value per channel, row-major. NaN
	// marks a missing value; no other value is non-finite.
	Values []float64

	// Step is the distance between neighbouring observations if it differs from
	// the panel's, else zero.
	Step Step

	// Seasons are as those of the panel, in steps of Step; they say nothing of a series
	// without one.
	Seasons []float64

	// Known holds the covariates that are known ahead; it is empty if the panel
	// has none. Parts of a series have the whole of it.
	Known Track

	// lines are those of the file in which the observations stood, only the first if the others
	// follow it one by one; nil if they are not from a file.
	lines []int32
}

// Len returns the number of observation times.
func (s *Series) Len() int { return len(s.Times) }

// Row returns the values observed at Times[i], one per channel. The slice
// aliases s.Values.
func (s *Series) Row(i int) []float64 {
	c := len(s.Values) / len(s.Times)
	return s.Values[i*c : (i+1)*c : (i+1)*c]
}

// Slice returns the observations i to j (exclusive). The result shares the
// memory of s.
func (s *Series) Slice(i, j int) *Series {
	c := 0
	if len(s.Times) > 0 {
		c = len(s.Values) / len(s.Times)
	}
	part := &Series{ID: s.ID, Step: s.Step, Seasons: s.Seasons, Times: s.Times[i:j:j], Values: s.Values[i*c : j*c : j*c], Known: s.Known}
	switch {
	case len(s.lines) == 1 && i > 0:
		part.lines = []int32{s.lines[0] + int32(i)}
	case len(s.lines) <= 1:
		part.lines = s.lines
	default:
		part.lines = s.lines[i:j:j]
	}
	return part
}

// Line returns the line of the file in which the observation at Times[i] stood
// (the row of a data frame, from 1), or 0 if s was not read from one.
func (s *Series) Line(i int) int {
	switch len(s.lines) {
	case 0:
		return 0
	case 1:
		return int(s.lines[0]) + i
	}
	return int(s.lines[i])
}

// Observed returns the number of values of s that are not missing.
func (s *Series) Observed() int {
	n := 0
	for _, v := range s.Values {
		if !math.IsNaN(v) {
			n++
		}
	}
	return n
}

// A Panel is a set of series that share channels and a time axis.
type Panel struct {
	// Channels names the columns of every series' values.
	Channels []string

	// Known names the covariates that are known ahead of time, the columns of
	// every series' Known.
	Known []string

	// Static are the first of the known covariates, which never change within a series.
	Static []string

	// Events are the last of the known covariates, which are computed of the days on
	// which they come.
	Events []Event

	// IDColumn and TimeColumn are the names of the columns in which the
	// identifiers and the time stamps came. IDColumn is empty if the panel has
	// one series without an identifier. Tabs stand between the names of several
	// columns that made a time.
	IDColumn, TimeColumn string

	// Joint, if not empty, is what stands between the parts of identifiers, and
	// between the names in IDColumn, that came in several columns.
	Joint string

	// Axis says what the times mean and how they are written.
	Axis Axis

	// Step is the distance between neighbouring observations, zero if the
	// times are irregular. A regular panel may still have gaps.
	Step Step

	// Every is the step into which rows were brought together by Aggregate, as ReadOptions
	// asked for; empty if they stand as they came.
	Every     string
	Aggregate Aggregate

	// Seasons holds the periods of the panel's seasons in steps, the shortest
	// first; they need not be whole (365.25 days). Nil means that nothing is known
	// of them and that Season is to be taken; an empty slice that there are none.
	Seasons []float64

	Series []*Series
}

// With returns a panel of the given series with the channels, the axis, the
// step, the seasons and the column names of p.
func (p *Panel) With(s []*Series) *Panel {
	q := *p
	q.Series = s
	return &q
}

// Without returns the names of the channels of p but for those with the given numbers.
func (p *Panel) Without(channels []int) []string {
	var names []string
	for c, name := range p.Channels {
		if !slices.Contains(channels, c) {
			names = append(names, name)
		}
	}
	return names
}

// WithChannels returns a panel with the channels of p that have the given numbers, which increase: p itself if those are all.
func (p *Panel) WithChannels(channels []int) *Panel {
	if len(channels) == p.Width() {
		return p
	}
	q := *p
	q.Channels = make([]string, len(channels))
	for k, c := range channels {
		q.Channels[k] = p.Channels[c]
	}
	q.Series = make([]*Series, len(p.Series))
	for i, s := range p.Series {
		part := *s
		part.Values = make([]float64, 0, s.Len()*len(channels))
		for t := range s.Times {
			row := s.Row(t)
			for _, c := range channels {
				part.Values = append(part.Values, row[c])
			}
		}
		q.Series[i] = &part
	}
	return &q
}

// Spread returns a panel of n of p's series, evenly spread, or p if it has no more.
func (p *Panel) Spread(n int) *Panel {
	if n >= len(p.Series) {
		return p
	}
	some := make([]*Series, n)
	for k := range some {
		some[k] = p.Series[(2*k+1)*len(p.Series)/(2*n)]
	}
	return p.With(some)
}

// For returns the panel with the step and the seasons of the series: p itself unless s has
// a Step of its own.
func (p *Panel) For(s *Series) *Panel {
	if !s.Step.Regular() || s.Step == p.Step {
		return p
	}
	q := *p
	q.Step, q.Seasons = s.Step, s.Seasons
	return &q
}

// ByStep returns a panel of the series of each step, with that step and its seasons, those
// of the panel's own step first, and the places that their series have in p. Of a panel
// whose series have one step that is p alone.
func (p *Panel) ByStep() (parts []*Panel, places [][]int) {
	index := make(map[Step]int)
	for i, s := range p.Series {
		own := p.For(s)
		k, seen := index[own.Step]
		if !seen {
			k = len(parts)
			index[own.Step] = k
			parts, places = append(parts, own.With(nil)), append(places, nil)
		}
		parts[k].Series, places[k] = append(parts[k].Series, s), append(places[k], i)
	}
	if k, ok := index[p.Step]; ok {
		if len(parts) == 1 {
			return []*Panel{p}, places
		}
		parts[0], parts[k] = parts[k], parts[0]
		places[0], places[k] = places[k], places[0]
	}
	return parts, places
}

// Width returns the number of channels.
func (p *Panel) Width() int { return len(p.Channels) }

// ByID returns the series by their identifiers.
func (p *Panel) ByID() map[string]*Series {
	all := make(map[string]*Series, len(p.Series))
	for _, s := range p.Series {
		all[s.ID] = s
	}
	return all
}

// Lookup returns the series with the given identifier, or nil. Of many series ask ByID.
func (p *Panel) Lookup(id string) *Series {
	for _, s := range p.Series {
		if s.ID == id {
			return s
		}
	}
	return nil
}
