// Package seasons finds the seasons of a panel: those of its calendar that the data show,
// and others that they show.
package seasons

import (
	"math"
	"slices"

	"tsgen/series"
	"tsgen/series/outlier"
)

// A Status says how much is known of a season.
type Status string

// The statuses of a season.
const (
	Shown   Status = "shown"   // the data show it
	Assumed Status = "assumed" // it is usual for the step, and the data are too few to tell
	Absent  Status = "absent"  // the data do not show it
	Short   Status = "short"   // the data are too few to tell
)

// A Season is a season that was looked for.
type Season struct {
	Period float64 `json:"period"`         // in steps
	Name   string  `json:"name,omitempty"` // of the unit of the calendar: "day", "week", "year"
	Status Status  `json:"status"`

	// Cycles is the number of cycles in the longest series.
	Cycles float64 `json:"cycles"`

	// Score is a normal score: how unlikely what is seen would be without the season. A
	// third of the series have as high a score or a higher one.
	Score float64 `json:"score"`

	// Share is the share of the variance that the season explains, in the median series of
	// those that show it: of the values about their line, or of what the values before do
	// not explain.
	Share float64 `json:"share"`

	// Series is in how many of the records, of series and channels, it shows, of those that
	// were examined and are long enough.
	Series   int `json:"series"`
	Examined int `json:"examined"`

	raw   float64 // share of the variance of the values
	bic   float64 // mean of the regressions', a step
	block int     // steps that were averaged for them
}

// Found is what is known of the seasons of a panel, the shortest first.
type Found []Season

// Periods returns the periods of the seasons that a panel is to be taken to have, for
// its field Seasons.
func (f Found) Periods() []float64 {
	periods := []float64{}
	for _, s := range f {
		if s.Status == Shown || s.Status == Assumed {
			periods = append(periods, s.Period)
		}
	}
	return periods
}

const (
	// mostRecords bounds the number of records that are examined, mostRows the steps of
	// all that regressions are of, of which a record has leastRows if it is as long.
	mostRecords, mostRows, leastRows = 64, 1 << 18, 2000

	// leastCycles is the number of cycles that a season of the calendar must have had to
	// be shown, leastOwn one that is found in the data alone.
	leastCycles, leastOwn = 1.75, 4.0

	// usualCycles is the number of cycles up to which the usual season of the step is
	// assumed unless it shows.
	usualCycles = 4

	// mostSeasons is the number of seasons that are found at most.
	mostSeasons = 3

	// leastShare is the share of the variance below which a season is of no use.
	leastShare = 0.01
)

// Find finds the seasons of a panel whose series have its step. Irregular panels have none.
//
// Tested are the seasons of the calendar that a panel on one has, the day, the week and
// the year or the minute and the hour, the shorter ones first, and then periods that the
// periodograms and the autocorrelations of the series suggest, which need not be whole. A
// season counts as shown if a third of the records, which are the series' channels,
// speak for it against an autoregression about a line and against the strength of
// neighbouring frequencies, in what the seasons found before leave. If none is, and there are absurd values, which
// may hide one, they are looked for without those. If none of the calendar is, and what a parabola leaves grows along the
// series, they are looked for in that as a part of what it grows to. If one of the calendar breaks (package outlier), it is
// as it is after the break. Of a panel of which only one row in so many has a value, the seasons are those of such rows. It
// takes time n log n in the number of values.
func Find(p *series.Panel) Found {
	if !p.Step.Regular() || len(p.Series) == 0 {
		return nil
	}
	if values, every := p.Condensed(); every > 1 { // what is between tells nothing
		found := Find(values)
		for i := range found {
			found[i].Period *= float64(every)
		}
		return found
	}
	found := find(p)
	none := len(found.Periods()) == 0
	if !none && !found.lacks() {
		return found
	}
	if none {
		usual := 1
		if c := calendar(p); len(c) > 0 {
			usual = int(math.Round(c[0].Period))
		}
		absurd := slices.DeleteFunc(outlier.Find(p, usual), func(f outlier.Finding) bool { return f.Break })
		if len(absurd) > 0 {
			p = outlier.Limit(p, absurd)
			if found = find(p); len(found.Periods()) > 0 {
				return found
			}
		}
	}
	if records, grow := evened(newRecords(p, mostRecords)); grow {
		even := findIn(p, records)
		if len(even.Periods()) > 0 && (none || !even.lacks()) {
			return even
		}
	}
	if none {
		found = found.unlessBroken(p)
	}
	return found
}

