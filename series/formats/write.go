package formats

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"

	"tsgen/series"
)

// Write writes a table in a format. The text is the table as CSV with commas, as it was
// written of the series of p, which says which columns are identifiers; p may be nil.
// Texts are compressed by gzip if that is asked for; other formats are never.
func Write(w io.Writer, f Format, compressed bool, text []byte, p *series.Panel) error {
	return write(w, f, compressed, text, p, nil)
}

// WritePart writes a part of a table as Write does, without compression. The columns ids hold texts
// even where all those of the part are numbers, so that all parts have columns of the same types.
func WritePart(w io.Writer, f Format, text []byte, ids []string) error {
	return write(w, f, false, text, nil, ids)
}

func write(w io.Writer, f Format, compressed bool, text []byte, p *series.Panel, ids []string) (err error) {
	if compressed && f.isText() {
		packed := gzip.NewWriter(w)
		defer func() {
			if e := packed.Close(); err == nil {
				err = e
			}
		}()
		w = packed
	}
	switch f {
	case CSV, "":
		_, err := w.Write(text)
		return err
	case TSV:
		return writeTSV(w, text)
	}
	t, err := typedOf(bytes.NewReader(text), p, ids)
	if err != nil {
		return err
	}
	switch f {
	case Parquet:
		return writeParquet(w, t)
	case Arrow, ArrowStream:
		return writeArrow(w, t, f == ArrowStream)
	case JSONLines, JSON:
		out := bufio.NewWriter(w)
		if err := writeJSON(out, t, f == JSON); err != nil {
			return err
		}
		return out.Flush()
	}
	return fmt.Errorf("%w: %q", ErrFormat, f)
}

// writeTSV writes the table with tabs.
func writeTSV(w io.Writer, text []byte) error {
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return fmt.Errorf("formats: %w", err)
	}
	out := csv.NewWriter(w)
	out.Comma = '\t'
	return out.WriteAll(rows)
}
