// Package document writes tables and pictures as one HTML file that needs nothing beside it: no
// script, no font, no network. It is light or dark as its reader's system is, and
// prints.
package document

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"

	"tsgen/plots"
)

// A Report is a document of sections.
type Report struct {
	Title    string
	Subtitle string
	Sections []Section
	Colophon []Fact // how the report was made, at its end
}

// A Section is a part of a report under a heading. What is empty of it is left out.
type Section struct {
	Title   string
	Text    []string // paragraphs
	Facts   []Fact
	Tables  []Table
	Figures []Figure
}

// A Fact is a name and what is to be said of it.
type Fact struct{ Name, Value string }

// A Table has a caption, titles of its columns, and rows of cells. Cells that are numbers
// stand to the right. The row Best, from 1, is marked.
type Table struct {
	Caption string
	Columns []string
	Rows    [][]string
	Best    int
}

// A Figure is a picture and what it says to those who do not see it.
type Figure struct {
	Picture *plots.Figure
	Caption string
}

//go:embed document.html
var page string

var number = regexp.MustCompile(`^[-+]?[0-9][0-9,.]*(e[-+]?[0-9]+)?( ?%)?$|^-$`)

// Write writes the report. The error is that of the writer, or of a picture that cannot be
// drawn.
func (r *Report) Write(w io.Writer) error {
	drawn := 0
	funcs := template.FuncMap{
		"numeric": number.MatchString,
		"anchor":  anchor,
		"inc":     func(i int) int { return i + 1 },
		"svg": func(f *plots.Figure) (template.HTML, error) {
			drawn++
			return inline(f, drawn)
		},
	}
	t, err := template.New("document").Funcs(funcs).Parse(page)
	if err != nil {
		return fmt.Errorf("document: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, r); err != nil {
		return fmt.Errorf("document: %w", err)
	}
	_, err = b.WriteTo(w)
	return err
}

// anchor returns the name of a heading within the page.
func anchor(title string) string {
	return strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(title), "-"), "-")
}

// inline returns a picture as an element of the page, which grows and shrinks with it. Names
// within it are its own, by its number.
func inline(f *plots.Figure, n int) (template.HTML, error) {
	var b bytes.Buffer
	if err := f.Save(&b, "svg"); err != nil {
		return "", err
	}
	_, svg, ok := strings.Cut(b.String(), "<svg")
	if !ok {
		return "", fmt.Errorf("document: picture %d is no SVG", n)
	}
	size := regexp.MustCompile(`^\s+width="([0-9.]+)pt" height="([0-9.]+)pt"`)
	svg = size.ReplaceAllString(svg, ` aria-hidden="true" style="aspect-ratio: $1 / $2; max-width: calc($1 * 1.25px)"`)
	return template.HTML("<svg" + svg), nil // drawn by this program, which escapes texts
}
