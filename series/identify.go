package series

import (
	"fmt"
	"iter"
	"maps"
	"slices"

	"gonum.org/v1/gonum/stat/combin"

	"tsgen/series/internal/packed"
)

// sniffID finds the column that identifies the series, or -1: a column named
// like one whose values repeat, or else a column within whose values the times
// do not repeat though they do in the file, or rise in blocks though they do not in the file.
func (t *table) sniffID(r *roles, asked []int) int {
	free := func(c int) bool {
		rank, _ := timeRank(t.names[c])
		return c != r.time && rank == 0 && !slices.Contains(r.parts, c) && !slices.Contains(asked, c) && !t.isTarget(c)
	}
	for c, name := range t.names {
		if !idName(name) || !free(c) || t.rows() > 1 && !repeats(t.cells[c].Keys().All()) {
			continue
		}
		if r.times != nil && t.doubled(c, r.times.times) > oftenDoubled {
			if parts := t.sniffParts(r, c, func(other int) bool { return free(other) && !t.hasNumbers(other) }); parts >= 0 {
				return parts
			}
		}
		return c
	}
	if r.times == nil || increasing(r.times.times) {
		return -1
	}
	if !repeats(slices.Values(r.times.times)) {
		for c := range t.names {
			if free(c) && t.separates(c, r.times.times, true) {
				return c
			}
		}
		return -1
	}
	nearly := -1 // a column within whose values few times repeat, as by mistake
	for c := range t.names {
		switch numbers := t.hasNumbers(c); {
		case !free(c):
		case t.separates(c, r.times.times, numbers):
			return c
		case nearly < 0 && !numbers && 2*len(t.rowsOf(c)) <= t.rows() && t.doubled(c, r.times.times) <= seldomDoubled:
			nearly = c
		}
	}
	kept, parts := len(t.names), slices.Clone(r.parts)
	c := t.sniffParts(r, -1, free)
	if c >= 0 && nearly >= 0 && t.lonely(c) {
		t.names, t.cells, r.parts, r.joint = t.names[:kept], t.cells[:kept], parts, ""
		c = -1
	}
	if c < 0 {
		return nearly
	}
	return c
}

const (
	// seldomDoubled is the share of the rows up to which times that occur twice within the
	// values of a column are mistakes, oftenDoubled that from which on the column is only a
	// part of what names the series.
	seldomDoubled, oftenDoubled = 0.05, 0.25
)

// mostTold is the number of values of a column, the first ones, that tell how often times repeat
// within them.
const mostTold = 1000

// doubled returns the share of the rows of a column's values whose time occurred before within the
// value.
func (t *table) doubled(c int, times []float64) float64 {
	keys := t.cells[c].Keys()
	seen := make(map[packed.Key]map[float64]bool)
	rows, doubled := 0, 0
	for row, at := range times {
		id := keys.At(row)
		own, told := seen[id]
		if !told {
			if len(seen) == mostTold {
				continue
			}
			own = make(map[float64]bool)
			seen[id] = own
		}
		if rows++; own[at] {
			doubled++
		}
		own[at] = true
	}
	return float64(doubled) / float64(rows)
}

// rowsOf returns in how many rows each cell of a column stands.
func (t *table) rowsOf(c int) map[packed.Key]int {
	rows := make(map[packed.Key]int)
	for k := range t.cells[c].Keys().All() {
		rows[k]++
	}
	return rows
}

// lonely reports whether a cell of a column stands in one row only.
func (t *table) lonely(c int) bool {
	return slices.Contains(slices.Collect(maps.Values(t.rowsOf(c))), 1)
}

