package beamtsgen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/fileio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

// A Row is one row of a file.
type Row struct {
	File  string
	Line  int64
	Key   string   // of its series: the cells of the identifiers, with a zero byte between
	Cells []string // in the order of the table's columns
}

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
	register.DoFn4x1[context.Context, fileio.ReadableFile, func(string, Row), func(Dead), error](&readFn{})
	register.Emitter2[string, Row]()
	register.Emitter1[Dead]()
}

// Read returns the rows of all files that match the glob, by the keys of their series, and the rows
// and files that cannot be read. Files that end with .gz are unpacked.
func Read(s beam.Scope, glob string, table Table) (rows, dead beam.PCollection) {
	s = s.Scope("tsgen.Read")
	files := fileio.ReadMatches(s, fileio.MatchFiles(s, glob, fileio.MatchEmptyDisallow()))
	return beam.ParDo2(s, &readFn{Table: table}, beam.Reshuffle(s, files))
}

type readFn struct {
	Table Table
}

// ProcessElement reads one file.
func (f *readFn) ProcessElement(ctx context.Context, file fileio.ReadableFile, emit func(string, Row), dead func(Dead)) error {
	name := file.Metadata.Path
	lost := func(line int64, format string, args ...any) {
		deadRows.Inc(ctx, 1)
		dead(Dead{File: name, Line: line, Reason: fmt.Sprintf(format, args...)})
	}
	in, err := file.Open(ctx)
	if err != nil {
		return err
	}
	defer in.Close()
	cells := f.Table.reader(in)
	header, err := cells.Read()
	if errors.Is(err, io.EOF) {
		lost(0, "the file is empty")
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(header) > 0 {
		header[0] = strings.TrimPrefix(header[0], "\ufeff")
	}
	from, missing := places(f.Table.Columns, header)
	if missing != "" {
		lost(0, "there is no column %q", missing)
		return nil
	}
	keys, _ := places(f.Table.ID, f.Table.Columns)
	for {
		record, err := cells.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		line, _ := cells.FieldPos(0)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err) // what is read of it would be less than there is
		}
		if len(record) != len(header) {
			lost(int64(line), "%d cells, the header has %d", len(record), len(header))
			continue
		}
		row := Row{File: name, Line: int64(line), Cells: make([]string, len(from))}
		for i, j := range from {
			row.Cells[i] = record[j]
		}
		var key []string
		for _, k := range keys {
			key = append(key, row.Cells[k])
		}
		row.Key = strings.Join(key, "\x00")
		rowsRead.Inc(ctx, 1)
		emit(row.Key, row)
	}
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
