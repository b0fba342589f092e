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
)

// statics are static covariates of a table.
type statics struct {
	names  []string
	values [][]float64 // of each series
	from   []int       // their columns
}

func (s *statics) add(name string, of func(i int) float64) {
	s.names = append(s.names, name)
	for i := range s.values {
		s.values[i] = append(s.values[i], of(i))
	}
}

// static returns the static covariates that are asked for, or else found.
func (t *table) static(r *roles, groups []group, opt *ReadOptions, na absence) (*statics, error) {
	if len(opt.Static) > 0 {
		return t.askedStatic(r, groups, opt.Static, na)
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
	s := &statics{values: make([][]float64, len(groups))}
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
		words = append(words, word)
	}
	return fmt.Sprintf("never changing within a series and taken as static covariates: %s; --static none leaves them out", strings.Join(words, ", "))
}

// addStatic adds a column to s if its cells are constant within series, differ between them and
// tell something of each. It reports whether the first two hold, and all.
func (t *table) addStatic(r *roles, s *statics, c int, groups []group, na absence) (constant, used bool) {
	first, seen, err := t.constants(r, c, groups, na)
	if err != nil || seen < leastStatic {
		return false, false
	}
	there := slices.DeleteFunc(slices.Clone(first), func(row int32) bool { return row < 0 })
	levels := t.levelsIn(c, there)
	if len(levels) < 2 {
		return false, false
	}
	useful := len(there) == len(groups) && !idName(t.names[c])
	if tallyColumn(t.cells[c], na).numeric() {
		if t.checkOpen(c) != nil {
			return false, false
		}
		values, row := t.valuesAt(c, there, na)
		if row >= 0 {
			return false, false
		}
		if slices.Min(values) == slices.Max(values) {
			return false, false
		}
		if !useful || counts(values) || len(s.names) == mostStatic {
			return true, false
		}
		s.add(t.names[c], func(i int) float64 { return values[i] })
		return true, true
	}
	if !useful || len(levels) > mostStaticLevels || 2*len(levels) > len(groups) || len(s.names)+len(levels) > mostStatic {
		return true, false
	}
	t.addLevels(s, c, levels, first)
	return true, true
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
func (t *table) askedStatic(r *roles, groups []group, names []string, na absence) (*statics, error) {
	s := &statics{values: make([][]float64, len(groups))}
	levels := make(map[int][]string)
	for _, name := range names {
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
	first, _, err := t.constants(r, c, groups, na)
	if err != nil {
		return err
	}
	if i := slices.Index(first, -1); i >= 0 {
		return t.cellError(c, groups[i].first, fmt.Errorf("%w: a static covariate needs a value in each series", ErrMissing))
	}
	tally := tallyColumn(t.cells[c], na)
	if levels == nil && tally.numeric() {
		if err := t.checkOpen(c); err != nil {
			return err
		}
		values, row := t.valuesAt(c, first, na)
		if row >= 0 {
			_, k := newNumberReader(t.cells[c], na).read(row)
			return t.cellError(c, row, numberError(t.text(c, row), k))
		}
		s.add(t.names[c], func(i int) float64 { return values[i] })
		return nil
	}
	if levels == nil {
		if levels = t.levelsIn(c, first); len(levels) > mostLevels {
			return &ParseError{Name: t.name, Column: t.names[c], Err: fmt.Errorf("%w: more than %d different texts, too many for the levels of a covariate", ErrColumns, mostLevels)}
		}
	} else if err := t.checkLevels(c, levels, na); err != nil {
		return err
	}
	t.addLevels(s, c, levels, first)
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
			if t.text(c, int(first[i])) == level {
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

// constants returns the first row of each series in which the column has a cell, -1 for none, and
// the number of series in which several have. The error names the first cell that is unlike those
// before it.
func (t *table) constants(r *roles, c int, groups []group, na absence) (first []int32, seen int, err error) {
	first = make([]int32, len(groups))
	keys := t.cells[c].Keys()
	var buf []int32
	for i := range groups {
		buf = groups[i].rows(buf)
		first[i] = -1
		var own packed.Key
		n := 0
		for _, row := range buf {
			key := keys.At(int(row))
			if first[i] >= 0 && key == own {
				n++
				continue
			}
			if na.holds(t.text(c, int(row))) {
				continue
			}
			if first[i] >= 0 {
				of := ""
				if r.id >= 0 {
					of = fmt.Sprintf(" of series %q", t.text(r.id, int(row)))
				}
				return nil, 0, t.cellError(c, int(row), fmt.Errorf("%w: it was %q before in the rows%s, and a static covariate never changes; --known takes one that does", ErrColumns, t.text(c, int(first[i])), of))
			}
			first[i], own, n = row, key, 1
		}
		if n > 1 {
			seen++
		}
	}
	return first, seen, nil
}