// lacks reports whether a season of the calendar does not show, and no other of the calendar does.
func (f Found) lacks() bool {
	absent := false
	for _, c := range f {
		if c.Name == "" {
			continue
		}
		if c.Status == Shown || c.Status == Assumed {
			return false
		}
		absent = absent || c.Status == Absent
	}
	return absent
}

// unlessBroken returns what is found of a panel as it is after a break of a season of the calendar that does not
// show, since the one before and the one after cancel each other; f if no third of the series has such a break.
func (f Found) unlessBroken(p *series.Panel) Found {
	for _, c := range f {
		season := int(math.Round(c.Period))
		if c.Name == "" || c.Status != Absent || math.Abs(c.Period-float64(season)) > 1e-9 {
			continue
		}
		broken := slices.DeleteFunc(outlier.Find(p, season), func(f outlier.Finding) bool { return f.Of != outlier.Season })
		series := make(map[int]bool)
		for _, b := range broken {
			series[b.Series] = true
		}
		if 3*len(series) < len(p.Series) {
			continue
		}
		if found := find(outlier.Limit(p, broken)); len(found.Periods()) > 0 {
			return found
		}
	}
	return f
}

func find(p *series.Panel) Found { return findIn(p, newRecords(p, mostRecords)) }

// findIn finds the seasons of the records of a panel.
func findIn(p *series.Panel, records []record) Found {
	s := search{records: records}
	for _, x := range p.Series {
		if n := x.Len(); n > 0 {
			s.longest = math.Max(s.longest, p.Coordinate(x.Times[n-1])-p.Coordinate(x.Times[0])+1)
		}
	}
	s.rows = min(1<<14, max(leastRows, mostRows/max(1, len(s.records))))
	for i, c := range calendar(p) {
		s.examine(c, i == 0)
	}
	s.fromData()
	slices.SortStableFunc(s.found, func(a, b Season) int {
		switch {
		case a.Period < b.Period:
			return -1
		case a.Period > b.Period:
			return 1
		}
		return 0
	})
	return s.found
}

// A search is for the seasons of records.
type search struct {
	records []record // less the seasons shown so far
	longest float64  // steps of a series
	rows    int      // of a regression, at most
	periods []float64
	found   Found
}

// examine tests a season of the calendar, usual for the step or not.
func (s *search) examine(c Season, usual bool) {
	s.weigh(&c, true)
	bar := 3.1
	switch {
	case usual:
		bar = 2.05
	case c.Cycles < fewCycles:
		bar = 3.7
	}
	switch {
	case c.Examined > 0 && c.Score >= less(bar, c.Examined) && c.Share >= leastShare:
		c.Status = Shown
		s.takeOut(c.Period)
	case usual && c.Cycles < usualCycles:
		c.Status = Assumed
	case c.Cycles < leastCycles:
		c.Status = Short
	default:
		c.Status = Absent
	}
	s.found = append(s.found, c)
}

// less returns the bar for the score of so many records, of which a third have to be above
// it: lower for more of them.
func less(bar float64, records int) float64 {
	return math.Max(math.Min(bar, 2), bar-0.3*math.Log2(float64(records)))
}

// weigh sets what the records say of a season, of the calendar or not, of those that are
// long enough.
func (s *search) weigh(c *Season, calendar bool) {
	cycles := leastOwn
	if calendar {
		cycles = leastCycles
	}
	var scores, shares, raws []float64
	c.Cycles = s.longest / c.Period
	for _, r := range s.records {
		if float64(len(r.y)) < cycles*c.Period {
			continue
		}
		e := r.test(c.Period, s.periods, s.rows, calendar)
		scores, shares, raws = append(scores, e.z), append(shares, e.share), append(raws, e.raw)
		c.bic, c.block = c.bic+e.bic, max(c.block, e.block)
	}
	c.Examined = len(scores)
	if c.Examined == 0 {
		return
	}
	c.bic /= float64(c.Examined)
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if scores[a] > scores[b] {
			return -1
		} else if scores[a] < scores[b] {
			return 1
		}
		return 0
	})
	third := (len(order) + 2) / 3
	c.Score = scores[order[third-1]]
	var of, ofValues []float64
	c.Series = 0
	for i, at := range order {
		if scores[at] > 2 {
			c.Series++
		}
		if i < third || scores[at] > 2 {
			of, ofValues = append(of, shares[at]), append(ofValues, raws[at])
		}
	}
	slices.Sort(of)
	slices.Sort(ofValues)
	c.Share, c.raw = of[len(of)/2], ofValues[len(of)/2]
}

// takeOut takes a season out of the records.
func (s *search) takeOut(period float64) {
	s.periods = append(s.periods, period)
	for i, r := range s.records {
		s.records[i] = r.less(period)
	}
}
