// Package report prints the tables that a benchmark measured and puts them into
// the document that shows them.
//
// A document is Markdown. A table stands between two lines,
//
//	<!-- table NAME -->
//	<!-- /table NAME -->
//
// and all that is between them is replaced.
package report

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"tsgen/internal/atomicfile"
)

// A Report prints tables and replaces those of a document.
type Report struct {
	w        io.Writer
	document string // path; empty for none
}

// New returns a report that prints to w and replaces the tables of the document
// at the given path; with an empty path it only prints. So that nothing is
// measured in vain, it is an error if the document lacks a table of one of the
// names.
func New(w io.Writer, document string, names ...string) (*Report, error) {
	if document != "" {
		text, err := os.ReadFile(document)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if _, err := Replace(string(text), name, ""); err != nil {
				return nil, fmt.Errorf("%s: %w", document, err)
			}
		}
	}
	return &Report{w, document}, nil
}

// Table prints the table that write writes, as it is written, and once it is
// complete replaces the one of the given name in the document.
func (r *Report) Table(name string, write func(io.Writer) error) error {
	var table bytes.Buffer
	if err := write(io.MultiWriter(r.w, &table)); err != nil || r.document == "" {
		return err
	}
	text, err := os.ReadFile(r.document)
	if err != nil {
		return err
	}
	replaced, err := Replace(string(text), name, table.String())
	if err != nil {
		return fmt.Errorf("%s: %w", r.document, err)
	}
	return atomicfile.Write(r.document, func(w io.Writer) error {
		_, err := io.WriteString(w, replaced)
		return err
	})
}

// Replace returns the text with the table between the two markers of the given
// name replaced. It is an error if a marker is missing, stands twice, or if the
// second comes first.
func Replace(text, name, table string) (string, error) {
	first, last := "<!-- table "+name+" -->\n", "<!-- /table "+name+" -->\n"
	for _, marker := range []string{first, last} {
		if n := strings.Count(text, marker); n != 1 {
			return "", fmt.Errorf("%d lines %q, want 1", n, strings.TrimSpace(marker))
		}
	}
	before, rest, _ := strings.Cut(text, first)
	_, after, ok := strings.Cut(rest, last)
	if !ok {
		return "", fmt.Errorf("%q comes before %q", strings.TrimSpace(last), strings.TrimSpace(first))
	}
	return before + first + "\n" + strings.TrimSpace(table) + "\n\n" + last + after, nil
}