// sniffParts finds the first two or three columns, of texts before numbers, that together
// separate the series, and joins them, or returns -1. One of them is a column that was found
// to be a part, unless that is -1; the others are free.
func (t *table) sniffParts(r *roles, part int, free func(c int) bool) int {
	var columns, parts []int
	if part >= 0 {
		parts = []int{part}
	}
	for _, numbers := range []bool{false, true} {
		for c, cells := range t.cells {
			if c != part && free(c) && varies(cells) && t.hasNumbers(c) == numbers && len(columns) < 8 {
				columns = append(columns, c)
			}
		}
	}
	for n := 2 - len(parts); n <= min(3-len(parts), len(columns)); n++ {
		for _, chosen := range combin.Combinations(len(columns), n) {
			joined, numbers := slices.Clone(parts), false
			for _, i := range chosen {
				joined = append(joined, columns[i])
				numbers = numbers || t.hasNumbers(columns[i])
			}
			if c := t.tryParts(r, joined, numbers); c >= 0 {
				return c
			}
		}
	}
	return -1
}

// tryParts joins columns that together separate the series, or returns -1.
func (t *table) tryParts(r *roles, columns []int, numbers bool) int {
	slices.Sort(columns)
	kept, joint := len(t.names), t.joint(columns)
	c := t.join(columns, joint)
	if t.separates(c, r.times.times, numbers) {
		r.joint, r.parts = joint, append(r.parts, columns...)
		return c
	}
	t.names, t.cells = t.names[:kept], t.cells[:kept]
	return -1
}

// hasNumbers reports whether some cell of column c is a number.
func (t *table) hasNumbers(c int) bool { return tallyColumn(t.cells[c], absence{}).numbers > 0 }

// repeated reports whether some time occurs twice.
func repeated(times []float64) bool { return !increasing(times) && repeats(slices.Values(times)) }

func repeats[T comparable](x iter.Seq[T]) bool {
	seen := make(map[T]bool)
	for v := range x {
		if seen[v] {
			return true
		}
		seen[v] = true
	}
	return false
}

// leastRises is the number of times that numbers rise within series, from which on that is no chance.
const leastRises = 10

// risingTime takes for the time the first column of numbers that rise in every block of a column which names series by texts, or by
// its name: the age of children, the distance of runners.
func (t *table) risingTime(r *roles, opt *ReadOptions, free func(c int) bool) {
	for id, name := range t.names {
		if !free(id) || t.hasNumbers(id) && !idName(name) || t.rows()-len(t.rowsOf(id)) < leastRises {
			continue
		}
		for c, name := range t.names {
			if c == id || !free(c) || idName(name) || !t.numeric(name, absent(opt.NA)) {
				continue
			}
			how := opt.reading(name)
			how.calendar = false
			times, err := t.parseTimes(c, how)
			if err != nil || !t.separates(id, times.times, true) {
				continue
			}
			times.remarks = append(times.remarks, fmt.Sprintf("no column is named as a time: %q, whose numbers rise for each %s, is taken for it; --time names another", name, t.names[id]))
			r.time, r.times = c, times
			return
		}
	}
}

// separates reports whether the times do not repeat within the groups of equal
// values in column c. The groups must have two rows in the mean and, of numbers,
// must come in blocks in which the time rises.
func (t *table) separates(c int, times []float64, numbers bool) bool {
	cells := t.cells[c]
	type key struct {
		id packed.Key
		t  float64
	}
	keys := cells.Keys()
	groups := make(map[packed.Key]bool)
	var last packed.Key
	blocks, rising := 0, true
	for row := range cells.Len() {
		id := keys.At(row)
		if row > 0 && id == last {
			rising = rising && times[row] > times[row-1]
			continue
		}
		if cells.Empty(row) {
			return false
		}
		blocks, last = blocks+1, id
		groups[id] = true
	}
	if len(groups)*2 > cells.Len() {
		return false
	}
	if blocks == len(groups) && rising {
		return true
	}
	if numbers {
		return false
	}
	return !repeats(func(yield func(key) bool) {
		for row := range cells.Len() {
			if !yield(key{keys.At(row), times[row]}) {
				return
			}
		}
	})
}
