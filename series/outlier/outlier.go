// Package outlier finds what series cannot mean: absurd values, which stand far outside
// all others and do not return, and breaks of the level, after which a series goes on
// elsewhere for good. Limit makes of a panel the one that models are to see.
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

// A Finding is an absurd value or a break of the level.
type Finding struct {
	Series  int // place in the panel
	Channel int
	Row     int // place of the value, or of the first one after the break, in the series

	// Value is the absurd value. Usual is what is usual where it stands.
	Value, Usual float64

	// Break tells that it is a break: Usual is the level before it, Value that after
	// it. Product tells that the spread changes with the level, so that levels are
	// compared by their ratio, not by their difference.
	Break, Product bool
}

// Find returns what is found in a panel with a season of so many steps, 1 for none, in
// the order of the series, channels and rows. It takes time in proportion to the number
// of values.
func Find(p *series.Panel, season int) []Finding {
	var all []Finding
	for i, s := range p.Series {
		for c := range p.Width() {
			all = append(all, inChannel(p, i, s, c, season)...)
		}
	}
	return all
}

func inChannel(p *series.Panel, i int, s *series.Series, c, season int) []Finding {
	x := &channel{season: max(season, 1)}
	for row := range s.Len() {
		if v := s.Row(row)[c]; !math.IsNaN(v) {
			x.rows, x.values = append(x.rows, row), append(x.values, v)
		}
	}
	if len(x.values) < leastValues {
		return nil
	}
	var found []Finding
	for _, k := range x.absurd() {
		found = append(found, Finding{Series: i, Channel: c, Row: x.rows[k], Value: x.values[k], Usual: x.level[k]})
	}
	for _, f := range x.breaks(found) {
		f.Series, f.Channel = i, c
		found = append(found, f)
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Compare(a.Row, b.Row) })
	return found
}

// Limit returns the panel as models are to see it: without the absurd values, which are
// missing, and with all that comes before a break brought to the level after it. It
// shares what does not change with p, and is p if there are no findings.
func Limit(p *series.Panel, found []Finding) *series.Panel {
	if len(found) == 0 {
		return p
	}
	all := slices.Clone(p.Series)
	width := p.Width()
	for _, f := range found {
		s := all[f.Series]
		if s == p.Series[f.Series] {
			own := *s
			own.Values = slices.Clone(s.Values)
			s = &own
			all[f.Series] = s
		}
		switch k := f.Row*width + f.Channel; {
		case !f.Break:
			s.Values[k] = math.NaN()
		case f.Product:
			for b := f.Channel; b < k; b += width {
				s.Values[b] *= f.Value / f.Usual
			}
		default:
			for b := f.Channel; b < k; b += width {
				s.Values[b] += f.Value - f.Usual
			}
		}
	}
	return p.With(all)
}

// most is how many findings are told one by one.
const most = 3

// Describe says in a sentence each what was found, the first of each sort one by one,
// with their stamps and lines.
func Describe(p *series.Panel, found []Finding) []string {
	var absurd, broken []string
	for _, f := range found {
		s := p.Series[f.Series]
		where := p.Axis.Stamp(s.Times[f.Row])
		if s.ID != "" {
			where = fmt.Sprintf("%s of series %q", where, s.ID)
		}
		if p.Width() > 1 {
			where = fmt.Sprintf("%s at %s", p.Channels[f.Channel], where)
		} else {
			where = "at " + where
		}
		if line := s.Line(f.Row); line > 0 {
			where += fmt.Sprintf(" (line %d)", line)
		}
		if f.Break {
			broken = append(broken, fmt.Sprintf("%s from about %.4g to %.4g", where, f.Usual, f.Value))
			continue
		}
		absurd = append(absurd, fmt.Sprintf("%s %s%s", where, series.FormatNumber(f.Value), times(f)))
	}
	var all []string
	if n := len(absurd); n > 0 {
		all = append(all, fmt.Sprintf("%s, left out of what models see: %s", count(n, "absurd value"), list(absurd)))
	}
	if n := len(broken); n > 0 {
		all = append(all, fmt.Sprintf("%s of the level, for which what comes before is moved to the level after it: %s", count(n, "break"), list(broken)))
	}
	return all
}

// times says how far a value is from what is usual.
func times(f Finding) string {
	if r := f.Value / f.Usual; r >= 2 && !math.IsInf(r, 0) {
		return fmt.Sprintf(", %.0f times the usual %.4g", r, f.Usual)
	}
	return fmt.Sprintf(" where about %.4g is usual", f.Usual)
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
