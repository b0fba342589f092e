package series

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tsgen/series/internal/packed"
	"tsgen/series/internal/stamp"
)

// roles are the parts that the columns of a table play.
type roles struct {
	id, time int    // -1: none
	timed    int    // a column of values by the name of a time, -1 for none
	parts    []int  // columns of which identifiers or times are made
	joint    string // between the parts of identifiers
	times    *timeColumn
	targets  []int
	known    []int
	levels   map[int][]string // of known covariates that are texts, if they are said
	leftOut  []int
}

// assign finds the roles of the columns, as asked for or by their names and
// contents.
func (t *table) assign(opt *ReadOptions) (*roles, error) {
	na := absent(opt.NA)
	r := &roles{id: -1, time: -1, timed: -1}
	var err error
	if opt.Time == "" && len(opt.Targets) == 0 {
		if err := t.namedByTimes(); err != nil {
			return nil, err
		}
	}
	switch like := opt.Like; {
	case like != nil && (opt.ID != "" || like.IDColumn != ""):
		r.id, err = t.idLike(r, like, opt.ID)
	case opt.ID != "":
		r.id, err = t.assignID(r, opt.ID)
	}
	if err != nil {
		return nil, err
	}
	asked := make([]int, len(opt.Targets))
	for i, name := range opt.Targets {
		if asked[i], err = t.lookup(name, "target"); err != nil {
			return nil, err
		}
	}
	if err := t.assignKnown(r, opt.Known); err != nil {
		return nil, err
	}
	values := slices.Concat(asked, r.known)
	if err := t.assignTime(r, opt, values); err != nil {
		return nil, err
	}
	if opt.Time == "" && r.time >= 0 {
		t.addClock(r, opt, values)
	}
	if nameless := opt.Like != nil && opt.Like.IDColumn == "" && t.rows() == 1; r.id < 0 && !nameless {
		r.id = t.sniffID(r, values)
	}
	if r.id >= 0 {
		t.asWritten(r.id)
	}
	for _, c := range asked {
		t.countTruths(c, na)
	}
	if err := t.assignTargets(r, asked, na); err != nil {
		return nil, err
	}
	return r, t.spreadLevels(r, opt.learned(), na)
}

// assignID finds the column that names the series, or joins several.
func (t *table) assignID(r *roles, names string) (int, error) {
	if c := t.column(names); c >= 0 {
		return c, nil
	}
	parts := strings.Split(names, ",")
	if len(parts) == 1 {
		return t.lookup(names, "identifier")
	}
	columns := make([]int, len(parts))
	for i, name := range parts {
		c, err := t.lookup(strings.TrimSpace(name), "identifier")
		if err != nil {
			return -1, err
		}
		columns[i] = c
		t.asWritten(c)
	}
	r.joint = t.joint(columns)
	r.parts = append(r.parts, columns...)
	return t.join(columns, r.joint), nil
}

// joint returns what can stand between the cells of the columns so that they can
// be told apart.
func (t *table) joint(columns []int) string {
	for _, joint := range []string{"/", "|", " - ", "::"} {
		taken := false
		for _, c := range columns {
			taken = taken || strings.Contains(t.names[c], joint) ||
				t.cells[c].Any(func(s string) bool { return strings.Contains(s, joint) })
		}
		if !taken {
			return joint
		}
	}
	return "\x1f" // the separator of units in ASCII
}

// join appends a column whose cells are those of others with the joint between.
func (t *table) join(columns []int, joint string) int {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = t.names[c]
	}
	cells := &packed.Column{Room: t.room}
	var text []byte
	for row := range t.rows() {
		text = text[:0]
		for j, c := range columns {
			if j > 0 {
				text = append(text, joint...)
			}
			before := len(text)
			if text = t.cells[c].AppendText(text, row); len(text) == before {
				text = text[:0] // an identifier that lacks a part is none
				break
			}
		}
		cells.Append(text)
	}
	t.names, t.cells = append(t.names, strings.Join(names, joint)), append(t.cells, cells)
	return len(t.names) - 1
}

// reading says how to read a column of times of that name.
func (opt *ReadOptions) reading(name string) timeReading {
	_, calendar := timeRank(name)
	n := normal(name)
	return timeReading{na: absent(opt.NA), like: opt.Axis, calendar: calendar, layout: opt.TimeLayout, zone: opt.Location,
		year: n == "year" || strings.HasSuffix(n, "_year"), dated: dated(name), unit: partOf(name)}
}

