package series

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"tsgen/series/internal/packed"
)

const (
	// leastStatic is the number of series in which a column must have been seen twice to be told
	// from one that moves.
	leastStatic = 5

	// mostStatic is the number of static covariates that are found at most, levels counted.
	mostStatic = 50

	// mostStaticLevels is the number of texts that a column may have to be found, of which each
	// stands for two series in the mean at least.
	mostStaticLevels = 20

	// lackStatic is the number of series of which one may lack a value.
	lackStatic = 10
)

// statics are static covariates of a table.
type statics struct {
	names  []string
	values [][]float64 // of each series
	from   []int       // their columns
	lacks  map[int]int // series without a value, by column
	once   bool        // some stand in the first row of a series alone, where nothing else need be
	like   *Panel      // that the table goes on with, or nil
	known  [][]float64 // what like has of each series, nil for one that it does not have
}

// A constancy is what is constant in a column.
type constancy struct {
	first  []int32 // row of each series in which it first has a cell, -1 for none
	seen   int     // series that show it: in several rows, or in the first alone
	once   int     // of these, those in the first alone
	lonely int     // series in which another row alone has a cell
	lacks  int     // series without a cell
}

// there returns the rows of the series that have a cell.
func (c *constancy) there() []int32 {
	return slices.DeleteFunc(slices.Clone(c.first), func(row int32) bool { return row < 0 })
}

// few reports whether few series enough lack a value.
func (c *constancy) few() bool { return c.lacks < len(c.first) && lackStatic*c.lacks <= len(c.first) }

func newStatics(series int) *statics {
	return &statics{values: make([][]float64, series), lacks: make(map[int]int)}
}

func (s *statics) add(name string, of func(i int) float64) {
	s.names = append(s.names, name)
	for i := range s.values {
		s.values[i] = append(s.values[i], of(i))
	}
}

// static returns the static covariates that are asked for, or else found.
func (t *table) static(r *roles, groups []group, opt *ReadOptions, na absence) (*statics, error) {
	switch {
	case t.lacksStatic(opt) != "":
		return &statics{}, nil
	case len(opt.Static) > 0:
		return t.askedStatic(r, groups, opt, na)
	}
	s := t.findStatic(r, groups, len(opt.Targets) > 0, na)
	if opt.Static != nil {
		r.leftOut = append(r.leftOut, s.from...)
		return &statics{}, nil
	}
	return s, nil
}

// findStatic finds the columns without a role, and those of values that nobody asked for, that
// never change within a series but differ between series: those of numbers, and those of few
// texts, of which each is one that is 1 or 0.
func (t *table) findStatic(r *roles, groups []group, asked bool, na absence) *statics {
	s := newStatics(len(groups))
	if r.id < 0 || len(groups) < leastStatic {
		return s
	}
	candidates := r.leftOut
	if !asked {
		candidates = slices.Sorted(slices.Values(slices.Concat(r.leftOut, r.targets)))
	}
	channels := len(r.targets)
	for _, c := range candidates {
		target := slices.Contains(r.targets, c)
		if target && channels == 1 {
			continue
		}
		constant, used := t.addStatic(r, s, c, groups, na)
		if used {
			s.from = append(s.from, c)
		}
		if target && constant {
			channels--
		}
		if target && constant && !used {
			r.targets = slices.DeleteFunc(slices.Clone(r.targets), func(o int) bool { return o == c })
			r.leftOut = append(r.leftOut, c)
		}
	}
	s.claim(r)
	return s
}

// claim takes the columns of the static covariates from those of values and those without a role.
func (s *statics) claim(r *roles) {
	own := func(c int) bool { return slices.Contains(s.from, c) }
	r.leftOut, r.targets = slices.DeleteFunc(slices.Clone(r.leftOut), own), slices.DeleteFunc(slices.Clone(r.targets), own)
}

