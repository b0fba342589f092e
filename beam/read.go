package beamtsgen

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/fileio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"tsgen/series/formats"
)

// A Dead is a row or a series that cannot be used.
type Dead struct {
	File   string
	Line   int64  // 0 if a whole series or file is meant
	Key    string // of the series, if one is meant
	Reason string
}

var (
	deadRows   = beam.NewCounter("tsgen", "dead_rows")
	deadSeries = beam.NewCounter("tsgen", "dead_series")
	rowsRead   = beam.NewCounter("tsgen", "rows")
	seriesDone = beam.NewCounter("tsgen", "series")
)

func init() {
	register.DoFn4x1[context.Context, fileio.ReadableFile, func(string, Block), func(Dead), error](&readFn{})
	register.Emitter2[string, Block]()
	register.Emitter1[Dead]()
}

// Read returns the rows of all files that match the glob, by the keys of their series, and the rows
// and files that cannot be read. Files that end with .gz are unpacked, those that end with .parquet
// are read as Parquet, all others as CSV; bq://PROJECT.DATASET.TABLE is a table of BigQuery, whose rows
// are counted from 1.
func Read(s beam.Scope, glob string, table Table) (rows, dead beam.PCollection) {
	s = s.Scope("tsgen.Read")
	if isBig(glob) {
		return readTable(s, glob, table, spanRows)
	}
	files := fileio.ReadMatches(s, fileio.MatchFiles(s, glob, fileio.MatchEmptyDisallow()))
	return beam.ParDo2(s, &readFn{Table: table}, beam.Reshuffle(s, files))
}

type readFn struct {
	Table Table
}

// ProcessElement reads one file.
func (f *readFn) ProcessElement(ctx context.Context, file fileio.ReadableFile, emit func(string, Block), dead func(Dead)) error {
	name := file.Metadata.Path
	g := newGatherer(ctx, &f.Table, name, emit, dead)
	var err error
	if isParquet(name) {
		var whole []byte
		if whole, err = file.Read(ctx); err == nil {
			err = g.parquet(whole)
		}
	} else {
		var in io.ReadCloser
		if in, err = file.Open(ctx); err == nil {
			err = errors.Join(g.csv(f.Table.reader(in)), in.Close())
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err) // what is read of it would be less than there is
	}
	g.done(ctx)
	return nil
}

// A gatherer brings the rows of a file together by their series.
type gatherer struct {
	table *Table
	file  string
	from  []int // the place in the file of each column of the table
	keys  []int // the columns of the identifiers in the table
	emit  func(string, Block)
	lost  func(line int64, format string, args ...any)

	blocks map[string]*Block
	order  []string
	held   int            // rows in the blocks
	rows   map[string]int // of each series so far
	total  int64
}

func newGatherer(ctx context.Context, table *Table, file string, emit func(string, Block), dead func(Dead)) *gatherer {
	return &gatherer{
		table: table, file: file, emit: emit, blocks: make(map[string]*Block), rows: make(map[string]int),
		lost: func(line int64, format string, args ...any) {
			deadRows.Inc(ctx, 1)
			dead(Dead{File: file, Line: line, Reason: fmt.Sprintf(format, args...)})
		},
	}
}

// mostHeld is how many rows of a file are brought together by their series at a time, and mostBlock
// how many a block has: a file that is sorted by time has those of a series far apart.
const mostHeld, mostBlock = 1 << 16, 1 << 12

// begin finds the columns in those of the file; it is false if one is missing.
func (g *gatherer) begin(header []string) bool {
	var missing string
	if g.from, missing = places(g.table.Columns, header); missing != "" {
		g.lost(0, "there is no column %q", missing)
		return false
	}
	g.keys, _ = places(g.table.ID, g.table.Columns)
	return true
}

// add takes a row of the file.
func (g *gatherer) add(line int64, record []string) {
	key := ""
	for i, k := range g.keys {
		if i > 0 {
			key += "\x00"
		}
		key += record[g.from[k]]
	}
	g.total++
	if g.rows[key]++; g.rows[key] > cmp.Or(g.table.MostRows, mostRows)+1 {
		return // one too many is enough for the series to be dead
	}
	b := g.blocks[key]
	if b == nil {
		b = &Block{File: g.file, Key: key}
		g.blocks[key] = b
		g.order = append(g.order, key)
	}
	b.Lines = append(b.Lines, line)
	for _, j := range g.from {
		b.Cells = append(b.Cells, record[j])
	}
	if len(b.Lines) == mostBlock {
		g.emit(key, *b)
		g.held -= mostBlock
		*b = Block{File: g.file, Key: key}
	}
	if g.held++; g.held >= mostHeld {
		g.flush()
	}
}

// flush passes on the rows that are held.
func (g *gatherer) flush() {
	for _, key := range g.order {
		if b := g.blocks[key]; len(b.Lines) > 0 {
			g.emit(key, *b)
		}
	}
	clear(g.blocks)
	g.order, g.held = nil, 0
}

// done passes on the last rows and counts all.
func (g *gatherer) done(ctx context.Context) {
	g.flush()
	rowsRead.Inc(ctx, g.total)
}

func (g *gatherer) csv(cells *csv.Reader) error {
	header, err := cells.Read()
	if errors.Is(err, io.EOF) {
		g.lost(0, "the file is empty")
		return nil
	}
	if err != nil {
		return err
	}
	if len(header) > 0 {
		header[0] = strings.TrimPrefix(header[0], "\ufeff")
	}
	if !g.begin(header) {
		return nil
	}
	width := len(header)
	cells.ReuseRecord = true
	for {
		record, err := cells.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		line, _ := cells.FieldPos(0)
		if len(record) != width {
			g.lost(int64(line), "%d cells, the header has %d", len(record), width)
			continue
		}
		g.add(int64(line), record)
	}
}

func (g *gatherer) parquet(whole []byte) error {
	columns, err := formats.Columns(bytes.NewReader(whole), int64(len(whole)), "")
	if err != nil || !g.begin(columns) {
		return err
	}
	line := int64(0)
	return formats.Rows(bytes.NewReader(whole), int64(len(whole)), "", func(cells []string) error {
		line++
		g.add(line, cells)
		return nil
	})
}

// places returns where in a header the columns stand, or the first that is missing.
func places(columns, header []string) (at []int, missing string) {
	for _, c := range columns {
		i := 0
		for i < len(header) && header[i] != c {
			i++
		}
		if i == len(header) {
			return nil, c
		}
		at = append(at, i)
	}
	return at, ""
}
