package series

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"tsgen/series/internal/delimited"
	"tsgen/series/internal/packed"
)

// readRows reads the rows below the header, which stands in a line.
func (t *table) readRows(rd *delimited.Reader, header, most int) error {
	t.cells = make([]*packed.Column, len(t.names))
	for i := range t.cells {
		t.cells[i] = &packed.Column{Room: t.room}
	}
	previous := header
	var foot footer
	for {
		if err := t.room.Err(); err != nil {
			return err
		}
		if foot.lines == 0 && most >= packed.MostScanned {
			if n := t.scanRows(rd); n > 0 {
				previous = rd.Line() - 1
			}
		}
		rec, line, err := rd.Read()
		if err == io.EOF {
			break
		} else if err != nil {
			return readError(t.name, err)
		}
		switch {
		case len(t.names) == 1 && line > previous+1:
			return &ParseError{Name: t.name, Line: previous + 1,
				Err: fmt.Errorf("%w: a blank line within the data; write NA for a missing value", ErrMissing)}
		case len(t.names) > 1 && empty(rec): // spreadsheets leave rows of nothing but delimiters
			continue
		case foot.add(rec, line, len(t.names)): // unless rows of data follow
			continue
		case len(rec) != len(t.names) || foot.lines > 0:
			if foot.lines > 0 {
				line, rec = foot.line, make([][]byte, foot.cells)
			}
			return &ParseError{Name: t.name, Line: line,
				Err: fmt.Errorf("%w: %d, the header has %d", ErrFieldCount, len(rec), len(t.names))}
		}
		for i, s := range rec {
			switch {
			case len(s) > most:
				return &ParseError{Name: t.name, Line: line, Column: t.names[i], Value: string(s),
					Err: fmt.Errorf("%w: a cell of %d bytes, at most %d are read; --max-cell allows more", ErrTooLarge, len(s), most)}
			case !rd.Valid() && !utf8.Valid(s):
				return &ParseError{Name: t.name, Line: line, Column: t.names[i], Value: string(s), Err: errEncoding}
			}
			t.cells[i].Append(s)
		}
		t.lines.append(line)
		previous = line
	}
	if t.rows() == 0 {
		return &ParseError{Name: t.name, Err: ErrNoRows}
	}
	t.dropFooter(foot)
	return nil
}

// scanRows takes rows of as many cells as there are columns off what was read ahead, as
// long as they are plainly written and not empty, and returns their number. All others are
// left to the reader.
func (t *table) scanRows(rd *delimited.Reader) int {
	text, separator := rd.Ahead()
	if strings.IndexByte(packed.Separators, separator) < 0 {
		return 0
	}
	codes, digits := make([]int32, len(t.cells)), make([]uint64, len(t.cells))
	rows, taken := 0, 0
	line := rd.Line()
	for taken < len(text) {
		n := t.scanRow(text[taken:], separator, codes, digits)
		if n == 0 {
			break
		}
		for i, c := range t.cells {
			c.Push(codes[i], digits[i])
		}
		t.lines.append(line + rows)
		rows, taken = rows+1, taken+n
	}
	rd.Skip(taken, rows)
	return rows
}

// scanRow scans the cells of the first line of a text and returns the length of the line, or
// 0 if it is not plainly written.
func (t *table) scanRow(text []byte, separator byte, codes []int32, digits []uint64) int {
	at, bytes := 0, 0
	for i, c := range t.cells {
		n, code, number, ok := c.Scan(text[at:], separator)
		if !ok {
			return 0
		}
		codes[i], digits[i] = code, number
		at, bytes = at+n, bytes+n
		if last := i == len(t.cells)-1; last != (text[at] != separator) {
			return 0
		}
		at++
	}
	if text[at-1] == '\r' {
		if text[at] != '\n' {
			return 0
		}
		at++
	}
	if bytes == 0 {
		return 0
	}
	return at
}
