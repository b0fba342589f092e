package series

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// likeFitted returns the options with what they leave open taken from the panel that the table goes
// on with: the columns of it that the table has, the axis of its times, and the step into
// which its rows were brought together.
func (t *table) likeFitted(opt *ReadOptions) *ReadOptions {
	p := opt.Like
	if p == nil {
		return opt
	}
	o := *opt
	if o.Axis == nil && p.Axis.Layout != LayoutNumber {
		o.Axis = &p.Axis
	}
	if o.Time == "" && t.hasAll(strings.Split(p.TimeColumn, "\t")) {
		o.Time = p.TimeColumn
		if _, k := parseNumber(t.text(t.timeLike(p), 0), absent(o.NA)); p.Axis.Layout == LayoutNumber && o.TimeLayout == "" && k == number {
			o.TimeLayout = "number"
		}
	}
	if o.Every == "" {
		o.Every, o.Aggregate = p.Every, p.Aggregate
	}
	if o.Targets == nil {
		o.Targets = p.Channels
	}
	if o.Known == nil {
		o.Known = p.KnownColumns()
	} else {
		o.Known = withLevels(o.Known, p.KnownColumns())
	}
	if o.Static == nil {
		o.Static = slices.Concat([]string{}, p.Static)
	}
	return &o
}

// learned returns the known covariates that were learned of.
func (opt *ReadOptions) learned() []string {
	if opt.Like == nil {
		return nil
	}
	return opt.Like.KnownColumns()
}

// withLevels returns the names with those of its levels in the place of a covariate that has some.
func withLevels(names, known []string) []string {
	var all []string
	for _, name := range names {
		n := len(all)
		for _, k := range known {
			if strings.HasPrefix(k, indicator(name, "")) {
				all = append(all, k)
			}
		}
		if len(all) == n {
			all = append(all, name)
		}
	}
	return all
}

// markLike returns the mark of decimals with which the first number of a column that has a mark, which may part
// decimals or thousands, is nearer to the values of the panel that the table goes on with; 0 if these do not tell.
func (t *table) markLike(c int, open rune, like *Panel) rune {
	typical := like.typical(t.names[c])
	for row := 0; typical > 0 && row < t.rows(); row++ {
		before, after, marked := strings.Cut(t.text(c, row), string(open))
		if !marked {
			continue
		}
		parted, k := parseNumber(before+after, nil)
		if parted = math.Abs(parted); k != number || parted == 0 {
			return 0
		}
		if math.Abs(math.Log(parted/typical)) < math.Abs(math.Log(parted/1000/typical)) {
			return other(open)
		}
		return open
	}
	return 0
}

// typical returns the median magnitude of the values of a channel or a known covariate but for zeros, 0 if there
// are none.
func (p *Panel) typical(name string) float64 {
	if p == nil {
		return 0
	}
	channel, known := slices.Index(p.Channels, name), slices.Index(p.Known, name)
	var sizes []float64
	for _, s := range p.Series {
		values, c, width := s.Values, channel, p.Width()
		if channel < 0 {
			values, c, width = s.Known.Values, known, len(p.Known)
		}
		for i := c; c >= 0 && i < len(values); i += width {
			if v := math.Abs(values[i]); v > 0 {
				sizes = append(sizes, v)
			}
		}
	}
	if len(sizes) == 0 {
		return 0
	}
	slices.Sort(sizes)
	return sizes[len(sizes)/2]
}

// timeLike returns the column of the first part of the times of p, which the table has.
func (t *table) timeLike(p *Panel) int {
	first, _, _ := strings.Cut(p.TimeColumn, "\t")
	return t.column(first)
}

// hasAll reports whether the table has columns of all the names.
func (t *table) hasAll(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return t.column(name) < 0 })
}

// lacksStatic returns the first column that the table lacks of those of the static covariates of the
// panel that it goes on with, or nothing.
func (t *table) lacksStatic(opt *ReadOptions) string {
	if opt.Like == nil || !slices.Equal(opt.Static, opt.Like.Static) {
		return ""
	}
	for _, name := range opt.Static {
		if c, _ := covariate(name, t.column); c < 0 {
			base, _, _ := strings.Cut(name, "=")
			return base
		}
	}
	return ""
}

