package series

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/currency"

	"tsgen/series/internal/packed"
	"tsgen/series/internal/stamp"
)

// A figure is how people write the number in a cell, taken to pieces: "($1,234.50)".
type figure struct {
	negative bool
	brackets bool   // parentheses around it
	unit     string // a currency, or %
	groups   []int  // digits between the marks
	marks    []rune // between groups: points, commas, blanks, apostrophes
	exponent string // with its e
}

// figureOf takes a text to pieces, in which packed.Digit stands for any digit. ok is
// false if it is no number.
func figureOf(text string) (f figure, ok bool) {
	rest := strings.TrimSpace(text)
	if inner, found := strings.CutPrefix(rest, "("); found {
		if rest, found = strings.CutSuffix(inner, ")"); !found {
			return f, false
		}
		f.brackets = true
	}
	sign := func() {
		for _, s := range [...]string{"-", "−", "+"} {
			if after, found := strings.CutPrefix(rest, s); found && !f.negative {
				rest, f.negative = strings.TrimSpace(after), s != "+"
				return
			}
		}
	}
	sign()
	if before, unit := cutUnit(rest, false); unit != "" {
		rest, f.unit = before, unit
		sign()
	}
	if before, unit := cutUnit(rest, true); unit != "" {
		if f.unit != "" {
			return f, false
		}
		rest, f.unit = before, unit
	}
	if after, found := strings.CutSuffix(rest, "-"); found && !f.negative { // as SAP writes
		rest, f.negative = strings.TrimSpace(after), true
	}
	if i := strings.IndexAny(rest, "eE"); i > 0 {
		rest, f.exponent = rest[:i], rest[i:]
		if strings.Trim(f.exponent[1:], "+-") == "" {
			return f, false
		}
	}
	f.groups = []int{0}
	for i := 0; i < len(rest); {
		if isDigit(rest[i]) {
			f.groups[len(f.groups)-1]++
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(rest[i:])
		switch r {
		case '\u00a0', '\u202f', '\u2009':
			r = ' '
		case '’', '´', '`':
			r = '\''
		}
		if !strings.ContainsRune("., '", r) {
			return f, false
		}
		f.marks, f.groups = append(f.marks, r), append(f.groups, 0)
		i += n
	}
	digits := 0
	for _, n := range f.groups {
		digits += n
	}
	return f, digits > 0 && (f.exponent == "" || !slices.ContainsFunc([]byte(f.exponent[1:]), func(b byte) bool { return !isDigit(b) && b != '-' && b != '+' }))
}

func isDigit(b byte) bool { return b-'0' <= 9 || b == packed.Digit }

// cutUnit takes a currency or a percent sign off the beginning or the end of a text.
func cutUnit(text string, end bool) (rest, unit string) {
	if text == "" {
		return text, ""
	}
	i := 0
	if end {
		for i = len(text); i > 0 && !isDigit(text[i-1]) && text[i-1] != '-'; i-- {
		}
		// What stands right behind the digits may be a mark, as in "5."
		rest, unit = text[:i], text[i:]
	} else {
		for i < len(text) && !isDigit(text[i]) && text[i] != '-' && text[i] != '+' {
			i++
		}
		rest, unit = text[i:], text[:i]
	}
	unit = strings.TrimSpace(strings.ReplaceAll(unit, "\u00a0", " "))
	if unit == "%" && end || unit == "‰" && end || isCurrency(unit) {
		return strings.TrimSpace(rest), unit
	}
	return text, ""
}

// isCurrency reports whether a text is the sign of a currency, or its code.
func isCurrency(s string) bool {
	switch s {
	case "kr", "kr.", "Kč", "zł", "Ft", "Fr.", "Fr", "lei", "Rs", "Rs.":
		return true
	}
	if r, n := utf8.DecodeLastRuneInString(s); n > 0 && unicode.Is(unicode.Sc, r) && len(s)-n <= 2 && strings.Trim(s[:len(s)-n], "ABCHKNRSTUZ") == "" {
		return true // $, €, R$, US$
	}
	if len(s) != 3 || strings.ToUpper(s) != s {
		return false
	}
	_, err := currency.ParseISO(s)
	return err == nil
}

// grouped reports whether the first n+1 groups are those of thousands: one to three
// digits and then three each, or two each and three at last, as in India.
func (f *figure) grouped(n int) bool {
	if n == 0 || f.groups[0] < 1 || f.groups[0] > 3 || f.groups[n] != 3 {
		return n == 0
	}
	for _, size := range f.groups[1:n] {
		if size != f.groups[1] || size != 2 && size != 3 {
			return false
		}
	}
	return f.groups[1] == 3 || f.groups[0] <= 2
}

// read returns the text of the number with a decimal mark, and others between
// thousands, if that is how it is written.
func (f *figure) read(text string, decimal rune) (plain string, ok bool) {
	whole := len(f.marks) // marks between thousands
	if whole > 0 && f.marks[whole-1] == decimal {
		whole--
	}
	for i := range whole {
		if f.marks[i] != f.marks[0] || f.marks[i] == decimal {
			return "", false
		}
	}
	if !f.grouped(whole) {
		return "", false
	}
	var b strings.Builder
	if f.negative != f.brackets {
		b.WriteByte('-')
	}
	group, size := 0, 0
	rest := text
	if f.exponent != "" {
		rest = text[:strings.LastIndex(text, f.exponent)]
	}
	for i := 0; i < len(rest); i++ {
		if !isDigit(rest[i]) {
			continue
		}
		for size == f.groups[group] {
			if group++; group == whole+1 {
				b.WriteByte('.')
			}
			size = 0
		}
		b.WriteByte(rest[i])
		size++
	}
	b.WriteString(f.exponent)
	return b.String(), true
}

// A style is how the numbers of a column are written.
type style struct {
	figures []figure // by shape
	decimal rune     // evident mark of decimals, 0 for none
	marks   bool     // there are points or commas
	open    rune     // the one mark that every number with marks has once, before three digits
	bare    bool     // some number of more than a digit has no mark
	zeros   bool     // some number ends in a zero behind that mark
	unit    string
	units   bool // not all have it
	mixed   bool // nothing that could be read
	plain   bool // as programs write numbers, without marks but points
	bracket bool
	whole   bool // some number is not in brackets
}

// styleOf returns how the numbers of a column are written. It is mixed if not all
// cells are numbers.
func styleOf(c *packed.Column, na absence) style {
	s := style{figures: make([]figure, len(c.Shapes())), plain: true}
	if !c.Plain() {
		s.mixed = true
		return s
	}
	shapes := c.Shapes()
	open := make([]bool, len(shapes))
	first := true
	for i, shape := range shapes {
		if shape.Rows == 0 || na.holds(shape.Text) {
			continue
		}
		f, ok := figureOf(shape.Text)
		if !ok {
			s.mixed = true
			return s
		}
		s.figures[i] = f
		_, k := parseNumber(strings.ReplaceAll(shape.Text, string([]byte{packed.Digit}), "1"), na)
		s.plain = s.plain && k != text
		if s.units = s.units || !first && f.unit != s.unit; s.unit == "" {
			s.unit = f.unit
		}
		s.mixed = s.mixed || f.unit != "" && f.unit != s.unit
		first = false
		s.bracket, s.whole = s.bracket || f.brackets, s.whole || !f.brackets
		open[i] = s.add(&f)
	}
	s.settle(c, open)
	return s
}

// add takes the marks of a figure into account and reports whether its only mark may
// be of decimals or of thousands.
func (s *style) add(f *figure) (open bool) {
	n := len(f.marks)
	if n == 0 {
		s.bare = s.bare || f.groups[0] > 1
		return false
	}
	last := f.marks[n-1]
	if last != '.' && last != ',' {
		return false
	}
	s.marks = true
	switch repeated := n > 1 && f.marks[n-2] == last; {
	case repeated:
		s.decide(other(last))
	case n == 1 && f.exponent == "" && f.grouped(1) && len(f.groups) == 2:
		return true
	default:
		s.decide(last)
	}
	return false
}

func other(mark rune) rune {
	if mark == '.' {
		return ','
	}
	return '.'
}

func (s *style) decide(decimal rune) {
	if s.decimal != 0 && s.decimal != decimal {
		s.mixed = true
	}
	s.decimal = decimal
}

// settle decides what marks of open shapes are, if a number that begins with a zero
// tells it.
func (s *style) settle(c *packed.Column, open []bool) {
	if s.decimal != 0 || s.mixed || !slices.Contains(open, true) {
		return
	}
	for i, f := range s.figures {
		if open[i] {
			if s.open != 0 && s.open != f.marks[0] { // 1.234 and 1,234
				s.mixed = true
				return
			}
			s.open = f.marks[0]
		}
	}
	least := make([]uint64, len(open)) // of the numbers that do not begin with a zero
	for i, f := range s.figures {
		if open[i] {
			least[i] = 1000
			for range f.groups[0] - 1 {
				least[i] *= 10
			}
		}
	}
	cursor := c.Cursor()
	for row := range c.Len() {
		shape, digits := cursor.At(row)
		if !open[shape] {
			continue
		}
		if digits < least[shape] {
			s.decimal, s.open = s.open, 0
			return
		}
		s.zeros = s.zeros || digits%10 == 0
	}
}

// An ambiguity is a column whose marks may be of decimals or of thousands.
type ambiguity struct {
	row  int
	mark rune
}

func (a *ambiguity) error() error {
	return fmt.Errorf("%w that is certain: every %q stands once in a number and before three digits, so that it may part decimals or thousands; say --decimal %c or --thousands %c",
		ErrNumber, string(a.mark), a.mark, a.mark)
}

// checkOpen returns an error if it is open what the numbers of a column are.
func (t *table) checkOpen(c int) error {
	if a, ok := t.open[c]; ok {
		return t.cellError(c, a.row, a.error())
	}
	return nil
}

// plainNumbers writes columns of numbers as programs do, and says so: without marks
// between thousands, currencies and percent signs, with a decimal point and a minus.
func (t *table) plainNumbers(opt *ReadOptions, na absence) {
	styles := make([]style, len(t.cells))
	points, commas := false, false // columns tell the mark of decimals
	for c, cells := range t.cells {
		styles[c] = styleOf(cells, na)
		if rank, _ := timeRank(t.names[c]); rank > 0 || stamp.Like(t.text(c, 0)) {
			continue
		}
		points = points || styles[c].decimal == '.' && !styles[c].mixed
		commas = commas || styles[c].decimal == ',' && !styles[c].mixed
	}
	said := make(map[string][]string)
	for c := range t.cells {
		s := &styles[c]
		if t.plain[c] || s.mixed || s.bracket && !s.whole || s.unit != "" && s.units && (s.unit == "%" || s.unit == "‰") {
			continue
		}
		decimal := t.decimalOf(c, s, opt, points, commas)
		if decimal == 0 || s.plain && decimal == '.' {
			continue
		}
		t.rewrite(c, s, decimal, said)
	}
	for _, what := range []string{"numbers with a decimal comma", "marks between thousands are left out", "currencies are left out",
		"percent signs are left out, and 5% is 5", "numbers in parentheses are negative"} {
		if columns := said[what]; len(columns) > 0 {
			t.remarks = append(t.remarks, what+": "+strings.Join(columns, ", "))
		}
	}
}

// decimalOf returns the mark of decimals of a column, or 0 if its numbers are left as
// they are. An ambiguity is noted, for the case that the column is used.
func (t *table) decimalOf(c int, s *style, opt *ReadOptions, points, commas bool) rune {
	switch {
	case opt.Decimal != 0:
		return opt.Decimal
	case opt.Thousands == '.' || opt.Thousands == ',':
		return other(opt.Thousands)
	case s.decimal == ',' && t.delimiter == ',':
		return 0 // rather a list
	case s.decimal != 0:
		return s.decimal
	case s.open == 0:
		return '.'
	case t.delimiter == ',' && s.open == ',':
		return '.' // a comma of decimals would be the separator of the file
	case points != commas && points:
		return '.'
	case points != commas:
		return ','
	}
	if mark := t.markLike(c, s.open, opt.Like); mark != 0 {
		return mark
	}
	_, calendar := timeRank(t.names[c])
	suspect := s.bare && s.zeros // neither numbers of three decimals nor the shortest ones
	if s.open == '.' && (calendar || t.delimiter != ';' && t.delimiter != 0 && !suspect || t.delimiter == 0) {
		if t.delimiter != ',' && t.delimiter != 0 && !calendar {
			t.remarks = append(t.remarks, fmt.Sprintf("the points in %q are taken as those of decimals; --thousands . says that they part thousands", t.names[c]))
		}
		return '.'
	}
	row := 0
	for row < t.rows() {
		if shape, _ := t.cells[c].At(row); len(s.figures[shape].marks) > 0 {
			break
		}
		row++
	}
	if t.open == nil {
		t.open = make(map[int]*ambiguity)
	}
	t.open[c] = &ambiguity{row, s.open}
	return '.' // so that it counts as a column of numbers
}

// rewrite writes the numbers of a column plainly, and notes under what is to be said of it.
func (t *table) rewrite(c int, s *style, decimal rune, said map[string][]string) {
	cells := t.cells[c]
	texts := make([]string, len(s.figures))
	commas, thousands := false, false
	for i, shape := range cells.Shapes() {
		f := &s.figures[i]
		texts[i] = shape.Text
		if f.groups == nil { // a missing value
			continue
		}
		plain, ok := f.read(shape.Text, decimal)
		if !ok {
			return
		}
		texts[i] = plain
		n := len(f.marks)
		commas = commas || decimal == ',' && n > 0 && f.marks[n-1] == ','
		thousands = thousands || n > 1 || n == 1 && f.marks[0] != decimal
	}
	if t.written == nil {
		t.written = make(map[int]*packed.Column)
	}
	t.written[c] = cells
	t.cells[c] = cells.Reshape(texts)
	name := untabbed(t.names[c])
	for _, is := range []struct {
		holds bool
		what  string
	}{
		{commas, "numbers with a decimal comma"},
		{thousands && !commas, "marks between thousands are left out"},
		{s.unit != "" && s.unit != "%" && s.unit != "‰", "currencies are left out"},
		{s.unit == "%" || s.unit == "‰", "percent signs are left out, and 5% is 5"},
		{s.bracket, "numbers in parentheses are negative"},
	} {
		if is.holds {
			said[is.what] = append(said[is.what], name)
		}
	}
}

func untabbed(name string) string { return fmt.Sprintf("%q", untab(name)) }

// asWritten gives a column back the texts that it came with, for one of names.
func (t *table) asWritten(c int) {
	if cells, ok := t.written[c]; ok {
		t.cells[c] = cells
		delete(t.written, c)
	}
}
