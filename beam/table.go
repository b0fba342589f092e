package beamtsgen

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/fileio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local" // files of this machine

	"tsgen/series"
)

// A Table says how the files of a job are read: all of them have the same columns, in any order.
type Table struct {
	Columns   []string // in the order in which shards have them
	ID        []string // the columns of the identifiers; none: a single series
	Time      string   // the columns of the times, with commas between
	Delimiter string   // between cells
}

// sniffed is how much of the first file says what the columns are.
const sniffed = 1 << 18

// Sniff finds out how the files that match the glob are read, from the beginning of the first. ID
// and times are column names with commas between; empty ones are found as tsgen finds them. The
// error says if there is no such file, or what is wrong with it.
func Sniff(ctx context.Context, glob, id, times string) (Table, error) {
	fs, err := filesystem.New(ctx, glob)
	if err != nil {
		return Table{}, err
	}
	defer fs.Close()
	names, err := fs.List(ctx, glob)
	if err != nil {
		return Table{}, err
	}
	if len(names) == 0 {
		return Table{}, fmt.Errorf("no file matches %s", glob)
	}
	slices.Sort(names)
	in, err := fileio.ReadableFile{Metadata: fileio.FileMetadata{Path: names[0]}}.Open(ctx)
	if err != nil {
		return Table{}, err
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, sniffed))
	if err != nil {
		return Table{}, fmt.Errorf("%s: %w", names[0], err)
	}
	if len(text) == sniffed { // the last line may be cut
		text = text[:bytes.LastIndexByte(text, '\n')+1]
	}
	first, _, _ := strings.Cut(string(bytes.TrimPrefix(text, []byte("\ufeff"))), "\n")
	t := Table{Delimiter: delimiterOf(first)}
	panel, _, err := series.ReadCSV(bytes.NewReader(text), series.ReadOptions{
		Name: names[0], ID: id, Time: times, Delimiter: rune(t.Delimiter[0]),
	})
	if err != nil {
		return Table{}, err
	}
	if t.Columns, err = t.reader(strings.NewReader(first)).Read(); err != nil {
		return Table{}, fmt.Errorf("%s: %w", names[0], err)
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
	for _, name := range t.ID {
		if !slices.Contains(t.Columns, name) {
			return Table{}, fmt.Errorf("%s: there is no column %q, the columns are %s", names[0], name, strings.Join(t.Columns, ", "))
		}
	}
	return t, nil
}

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
	c := csv.NewReader(bufio.NewReader(r))
	c.Comma, c.FieldsPerRecord, c.LazyQuotes, c.ReuseRecord = rune(t.Delimiter[0]), -1, true, false
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
