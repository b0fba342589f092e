package series

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"tsgen/internal/textinput"
	"tsgen/series/internal/stamp"
)

// A table is what every source of data is brought to first: named columns of
// text, and the line from which each row came.
type table struct {
	name      string
	names     []string
	cells     [][]string // by column
	lines     []int
	delimiter rune   // 0 if it is no CSV
	remark    string // on how the text was read
}

// column returns the index of the column called name, or -1.
func (t *table) column(name string) int {
	for i, n := range t.names {
		if n == name {
			return i
		}
	}
	return -1
}

// lookup is column with an error for a column that somebody asked for.
func (t *table) lookup(name, role string) (int, error) {
	if i := t.column(name); i >= 0 {
		return i, nil
	}
	return -1, &ParseError{Name: t.name, Column: name,
		Err: fmt.Errorf("%w, asked for as %s: the file has %s", ErrNoColumn, role, strings.Join(quoted(t.names), ", "))}
}

// cellError is a ParseError about one cell.
func (t *table) cellError(column, row int, err error) error {
	return &ParseError{Name: t.name, Line: t.lines[row], Column: untab(t.names[column]),
		Value: untab(t.cells[column][row]), Err: err}
}

// untab writes what came in several columns for people.
func untab(s string) string { return strings.ReplaceAll(s, "\t", ",") }

// readTable reads CSV text.
func readTable(r io.Reader, opt *ReadOptions) (*table, error) {
	name, delimiter := opt.Name, opt.Delimiter
	text, err := textinput.Open(r, textinput.Options{Encoding: opt.Encoding, MaxBytes: opt.MaxBytes, MaxRatio: opt.MaxRatio})
	if err != nil {
		return nil, readError(name, err)
	}
	most := cmp.Or(opt.MaxCell, defaultCell)
	in := bufio.NewReaderSize(&rowGuard{r: text, most: max(leastRow, 2*most)}, textinput.Window)
	declared, err := separatorLine(in)
	if err != nil {
		return nil, readError(name, err)
	}
	if delimiter == 0 {
		delimiter = declared
	}
	if delimiter == 0 {
		if delimiter, err = sniffDelimiter(in); err != nil {
			return nil, readError(name, err)
		}
	}
	rd := csv.NewReader(in)
	rd.Comma = delimiter
	rd.FieldsPerRecord = -1
	rd.ReuseRecord = true
	rd.TrimLeadingSpace = delimiter != '\t' // which it would take for space

	head, err := rd.Read()
	if err == io.EOF {
		return nil, &ParseError{Name: name, Err: fmt.Errorf("%w: expected a header and rows of data", ErrEmpty)}
	} else if err != nil {
		return nil, readError(name, err)
	}
	t := &table{name: name, delimiter: delimiter}
	t.names = make([]string, len(head))
	for i, s := range head {
		t.names[i] = strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' })
	}
	line, _ := rd.FieldPos(0)
	if err := t.checkNames(line); err != nil {
		return nil, err
	}
	t.cells = make([][]string, len(t.names))
	previous := line
	for {
		rec, err := rd.Read()
		if err == io.EOF {
			break
		} else if err != nil {
			return nil, readError(name, err)
		}
		line, _ := rd.FieldPos(0)
		blank := true
		for _, s := range rec {
			blank = blank && strings.TrimSpace(s) == ""
		}
		switch {
		case len(t.names) == 1 && line > previous+1:
			return nil, &ParseError{Name: name, Line: previous + 1,
				Err: fmt.Errorf("%w: a blank line within the data; write NA for a missing value", ErrMissing)}
		case blank && len(t.names) > 1: // spreadsheets leave rows of nothing but delimiters
			continue
		case len(rec) != len(t.names):
			return nil, &ParseError{Name: name, Line: line,
				Err: fmt.Errorf("%w: %d, the header has %d", ErrFieldCount, len(rec), len(t.names))}
		}
		for i, s := range rec {
			switch {
			case len(s) > most:
				return nil, &ParseError{Name: name, Line: line, Column: t.names[i], Value: s,
					Err: fmt.Errorf("%w: a cell of %d bytes, at most %d are read; --max-cell allows more", ErrTooLarge, len(s), most)}
			case !utf8.ValidString(s):
				return nil, &ParseError{Name: name, Line: line, Column: t.names[i], Value: s, Err: errEncoding}
			}
			t.cells[i] = append(t.cells[i], strings.TrimSpace(s))
		}
		t.lines = append(t.lines, line)
		previous = line
	}
	if len(t.lines) == 0 {
		return nil, &ParseError{Name: name, Err: ErrNoRows}
	}
	t.remark = text.Remark()
	return t, nil
}

