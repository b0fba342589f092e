// Package delimited reads rows of cells from text: CSV by RFC 4180 with any
// separator, and columns with runs of blanks between.
package delimited

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Blanks is the separator of cells that stand apart by runs of spaces and tabs.
const Blanks rune = -1

// Format says how rows are written.
type Format struct {
	Separator rune // or Blanks
	Returns   bool // lines end in carriage returns alone
}

// What an Error may wrap.
var (
	ErrBareQuote = errors.New("a quotation mark within a cell that does not begin with one; such cells are quoted and the mark is doubled")
	ErrQuote     = errors.New("text behind the closing quotation mark of a cell, where a separator or the end of the line is expected")
	ErrOpenQuote = errors.New("this quotation mark is never closed")
	ErrTooLong   = errors.New("a row that is too long")
)

// An Error says what is wrong with the text, and where.
type Error struct {
	Line      int
	Character int // in the line, from 1; 0 if the whole row is meant
	Err       error
}

// Error implements error.
func (e *Error) Error() string {
	if e.Character == 0 {
		return e.Err.Error()
	}
	return fmt.Sprintf("%v (character %d)", e.Err, e.Character)
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// A Reader reads rows. It is not safe for concurrent use.
type Reader struct {
	format Format
	comma  []byte // the separator
	end    byte   // of lines
	in     io.Reader
	most   int // bytes of a row

	taken    int    // bytes of the rows read
	buf      []byte // buf[from:] is unread
	from     int
	err      error // of in
	line     int   // of buf[from], from 1
	valid    bool  // the last row is UTF-8
	cells    [][]byte
	unquoted []byte
}

// firstBuffer is the size of the buffer, which grows with the rows.
const firstBuffer = 1 << 18

// NewReader returns a reader of rows of at most so many bytes, or of one buffer.
// Its first line is the given one.
func NewReader(in io.Reader, format Format, most, line int) *Reader {
	r := &Reader{format: format, end: '\n', in: in, most: max(most, firstBuffer), line: line}
	if format.Returns {
		r.end = '\r'
	}
	if format.Separator != Blanks {
		r.comma = utf8.AppendRune(nil, format.Separator)
	}
	return r
}

// Over returns a reader of the rows of a text, whose first line is the given one.
func Over(text []byte, format Format, line int) *Reader {
	r := NewReader(nil, format, len(text), line)
	r.buf, r.err = text, io.EOF
	return r
}

// Read returns the cells of the next row that is not empty, without blanks around
// them, and the number of its first line. They are valid until the next call. The
// error is io.EOF, an *Error or one of the input.
func (r *Reader) Read() (cells [][]byte, line int, err error) {
	for {
		row, quoted, err := r.row()
		if err != nil {
			return nil, 0, err
		}
		line := r.line
		r.line++
		r.valid = utf8.Valid(row)
		switch {
		case len(row) == 0:
			continue
		case !quoted && r.format.Separator == Blanks:
			r.cells = append(r.cells[:0], bytes.FieldsFunc(row, isBlank)...)
		case !quoted:
			r.split(row)
		default:
			if err := r.splitQuoted(row, line); err != nil {
				return nil, 0, err
			}
		}
		if len(r.cells) == 0 { // of nothing but blanks
			continue
		}
		return r.cells, line, nil
	}
}

// Ahead returns the lines that were read ahead, whole ones with their ends, and the one byte
// between their cells. There are none for other formats, and none at first.
func (r *Reader) Ahead() (lines []byte, separator byte) {
	if len(r.comma) != 1 || r.end != '\n' {
		return nil, 0
	}
	return r.buf[r.from : r.from+1+bytes.LastIndexByte(r.buf[r.from:], '\n')], r.comma[0]
}

// Skip takes so many bytes and lines off what Ahead returned.
func (r *Reader) Skip(bytes, lines int) {
	r.from += bytes
	r.taken += bytes
	r.line += lines
}

// Line returns the number of the next line.
func (r *Reader) Line() int { return r.line }

// Taken returns the number of bytes of the rows that were read.
func (r *Reader) Taken() int { return r.taken }

// Valid reports whether the last row is UTF-8.
func (r *Reader) Valid() bool { return r.valid }

func isBlank(c rune) bool { return c == ' ' || c == '\t' }

// row takes the next row off the buffer, without its end, and tells whether it has
// quotation marks. A row with quoted line ends is longer than a line.
func (r *Reader) row() (row []byte, quoted bool, err error) {
	seen := 0       // bytes of the row that were looked at
	inside := false // a quoted cell
	for {
		rest := r.buf[r.from+seen:]
		at := bytes.IndexByte(rest, r.end)
		part := rest
		if at >= 0 {
			part = rest[:at]
		}
		if n := bytes.Count(part, []byte{'"'}); n > 0 {
			quoted = true
			inside = inside != (n%2 == 1)
		}
		seen += len(part)
		switch {
		case at >= 0 && !inside:
			return r.take(seen, 1), quoted, nil
		case at >= 0: // the end of a line within a cell
			seen++
			continue
		case r.err == io.EOF && seen == 0:
			return nil, false, io.EOF
		case r.err == io.EOF && inside:
			return nil, false, r.openQuote(r.buf[r.from:])
		case r.err == io.EOF:
			return r.take(seen, 0), quoted, nil
		case r.err != nil:
			return nil, false, r.err
		case seen > r.most:
			return nil, false, r.tooLong(inside)
		}
		r.fill()
	}
}

// take takes n bytes and then an end off the buffer.
func (r *Reader) take(n, end int) []byte {
	row := r.buf[r.from : r.from+n]
	r.from += n + end
	r.taken += n + end
	if r.end == '\n' && n > 0 && row[n-1] == '\r' {
		row = row[:n-1]
	}
	return row
}

// fill reads more into the buffer.
func (r *Reader) fill() {
	if r.from > 0 {
		r.buf = r.buf[:copy(r.buf, r.buf[r.from:])]
		r.from = 0
	}
	if len(r.buf) == cap(r.buf) {
		grown := make([]byte, len(r.buf), max(firstBuffer, 2*len(r.buf)))
		copy(grown, r.buf)
		r.buf = grown
	}
	for range 100 { // a reader may return nothing some times
		n, err := r.in.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		if r.err = err; n > 0 || err != nil {
			return
		}
	}
	r.err = io.ErrNoProgress
}

func (r *Reader) tooLong(inside bool) error {
	err := &Error{Line: r.line, Err: fmt.Errorf("%w, of more than %d bytes", ErrTooLong, r.most)}
	if inside {
		open := r.openQuote(r.buf[r.from:])
		open.Err = fmt.Errorf("%w, of more than %d bytes; is this quotation mark not closed?", ErrTooLong, r.most)
		return open
	}
	return err
}

// openQuote returns the error of a row that ends within a quoted cell: at the mark
// that opens it, or at one before that is out of place.
func (r *Reader) openQuote(row []byte) *Error {
	err := r.splitQuoted(row, r.line)
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Line: r.line, Err: ErrOpenQuote}
}

// split splits a row without quotation marks.
func (r *Reader) split(row []byte) {
	r.cells = r.cells[:0]
	if len(r.comma) > 1 {
		for {
			cell, rest, found := bytes.Cut(row, r.comma)
			r.cells = append(r.cells, trim(cell))
			if !found {
				return
			}
			row = rest
		}
	}
	comma := r.comma[0]
	from := 0
	for i, b := range row {
		if b == comma {
			r.cells = append(r.cells, trim(row[from:i]))
			from = i + 1
		}
	}
	r.cells = append(r.cells, trim(row[from:]))
}

// trim takes blanks off both ends of a cell.
func trim(cell []byte) []byte {
	if n := len(cell); n == 0 || solid(cell[0]) && solid(cell[n-1]) {
		return cell
	}
	return bytes.TrimSpace(cell)
}

// solid reports whether a byte is a character that is no blank.
func solid(b byte) bool { return b > ' ' && b < utf8.RuneSelf }
