package series

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"tsgen/series/internal/delimited"
	"tsgen/series/internal/stamp"
)

// A top is what the beginning of a text shows of it.
type top struct {
	format  delimited.Format
	line    int  // of the header
	comment bool // the header begins with a #
	units   int  // rows below the header that are no data
}

// A topRow is a row of the beginning of a text, read with one separator.
type topRow struct {
	line, from int // where it begins
	cells      []string
}

// mostTopRows is the number of rows that are looked at to find the separator and the
// header.
const mostTopRows = 100

// top finds how rows are written and where the header is, and takes what stands above
// it off the text.
func (t *table) top(in *bufio.Reader, opt *ReadOptions) (top, error) {
	declared, err := separatorLine(in)
	if err != nil {
		return top{}, err
	}
	window, err := in.Peek(in.Size())
	if err != nil && err != io.EOF {
		return top{}, err
	}
	whole := err == io.EOF
	f := top{line: 1}
	f.format.Returns = bytes.IndexByte(window, '\r') >= 0 && bytes.IndexByte(window, '\n') < 0
	separators := []rune{',', ';', '\t', '|', delimited.Blanks}
	switch {
	case opt.Delimiter != 0:
		separators = []rune{opt.Delimiter}
	case declared != 0:
		separators = []rune{declared}
	}
	var rows []topRow
	longest := -1
	for _, s := range separators {
		format := f.format
		format.Separator = s
		some := topRows(window, format, whole)
		n, first := run(some)
		switch {
		case s == delimited.Blanks && len(separators) > 1 && !blankTable(some, first):
			continue
		case n > longest || n == longest && s != delimited.Blanks && count0(some, first) > count0(rows, first):
			longest, rows, f.format.Separator = n, some, s
		}
	}
	t.delimiter = f.format.Separator
	return f, t.skipTop(in, &f, rows)
}

// count0 returns the number of cells of a row, or 0 if there is none.
func count0(rows []topRow, i int) int {
	if i >= len(rows) {
		return 0
	}
	return len(rows[i].cells)
}

// topRows reads the first rows of a text. A line that is no row has no cells.
func topRows(window []byte, format delimited.Format, whole bool) []topRow {
	var rows []topRow
	end := byte('\n')
	if format.Returns {
		end = '\r'
	}
	line, from := 1, 0
	for broken := 0; broken < 10 && len(rows) < mostTopRows; broken++ {
		rd := delimited.Over(window[from:], format, line)
		start := from
		for len(rows) < mostTopRows {
			before := rd.Taken()
			cells, at, err := rd.Read()
			if err == io.EOF {
				if !whole && len(rows) > 1 {
					rows = rows[:len(rows)-1] // it may be cut
				}
				return rows
			}
			if err != nil { // no row: its first line is left out
				from = start + before
				next := bytes.IndexByte(window[from:], end)
				if next < 0 {
					return rows
				}
				line = 1 + bytes.Count(window[:from], []byte{end})
				rows = append(rows, topRow{line: line, from: from})
				from, line = from+next+1, line+1
				break
			}
			texts := make([]string, len(cells))
			for i, c := range cells {
				texts[i] = string(c)
			}
			rows = append(rows, topRow{line: at, from: start + before, cells: texts})
		}
	}
	return rows
}

// run returns the length of the longest run of rows with the same number of cells, of
// two at least, and where it begins.
func run(rows []topRow) (n, first int) {
	for i := 0; i < len(rows); {
		j := i + 1
		for j < len(rows) && len(rows[j].cells) == len(rows[i].cells) {
			j++
		}
		if len(rows[i].cells) > 1 && j-i > n {
			n, first = j-i, i
		}
		i = j
	}
	return n, first
}

// blankTable reports whether rows are those of a table with blanks between its columns:
// a header without numbers, and then numbers in every row.
func blankTable(rows []topRow, first int) bool {
	if first >= len(rows) {
		return false
	}
	data := first
	if first == 0 || !isComment(rows[first-1]) {
		data++
		if slices.ContainsFunc(rows[first].cells, isNumber) {
			return false
		}
	}
	return data < len(rows) && len(rows[first].cells) > 1 && !slices.ContainsFunc(rows[data:], func(r topRow) bool {
		return len(r.cells) != len(rows[first].cells) || !slices.ContainsFunc(r.cells, isNumber)
	})
}

func isNumber(s string) bool {
	_, k := parseNumber(s, absence{})
	return k == number
}

// isDatum reports whether a cell is a number in some form, a stamp or a word for a
// missing value, and so no name.
func isDatum(s string) bool {
	if _, ok := figureOf(s); ok {
		return true
	}
	return s != "" && absent(nil).holds(s) || stamp.Like(s) || dateLike().MatchString(s)
}

// skipTop finds the header among the first rows and takes what stands above it off the
// text: titles, comments, empty lines.
func (t *table) skipTop(in *bufio.Reader, f *top, rows []topRow) error {
	n, header := run(rows)
	if n == 0 {
		header = 0
	}
	if !isTop(rows[:header], count0(rows, header)) {
		return nil // rows of other lengths, which are an error further on
	}
	for header < len(rows) && isComment(rows[header]) {
		header++
	}
	if header == len(rows) {
		return nil
	}
	data := allData(rows[header].cells)
	switch {
	case data && header > 0 && isComment(rows[header-1]):
		header, f.comment = header-1, true
	case data:
		return nil
	case n > 1:
		header, f.units = headerOf(rows, header)
	}
	if header == 0 {
		return nil
	}
	t.remarks = append(t.remarks, "what stands above the header is not used: "+lineRange(rows[0].line, rows[header].line-1))
	above, err := in.Peek(rows[header].from)
	if err != nil {
		return err
	}
	f.line += bytes.Count(above, []byte{'\n'})
	if f.format.Returns {
		f.line += bytes.Count(above, []byte{'\r'})
	}
	_, err = in.Discard(len(above))
	return err
}

