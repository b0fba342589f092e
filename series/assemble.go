package series

import (
	"fmt"
	"slices"

	"tsgen/internal/scratch"
	"tsgen/series/internal/packed"
	"tsgen/series/internal/stamp"
)

// A group is the rows of one series: n rows from first on, or those of list.
type group struct {
	first, n int
	list     []int32
}

// rows returns the rows, in buf if they are in no list.
func (g *group) rows(buf []int32) []int32 {
	if g.list != nil {
		return g.list
	}
	buf = buf[:0]
	for i := range g.n {
		buf = append(buf, int32(g.first+i))
	}
	return buf
}

// group returns the rows of each series, in the order in which the series
// first occur.
func (t *table) group(id int) ([]group, error) {
	n := t.rows()
	if id < 0 {
		return []group{{n: n}}, nil
	}
	cells := t.cells[id]
	index := make(map[packed.Key]int32)
	var groups []group
	var starts []int // of the blocks of rows of the same series
	var of []int32   // their series
	for row, key := range cells.Keys().Runs() {
		g, ok := index[key]
		if !ok {
			if cells.Empty(row) {
				return nil, &ParseError{Name: t.name, Line: t.lines.at(row), Column: t.names[id],
					Err: fmt.Errorf("%w: every row needs the identifier of its series", ErrMissing)}
			}
			g = int32(len(index))
			index[key] = g
			groups = append(groups, group{first: row})
		}
		starts, of = append(starts, row), append(of, g)
	}
	end := func(block int) int {
		if block+1 == len(starts) {
			return n
		}
		return starts[block+1]
	}
	for b, g := range of {
		groups[g].n += end(b) - starts[b]
	}
	if len(of) == len(groups) {
		return groups, nil
	}
	all := scratch.Make[int32](t.room, n)
	from := 0
	for g := range groups {
		groups[g].list = all[from : from : from+groups[g].n]
		from += groups[g].n
	}
	for b, g := range of {
		for row := starts[b]; row < end(b); row++ {
			groups[g].list = append(groups[g].list, int32(row))
		}
	}
	return groups, nil
}

// inOrder brings the rows of the groups into the order of time, and returns how many were
// not in it.
func (t *table) inOrder(groups []group, r *roles, twice bool) (unsorted int, err error) {
	var buf []int32
	for i := range groups {
		g := &groups[i]
		if g.list == nil && len(r.times.doubled) == 0 && increasing(r.times.times[g.first:g.first+g.n]) {
			continue
		}
		rows := g.rows(buf)
		if g.list == nil {
			buf = rows
		}
		r.times.settle(rows)
		sorted, err := t.sortRows(rows, r, twice)
		if err != nil {
			return 0, err
		}
		if !sorted {
			unsorted++
			if g.list == nil {
				g.list, buf = rows, nil
			}
		}
	}
	return unsorted, nil
}

// numberRows gives the rows of each series the times 1, 2, 3, ...
func (t *table) numberRows(r *roles) *timeColumn {
	col := &timeColumn{times: scratch.Make[float64](t.room, t.rows())}
	next := make(map[string]float64)
	for row := range col.times {
		id := ""
		if r.id >= 0 {
			id = t.text(r.id, row)
		}
		next[id]++
		col.times[row] = next[id]
	}
	return col
}

// sortRows brings the rows of one series into the order of time, and reports
// whether they were in it. A time that occurs twice is an error unless twice is
// set.
func (t *table) sortRows(rows []int32, r *roles, twice bool) (sorted bool, err error) {
	byTime := func(a, b int32) int {
		switch ta, tb := r.times.times[a], r.times.times[b]; {
		case ta < tb:
			return -1
		case ta > tb:
			return 1
		}
		return 0
	}
	if sorted = slices.IsSortedFunc(rows, byTime); !sorted {
		slices.SortStableFunc(rows, byTime)
	}
	for i := 1; i < len(rows) && !twice; i++ {
		if byTime(rows[i-1], rows[i]) < 0 {
			continue
		}
		where := ", also in " + t.place(int(rows[i-1]))
		if r.id >= 0 {
			where = fmt.Sprintf(" in series %q", t.text(r.id, int(rows[i]))) + where
		} else {
			where += "; if there are several series, name the column that tells them apart" + t.singleRows(r)
		}
		where += "; --duplicates mean, sum, first or last brings such rows together, --every day --aggregate sum or count the events of a log"
		if r.times.axis.elapsed() != nil {
			where += "; times of day need a date beside them, in a column that --time names, too: --time date,time"
		}
		if l, err := stamp.Compile(r.times.axis.Layout); err == nil && l.Clocked() && r.times.axis.zoneless() {
			where += "; where clocks are put back, name the zone, as in --zone Europe/Berlin, or write it into the stamps, as in 2006-10-29T02:30:00+01:00"
		}
		return sorted, t.cellError(r.time, int(rows[i]), fmt.Errorf("%w%s", ErrDuplicateTime, where))
	}
	return sorted, nil
}

// singleRows says which column of texts has another in every row, so that it names no series that anything can be
// learned of; nothing if there is none.
func (t *table) singleRows(r *roles) string {
	for _, c := range r.leftOut {
		if cells := t.cells[c]; cells != nil && !t.hasNumbers(c) && len(t.rowsOf(c)) == t.rows() {
			return fmt.Sprintf(" (%q has another text in every row: series of a single row are too short for a forecast)", t.names[c])
		}
	}
	return ""
}

// valuesOf returns readers of columns of numbers, all of whose cells are numbers or
// missing, which those of all rows may be if that is said.
func (t *table) valuesOf(columns []int, na absence, mayLack bool) ([]*numberReader, error) {
	values := make([]*numberReader, len(columns))
	for i, c := range columns {
		if err := t.checkOpen(c); err != nil {
			return nil, err
		}
		r := newNumberReader(t.cells[c], na)
		tally, sure := r.tally()
		for row := 0; row < t.rows() && !(sure && tally.texts == 0); row++ {
			if r.certain(row) {
				continue
			}
			if _, k := r.read(row); k == text || k == infinite {
				return nil, t.cellError(c, row, numberError(t.text(c, row), k))
			}
		}
		if tally.numbers == 0 && !mayLack {
			return nil, &ParseError{Name: t.name, Column: t.names[c],
				Err: fmt.Errorf("%w: the column has no value at all", ErrMissing)}
		}
		values[i] = r
	}
	return values, nil
}
