// Package outlier finds what series cannot mean: absurd values, which stand far outside
// all others and return neither often nor by the calendar, slumps and surges of several values that have passed, values
// that a series is stuck at, and breaks, after which a series goes on for good at another
// level, with another spread or in another season. Limit makes of a panel the one that models are to see.
//
// What is found has to be beyond doubt. Spikes that return, heavy tails, demand that
// is mostly zero, seasonal peaks and walks are what series are like, and stay.
package outlier

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"tsgen/series"
)

// A Finding is an absurd value, a slump or a surge that has passed, a break, or a value that a series is stuck at.
type Finding struct {
	Series  int // place in the panel
	Channel int
	Row     int // place of the value, or of the first one after the break, in the series

	// Value is the absurd value. Usual is what is usual where it stands.
	Value, Usual float64

	// Values is how many values in a row are stuck at Value, the first being at Row and the last at Last: the same
	// to all digits where the series otherwise varies. It is 0 of other findings.
	Values, Last int

	// Passing tells that it is a slump or a surge, of the rows from Row to Last, after which the series is as before: Value
	// is its farthest one, and Usual what is usual there.
	Passing bool

	// Known tells that it is an absurd value of a covariate that is known ahead: Channel is its place in the
	// panel's Known and Row that in the series' Known.
	Known bool

	// Break tells that it is a break: Usual is the level or the spread before it, Value that after
	// it. Product tells that the spread changes with the level, so that levels are
	// compared by their ratio, not by their difference.
	Break, Product bool

	// Of says what breaks: the level, or the spread of what level and season leave, or the
	// season, whose swing, from its lowest step to its highest, Usual and Value are then.
	Of Part

	delta []float64 // by row: what is added before a break of the spread or the season
}

// A Part of a series may break.
type Part string

// What may break.
const (
	Level  Part = ""
	Spread Part = "spread"
	Season Part = "season"
)

// Find returns what is found in a panel with a season of so many steps, 1 for none, in
// the order of the series, channels and rows, those of covariates after the channels; series with a step of their own have the season
// of that. It takes time in proportion to the number of values.
func Find(p *series.Panel, season int) []Finding {
	var all []Finding
	for i, s := range p.Series {
		own, lag := p.For(s), season
		if own != p {
			lag = own.Season()
		}
		steps := stepsOf(own, s)
		drifting := drifts(own.SeasonsBeside(0), lag, steps)
		for c := range p.Width() {
			x := channelOf(steps, s, c, lag, drifting)
			x.irregular = !own.Step.Regular()
			if len(own.Known) > len(own.Static) && len(s.Known.Times) > 0 {
				x.unusual = func() func(row int) bool { return unusualIn(own, s) }
			}
			if own.Axis.Calendar() {
				x.dates = s.Times
			}
			all = append(all, x.find(i, c)...)
		}
		all = append(all, inCovariates(p, i, s, steps, lag, drifting)...)
	}
	return all
}

// stepsOf returns the steps of a regular panel at which the rows of a series are, counted from the
// first, and the numbers of the rows of an irregular one.
func stepsOf(p *series.Panel, s *series.Series) []int {
	if s.Len() > 0 {
		if steps, err := p.StepsFrom(s.Times[0], s.Times); err == nil {
			return steps
		}
	}
	rows := make([]int, s.Len())
	for i := range rows {
		rows[i] = i
	}
	return rows
}

// drifts reports whether a season that is no whole number of steps leaves the whole one nearest
// to it, within so many steps, by more than an eighth of it.
func drifts(periods []float64, season int, steps []int) bool {
	for _, p := range periods {
		if n := len(steps); n > 0 && int(math.Round(p)) == season {
			return math.Abs(p-float64(season))*float64(steps[n-1])/p > float64(season)/8
		}
	}
	return false
}

// channelOf returns channel c of a series.
func channelOf(steps []int, s *series.Series, c, season int, drifting bool) *channel {
	x := &channel{season: max(season, 1), drifting: drifting, steps: steps}
	for row := range s.Len() {
		if v := s.Row(row)[c]; !math.IsNaN(v) {
			x.rows, x.values = append(x.rows, row), append(x.values, v)
		}
	}
	return x
}

