package formats

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"tsgen/internal/textinput"
	"tsgen/series"
)

// ErrJSON is the error of text that begins as JSON and is no table.
var ErrJSON = errors.New("not JSON objects, one for each row")

const wantObjects = `want such as {"ds": "2024-01-01", "y": 3}`

// readJSON reads a table of JSON objects, one for each row, one after the other or in an
// array. The first object gives the columns their order; a key that comes later is a
// further column.
func readJSON(in io.Reader, opt *series.ReadOptions) (*series.Table, error) {
	text, err := textinput.Open(in, textinput.Options{Encoding: opt.Encoding, MaxBytes: opt.MaxBytes, MaxRatio: opt.MaxRatio})
	if err != nil {
		return nil, asParseError(opt.Name, err)
	}
	places := &lineReader{in: text}
	r := &objects{name: opt.Name, lines: places, decoder: json.NewDecoder(places), columns: make(map[string]int)}
	array, err := startsArray(text.Reader)
	if err != nil {
		return nil, asParseError(opt.Name, err)
	}
	if array {
		if _, err := r.decoder.Token(); err != nil {
			return nil, r.fail(err)
		}
	}
	for r.decoder.More() {
		if err := r.row(); err != nil {
			return nil, err
		}
	}
	if array {
		if _, err := r.decoder.Token(); err != nil {
			return nil, r.fail(err)
		}
	}
	if _, err := r.decoder.Token(); err != io.EOF {
		return nil, r.fail(cmp.Or(err, errors.New("text behind the end of the array")))
	}
	if r.table == nil {
		return nil, &series.ParseError{Name: opt.Name, Err: series.ErrNoRows}
	}
	if remark := text.Remark(); remark != "" {
		r.table.Remark(remark)
	}
	for c, quoted := range r.quoted {
		if !quoted {
			r.table.Plain(c)
		}
	}
	leftOut(r.table, r.out)
	return r.table, nil
}

// startsArray reports whether the text is an array.
func startsArray(in *bufio.Reader) (bool, error) {
	for n := 1; ; n++ {
		start, err := in.Peek(n)
		if len(start) < n {
			if err == io.EOF {
				err = nil
			}
			return false, err
		}
		if c := start[n-1]; c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return c == '[', nil
		}
	}
}

// objects reads the objects of a table.
type objects struct {
	name    string
	lines   *lineReader
	decoder *json.Decoder
	table   *series.Table // nil before the first row
	columns map[string]int
	rows    int
	out     []string // columns of groups

	given  []int  // by column, the row in which it last had a cell, counted from 1
	quoted []bool // by column, whether some cell is a text
}

// fail returns an error of the text where it is read.
func (r *objects) fail(err error) error {
	var syntax *json.SyntaxError
	var at int64
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF):
		at, err = r.lines.n, io.ErrUnexpectedEOF
	default: // of reading the text
		return asParseError(r.name, err)
	}
	return &series.ParseError{Name: r.name, Line: r.lines.at(at), Err: fmt.Errorf("%w: %w", ErrJSON, err)}
}

// row reads an object.
func (r *objects) row() error {
	var raw json.RawMessage
	if err := r.decoder.Decode(&raw); err != nil {
		return r.fail(err)
	}
	line := r.lines.at(r.decoder.InputOffset() - int64(len(raw)))
	if raw[0] != '{' {
		return &series.ParseError{Name: r.name, Line: line, Value: string(raw), Err: fmt.Errorf("%w: %s", ErrJSON, wantObjects)}
	}
	r.rows++
	if r.table == nil {
		if err := r.begin(raw, line); err != nil {
			return err
		}
	}
	err := eachMember(raw, func(key string, value []byte) error {
		cell, err := cellText(value)
		if err != nil {
			return &series.ParseError{Name: r.name, Line: line, Column: key, Err: err}
		}
		c, known := r.columns[key]
		switch nested := value[0] == '{' || value[0] == '['; {
		case known && c < 0:
			return nil
		case nested && known:
			return &series.ParseError{Name: r.name, Line: line, Column: key, Value: string(value), Err: fmt.Errorf("%w: an object or array in a column of cells", series.ErrColumns)}
		case nested:
			r.leave(key)
			return nil
		case !known:
			c = r.table.AddColumn(key)
			r.columns[key], r.given, r.quoted = c, append(r.given, 0), append(r.quoted, false)
		}
		if r.given[c] == r.rows {
			return &series.ParseError{Name: r.name, Line: line, Column: key, Err: fmt.Errorf("%w: it stands twice in an object", series.ErrColumns)}
		}
		r.given[c] = r.rows
		r.quoted[c] = r.quoted[c] || value[0] == '"'
		r.table.Append(c, cell)
		return nil
	})
	if err != nil {
		return err
	}
	for c, row := range r.given {
		if row < r.rows {
			r.table.Append(c, nil)
		}
	}
	r.table.Row(line)
	return nil
}

