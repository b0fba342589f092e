package stamp

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"tsgen/internal/scratch"
)

// Column is what a column of time stamps turned out to hold.
type Column struct {
	Layout  *Layout
	Stamps  *Reader
	Seconds []float64 // of all rows, if that is all that they say, or nil
	Full    bool      // stamps of mixed precision, which the layout writes in full
}

// An Order is that of day, month and year in dates of three numbers.
type Order string

// The orders.
const (
	AnyOrder Order = ""
	DMY      Order = "d/m/y"
	MDY      Order = "m/d/y"
	YMD      Order = "y/m/d"
)

// A CellError says which cell is no stamp.
type CellError struct {
	Row int
	Err error
}

func (e *CellError) Error() string { return e.Err.Error() }

// Unwrap returns e.Err.
func (e *CellError) Unwrap() error { return e.Err }

// ErrNoForm is the error of a cell in no known form of a time stamp.
var ErrNoForm = errors.New("not in a known form")

// ErrOther is the error of a cell in another form than the first.
var ErrOther = errors.New("not in the form of the first")

// An AmbiguousError says that cells can be read in two orders of day and month.
type AmbiguousError struct {
	Row   int // of a cell that differs
	First Order
	Other Order
	Dates [2]string // that the cell would be, by ISO 8601
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("this is %s (%s) or %s (%s), and nothing in the column tells which", e.Dates[0], e.First, e.Dates[1], e.Other)
}

// Infer returns the layout of a column of stamps, all in the same form but for
// zeros of the clock that are left out, and what they say. Day first or month
// first follows from a number above 12, from the order of the rows or from their
// distances. Seconds of many rows are in the room given, which may be nil. The error is a *CellError
// or an *AmbiguousError.
func Infer(cells Cells, order Order, room *scratch.Store) (*Column, error) {
	if cells.Len() == 0 {
		return nil, &CellError{0, ErrNoForm}
	}
	in := inference{cells: cells, order: order, room: room}
	in.begin(0)
	for row := 0; row < cells.Len(); row++ {
		if len(in.alive) > 0 && in.read(row) {
			continue
		}
		if row == 0 {
			return nil, &CellError{0, in.impossible(0, ErrNoForm)}
		}
		if !in.widen(row) {
			return nil, &CellError{row, in.impossible(row, ErrOther)}
		}
		row = -1
	}
	best, err := in.choose()
	if err != nil {
		return nil, err
	}
	return in.finish(best)
}

// Like reports whether a cell is a stamp in some layout.
func Like(cell string) bool {
	for _, f := range forms(cell) {
		if l, err := Compile(f.text()); err == nil && l.Check(cell) == nil {
			return true
		}
	}
	return false
}

// An inference is a column whose layout is being found.
type inference struct {
	cells  Cells
	order  Order
	room   *scratch.Store
	alive  []*candidate
	fallen []*candidate // that the last row read was none of
	widens int
}

// A candidate is a form that all cells so far are of.
type candidate struct {
	form    form
	layout  *Layout
	marks   Marks
	reader  *Reader
	room    *scratch.Store
	stamps  []Stamp   // of all rows, once they are asked for
	seconds []float64 // of the first rows, as long as their stamps are nothing else
}

// all returns the stamps of all rows.
func (c *candidate) all() []Stamp {
	if c.stamps == nil {
		c.stamps = make([]Stamp, c.reader.cells.Len())
		for row := range c.stamps {
			c.stamps[row], _ = c.reader.Read(row) // it was read before
		}
	}
	return c.stamps
}

// keep takes down what the stamp of a row says, if it is no more than its seconds.
func (c *candidate) keep(row int, s Stamp) {
	if row != len(c.seconds) || s.Nanos != 0 || s.Offset != 0 {
		return
	}
	if row == 1000 { // it will hardly fail now
		c.seconds = append(scratch.Make[float64](c.room, c.reader.cells.Len())[:0], c.seconds...)
	}
	c.seconds = append(c.seconds, float64(s.Seconds))
}

// begin takes up the forms of a cell.
func (in *inference) begin(row int) {
	in.alive = in.candidates(forms(in.cells.Text(row)))
}

func (in *inference) candidates(forms []form) []*candidate {
	var all []*candidate
	for _, f := range forms {
		l, err := Compile(f.text())
		if err == nil && (in.order == AnyOrder || orderOf(l) == AnyOrder || orderOf(l) == in.order) {
			all = append(all, &candidate{form: f, layout: l, reader: l.NewReader(in.cells), room: in.room})
		}
	}
	return all
}