// assignTime finds the time column: the one asked for, else the best-named one
// that parses, else columns of its parts, else the first with calendar stamps, else
// years by a name that has a word for them, else the first of strictly increasing numbers, in the
// file or within each series, else none.
func (t *table) assignTime(r *roles, opt *ReadOptions, asked []int) error {
	if opt.Time != "" {
		return t.askedTime(r, opt)
	}
	free := func(c int) bool {
		return c != r.id && !slices.Contains(r.parts, c) && !slices.Contains(asked, c)
	}
	if found, err := t.assignParts(r, opt, free); found || err != nil {
		return err
	}
	counter, unread, err := t.namedTime(r, opt, free)
	if r.time >= 0 || err != nil {
		return err
	}
	free2 := func(c int) bool { return free(c) && !t.isTarget(c) }
	for c := range t.names {
		if !free2(c) || !varies(t.cells[c]) || !t.likeTime(c) && opt.TimeLayout == "" {
			continue
		}
		times, err := t.parseTimes(c, opt.reading(t.names[c]))
		var ambiguous *stamp.AmbiguousError
		switch {
		case err == nil && times.axis.Calendar() && (counter == nil || along(times.times, counter.times)):
			r.time, r.times = c, times
			return nil
		case errors.As(err, &ambiguous):
			return err
		}
	}
	if counter != nil && counter.axis.Layout != LayoutNumber {
		r.time, r.times = counter.columns[0], counter
		return nil
	}
	if unread != nil {
		return unread
	}
	if err := t.unreadTime(r, free2, absent(opt.NA)); err != nil {
		return err
	}
	if counter != nil {
		r.time, r.times = counter.columns[0], counter
		return nil
	}
	for c, name := range t.names {
		if !free2(c) || !varies(t.cells[c]) || opt.Axis != nil || !stamp.LikeElapsed(t.text(c, 0)) {
			continue
		}
		if times, err := t.parseTimes(c, opt.reading(name)); err == nil {
			r.time, r.times = c, times
			return nil
		}
	}
	for c, name := range t.names {
		if free2(c) && yearWord(name) && t.numeric(name, absent(opt.NA)) && t.yearsOfSeries(c, r, opt, free2) {
			return nil
		}
	}
	for c := range t.names {
		// A column of numbers that rises needs another for which it is the time.
		if free2(c) && !idName(t.names[c]) && slices.ContainsFunc(t.names, func(n string) bool { return n != t.names[c] && t.numeric(n, absent(opt.NA)) }) {
			how := opt.reading(t.names[c])
			how.calendar = false
			times, err := t.parseTimes(c, how)
			if err == nil && increasing(times.times) {
				times.remarks = append(times.remarks, fmt.Sprintf("no column is named as a time: %q, whose numbers rise, is taken for it; --time names another", t.names[c]))
				r.time, r.times = c, times
				return nil
			}
		}
	}
	t.risingTime(r, opt, free2)
	return nil
}

// yearsOfSeries takes a column of years for the time, if its years rise or if some column
// separates the series.
func (t *table) yearsOfSeries(c int, r *roles, opt *ReadOptions, free func(c int) bool) bool {
	if !within(t.cells[c], 1500, 2199) || !varies(t.cells[c]) {
		return false
	}
	how := opt.reading("year")
	times, err := t.parseTimes(c, how)
	if err != nil || !times.axis.Calendar() {
		return false
	}
	if repeated(times.times) && !slices.ContainsFunc(t.names, func(name string) bool {
		i := t.column(name)
		return i != c && free(i) && !t.hasNumbers(i) && t.separates(i, times.times, false)
	}) {
		return false
	}
	times.remarks = append(times.remarks, fmt.Sprintf("the years %q are taken for the time; --time names another", t.names[c]))
	r.time, r.times = c, times
	return true
}

// namedTime takes for the time the best-named column that parses, if there is one. Else counter is
// one of plain numbers, by a name that says little, and unread the error of one in no known form;
// the error is that of a column with empty cells, or with a stamp that is none.
func (t *table) namedTime(r *roles, opt *ReadOptions, free func(c int) bool) (counter *timeColumn, unread, err error) {
	var named []int
	for c, name := range t.names {
		if rank, _ := timeRank(name); rank > 0 && free(c) {
			named = append(named, c)
		}
	}
	slices.SortStableFunc(named, func(a, b int) int {
		ra, _ := timeRank(t.names[a])
		rb, _ := timeRank(t.names[b])
		return ra - rb
	})
	var lacking error
	for _, c := range named {
		times, err := t.parseTimes(c, opt.reading(t.names[c]))
		rank, _ := timeRank(t.names[c])
		switch {
		case err == nil && (times.axis.Calendar() || rank <= 7 && lacking == nil && times.axis.Layout == LayoutNumber):
			r.time, r.times = c, times
			return nil, nil, nil
		case err == nil:
			if counter == nil {
				counter = times
			}
		case errors.Is(err, ErrMissing) && lacking == nil && t.numeric(t.names[c], absent(opt.NA)):
			lacking, r.timed = err, c // of what may be a value, as the time that a runner took
		case !errors.As(err, &unknownForm{}):
			return nil, nil, err
		case unread == nil:
			unread = err
		}
	}
	return counter, unread, lacking
}