// find returns what is found in the channel, which is c of series i.
func (x *channel) find(i, c int) []Finding {
	if len(x.values) < leastValues {
		return nil
	}
	var found []Finding
	if runs := x.stuck(); len(runs) > 0 {
		rows, values := x.rows, x.values
		x.rows, x.values = nil, nil
		for i := range values {
			if k := slices.IndexFunc(runs, func(r run) bool { return i >= r.from && i < r.to }); k < 0 || i == runs[k].from {
				x.rows, x.values = append(x.rows, rows[i]), append(x.values, values[i])
			}
		}
		for _, r := range runs {
			found = append(found, Finding{Row: rows[r.from], Last: rows[r.to-1], Value: values[r.from], Usual: values[r.from], Values: r.to - r.from})
		}
	}
	stuck := len(found)
	for _, k := range x.absurd() {
		found = append(found, Finding{Row: x.rows[k], Value: x.values[k], Usual: x.usual[k]})
	}
	left := slices.Clone(found[stuck:])
	for _, f := range x.passing(left) {
		found = append(found, f)
		for _, row := range x.rows {
			if row >= f.Row && row <= f.Last {
				left = append(left, Finding{Row: row})
			}
		}
	}
	slices.SortStableFunc(left, func(a, b Finding) int { return cmp.Compare(a.Row, b.Row) })
	breaks := x.breaks(left)
	found = append(found, breaks...)
	found = append(found, x.changes(append(left, breaks...))...)
	for k := range found {
		found[k].Series, found[k].Channel = i, c
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Compare(a.Row, b.Row) })
	return found
}

// Limit returns the panel as models are to see it: without the absurd values, which are
// missing, or as usual in covariates, without slumps and surges that have passed, without what is stuck but the first value, and
// with all that comes before a break brought to the level, the spread or the season after it. It shares what does not change with p, and is p if there are no findings.
func Limit(p *series.Panel, found []Finding) *series.Panel {
	if len(found) == 0 {
		return p
	}
	all := slices.Clone(p.Series)
	width := p.Width()
	inOrder := slices.Clone(found) // spreads and seasons are told of what has no breaks of the level
	slices.SortStableFunc(inOrder, func(a, b Finding) int { return cmp.Compare(len(a.delta), len(b.delta)) })
	for _, f := range inOrder {
		s := all[f.Series]
		if s == p.Series[f.Series] {
			own := *s
			own.Values = slices.Clone(s.Values)
			s = &own
			all[f.Series] = s
		}
		switch k := f.Row*width + f.Channel; {
		case f.Known:
			if known := s.Known.Values; &known[0] == &p.Series[f.Series].Known.Values[0] {
				s.Known.Values = slices.Clone(known)
			}
			s.Known.Values[f.Row*len(p.Known)+f.Channel] = f.Usual
		case f.Passing:
			for row := f.Row; row <= f.Last; row++ {
				s.Values[row*width+f.Channel] = math.NaN()
			}
		case f.Values > 0: // the first of them may be measured
			for row := f.Row + 1; row <= f.Last; row++ {
				s.Values[row*width+f.Channel] = math.NaN()
			}
		case !f.Break:
			s.Values[k] = math.NaN()
		case f.Of != Level:
			for row, d := range f.delta {
				s.Values[row*width+f.Channel] += d
			}
		default:
			scale, shift := f.Move()
			for b := f.Channel; b < k; b += width {
				s.Values[b] = scale*s.Values[b] + shift
			}
		}
	}
	return p.With(all)
}

// Move returns what Limit makes of values v before a break of the level: scale*v + shift.
func (f Finding) Move() (scale, shift float64) {
	if f.Product {
		return f.Value / f.Usual, 0
	}
	return 1, f.Value - f.Usual
}

// most is how many findings are told one by one.
const most = 3

