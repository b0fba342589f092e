package series

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"tsgen/series/internal/packed"
)

// A Table is a table of named columns of texts, into which a reader of another
// format than CSV puts what it reads. It is read as CSV text is, and errors name its
// rows. It is not safe for concurrent use.
type Table struct {
	table table
	bytes int64 // of the cells as text
}

// NewTable returns a table without rows. The name is that of the input in errors. If
// byRow is set, the places of its rows are numbers of rows, counted from 1, and else
// lines of a text. The error is a *ParseError if there is no column, or two have the
// same name.
func NewTable(name string, columns []string, byRow bool) (*Table, error) {
	t := &Table{table: table{name: name, byRow: byRow, plain: make(map[int]bool)}}
	seen := make(map[string]int, len(columns))
	for i, c := range columns {
		c = strings.TrimSpace(c)
		if !utf8.ValidString(c) {
			return nil, &ParseError{Name: name, Column: c, Err: errNoText}
		}
		if c == "" {
			c = unnamed(i)
		}
		if j, twice := seen[c]; twice {
			return nil, &ParseError{Name: name, Column: c, Err: fmt.Errorf("%w: columns %d and %d have the same name", ErrColumns, j+1, i+1)}
		}
		seen[c] = i
		t.table.names = append(t.table.names, c)
		t.table.cells = append(t.table.cells, &packed.Column{})
	}
	if len(columns) == 0 {
		return nil, &ParseError{Name: name, Err: fmt.Errorf("%w: it has no columns that can be read", ErrEmpty)}
	}
	return t, nil
}

// errNoText is what is wrong with a text that is not UTF-8.
var errNoText = fmt.Errorf("%w: this is not UTF-8", ErrSyntax)

// Append appends a cell, which is copied, to a column; an empty one is a missing value.
// Every column must get as many cells as Row is called.
func (t *Table) Append(column int, cell []byte) {
	t.table.cells[column].Append(cell)
	t.bytes += int64(len(cell)) + 1
}

// Bytes returns the number of bytes that the cells have as text, with what parts them.
func (t *Table) Bytes() int64 { return t.bytes }

// Row appends a row, which stands at the given place: its number or line.
func (t *Table) Row(place int) { t.table.lines.append(place) }

// Plain says that the cells of a column are numbers as programs write them, whatever the
// options say of the marks of decimals and thousands.
func (t *Table) Plain(column int) { t.table.plain[column] = true }

// Remark adds something that a user might not expect of how the table was read.
func (t *Table) Remark(text string) { t.table.remarks = append(t.table.remarks, text) }

// Panel makes series of the table, as ReadCSV does of text. A table is read once.
func (t *Table) Panel(opt ReadOptions) (*Panel, *Sniffed, error) {
	if err := t.check(); err != nil {
		return nil, nil, err
	}
	p, s, err := t.table.panel(&opt)
	return p, s, t.placed(err)
}

// Future makes times to forecast of the table, as ReadFuture does of text.
func (t *Table) Future(p *Panel, opt ReadOptions) (*Panel, [][]float64, error) {
	if err := t.check(); err != nil {
		return nil, nil, err
	}
	q, at, err := t.table.future(p, opt)
	return q, at, t.placed(err)
}

// Times makes times of series of p of the table, as ReadTimes does of text.
func (t *Table) Times(p *Panel, opt ReadOptions) ([][]float64, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	at, err := t.table.timesOf(p, opt)
	return at, t.placed(err)
}

// check says what a table lacks, or which cell is no text.
func (t *Table) check() error {
	if t.table.rows() == 0 {
		return &ParseError{Name: t.table.name, Err: ErrNoRows}
	}
	for c, cells := range t.table.cells {
		if !cells.Any(func(s string) bool { return !utf8.ValidString(s) }) {
			continue
		}
		for row := range cells.Len() {
			if !utf8.ValidString(cells.Text(row)) {
				return t.placed(t.table.cellError(c, row, errNoText))
			}
		}
	}
	return nil
}

// placed says in an error whether its place is a row.
func (t *Table) placed(err error) error {
	var e *ParseError
	if t.table.byRow && errors.As(err, &e) {
		e.ByRow = true
	}
	return err
}

// AddColumn adds a column to the right, in which the rows so far have missing values, and
// returns its index. A name that is empty or taken gets that of its place.
func (t *Table) AddColumn(name string) int {
	n := len(t.table.names)
	if name = strings.TrimSpace(name); name == "" || t.table.column(name) >= 0 {
		name = unnamed(n)
	}
	cells := &packed.Column{}
	for range t.table.rows() {
		cells.Append(nil)
	}
	t.table.names, t.table.cells = append(t.table.names, name), append(t.table.cells, cells)
	return n
}