// askedTime reads the column of times that was asked for, or the columns.
func (t *table) askedTime(r *roles, opt *ReadOptions) error {
	name := opt.Time
	c := t.column(name)
	if c < 0 {
		if parts := strings.FieldsFunc(name, func(r rune) bool { return r == ',' || r == '\t' }); len(parts) > 1 {
			columns := make([]int, len(parts))
			for i, part := range parts {
				var err error
				if columns[i], err = t.lookup(strings.TrimSpace(part), "time"); err != nil {
					return err
				}
			}
			return t.timeOfParts(r, columns, opt.reading(name))
		}
		_, err := t.lookup(name, "time")
		return err
	}
	how := opt.reading(name)
	if rank, _ := timeRank(name); rank == 0 {
		how.calendar, how.dated = true, true
	}
	var err error
	r.time = c
	r.times, err = t.parseTimes(c, how)
	return err
}

// along reports whether dates go with numbers: where these rise, most of the dates
// do, and few fall.
func along(dates, numbers []float64) bool {
	rises, falls, n := 0, 0, 0
	for i := 1; i < len(dates); i++ {
		if numbers[i] <= numbers[i-1] {
			continue
		}
		n++
		if dates[i] > dates[i-1] {
			rises++
		} else if dates[i] < dates[i-1] {
			falls++
		}
	}
	return n > 0 && rises*2 > n && falls*10 <= n
}

func varies(cells *packed.Column) bool { return cells.Len() == 1 || !cells.Constant() }

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
		if c == r.id || c == r.time || slices.Contains(r.parts, c) || slices.Contains(values, c) {
			continue
		}
		var target bool
		switch _, calendar := timeRank(t.names[c]); {
		case len(asked) > 0 || t.names[c] == unnamed(c):
		case conventional:
			target = t.isTarget(c)
		default:
			target = (!calendar || c == r.timed) && !idName(t.names[c]) && tallyColumn(t.cells[c], na).numeric()
		}
		if target {
			r.targets = append(r.targets, c)
		} else {
			r.leftOut = append(r.leftOut, c)
		}
	}
	if len(asked) == 0 && r.time >= 0 && len(r.targets) > 1 {
		if i := slices.IndexFunc(r.targets, func(c int) bool { return t.countsRows(c) || t.copies(c, r) }); i >= 0 {
			r.leftOut = append(r.leftOut, r.targets[i])
			r.targets = slices.Delete(r.targets, i, i+1)
		}
	}
	if len(r.targets) == 0 {
		return &ParseError{Name: t.name, Err: fmt.Errorf(
			"%w: no column of numbers to model beside the time; the file has %s%s", ErrColumns, strings.Join(quoted(t.names), ", "), t.others(r, na))}
	}
	return nil
}

// others says what the columns hold that are no numbers, the first few, after a colon.
func (t *table) others(r *roles, na absence) string {
	const most = 3
	var all []string
	for _, c := range r.leftOut {
		held := "no value"
		for row := range t.rows() {
			if cell := t.text(c, row); !na.holds(cell) {
				if held = strconv.Quote(cell); cell[0] >= '0' && cell[0] <= '9' {
					held += ", where a number alone is read"
				}
				break
			}
		}
		if len(all) < most {
			all = append(all, fmt.Sprintf("%q holds %s", t.names[c], held))
		}
	}
	if len(all) == 0 {
		return ""
	}
	return ": " + strings.Join(all, "; ")
}

// leastValues is the number of values without which a column with many empty cells is left out.
const leastValues = 4

// leaveScarce leaves out the columns of values of which nearly all cells are empty, and which have too few for
// anything to be learned of them, but never all. The remarks say which.
func (t *table) leaveScarce(r *roles, na absence) (remarks []string) {
	var kept, scarce []int
	for _, c := range r.targets {
		n := tallyColumn(t.cells[c], na).numbers
		if n == 0 || n >= leastValues || 10*n > t.rows() {
			kept = append(kept, c)
			continue
		}
		scarce = append(scarce, c)
		remarks = append(remarks, fmt.Sprintf("%q has %s in %d rows, too few to be forecast; --target names it and others that are", t.names[c], count(n, "value"), t.rows()))
	}
	if len(kept) == 0 {
		return nil
	}
	r.targets, r.leftOut = kept, append(r.leftOut, scarce...)
	return remarks
}

// copies reports whether a column of whole numbers has the texts of the column of times.
func (t *table) copies(c int, r *roles) bool {
	cells, times := t.cells[c], t.cells[r.time]
	if t.rows() < fewestCounted {
		return false
	}
	for row := range t.rows() {
		if text := cells.Text(row); text != times.Text(row) || strings.Contains(text, ".") {
			return false
		}
	}
	return true
}

// fewestCounted is the number of rows from which on numbers one after the other are a count of
// the rows and no value.
const fewestCounted = 10

// countsRows reports whether a column says the numbers of the rows, from 0 or 1 on.
func (t *table) countsRows(c int) bool {
	cells := t.cells[c]
	first := cells.Text(0)
	if t.rows() < fewestCounted || first != "0" && first != "1" {
		return false
	}
	for row := range t.rows() {
		if cells.Text(row) != strconv.Itoa(row+int(first[0]-'0')) {
			return false
		}
	}
	return true
}
