package series

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"tsgen/internal/scratch"
	"tsgen/internal/textinput"
	"tsgen/series/internal/delimited"
	"tsgen/series/internal/packed"
	"tsgen/series/internal/stamp"
)

// A table is what every source of data is brought to first: named columns of
// text, and the line from which each row came.
type table struct {
	name      string
	names     []string
	cells     []*packed.Column // nil for a column that is no longer needed
	lines     lines
	byRow     bool     // lines are numbers of rows
	delimiter rune     // 0 if it is no CSV
	remarks   []string // on how the text was read

	written map[int]*packed.Column // the cells of columns of numbers before they were written plainly
	open    map[int]*ambiguity     // columns of numbers whose marks may mean two things
	plain   map[int]bool           // columns whose numbers are known to be written as programs do

	room *scratch.Store // for cells and numbers; nil for memory
}

// rows returns the number of rows.
func (t *table) rows() int { return t.lines.n }

// text returns the cell of a row.
func (t *table) text(column, row int) string { return t.cells[column].Text(row) }

// lines are the lines of the rows of a table, which mostly follow one another.
type lines struct {
	n     int
	rows  []int // at which the lines do not go on by one
	first []int // lines of those rows
}

func (l *lines) append(line int) {
	if n := len(l.rows); n == 0 || line != l.first[n-1]+l.n-l.rows[n-1] {
		l.rows, l.first = append(l.rows, l.n), append(l.first, line)
	}
	l.n++
}

// at returns the line of a row.
func (l *lines) at(row int) int {
	i := l.run(row)
	return l.first[i] + row - l.rows[i]
}

// run returns the run of lines that follow one another in which a row is.
func (l *lines) run(row int) int {
	i, found := slices.BinarySearch(l.rows, row)
	if !found {
		i--
	}
	return i
}

// between returns the lines of n rows as a Series holds them.
func (l *lines) between(first, n int) []int32 {
	if i := l.run(first); i == l.run(first+n-1) {
		return []int32{int32(l.at(first))}
	}
	lines := make([]int32, n)
	for i := range lines {
		lines[i] = int32(l.at(first + i))
	}
	return lines
}

// truncate leaves the first n rows.
func (l *lines) truncate(n int) {
	for l.n = n; len(l.rows) > 1 && l.rows[len(l.rows)-1] >= n; {
		l.rows, l.first = l.rows[:len(l.rows)-1], l.first[:len(l.first)-1]
	}
}

// last returns the line of the last row.
func (l *lines) last() int { return l.at(l.n - 1) }

// place returns in words where a row stands.
func (t *table) place(row int) string {
	if t.byRow {
		return fmt.Sprintf("row %d", t.lines.at(row))
	}
	return fmt.Sprintf("line %d", t.lines.at(row))
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
	cells := t.cells[column]
	if as, ok := t.written[column]; ok {
		cells = as
	}
	return &ParseError{Name: t.name, Line: t.lines.at(row), Column: untab(t.names[column]),
		Value: untab(cells.Text(row)), Err: err}
}

// untab writes what came in several columns for people.
func untab(s string) string { return strings.ReplaceAll(s, "\t", ",") }

// readTable reads CSV text.
func readTable(r io.Reader, opt *ReadOptions) (*table, error) {
	name := opt.Name
	text, err := textinput.Open(r, textinput.Options{Encoding: opt.Encoding, MaxBytes: opt.MaxBytes, MaxRatio: opt.MaxRatio})
	if err != nil {
		return nil, readError(name, err)
	}
	t := &table{name: name, room: opt.Scratch}
	top, err := t.top(text.Reader, opt)
	if err != nil {
		return nil, readError(name, err)
	}
	most := cmp.Or(opt.MaxCell, defaultCell)
	rd := delimited.NewReader(text, top.format, max(leastRow, 2*most), top.line)
	head, line, err := rd.Read()
	if err == io.EOF {
		return nil, &ParseError{Name: name, Err: fmt.Errorf("%w: expected a header and rows of data", ErrEmpty)}
	} else if err != nil {
		return nil, readError(name, err)
	}
	t.names = columnNames(head, top.comment)
	if err := t.checkNames(line); err != nil {
		return nil, err
	}
	for i := range top.units {
		if _, line, err = rd.Read(); err != nil {
			return nil, readError(name, err)
		}
		if i == top.units-1 {
			t.remarks = append(t.remarks, "what stands below the header is not used: "+lineRange(line-i, line))
		}
	}
	if err := t.readRows(rd, line, most); err != nil {
		return nil, err
	}
	if remark := text.Remark(); remark != "" {
		t.remarks = append(t.remarks, remark)
	}
	return t, nil
}

// columnNames returns the names in a header, which begins with a # if it is a comment.
func columnNames(head [][]byte, comment bool) []string {
	names := make([]string, len(head))
	for i, s := range head {
		names[i] = strings.TrimFunc(string(s), func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' })
		names[i] = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ").Replace(names[i])
	}
	if comment {
		if names[0] = strings.TrimLeft(names[0], "# "); names[0] == "" && len(names) > 1 {
			names = names[1:]
		}
	}
	return names
}

// empty reports whether no cell has a text.
func empty(cells [][]byte) bool {
	for _, s := range cells {
		if len(s) > 0 {
			return false
		}
	}
	return true
}

// defaultCell is the size of a cell in bytes that is read if ReadOptions do not say, leastRow that
// of a row that is always read.
const defaultCell, leastRow = 1 << 20, 1 << 24

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

// errEncoding is what is wrong with text in another encoding.
var errEncoding = fmt.Errorf("%w: this is not UTF-8; name its --encoding, or save the file as UTF-8", ErrSyntax)

// readError names the input in an error of reading it. What is wrong with the
// data is a ParseError, what is wrong with the device is not.
func readError(name string, err error) error {
	var row *delimited.Error
	switch {
	case errors.As(err, &row) && errors.Is(err, delimited.ErrTooLong):
		return &ParseError{Name: name, Line: row.Line, Err: fmt.Errorf("%w: %w", ErrTooLarge, err)}
	case errors.As(err, &row):
		return &ParseError{Name: name, Line: row.Line, Err: fmt.Errorf("%w: %w", ErrSyntax, err)}
	case errors.Is(err, textinput.ErrTooLarge):
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
