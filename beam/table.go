package beamtsgen

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/fileio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local" // files of this machine

	"tsgen/series"
	"tsgen/series/formats"
)

// A Table says how the files of a job are read: all of them have the same columns, in any order.
type Table struct {
	Columns   []string // in the order in which shards have them
	ID        []string // the columns of the identifiers; none: a single series
	Time      string   // the columns of the times, with commas between
	Delimiter string   // between cells of CSV
	Bytes     int64    // of all files, unpacked, about
	// MostRows is the number of rows that a series may have; one with more is dead. 0: a million.
	MostRows int
	Version  Version // of a table of BigQuery
	Stamps   []bool  // of it: whether a column is one of time stamps
}

const (
	sniffed     = 1 << 18   // bytes of the first file, which say what the columns are
	mostRows    = 1_000_000 // of a series, unless the table says
	mostSniffed = 10        // files that are tried for it
	mostUnsure  = 500       // rows of it that are left out where they cannot be read
	ratio       = 6         // of unpacked bytes to those of a compressed file, about
)

// Sniff finds out how the files that match the glob are read, from the beginning of the first: CSV,
// which may be compressed, or Parquet; or how the table bq://PROJECT.DATASET.TABLE of BigQuery is. ID
// and times are column names with commas between; empty ones are found as tsgen finds them. The error
// says if there is no such file or table, or what is wrong with it.
func Sniff(ctx context.Context, glob, id, times string) (Table, error) {
	t, panel, name, err := sniffAll(ctx, glob, series.ReadOptions{ID: id, Time: times, MinRows: 1})
	if err != nil {
		return Table{}, err
	}
	switch {
	case id != "":
		t.ID = strings.Split(id, ",")
	case panel.Joint != "":
		t.ID = strings.Split(panel.IDColumn, panel.Joint)
	case panel.IDColumn != "":
		t.ID = []string{panel.IDColumn}
	}
	t.Time = strings.ReplaceAll(panel.TimeColumn, "\t", ",")
	if times != "" {
		t.Time = times
	}
	for _, column := range t.ID {
		if !slices.Contains(t.Columns, column) {
			return Table{}, fmt.Errorf("%s: there is no column %q, the columns are %s", name, column, strings.Join(t.Columns, ", "))
		}
	}
	return t, nil
}

// sniffAll reads the columns and the first rows of what the glob means, and its size, and returns the
// name of what it read.
func sniffAll(ctx context.Context, glob string, opt series.ReadOptions) (t Table, panel *series.Panel, name string, err error) {
	if opt.Name = glob; isBig(glob) {
		t, panel, err = sniffBig(ctx, glob, opt)
		return t, panel, glob, err
	}
	fs, err := filesystem.New(ctx, glob)
	if err != nil {
		return t, nil, "", err
	}
	defer fs.Close()
	names, err := fs.List(ctx, glob)
	if err != nil {
		return t, nil, "", err
	}
	if len(names) == 0 {
		return t, nil, "", fmt.Errorf("no file matches %s", glob)
	}
	slices.Sort(names)
	var unread error // of the first file that cannot be read: they are dead once they are
	for _, name = range names[:min(len(names), mostSniffed)] {
		opt.Name = name
		if t, panel, err = sniff(ctx, name, opt); err == nil {
			break
		}
		unread = cmp.Or(unread, err)
	}
	if err != nil {
		return t, nil, "", unread
	}
	for _, name := range names {
		size, err := fs.Size(ctx, name)
		if err != nil {
			return t, nil, "", err
		}
		if strings.HasSuffix(name, ".gz") || strings.HasSuffix(name, ".parquet") {
			size *= ratio
		}
		t.Bytes += size
	}
	return t, panel, name, nil
}

// sniff reads the columns and the first rows of a file.
func sniff(ctx context.Context, name string, opt series.ReadOptions) (t Table, panel *series.Panel, err error) {
	file := fileio.ReadableFile{Metadata: fileio.FileMetadata{Path: name}}
	t.Delimiter = ","
	if isParquet(name) {
		whole, err := file.Read(ctx)
		if err != nil {
			return t, nil, err
		}
		if t.Columns, err = formats.Columns(bytes.NewReader(whole), int64(len(whole)), name); err != nil {
			return t, nil, err
		}
		panel, _, err = formats.Read(bytes.NewReader(whole), opt)
		return t, panel, err
	}
	in, err := file.Open(ctx)
	if err != nil {
		return t, nil, err
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, sniffed))
	if err != nil {
		return t, nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(text) == sniffed { // the last line may be cut
		text = text[:bytes.LastIndexByte(text, '\n')+1]
	}
	first, _, _ := strings.Cut(string(bytes.TrimPrefix(text, []byte("\ufeff"))), "\n")
	t.Delimiter = delimiterOf(first)
	if t.Columns, err = t.reader(strings.NewReader(first)).Read(); err != nil {
		return t, nil, fmt.Errorf("%s: %w", name, err)
	}
	opt.Delimiter = rune(t.Delimiter[0])
	panel, err = sniffText(text, opt)
	return t, panel, err
}

// sniffText reads rows of CSV, but for those that cannot be read.
func sniffText(text []byte, opt series.ReadOptions) (panel *series.Panel, err error) {
	var refused error       // at first
	for bad := 0; ; bad++ { // rows that are dead once they are read with the others
		var parse *series.ParseError
		panel, _, err = series.ReadCSV(bytes.NewReader(text), opt)
		if err == nil {
			return panel, nil
		}
		refused = cmp.Or(refused, err)
		lines := bytes.SplitAfter(text, []byte("\n"))
		switch {
		case !errors.As(err, &parse) || parse.Line < 2 || parse.Line > len(lines) || bad == mostUnsure:
			return nil, refused
		case parse.Line > mostUnsure: // those before it say enough
			lines = lines[:parse.Line-1]
		default:
			lines = slices.Delete(lines, parse.Line-1, parse.Line)
		}
		text = bytes.Join(lines, nil)
	}
}

// isParquet reports whether a file is read as Parquet: its name says it.
func isParquet(name string) bool { return strings.HasSuffix(name, ".parquet") }

// delimiterOf returns what stands between the cells of a header.
func delimiterOf(header string) string {
	best, most := ",", strings.Count(header, ",")
	for _, d := range []string{";", "\t", "|"} {
		if n := strings.Count(header, d); n > most {
			best, most = d, n
		}
	}
	return best
}

func (t *Table) reader(r io.Reader) *csv.Reader {
	c := csv.NewReader(bufio.NewReaderSize(r, 1<<16))
	c.Comma, c.FieldsPerRecord, c.LazyQuotes = rune(t.Delimiter[0]), -1, true
	return c
}

// flags are those that have tsgen read a shard as the table says.
func (t *Table) flags() []string {
	flags := []string{"--delimiter", t.Delimiter}
	if t.Time != "" {
		flags = append(flags, "--time", t.Time)
	}
	if len(t.ID) > 0 {
		flags = append(flags, "--id", strings.Join(t.ID, ","))
	}
	return flags
}
