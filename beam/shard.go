package beamtsgen

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tsgen/internal/shards"
)

// A row is one of a file.
type row struct {
	file  string
	line  int64
	key   string
	cells []string
}

// A shard is the rows of some series.
type shard struct {
	table *Table
	rows  []row
}

// gather returns the shard of the blocks, in an order that does not depend on how they came. A series
// with too many rows is left out and lost; no more of its rows than it may have are held.
func gather(table *Table, next func(*[]byte) bool, lose func(row, string)) (*shard, error) {
	return gatherSample(table, shards.NewSample(0), next, lose)
}

// gatherSample is gather of a sample of the series, and holds no more than twice as many at a time.
func gatherSample(table *Table, sample *shards.Sample, next func(*[]byte) bool, lose func(row, string)) (*shard, error) {
	most, width := cmp.Or(table.MostRows, mostRows), len(table.Columns)
	x := &shard{table: table}
	count := make(map[string]int)
	leave := func() {
		x.rows = slices.DeleteFunc(x.rows, func(r row) bool { return !sample.Has(r.key) })
		maps.DeleteFunc(count, func(key string, _ int) bool { return !sample.Has(key) })
	}
	bound := sample.Bound()
	err := unpack(next, func(b *Block) {
		admitted := sample.Admit(b.Key)
		if bound != sample.Bound() {
			bound = sample.Bound()
			leave()
		}
		if !admitted {
			return
		}
		if count[b.Key] += len(b.Lines); count[b.Key] > most {
			return
		}
		for i, line := range b.Lines {
			x.rows = append(x.rows, row{b.File, line, b.Key, b.Cells[i*width : (i+1)*width]})
		}
	})
	if err != nil {
		return nil, err
	}
	sample.Close()
	leave()
	x.sort()
	x.rows = slices.DeleteFunc(x.rows, func(r row) bool { return count[r.key] > most })
	for _, key := range slices.Sorted(maps.Keys(count)) {
		if count[key] > most {
			lose(row{key: key}, fmt.Sprintf("more than %d rows, which a series may have; --most-rows allows more", most))
		}
	}
	return x, nil
}

// sort orders the rows by series, file and line.
func (x *shard) sort() {
	slices.SortFunc(x.rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line))
	})
}

// csv returns the shard as a table, and the row that begins on each line.
func (x *shard) csv() (text []byte, lines map[int]int) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = rune(x.table.Delimiter[0])
	w.Write(x.table.Columns)
	lines = make(map[int]int, len(x.rows))
	line := 2 + breaks(x.table.Columns)
	for i, row := range x.rows {
		lines[line] = i
		w.Write(row.cells)
		line += 1 + breaks(row.cells)
	}
	w.Flush() // into memory: it cannot fail
	return b.Bytes(), lines
}

// breaks counts the line breaks within cells.
func breaks(cells []string) (n int) {
	for _, c := range cells {
		n += strings.Count(c, "\n")
	}
	return n
}

// series returns a shard for each series.
func (x *shard) series() []*shard {
	var all []*shard
	for from := 0; from < len(x.rows); {
		to := from
		for to < len(x.rows) && x.rows[to].key == x.rows[from].key {
			to++
		}
		all = append(all, &shard{x.table, slices.Clone(x.rows[from:to])})
		from = to
	}
	return all
}

// readable returns a key as people write it.
func readable(key string) string { return strings.ReplaceAll(key, "\x00", ",") }