// defaultCell is the size of a cell in bytes that is read if ReadOptions do not say, leastRow that
// of a row that is always read.
const defaultCell, leastRow = 1 << 20, 1 << 24

// A rowGuard ends with an error where a row gets too long to be one, so that a quotation
// mark that is never closed does not cost the memory.
type rowGuard struct {
	r       io.Reader
	n, most int
	quoted  bool
}

func (g *rowGuard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	text := p[:n]
	if bytes.Count(text, []byte{'"'})%2 == 1 {
		g.quoted = !g.quoted
	}
	if g.quoted {
		text = text[:max(0, bytes.LastIndexByte(text, '"'))]
	}
	if end := bytes.LastIndexByte(text, '\n'); end < 0 {
		g.n += n
	} else {
		g.n = n - end
	}
	if g.n > g.most {
		return 0, fmt.Errorf("%w: a row of more than %d bytes; is a quotation mark not closed?", ErrTooLarge, g.most)
	}
	return n, err
}

// checkNames refuses a header that is none, or ambiguous, and names the
// columns that have no name "column 1", "column 2", ...
func (t *table) checkNames(line int) error {
	data := true
	seen := make(map[string]int, len(t.names))
	for i, s := range t.names {
		if !utf8.ValidString(s) {
			return &ParseError{Name: t.name, Line: line, Column: s, Err: errEncoding}
		}
		if s == "" {
			s = unnamed(i)
			t.names[i] = s
		}
		if j, ok := seen[s]; ok {
			return &ParseError{Name: t.name, Line: line, Column: s,
				Err: fmt.Errorf("%w: columns %d and %d have the same name", ErrColumns, j+1, i+1)}
		}
		seen[s] = i
		_, k := parseNumber(s, absence{})
		data = data && (k == number || stamp.Like(s))
	}
	if data {
		return &ParseError{Name: t.name, Line: line, Value: strings.Join(t.names, ","),
			Err: fmt.Errorf("%w: the first line looks like data; expected the names of the columns", ErrColumns)}
	}
	return nil
}

func unnamed(i int) string { return "column " + strconv.Itoa(i+1) }

// separatorLine returns the delimiter that a first line such as "sep=;" declares, as
// spreadsheets write it, or 0. The line is left empty.
func separatorLine(in *bufio.Reader) (rune, error) {
	start, err := in.Peek(len("sep=;\n"))
	if err != nil && err != io.EOF {
		return 0, err
	}
	if len(start) < len("sep=;\n") || !bytes.EqualFold(start[:4], []byte("sep=")) || start[5] != '\r' && start[5] != '\n' {
		return 0, nil
	}
	declared := rune(start[4])
	_, err = in.Discard(len("sep=;"))
	return declared, err
}

// sniffDelimiter returns the delimiter that the header has most of: a comma, a
// semicolon or a tab, and a comma if it has none.
func sniffDelimiter(in *bufio.Reader) (rune, error) {
	start, err := in.Peek(in.Size())
	if err != nil && err != io.EOF {
		return 0, err
	}
	var commas, semicolons, tabs int
	quoted := false
	for _, c := range bytes.TrimLeft(start, "\r\n") {
		if c == '\n' && !quoted {
			break
		}
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ',':
			commas++
		case c == ';':
			semicolons++
		case c == '\t':
			tabs++
		}
	}
	switch {
	case semicolons > commas && semicolons >= tabs:
		return ';', nil
	case tabs > commas:
		return '\t', nil
	}
	return ',', nil
}

// errEncoding is what is wrong with text in another encoding.
var errEncoding = fmt.Errorf("%w: this is not UTF-8; name its --encoding, or save the file as UTF-8", ErrSyntax)

// readError names the input in an error of reading it. What is wrong with the
// data is a ParseError, what is wrong with the device is not.
func readError(name string, err error) error {
	var pe *csv.ParseError
	switch {
	case errors.As(err, &pe):
		return &ParseError{Name: name, Line: pe.Line,
			Err: fmt.Errorf("%w: %w at character %d", ErrSyntax, pe.Err, pe.Column)}
	case errors.Is(err, textinput.ErrTooLarge), errors.Is(err, ErrTooLarge):
		return &ParseError{Name: name, Err: err}
	case errors.Is(err, textinput.ErrDamaged), errors.Is(err, textinput.ErrBinary), errors.Is(err, textinput.ErrEncoding):
		return &ParseError{Name: name, Err: fmt.Errorf("%w: %w", ErrSyntax, err)}
	}
	if name == "" {
		return err
	}
	return fmt.Errorf("%s: %w", name, err)
}

func quoted(names []string) []string {
	q := make([]string, len(names))
	for i, s := range names {
		q[i] = strconv.Quote(s)
	}
	return q
}
