package series

import (
	"fmt"
	"slices"
	"strings"
)

// normal returns a column's name as the rules for names see it: in lower
// case, with underscores.
func normal(name string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '.':
			return '_'
		}
		return r
	}, strings.ToLower(name))
}

// idName reports whether a column of that name identifies series.
func idName(name string) bool {
	switch normal(name) {
	case "unique_id", "series_id", "item_id", "ts_id", "id", "series", "record", "record_id",
		"subject", "subject_id", "patient", "patient_id":
		return true
	}
	return false
}

// timeRank returns how much a column's name says that it holds times: zero if
// it does not, and otherwise less for a clearer name. calendar tells that
// whole numbers in it may be years, dates or Unix seconds.
func timeRank(name string) (rank int, calendar bool) {
	name = normal(name)
	for i, n := range [...]string{"ds", "timestamp", "datetime", "date_time", "date", "time", "ts",
		"month", "quarter", "week", "day", "year"} {
		if name == n {
			return i + 1, true
		}
	}
	for i, n := range [...]string{"t", "hour", "hours", "minute", "minutes", "second", "seconds",
		"days", "step", "period", "index"} {
		if name == n {
			return i + 100, false
		}
	}
	return 0, false
}

// roles are the parts that the columns of a table play.
type roles struct {
	id, time int // -1: none
	times    *timeColumn
	targets  []int
	known    []int
	leftOut  []int
}

// assign finds the roles of the columns, as asked for or by their names and
// contents.
func (t *table) assign(opt *ReadOptions) (*roles, error) {
	na := absent(opt.NA)
	r := &roles{id: -1, time: -1}
	var err error
	if opt.ID != "" {
		if r.id, err = t.lookup(opt.ID, "identifier"); err != nil {
			return nil, err
		}
	}
	asked := make([]int, len(opt.Targets))
	for i, name := range opt.Targets {
		if asked[i], err = t.lookup(name, "target"); err != nil {
			return nil, err
		}
	}
	r.known = make([]int, len(opt.Known))
	for i, name := range opt.Known {
		if r.known[i], err = t.lookup(name, "known covariate"); err != nil {
			return nil, err
		}
	}
	values := slices.Concat(asked, r.known)
	if err := t.assignTime(r, opt, na, values); err != nil {
		return nil, err
	}
	if r.id < 0 {
		r.id = t.sniffID(r, values)
	}
	return r, t.assignTargets(r, asked, na)
}

// assignTime finds the time column: the one asked for, else the best-named one
// that parses, else the first with calendar stamps, else the first of strictly
// increasing numbers, else none.
func (t *table) assignTime(r *roles, opt *ReadOptions, na absence, asked []int) error {
	if opt.Time != "" {
		c, err := t.lookup(opt.Time, "time")
		if err != nil {
			return err
		}
		rank, calendar := timeRank(opt.Time)
		r.time = c
		r.times, err = t.parseTimes(c, na, opt.Axis, calendar || rank == 0)
		return err
	}
	var named []int
	for c, name := range t.names {
		if rank, _ := timeRank(name); rank > 0 && c != r.id && !slices.Contains(asked, c) {
			named = append(named, c)
		}
	}
	slices.SortStableFunc(named, func(a, b int) int {
		ra, _ := timeRank(t.names[a])
		rb, _ := timeRank(t.names[b])
		return ra - rb
	})
	var first error
	for _, c := range named {
		_, calendar := timeRank(t.names[c])
		times, err := t.parseTimes(c, na, opt.Axis, calendar)
		if err == nil {
			r.time, r.times = c, times
			return nil
		}
		if first == nil {
			first = err
		}
	}
	if first != nil {
		return first
	}
	free := func(c int) bool { return c != r.id && !slices.Contains(asked, c) && !t.isTarget(c) }
	for c := range t.names {
		if free(c) && len(calendarLayouts(t.cells[c][0])) > 0 {
			if times, err := t.parseTimes(c, na, opt.Axis, false); err == nil {
				r.time, r.times = c, times
				return nil
			}
		}
	}
	for c := range t.names {
		// A column of numbers that rises needs another for which it is the time.
		if free(c) && slices.ContainsFunc(t.names, func(n string) bool { return n != t.names[c] && t.numeric(n, na) }) {
			times, err := t.parseTimes(c, na, opt.Axis, false)
			if err == nil && increasing(times.times) {
				r.time, r.times = c, times
				return nil
			}
		}
	}
	return nil
}

