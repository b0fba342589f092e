package delimited

import (
	"bytes"
	"unicode/utf8"
)

// splitQuoted splits a row with quotation marks, whose first line is the given one.
func (r *Reader) splitQuoted(row []byte, line int) error {
	r.cells = r.cells[:0]
	q := quotedRow{row: row, line: line, comma: r.comma, end: r.end, text: r.unquoted[:0]}
	for more := true; more; {
		q.skipBlanks()
		if r.comma == nil && q.i == len(row) {
			break
		}
		cell, err := q.cell()
		if err != nil {
			return err
		}
		r.cells = append(r.cells, trim(cell))
		if more, err = q.separator(); err != nil {
			return err
		}
	}
	r.unquoted, r.line = q.text, q.line+1
	return nil
}

// A quotedRow is a row that is being split, from row[i] on.
type quotedRow struct {
	row         []byte
	i           int
	line, start int // of row[i], and where it begins
	comma       []byte
	end         byte
	text        []byte // of cells without their quotation marks
}

func (q *quotedRow) errorAt(i int, err error) error {
	return &Error{Line: q.line, Character: utf8.RuneCount(q.row[q.start:i]) + 1, Err: err}
}

// atComma reports whether a separator follows.
func (q *quotedRow) atComma() bool {
	if q.comma == nil {
		return q.i < len(q.row) && isBlank(rune(q.row[q.i]))
	}
	return bytes.HasPrefix(q.row[q.i:], q.comma)
}

func (q *quotedRow) skipBlanks() {
	for q.i < len(q.row) && isBlank(rune(q.row[q.i])) && (q.comma == nil || !q.atComma()) {
		q.i++
	}
}

// cell takes a cell off the row.
func (q *quotedRow) cell() ([]byte, error) {
	if q.i < len(q.row) && q.row[q.i] == '"' {
		return q.quoted()
	}
	from := q.i
	for ; q.i < len(q.row) && !q.atComma(); q.i++ {
		if q.row[q.i] == '"' {
			return nil, q.errorAt(q.i, ErrBareQuote)
		}
	}
	return q.row[from:q.i], nil
}

// quoted takes a cell in quotation marks off the row. Marks in it are doubled.
func (q *quotedRow) quoted() ([]byte, error) {
	open := q.errorAt(q.i, ErrOpenQuote)
	from := len(q.text)
	for q.i++; q.i < len(q.row); q.i++ {
		switch b := q.row[q.i]; {
		case b == '"' && q.i+1 < len(q.row) && q.row[q.i+1] == '"':
			q.i++
		case b == '"':
			q.i++
			return q.text[from:len(q.text):len(q.text)], nil
		case b == '\r' && q.i+1 < len(q.row) && q.row[q.i+1] == '\n': // lines end alike within cells
			continue
		case b == q.end:
			q.line++
			q.start = q.i + 1
		}
		q.text = append(q.text, q.row[q.i])
	}
	return nil, open
}

// separator takes a separator off the row and reports whether there was one.
func (q *quotedRow) separator() (more bool, err error) {
	if q.comma != nil {
		q.skipBlanks()
	}
	switch {
	case q.i == len(q.row):
		return false, nil
	case !q.atComma():
		return false, q.errorAt(q.i, ErrQuote)
	}
	q.i += max(1, len(q.comma))
	return true, nil
}