// remark says what was found, or nothing.
func (s *statics) remark(t *table) string {
	if len(s.from) == 0 {
		return ""
	}
	var words []string
	for _, c := range s.from {
		word, levels := strconv.Quote(t.names[c]), 0
		for _, name := range s.names {
			if strings.HasPrefix(name, indicator(t.names[c], "")) {
				levels++
			}
		}
		if levels > 0 {
			word += fmt.Sprintf(" (%d levels)", levels)
		}
		if n := s.lacks[c]; n > 0 && levels == 0 {
			word += fmt.Sprintf(" (its median where it is missing, in %d series)", n)
		} else if n > 0 {
			word += fmt.Sprintf(" (none of them where it is missing, in %d series)", n)
		}
		words = append(words, word)
	}
	return fmt.Sprintf("never changing within a series and taken as static covariates: %s; --static none leaves them out", strings.Join(words, ", "))
}

// addStatic adds a column to s if its cells are constant within series, differ between them and
// tell something of nearly all. It reports whether the first two hold, and all.
func (t *table) addStatic(r *roles, s *statics, c int, groups []group, na absence) (constant, used bool) {
	found, err := t.constants(r, c, groups, na)
	if err != nil || found.seen < leastStatic || lackStatic*found.lonely > len(groups) {
		return false, false
	}
	levels := t.levelsIn(c, found.there())
	if len(levels) < 2 {
		return found.once == found.seen, false
	}
	useful := found.few() && !idName(t.names[c]) && len(s.names) < mostStatic
	if tallyColumn(t.cells[c], na).numeric() {
		if t.checkOpen(c) != nil {
			return false, false
		}
		values, row := t.valuesAt(c, found.there(), na)
		if row >= 0 || slices.Min(values) == slices.Max(values) {
			return false, false
		}
		if !useful || counts(values) {
			return true, false
		}
		s.addNumbers(t.names[c], values, found)
	} else {
		if !useful || len(levels) > mostStaticLevels || 2*len(levels) > len(groups) || len(s.names)+len(levels) > mostStatic {
			return true, false
		}
		t.addLevels(s, c, levels, found.first)
	}
	s.note(c, found)
	return true, true
}

// note takes down what the remark says of a column.
func (s *statics) note(c int, found *constancy) {
	s.lacks[c] = found.lacks
	s.once = s.once || found.once > 0
}

// addNumbers adds a covariate of the numbers of the series that have one, and their median for the others.
func (s *statics) addNumbers(name string, values []float64, found *constancy) {
	sorted := slices.Sorted(slices.Values(values))
	middle := math.NaN() // where a panel before knows all
	if len(sorted) > 0 {
		middle = sorted[len(sorted)/2]
	}
	k := 0
	s.add(name, func(i int) float64 {
		if found.first[i] < 0 {
			return middle
		}
		k++
		return values[k-1]
	})
}

// valuesAt returns the numbers of a column in some rows, and the first of these that has none, or -1.
func (t *table) valuesAt(c int, rows []int32, na absence) (values []float64, wrong int) {
	read := newNumberReader(t.cells[c], na)
	for _, row := range rows {
		v, k := read.read(int(row))
		if k != number || math.IsInf(v, 0) {
			return nil, int(row)
		}
		values = append(values, v)
	}
	return values, -1
}

// askedStatic returns the static covariates that are asked for, as ReadOptions.Static says.
func (t *table) askedStatic(r *roles, groups []group, opt *ReadOptions, na absence) (*statics, error) {
	s := newStatics(len(groups))
	s.goOn(t, r, groups, opt.Like)
	levels := make(map[int][]string)
	for _, name := range opt.Static {
		c, level := covariate(name, t.column)
		if c < 0 {
			base, _, _ := strings.Cut(name, "=")
			_, err := t.lookup(base, "static covariate")
			return nil, err
		}
		if c == r.id && r.joint != "" || c == r.time || slices.Contains(r.known, c) {
			return nil, &ParseError{Name: t.name, Column: t.names[c], Err: fmt.Errorf("%w: asked for as static covariate and in another role", ErrColumns)}
		}
		if !slices.Contains(s.from, c) {
			s.from = append(s.from, c)
		}
		if level != "" {
			levels[c] = append(levels[c], level)
		}
	}
	for _, c := range s.from {
		if err := t.addAsked(r, s, c, levels[c], groups, na); err != nil {
			return nil, err
		}
	}
	s.claim(r)
	if len(r.targets) == 0 {
		return nil, &ParseError{Name: t.name, Err: fmt.Errorf("%w: no column of numbers to model beside the static covariates", ErrColumns)}
	}
	return s, nil
}