// read reads a row by all candidates and keeps those of which it is a stamp.
func (in *inference) read(row int) bool {
	if len(in.alive) == 1 {
		c := in.alive[0]
		s, err := c.reader.read(row, &c.marks)
		if err != nil {
			in.fallen, in.alive = []*candidate{c}, nil
			return false
		}
		c.keep(row, s)
		return true
	}
	kept := 0
	for _, c := range in.alive {
		if _, err := c.reader.read(row, &c.marks); err == nil {
			in.alive[kept] = c
			kept++
		} else if kept == 0 {
			in.fallen = append(in.fallen[:0], c)
		}
	}
	if kept == 0 {
		in.fallen = slices.Clone(in.alive)
	}
	in.alive = in.alive[:kept]
	return kept > 0
}

// widen begins anew with forms that take the row's precision, too.
func (in *inference) widen(row int) bool {
	if in.widens++; in.widens > 6 {
		return false
	}
	var united []form
	for _, c := range in.fallen {
		for _, f := range forms(in.cells.Text(row)) {
			if u, ok := unite(c.form, f); ok && u != c.form && !slices.Contains(united, u) {
				united = append(united, u)
			}
		}
	}
	in.alive = in.candidates(united)
	return len(in.alive) > 0
}

// impossible returns what is wrong with a cell that has the form of a stamp, or
// else the error given.
func (in *inference) impossible(row int, otherwise error) error {
	for _, c := range slices.Concat(in.fallen, in.candidates(forms(in.cells.Text(row)))) {
		if text := c.layout.Explain(in.cells.Text(row)); text != "" {
			return fmt.Errorf("%w: %s", otherwise, text)
		}
	}
	return otherwise
}

// orderOf returns the order of day, month and year, all numbers, in a layout.
func orderOf(l *Layout) Order {
	var b strings.Builder
	for _, p := range l.parts {
		switch p.kind {
		case year, yearShort, yearBare:
			b.WriteByte('y')
		case month, monthZero:
			b.WriteByte('m')
		case day, dayZero, dayBlank:
			b.WriteByte('d')
		}
	}
	switch b.String() {
	case "dmy":
		return DMY
	case "mdy":
		return MDY
	case "ymd":
		return YMD
	}
	return AnyOrder
}

// choose returns the candidate that the column is of.
func (in *inference) choose() (*candidate, error) {
	best := in.alive[0]
	rivals := []*candidate{best}
	for _, c := range in.alive[1:] {
		if orderOf(c.layout) != orderOf(best.layout) && !slices.Equal(c.all(), best.all()) {
			rivals = append(rivals, c)
		}
	}
	if len(rivals) == 1 {
		return best, nil
	}
	if c := decide(rivals); c != nil {
		return c, nil
	}
	if strings.HasPrefix(best.form.date, "2.1.") {
		return best, nil // with dots the day comes first
	}
	other := rivals[1]
	row := 0
	for best.all()[row] == other.all()[row] {
		row++
	}
	return nil, &AmbiguousError{Row: row, First: orderOf(best.layout), Other: orderOf(other.layout),
		Dates: [2]string{isoDate(best.all()[row]), isoDate(other.all()[row])}}
}

func isoDate(s Stamp) string {
	y, m, d := date(floorDiv(int(s.Seconds), 86400))
	return string(padded(append(padded(append(padded(nil, y, 4), '-'), m, 2), '-'), d, 2))
}

// finish settles how the layout writes: padding, cases and decimals.
func (in *inference) finish(c *candidate) (*Column, error) {
	m := &c.marks
	var b strings.Builder
	full := c.form
	drop := m.left && m.midnight // some zeros are written and others not
	if drop {
		full.optClock, full.optMinute, full.optSecond = false, false, false
		l, err := Compile(full.text())
		if err != nil {
			return nil, err
		}
		c.layout = l
	}
	for _, p := range c.layout.parts {
		switch p.kind {
		case day:
			p.text = pick(m.bare, "2", "02")
			if m.wide && strings.Contains(c.layout.text, "Jan 2") {
				p.text = "_2"
			}
		case month:
			p.text = pick(m.bare, "1", "01")
		case hourZero:
			p.text = pick(m.bareH, "H", "15")
		case half:
			p.text = pick(m.bareH || !m.zeroH, "3", "03")
		case secondZero:
			p.text += m.fraction()
		}
		b.WriteString(p.text)
	}
	l, err := Compile(b.String())
	if err != nil {
		return nil, err
	}
	found := &Column{Layout: l, Stamps: c.reader, Full: drop}
	if len(c.seconds) == in.cells.Len() {
		found.Seconds = c.seconds
	}
	return found, nil
}

func pick(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// fraction returns the layout of the seconds' decimals.
func (m *Marks) fraction() string {
	if m.most == 0 {
		return ""
	}
	mark, digit := ".", "9"
	if m.comma {
		mark = ","
	}
	if m.least == m.most {
		digit = "0"
	}
	return mark + strings.Repeat(digit, m.most)
}