// withStatic returns the panel with the static covariates of its columns, or those of the panel that it
// goes on with where it has no such columns.
func (t *table) withStatic(p *Panel, own *statics, opt *ReadOptions, s *Sniffed) (*Panel, error) {
	column := t.lacksStatic(opt)
	if column == "" {
		s.Static = own.names
		return p.WithStatic(own.names, own.values), nil
	}
	p, err := p.WithStaticOf(opt.Like)
	if err != nil {
		return nil, &ParseError{Name: t.name, Column: column, Err: fmt.Errorf("%w: %w", ErrNoColumn, err)}
	}
	s.Static = p.Static
	s.Remarks = append(s.Remarks, fmt.Sprintf("there is no column %q: the static covariates are those known of the series from before", column))
	return p, nil
}

// idOf returns the identifier of the series of a group.
func (t *table) idOf(r *roles, g *group) string {
	if r.id < 0 {
		return ""
	}
	return t.text(r.id, g.first)
}

// goOn says which panel the table goes on with, which may be none.
func (s *statics) goOn(t *table, r *roles, groups []group, like *Panel) {
	s.known = make([][]float64, len(groups))
	if like == nil {
		return
	}
	s.like = like
	byID := like.staticByID()
	for i := range groups {
		s.known[i] = byID[t.idOf(r, &groups[i])]
	}
}

// lacking returns the first series that has no cell of a column and of which nothing is known, or -1.
func (s *statics) lacking(found *constancy) int {
	for i, row := range found.first {
		if row < 0 && s.known[i] == nil {
			return i
		}
	}
	return -1
}

// fill gives the series without a cell what is known of their covariates from a place on.
func (s *statics) fill(from int, found *constancy) {
	for i, row := range found.first {
		if row >= 0 || s.known[i] == nil {
			continue
		}
		for k := from; k < len(s.names); k++ {
			if at := slices.Index(s.like.Static, s.names[k]); at >= 0 {
				s.values[i][k] = s.known[i][at]
			}
		}
	}
}

// dropEmptyLike leaves out all rows of a panel that goes on with another and has no value at all, and
// returns their number.
func (p *Panel) dropEmptyLike(like *Panel) int {
	n := 0
	for _, s := range p.Series {
		if like == nil || s.Observed() > 0 {
			return 0
		}
		n += s.Len()
	}
	for i, s := range p.Series {
		p.Series[i] = s.Slice(0, 0)
	}
	return n
}

// withoutUnknown leaves out the series of a panel that goes on with another of which nothing is known.
func (p *Panel) withoutUnknown(like *Panel) *Panel {
	if like == nil {
		return p
	}
	return p.With(slices.DeleteFunc(slices.Clone(p.Series), func(s *Series) bool { return s.Len() == 0 && len(s.Known.Times) == 0 }))
}

// stepsLike gives the panel, whose series have few rows, the steps of the one that it goes on with,
// if its times lie on them. It reports whether it did.
func (p *Panel) stepsLike(like *Panel) bool {
	if like == nil || !like.Step.Regular() || slices.ContainsFunc(p.Series, func(s *Series) bool { return s.Len() >= fewestOfOwn }) {
		return false
	}
	return p.takeSteps(like)
}

// jitterLike moves times that lie a little off the steps of a series of the same name in the panel
// that they go on with onto these, and returns how many. Times that are all off by the same are on
// steps of their own, and stay, unless there is but one.
func (p *Panel) jitterLike(like *Panel) int {
	if like == nil || !like.Step.Regular() || like.Axis.Calendar() != p.Axis.Calendar() {
		return 0
	}
	exact := GridTolerance // numbers are often rounded
	if p.Axis.Calendar() {
		exact = 1e-6
	}
	byID, moved := like.ByID(), 0
	for i, s := range p.Series {
		l := byID[s.ID]
		if l == nil || l.Len() == 0 {
			continue
		}
		grid := like.For(l)
		origin := grid.Coordinate(l.Times[0])
		times, most, least := slices.Clone(s.Times), math.Inf(-1), math.Inf(1)
		n := 0
		for j, at := range times {
			u := grid.Coordinate(at) - origin
			off := u - math.Round(u)
			most, least = max(most, off), min(least, off)
			if math.Abs(off) > exact {
				times[j] = grid.TimeAt(origin + math.Round(u))
				n++
			}
		}
		same := len(times) > 1 && most-least < exact
		if n == 0 || same || max(most, -least) > mostJitter || !increasing(times) {
			continue
		}
		p.own(i).Times = times
		moved += n
	}
	return moved
}

// likeRemark says how many times were moved.
func likeRemark(moved int) string {
	return fmt.Sprintf("%s off the steps of the series that they go on with, by a tenth of one at most, moved onto them; --snap never leaves them where they were", count(moved, "time"))
}