// addAsked adds a column that is asked for, with the levels that are, nil for those that it has.
func (t *table) addAsked(r *roles, s *statics, c int, levels []string, groups []group, na absence) error {
	found, err := t.constants(r, c, groups, na)
	if err != nil {
		return err
	}
	if i := s.lacking(found); i >= 0 && !found.few() {
		return t.cellError(c, groups[i].first, fmt.Errorf("%w: a static covariate needs a value in each series", ErrMissing))
	}
	s.note(c, found)
	tally := tallyColumn(t.cells[c], na)
	from := len(s.names)
	defer func() { s.fill(from, found) }()
	if levels == nil && (tally.numeric() || len(found.there()) == 0) {
		if err := t.checkOpen(c); err != nil {
			return err
		}
		values, row := t.valuesAt(c, found.there(), na)
		if row >= 0 {
			_, k := newNumberReader(t.cells[c], na).read(row)
			return t.cellError(c, row, numberError(t.text(c, row), k))
		}
		s.addNumbers(t.names[c], values, found)
		return nil
	}
	if levels == nil {
		if levels = t.levelsIn(c, found.there()); len(levels) > mostLevels {
			return &ParseError{Name: t.name, Column: t.names[c], Err: fmt.Errorf("%w: more than %d different texts, too many for the levels of a covariate", ErrColumns, mostLevels)}
		}
	} else if err := t.checkLevels(c, levels, na); err != nil {
		return err
	}
	t.addLevels(s, c, levels, found.first)
	return nil
}

// levelsIn returns the texts of a column in some rows, in order.
func (t *table) levelsIn(c int, rows []int32) []string {
	levels := make([]string, len(rows))
	for i, row := range rows {
		levels[i] = t.text(c, int(row))
	}
	slices.Sort(levels)
	return slices.Compact(levels)
}

// addLevels adds a covariate for each of the levels of a column.
func (t *table) addLevels(s *statics, c int, levels []string, first []int32) {
	for _, level := range levels {
		s.add(indicator(t.names[c], level), func(i int) float64 {
			if first[i] >= 0 && t.text(c, int(first[i])) == level {
				return 1
			}
			return 0
		})
	}
}

// counts reports whether values are but the numbers of the series, from 0 or 1, which say nothing
// of them.
func counts(values []float64) bool {
	for i, v := range values {
		if v != values[0]+float64(i) {
			return false
		}
	}
	return values[0] == 0 || values[0] == 1
}

// constants returns what is constant in the column. The error names the first cell that is unlike those
// before it in its series.
func (t *table) constants(r *roles, c int, groups []group, na absence) (*constancy, error) {
	found := &constancy{first: make([]int32, len(groups))}
	keys := t.cells[c].Keys()
	var buf []int32
	for i := range groups {
		buf = groups[i].rows(buf)
		first := int32(-1)
		var own packed.Key
		n := 0
		for _, row := range buf {
			key := keys.At(int(row))
			if first >= 0 && key == own {
				n++
				continue
			}
			if na.holds(t.text(c, int(row))) {
				continue
			}
			if first >= 0 {
				of := ""
				if r.id >= 0 {
					of = fmt.Sprintf(" of series %q", t.text(r.id, int(row)))
				}
				return nil, t.cellError(c, int(row), fmt.Errorf("%w: it was %q before in the rows%s, and a static covariate never changes; --known takes one that does", ErrColumns, t.text(c, int(first)), of))
			}
			first, own, n = row, key, 1
		}
		found.first[i] = first
		switch {
		case n == 0:
			found.lacks++
		case n > 1:
			found.seen++
		case len(buf) > 1 && r.earliest(buf, first):
			found.seen++
			found.once++
		case len(buf) > 1:
			found.lonely++
		}
	}
	return found, nil
}

// earliest reports whether no row of a series is before one of them.
func (r *roles) earliest(rows []int32, row int32) bool {
	if r.times == nil {
		return row == rows[0]
	}
	return !slices.ContainsFunc(rows, func(o int32) bool { return r.times.times[o] < r.times.times[row] })
}