// numeric reports whether the column called name holds numbers.
func (t *table) numeric(name string, na absence) bool {
	return tallyColumn(t.cells[t.column(name)], na).numeric()
}

func increasing(x []float64) bool {
	for i := 1; i < len(x); i++ {
		if x[i] <= x[i-1] {
			return false
		}
	}
	return true
}

// isTarget reports whether a column is the value to forecast by the
// conventions of other tools: "target", or "y" (and "y2", "y_load", ...) beside
// "ds".
func (t *table) isTarget(c int) bool {
	n := normal(t.names[c])
	if n == "target" {
		return true
	}
	rest, y := strings.CutPrefix(n, "y")
	if !y || t.column("ds") < 0 || t.column("y") < 0 {
		return false
	}
	return rest == "" || rest[0] == '_' || strings.Trim(rest, "0123456789") == ""
}

// sniffID finds the column that identifies the series, or -1: a column named
// like one whose values repeat, or else a column within whose values the times
// do not repeat though they do in the file.
func (t *table) sniffID(r *roles, asked []int) int {
	free := func(c int) bool {
		rank, _ := timeRank(t.names[c])
		return c != r.time && rank == 0 && !slices.Contains(asked, c) && !t.isTarget(c)
	}
	for c, name := range t.names {
		if idName(name) && free(c) && (len(t.lines) == 1 || repeats(t.cells[c])) {
			return c
		}
	}
	if r.times == nil || !repeats(r.times.times) {
		return -1
	}
	for c := range t.names {
		if free(c) && t.separates(c, r.times.times) {
			return c
		}
	}
	return -1
}

func repeats[T comparable](x []T) bool {
	seen := make(map[T]bool, len(x))
	for _, v := range x {
		if seen[v] {
			return true
		}
		seen[v] = true
	}
	return false
}

// separates reports whether the times do not repeat within the groups of equal
// values in column c. The groups must have two rows in the mean; a column of
// numbers must come in blocks in which the time rises.
func (t *table) separates(c int, times []float64) bool {
	type key struct {
		id string
		t  float64
	}
	cells := t.cells[c]
	groups := make(map[string]bool)
	seen := make(map[key]bool, len(cells))
	blocks, rising := 0, true
	for row, id := range cells {
		k := key{id, times[row]}
		if id == "" || seen[k] {
			return false
		}
		seen[k] = true
		groups[id] = true
		if row == 0 || id != cells[row-1] {
			blocks++
		} else {
			rising = rising && times[row] > times[row-1]
		}
	}
	if len(groups)*2 > len(cells) {
		return false
	}
	return tallyColumn(cells, absence{}).numbers == 0 || blocks == len(groups) && rising
}

// assignTargets finds the channels: those asked for, else those that other
// tools' conventions name, else every column of numbers that is left and not
// named like an identifier (a row's number) or a part of a date.
func (t *table) assignTargets(r *roles, asked []int, na absence) error {
	conventional := false
	for c := range t.names {
		conventional = conventional || c != r.id && c != r.time && !slices.Contains(r.known, c) && t.isTarget(c)
	}
	values := slices.Concat(asked, r.known)
	for i, c := range values {
		if c == r.id || c == r.time || slices.Contains(values[:i], c) {
			role := "target"
			if i >= len(asked) {
				role = "known covariate"
			}
			return &ParseError{Name: t.name, Column: t.names[c],
				Err: fmt.Errorf("%w: asked for as %s and in another role", ErrColumns, role)}
		}
	}
	if r.id >= 0 && r.id == r.time {
		return &ParseError{Name: t.name, Column: t.names[r.id],
			Err: fmt.Errorf("%w: asked for as identifier and as time", ErrColumns)}
	}
	r.targets = asked
	for c := range t.names {
		if c == r.id || c == r.time || slices.Contains(values, c) {
			continue
		}
		var target bool
		switch _, calendar := timeRank(t.names[c]); {
		case len(asked) > 0 || t.names[c] == unnamed(c):
		case conventional:
			target = t.isTarget(c)
		default:
			target = !calendar && !idName(t.names[c]) && tallyColumn(t.cells[c], na).numeric()
		}
		if target {
			r.targets = append(r.targets, c)
		} else {
			r.leftOut = append(r.leftOut, c)
		}
	}
	if len(r.targets) == 0 {
		return &ParseError{Name: t.name, Err: fmt.Errorf(
			"%w: no column of numbers to model beside the time; the file has %s", ErrColumns, strings.Join(quoted(t.names), ", "))}
	}
	return nil
}
