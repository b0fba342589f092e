package formats

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// A Format is a way in which a table is kept.
type Format string

// The formats.
const (
	CSV         Format = "csv" // text with commas
	TSV         Format = "tsv" // text with tabs
	Parquet     Format = "parquet"
	Arrow       Format = "arrow"  // an Arrow IPC file, as Feather version 2
	ArrowStream Format = "arrows" // an Arrow IPC stream
	JSONLines   Format = "jsonl"  // an object for each row, one a line
	JSON        Format = "json"   // an array of such objects
)

// ErrFormat is the error of a format that is not known.
var ErrFormat = errors.New("no known format")

// endings are the endings of files, each with its format.
var endings = []struct {
	ending string
	format Format
}{
	{".csv", CSV}, {".txt", CSV}, {".tsv", TSV}, {".tab", TSV},
	{".parquet", Parquet}, {".pq", Parquet},
	{".arrow", Arrow}, {".feather", Arrow}, {".ipc", Arrow}, {".arrows", ArrowStream},
	{".jsonl", JSONLines}, {".ndjson", JSONLines}, {".json", JSON},
}

// gzipEnding is that of texts compressed by gzip, after the ending of the format.
const gzipEnding = ".gz"

// Formats returns all formats.
func Formats() []Format {
	return []Format{CSV, TSV, Parquet, Arrow, ArrowStream, JSONLines, JSON}
}

// Endings returns the endings of files whose format is known, without compression.
func Endings() []string {
	var all []string
	for _, e := range endings {
		all = append(all, e.ending)
	}
	return all
}

// Of returns the format of the file that is called so, by its ending, whatever its case,
// and whether it is compressed by gzip. A name without an ending is CSV. The error wraps
// ErrFormat.
func Of(path string) (f Format, compressed bool, err error) {
	name := strings.ToLower(filepath.Base(path))
	plain, compressed := strings.CutSuffix(name, gzipEnding)
	ending := filepath.Ext(plain)
	if ending == "" && !compressed {
		return CSV, false, nil
	}
	for _, e := range endings {
		if e.ending == ending && (!compressed || e.format.isText()) {
			return e.format, compressed, nil
		}
	}
	return "", false, fmt.Errorf("%w: %q ends in none of %s, nor those of texts and %s", ErrFormat, filepath.Base(path), strings.Join(Endings(), ", "), gzipEnding)
}

// Named returns the format with that name. The error wraps ErrFormat.
func Named(name string) (Format, error) {
	if f := Format(strings.ToLower(name)); slices.Contains(Formats(), f) {
		return f, nil
	}
	var names []string
	for _, f := range Formats() {
		names = append(names, string(f))
	}
	return "", fmt.Errorf("%w: %q, want one of %s", ErrFormat, name, strings.Join(names, ", "))
}

// isText reports whether a file of the format is text.
func (f Format) isText() bool { return f == CSV || f == TSV || f == JSONLines || f == JSON }