// isTop reports whether rows may stand above a header of so many columns.
func isTop(rows []topRow, columns int) bool {
	for _, r := range rows {
		if len(r.cells) >= columns && !isComment(r) || allData(r.cells) {
			return false
		}
	}
	return true
}

func isComment(r topRow) bool { return len(r.cells) > 0 && strings.HasPrefix(r.cells[0], "#") }

// allData reports whether all cells of a row are numbers or stamps.
func allData(cells []string) bool {
	return len(cells) > 0 && !slices.ContainsFunc(cells, func(s string) bool { return !isNumber(s) && !stamp.Like(s) })
}

// headerOf returns the row of names among rows of the same length from the given one on, and
// the number of rows of units below it.
func headerOf(rows []topRow, first int) (header, units int) {
	end := first
	for end < len(rows) && len(rows[end].cells) == len(rows[first].cells) && !slices.ContainsFunc(rows[end].cells, isDatum) {
		end++
	}
	header = first
	for i := first; i < min(end+1, len(rows)) && len(rows[first].cells) > 2; i++ {
		if filled(rows[i]) > 1 {
			header = i // below titles, and cells that are empty
			break
		}
	}
	if end == len(rows) || len(rows[end].cells) != len(rows[first].cells) || end <= header {
		return header, 0
	}
	for u := header + 1; u < end; u++ {
		if !isUnits(rows[u].cells, rows[end].cells) {
			return header, 0
		}
	}
	return header, end - header - 1
}

// filled returns the number of cells with a text.
func filled(r topRow) int {
	n := 0
	for _, s := range r.cells {
		if s != "" {
			n++
		}
	}
	return n
}

// isUnits reports whether cells say something of the numbers and stamps below them, and
// of nothing else.
func isUnits(cells, below []string) bool {
	some := false
	for i, s := range cells {
		if s == "" {
			continue
		}
		if below[i] != "" && !isDatum(below[i]) {
			return false
		}
		some = some || below[i] != ""
	}
	return some
}

// lineRange names lines.
func lineRange(from, to int) string {
	if from == to {
		return fmt.Sprintf("line %d", from)
	}
	return fmt.Sprintf("lines %d to %d", from, to)
}

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

// A footer is what stands below the data: rows of one text.
type footer struct {
	lines, line, cells int // number of them, and the first with its cells
	text               string
}

// add adds a row that may be one, and reports whether it did.
func (f *footer) add(cells [][]byte, line, columns int) bool {
	if len(cells) >= columns || f.lines > mostFooter {
		return false
	}
	text := ""
	for _, s := range cells {
		if len(s) > 0 {
			if text != "" {
				return false
			}
			text = string(s)
		}
	}
	if !isNote(text) {
		return false
	}
	if f.lines++; f.lines == 1 {
		f.line, f.cells, f.text = line, len(cells), text
	}
	return true
}

// mostFooter is the number of rows that may stand below the data.
const mostFooter = 20

// isNote reports whether a text may stand below the data: words, and no date or number.
func isNote(s string) bool {
	if _, k := parseNumber(s, nil); k != text || isDatum(s) || s[0]-'0' <= 9 || !utf8.ValidString(s) {
		return false
	}
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 'A' })
}

// dropFooter takes rows off the end that are no data, such as totals, and says so, and of
// rows of one text that are not in the table.
func (t *table) dropFooter(foot footer) {
	n := t.rows()
	if lead, below := t.lead(); below != nil {
		for n > 1 && t.rows()-n < mostFooter && below(t.text(lead, n-1)) {
			n--
		}
		if n < t.rows() {
			foot.text, foot.line = t.text(lead, n), t.lines.at(n)
		}
	}
	if foot.line == 0 {
		return
	}
	t.remarks = append(t.remarks, fmt.Sprintf("what stands below the data is not used: line %d on, %q", foot.line, foot.text))
	if n < t.rows() {
		for _, c := range t.cells {
			c.Truncate(n)
		}
		t.lines.truncate(n)
	}
}

// lead returns the column whose cells tell data from what stands below them, and what
// tells it of a cell: words in the first column that begins with a stamp, or words for a
// total in a first column of numbers.
func (t *table) lead() (column int, below func(s string) bool) {
	for c := range t.cells {
		if stamp.Like(t.text(c, 0)) {
			return c, isNote
		}
	}
	if isNumber(t.text(0, 0)) {
		return 0, func(s string) bool { return isNote(s) && isTotal(s) }
	}
	return 0, nil
}

// isTotal reports whether a text begins with a word for what stands below columns of
// numbers, or is a sentence.
func isTotal(s string) bool {
	words := strings.Fields(strings.ToLower(s))
	if len(words) > 2 {
		return true
	}
	switch strings.Trim(words[0], ":*") {
	case "total", "totals", "sum", "average", "mean", "grand", "source", "note", "notes", "summe", "gesamt", "insgesamt",
		"mittelwert", "quelle", "totale", "somme", "moyenne", "suma", "media", "fuente":
		return true
	}
	return false
}
