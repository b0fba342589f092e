package series

import (
	"fmt"
	"slices"

	"tsgen/series/internal/stamp"
)

// group returns the rows of each series, in the order in which the series
// first occur.
func (t *table) group(id int) ([][]int, error) {
	if id < 0 {
		all := make([]int, len(t.lines))
		for i := range all {
			all[i] = i
		}
		return [][]int{all}, nil
	}
	var groups [][]int
	index := make(map[string]int)
	for row, name := range t.cells[id] {
		if name == "" {
			return nil, &ParseError{Name: t.name, Line: t.lines[row], Column: t.names[id],
				Err: fmt.Errorf("%w: every row needs the identifier of its series", ErrMissing)}
		}
		g, ok := index[name]
		if !ok {
			g = len(groups)
			index[name] = g
			groups = append(groups, nil)
		}
		groups[g] = append(groups[g], row)
	}
	return groups, nil
}

// numberRows gives the rows of each series the times 1, 2, 3, ...
func (t *table) numberRows(r *roles) *timeColumn {
	col := &timeColumn{times: make([]float64, len(t.lines))}
	next := make(map[string]float64)
	for row := range col.times {
		id := ""
		if r.id >= 0 {
			id = t.cells[r.id][row]
		}
		next[id]++
		col.times[row] = next[id]
	}
	return col
}

// sortRows brings the rows of one series into the order of time, and reports
// whether they were in it.
func (t *table) sortRows(rows []int, r *roles) (sorted bool, err error) {
	byTime := func(a, b int) int {
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
	for i := 1; i < len(rows); i++ {
		if byTime(rows[i-1], rows[i]) < 0 {
			continue
		}
		where := fmt.Sprintf(", also in line %d", t.lines[rows[i-1]])
		if r.id >= 0 {
			where = fmt.Sprintf(" in series %q", t.cells[r.id][rows[i]]) + where
		} else {
			where += "; if there are several series, name the column that tells them apart"
		}
		if l, err := stamp.Compile(r.times.axis.Layout); err == nil && l.Clocked() && r.times.axis.zoneless() {
			where += "; where clocks are put back, name the zone, as in --zone Europe/Berlin, or write it into the stamps, as in 2006-10-29T02:30:00+01:00"
		}
		return sorted, t.cellError(r.time, rows[i], fmt.Errorf("%w%s", ErrDuplicateTime, where))
	}
	return sorted, nil
}

// parseValues reads columns of numbers.
func (t *table) parseValues(columns []int, na absence) ([][]float64, error) {
	values := make([][]float64, len(columns))
	for i, c := range columns {
		values[i] = make([]float64, len(t.lines))
		found := false
		for row, cell := range t.cells[c] {
			v, k := parseNumber(cell, na)
			if k == text || k == infinite {
				return nil, t.cellError(c, row, numberError(cell, k))
			}
			values[i][row] = v
			found = found || k == number
		}
		if !found {
			return nil, &ParseError{Name: t.name, Column: t.names[c],
				Err: fmt.Errorf("%w: the column has no value at all", ErrMissing)}
		}
	}
	return values, nil
}