// Describe says in a sentence each what was found, the first of each sort one by one,
// with their stamps and lines.
func Describe(p *series.Panel, found []Finding) []string {
	var absurd, passed, covariates, stuck []string
	broken := make(map[Part][]string)
	number := 0 // of absurd values
	for k := 0; k < len(found); k++ {
		f := found[k]
		where := place(p, f)
		switch {
		case f.Known:
			covariates = append(covariates, fmt.Sprintf("%s %s%s", where, series.FormatNumber(f.Value), times(f)))
		case f.Values > 0:
			stuck = append(stuck, fmt.Sprintf("%s to %s, %d times %s", where, until(p, f, f.Last), f.Values, series.FormatNumber(f.Value)))
		case f.Passing:
			way := "down"
			if f.Value > f.Usual {
				way = "up"
			}
			passed = append(passed, fmt.Sprintf("%s to %s, %s to %.4g where about %.4g is usual", where, until(p, f, f.Last), way, f.Value, f.Usual))
		case f.Break:
			broken[f.Of] = append(broken[f.Of], fmt.Sprintf("%s from about %.4g to %.4g", where, beside(f.Usual, f.Value), beside(f.Value, f.Usual)))
		default:
			n := inRow(found[k:])
			if n < leastInRow {
				number++
				absurd = append(absurd, fmt.Sprintf("%s %s%s", where, series.FormatNumber(f.Value), times(f)))
				continue
			}
			number += n
			k += n - 1
			absurd = append(absurd, fmt.Sprintf("%s to %s, %d times %s where about %.4g is usual", where, until(p, f, found[k].Row), n,
				series.FormatNumber(f.Value), beside(f.Usual, f.Value)))
		}
	}
	var all []string
	if number > 0 {
		all = append(all, fmt.Sprintf("%s, left out of what models see: %s", count(number, "absurd value"), list(absurd)))
	}
	if n := len(passed); n > 0 {
		all = append(all, fmt.Sprintf("%s, a slump or a surge after which all is as before, left out of what models see: %s", count(n, "passing excursion"), list(passed)))
	}
	if n := len(covariates); n > 0 {
		all = append(all, fmt.Sprintf("%s of covariates, at which the series do nothing unusual, taken for the usual: %s", count(n, "absurd value"), list(covariates)))
	}
	if n := len(stuck); n > 0 {
		all = append(all, fmt.Sprintf("%s, the same value to all digits where others vary, as of a sensor that hangs; all but the first is left out of what models see: %s",
			count(n, "stuck run"), list(stuck)))
	}
	for _, part := range []struct {
		of   Part
		told string
	}{
		{Level, "of the level, for which what comes before is moved to the level after it"},
		{Spread, "of the spread, for which what comes before is brought to the spread after it"},
		{Season, "of the season, for which what comes before is brought to the season after it (said: its swing)"},
	} {
		if n := len(broken[part.of]); n > 0 {
			all = append(all, fmt.Sprintf("%s %s: %s", count(n, "break"), part.told, list(broken[part.of])))
		}
	}
	return all
}

// leastInRow absurd values in a row that are the same, as of a shop that is closed, are told together.
const leastInRow = 3

// inRow returns how many absurd values in a row the findings begin with that are the same.
func inRow(found []Finding) int {
	f, n := found[0], 1
	for ; n < len(found); n++ {
		next := found[n]
		if next.Break || next.Passing || next.Known || next.Values > 0 || next.Series != f.Series || next.Channel != f.Channel || next.Row != f.Row+n || next.Value != f.Value {
			break
		}
	}
	return n
}

// place says where a finding is: its stamp and line, and the series and channel if there are several.
func place(p *series.Panel, f Finding) string {
	s := p.Series[f.Series]
	at, row, name := 0.0, f.Row, ""
	switch {
	case f.Known:
		at, name = s.Known.Times[f.Row], p.Known[f.Channel]
		row, _ = slices.BinarySearch(s.Times, at)
	default:
		at = s.Times[f.Row]
		if p.Width() > 1 {
			name = p.Channels[f.Channel]
		}
	}
	where := "at " + p.Axis.Stamp(at)
	if s.ID != "" {
		where = fmt.Sprintf("%s of series %q", where, s.ID)
	}
	return strings.TrimSpace(name+" "+where) + line(s, row)
}

// until says where a finding ends.
func until(p *series.Panel, f Finding, row int) string {
	s := p.Series[f.Series]
	return p.Axis.Stamp(s.Times[row]) + line(s, row)
}

// line says in which line of its file a row is, if that is known.
func line(s *series.Series, row int) string {
	if n := s.Line(row); n > 0 {
		return fmt.Sprintf(" (line %d)", n)
	}
	return ""
}

// beside returns x, or zero where it is what rounding leaves of zero beside y.
func beside(x, y float64) float64 {
	if math.Abs(x) < 1e-12*math.Abs(y) {
		return 0
	}
	return x
}

// times says how far a value is from what is usual.
func times(f Finding) string {
	usual := beside(f.Usual, f.Value)
	if r := f.Value / usual; r >= 2 && !math.IsInf(r, 0) {
		return fmt.Sprintf(", %.0f times the usual %.4g", r, usual)
	}
	return fmt.Sprintf(" where about %.4g is usual", usual)
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func list(parts []string) string {
	if n := len(parts) - most; n > 0 {
		return fmt.Sprintf("%s; and %d more", strings.Join(parts[:most], "; "), n)
	}
	return strings.Join(parts, "; ")
}