// begin makes the table of the keys of the first object.
func (r *objects) begin(raw []byte, line int) (err error) {
	var names []string
	err = eachMember(raw, func(key string, value []byte) error {
		if value[0] == '{' || value[0] == '[' {
			r.leave(key)
			return nil
		}
		if _, twice := r.columns[key]; !twice {
			r.columns[key] = len(names)
			names = append(names, key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return &series.ParseError{Name: r.name, Line: line, Err: fmt.Errorf("%w: this one has no cells; %s", ErrJSON, wantObjects)}
	}
	r.given, r.quoted = make([]int, len(names)), make([]bool, len(names))
	r.table, err = series.NewTable(r.name, names, false)
	return err
}

// leave leaves a column out.
func (r *objects) leave(key string) {
	r.columns[key] = -1
	r.out = append(r.out, strconv.Quote(key))
}

// cellText returns a value as text; null is empty.
func cellText(value []byte) ([]byte, error) {
	switch {
	case value[0] == '"' && bytes.IndexByte(value, '\\') < 0:
		return value[1 : len(value)-1], nil
	case value[0] == '"':
		var s string
		err := json.Unmarshal(value, &s)
		return []byte(s), err
	case value[0] == 'n':
		return nil, nil
	}
	return value, nil
}

// eachMember calls f with each member of a valid object.
func eachMember(object []byte, f func(key string, value []byte) error) error {
	i := 1
	skip := func() {
		for object[i] == ' ' || object[i] == '\t' || object[i] == '\n' || object[i] == '\r' || object[i] == ',' || object[i] == ':' {
			i++
		}
	}
	for skip(); object[i] != '}'; skip() {
		from := i
		i += valueLength(object[i:])
		key, err := cellText(object[from:i])
		if err != nil {
			return err
		}
		skip()
		from = i
		i += valueLength(object[i:])
		if err := f(string(key), object[from:i]); err != nil {
			return err
		}
	}
	return nil
}

// valueLength returns the length of the valid value with which text begins.
func valueLength(text []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
			if !quoted && depth == 0 {
				return i + 1
			}
		case quoted:
		case c == '{' || c == '[':
			depth++
		case (c == '}' || c == ']') && depth <= 1:
			return i + depth // with the bracket, if it is the value's own
		case c == '}' || c == ']':
			depth--
		case depth == 0 && (c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r'):
			return i
		}
	}
	return len(text)
}

// A lineReader tells the lines of places in what it has read. Places that are asked for
// must rise.
type lineReader struct {
	in   io.Reader
	n    int64   // bytes read
	ends []int64 // of lines, from the last place that was asked for on
	line int     // lines before them
}

// Read implements io.Reader.
func (l *lineReader) Read(p []byte) (int, error) {
	n, err := l.in.Read(p)
	for i, c := range p[:n] {
		if c == '\n' {
			l.ends = append(l.ends, l.n+int64(i))
		}
	}
	l.n += int64(n)
	return n, err
}

// at returns the line of a byte, from 1.
func (l *lineReader) at(place int64) int {
	i := 0
	for i < len(l.ends) && l.ends[i] < place {
		i++
	}
	l.ends, l.line = l.ends[i:], l.line+i
	return l.line + 1
}

// writeJSON writes an object for each row, one a line, or an array of them.
func writeJSON(out *bufio.Writer, t *typed, array bool) error {
	names := make([][]byte, len(t.columns))
	for i, c := range t.columns {
		names[i] = quote(c.name)
	}
	begin, between, end := "", "\n", "\n"
	if array {
		begin, between, end = "[\n", ",\n", "\n]\n"
	}
	out.WriteString(begin)
	for row := range t.rows {
		if row > 0 {
			out.WriteString(between)
		}
		out.WriteByte('{')
		for i, c := range t.columns {
			if i > 0 {
				out.WriteByte(',')
			}
			out.Write(names[i])
			out.WriteByte(':')
			switch {
			case c.null(row):
				out.WriteString("null")
			case c.kind == numbers || c.kind == integers || c.kind == truths:
				out.WriteString(c.cells[row])
			default:
				out.Write(quote(c.cells[row]))
			}
		}
		out.WriteByte('}')
	}
	if t.rows > 0 || array {
		out.WriteString(end)
	}
	return nil // Flush tells the first error
}

// quote returns a text as a JSON string.
func quote(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a string has a JSON form
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
