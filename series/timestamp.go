package series

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tsgen/internal/scratch"
	"tsgen/series/internal/packed"
	"tsgen/series/internal/stamp"
)

// A timeColumn is what a column of time stamps, or several that make one, turned
// out to hold.
type timeColumn struct {
	name    string
	columns []int     // of the table
	times   []float64 // by row
	axis    Axis
	doubled map[int]float64 // earlier instants of rows whose hour the clocks had twice
	remarks []string        // things that the user should know
}

// A timeReading says how a column of time stamps is to be read.
type timeReading struct {
	na       absence
	like     *Axis          // on which the stamps should be, nil for any
	calendar bool           // numbers may be years, dates, seconds since 1970, ...
	year     bool           // the column is called year
	dated    bool           // the column is called date or the like
	unit     string         // of the year that the column's name says: "week", "quarter", "half" or none
	layout   string         // asked for, or empty
	zone     *time.Location // of stamps without one, nil for UTC
}

const timeForms = `expected a plain number, a year, or a date such as "2006-01-02", "2006-01", "31.12.2006", "12/31/2006", ` +
	`"31-Dec-2006", "Dec 2006", "Dezember 2006", "2006Q4", "FY2006 Q4", "2006-W52" or "20061231", with or without a time such as "15:04:05" or "3:04 PM"; ` +
	`--time-layout names another`

// parseTimes reads cells of column c of t as time stamps, all in one layout.
func (t *table) parseTimes(c int, how timeReading) (*timeColumn, error) {
	if row := t.firstAbsent(c, how.na); row >= 0 {
		return nil, &ParseError{Name: t.name, Line: t.lines.at(row), Column: t.names[c],
			Err: fmt.Errorf("%w: every row needs a time", ErrMissing)}
	}
	col, err := t.stampsOf(c, how)
	if err != nil {
		return nil, err
	}
	col.name, col.columns = t.names[c], []int{c}
	if col.axis.Calendar() {
		if err := t.checkRange(c, col); err != nil {
			return nil, err
		}
	}
	return col, nil
}

// checkRange returns an error if a time of the calendar lies beyond what can be written.
func (t *table) checkRange(c int, col *timeColumn) error {
	for row, sec := range col.times {
		if !(sec >= minCalendar && sec < maxCalendar) {
			return t.cellError(c, row, fmt.Errorf("%w in the years 1 to 9998", ErrTime))
		}
	}
	return nil
}

// firstAbsent returns the first row of a column without a value, or -1.
func (t *table) firstAbsent(c int, na absence) int {
	cells := t.cells[c]
	if tallyColumn(cells, na).missing > 0 {
		for row := range cells.Len() {
			if na.holds(cells.Text(row)) {
				return row
			}
		}
	}
	return -1
}

func (t *table) stampsOf(c int, how timeReading) (*timeColumn, error) {
	layout, order, err := how.asked()
	switch {
	case err != nil:
		return nil, err
	case layout != "":
		return t.byLayout(c, layout, how)
	case how.like != nil && how.like.Calendar():
		if !t.cells[c].Any(func(s string) bool { return !how.like.writes(s) }) {
			return t.byLayout(c, how.like.Layout, how)
		}
		if _, k := parseNumber(t.text(c, 0), how.na); k != text {
			how.calendar, how.dated = true, true
			if col, err := t.numbers(c, how); err != nil || col.axis.Calendar() {
				return col, err
			}
		}
		col, err := t.texts(c, order, how)
		if errors.As(err, &unknownForm{}) {
			return nil, t.cellError(c, 0, fmt.Errorf("%w: expected a calendar time such as %q", ErrTime, how.like.Stamp(0)))
		}
		return col, err
	}
	if how.like == nil && order == stamp.AnyOrder {
		if col, err := t.yearPartOf(c, how); col != nil || err != nil {
			return col, err
		}
	}
	if how.like != nil && how.like.elapsed() != nil {
		return t.byLayout(c, how.like.Layout, how)
	}
	if _, k := parseNumber(t.text(c, 0), how.na); k == text && how.like == nil {
		return t.texts(c, order, how)
	}
	return t.numbers(c, how)
}

// asked returns the layout that was asked for, or the order of day and month.
func (how *timeReading) asked() (layout string, order stamp.Order, err error) {
	switch o := stamp.Order(how.layout); {
	case how.layout == "":
		return "", stamp.AnyOrder, nil
	case o == stamp.DMY || o == stamp.MDY || o == stamp.YMD:
		return "", o, nil
	case strings.Contains(how.layout, "%"):
		layout, err = stamp.FromStrftime(how.layout)
		return layout, "", err
	}
	return how.layout, "", nil
}

// texts reads a column of stamps whose layout is not known.
func (t *table) texts(c int, order stamp.Order, how timeReading) (*timeColumn, error) {
	found, err := stamp.Infer(t.cells[c], order, t.room)
	var remarks []string
	if err != nil {
		if cells, named := englishMonths(t.cells[c]); named {
			if in, second := stamp.Infer(cells, order, t.room); second == nil {
				found, err = in, nil
				remarks = append(remarks, fmt.Sprintf("the names of months in %q are read in the language that they are in, and written in English", t.names[c]))
			}
		}
	}
	if err != nil && stamp.LikeElapsed(t.text(c, 0)) && how.like == nil {
		return t.passed(c)
	}
	if err != nil {
		if layout := shortMonthLayout(t.cells[c]); layout != "" && how.like == nil {
			col, err := t.byLayout(c, layout, how)
			if err == nil {
				col.remarks = append(col.remarks, fmt.Sprintf("the times %q are read as %s; --time-layout names another layout", t.names[c], shortWords(layout)))
			}
			return col, err
		}
		return nil, t.inferError(c, err)
	}
	if how.like != nil && found.Layout.Zoned() && how.like.zoneless() {
		return nil, t.cellError(c, 0, fmt.Errorf("%w of the panel: its stamps have no zone, this one has", ErrTime))
	}
	col, err := t.instants(c, found.Layout, found.Stamps, found.Seconds, how)
	if err != nil {
		return nil, err
	}
	if strings.Contains(strings.ToUpper(found.Layout.String()), "FY") {
		remarks = append(remarks, fmt.Sprintf("the years in %q are taken to begin in January, since nothing says when fiscal ones do", t.names[c]))
	}
	col.remarks = append(col.remarks, remarks...)
	if found.Full {
		col.remarks = append(col.remarks, fmt.Sprintf("the times %q are of mixed precision and are written in full", t.names[c]))
	}
	return col, nil
}

// inferError says what is wrong with a column of stamps.
func (t *table) inferError(c int, err error) error {
	var cell *stamp.CellError
	var ambiguous *stamp.AmbiguousError
	switch {
	case errors.As(err, &ambiguous):
		return t.cellError(c, ambiguous.Row, fmt.Errorf("%w that is certain: %w; say --time-layout %s or --time-layout %s",
			ErrTime, ambiguous, ambiguous.First, ambiguous.Other))
	case errors.As(err, &cell) && errors.Is(err, stamp.ErrOther):
		return t.cellError(c, cell.Row, fmt.Errorf("%w in the form of %s, %q%s", ErrTime, t.place(0), untab(t.text(c, 0)),
			strings.TrimPrefix(cell.Err.Error(), stamp.ErrOther.Error())))
	case errors.As(err, &cell):
		what := strings.TrimPrefix(cell.Err.Error(), stamp.ErrNoForm.Error())
		return t.cellError(c, cell.Row, unknownForm{fmt.Errorf("%w%s: %s", ErrTime, what, timeForms)})
	}
	return err
}

// An unknownForm is the error of a column whose first cell is in no known form of a
// time stamp.
type unknownForm struct{ error }

func (e unknownForm) Unwrap() error { return e.error }

// byLayout reads a column of stamps in a given layout.
func (t *table) byLayout(c int, layout string, how timeReading) (*timeColumn, error) {
	if layout == LayoutNumber || layout == "number" {
		how.calendar = false
		return t.numbers(c, how)
	}
	if layout == stamp.Excel || layout == stamp.Decimal {
		return t.numbersIn(c, layout, nil, how)
	}
	if stamp.CompileNumber(layout) != nil {
		return t.numbersIn(c, layout, nil, how)
	}
	if e := stamp.CompileElapsed(layout); e != nil {
		return t.passedIn(c, e)
	}
	l, err := stamp.Compile(layout)
	if err != nil {
		return nil, fmt.Errorf("--time-layout %q: %w; give d/m/y, m/d/y, y/m/d, number, unix, unixms, unixus, unixns, excel, decimal-year, [hh]:mm, [mm]:ss, "+
			"a layout of Go such as 02/01/2006 15:04, or one of strftime such as %%d/%%m/%%Y", layout, err)
	}
	return t.instants(c, l, l.NewReader(t.cells[c]), nil, how)
}

// explained returns what is impossible in a stamp, behind a colon.
func explained(l *stamp.Layout, s string) string {
	if e := l.Explain(s); e != "" {
		return ": " + e
	}
	return ""
}

// instants makes times of what stamps say, which are written in a layout. Their seconds may be
// known.
func (t *table) instants(c int, l *stamp.Layout, stamps *stamp.Reader, seconds []float64, how timeReading) (*timeColumn, error) {
	n := t.rows()
	zoned := l.Zoned()
	col := &timeColumn{times: seconds, axis: Axis{Layout: l.String()}}
	var offsets []int32
	if zoned || seconds == nil {
		col.times = scratch.Make[float64](t.room, n)
	}
	if zoned {
		offsets, seconds = make([]int32, n), nil
	}
	for row := 0; row < n && seconds == nil; row++ {
		s, err := stamps.Read(row)
		if err != nil {
			return nil, t.cellError(c, row, fmt.Errorf("%w in the layout %s%s", ErrTime, l, explained(l, t.text(c, row))))
		}
		sec := float64(s.Seconds)
		if s.Nanos != 0 {
			sec = float64(s.Seconds*1e6+int64(s.Nanos/1000)) / 1e6
		}
		if s.Nanos%1000 != 0 || s.Nanos != 0 && int32(civilTime(sec).Nanosecond()) != s.Nanos {
			return nil, t.cellError(c, row, tooFine())
		}
		col.times[row] = sec - float64(s.Offset)
		if zoned {
			offsets[row] = s.Offset
		}
	}
	civil := !zoned && !l.Universal()
	switch {
	case zoned:
		if remark := col.axis.setZones(col.times, offsets); remark != "" {
			col.remarks = append(col.remarks, remark)
		}
	case how.like != nil && civil:
		col.toZone(how.like)
	}
	if how.like != nil && col.axis.Layout == how.like.Layout && !zoned {
		col.axis = *how.like
	}
	if how.zone != nil && how.like == nil {
		return col, t.inLocation(c, col, how.zone, civil)
	}
	return col, nil
}

// passed reads a column of times since some beginning.
func (t *table) passed(c int) (*timeColumn, error) {
	e, err := stamp.InferElapsed(t.cells[c])
	if err != nil {
		return nil, t.elapsedError(c, err)
	}
	col, err := t.passedIn(c, e)
	if err != nil {
		return nil, err
	}
	what, unit := e.Words()
	said := fmt.Sprintf("the times %q are read as %s that have passed, in %s", t.names[c], what, unit)
	if unit == "minutes" {
		said += "; --time-layout [mm]:ss reads minutes and seconds"
	}
	col.remarks = append(col.remarks, said)
	return col, nil
}

// passedIn reads a column of times since some beginning in a layout.
func (t *table) passedIn(c int, e *stamp.Elapsed) (*timeColumn, error) {
	col := &timeColumn{times: scratch.Make[float64](t.room, t.rows()), axis: Axis{Layout: e.String()}}
	for row := range col.times {
		v, err := e.Value(t.text(c, row))
		if err != nil {
			return nil, t.elapsedError(c, &stamp.CellError{Row: row, Err: err})
		}
		col.times[row] = v
	}
	return col, nil
}

// elapsedError says what is wrong with a cell of times since some beginning.
func (t *table) elapsedError(c int, err error) error {
	var cell *stamp.CellError
	if errors.As(err, &cell) {
		return t.cellError(c, cell.Row, fmt.Errorf("%w: %w", ErrTime, cell.Err))
	}
	return err
}

// numbers reads a column of plain numbers, or of what plain numbers mean.
func (t *table) numbers(c int, how timeReading) (*timeColumn, error) {
	if err := t.checkOpen(c); err != nil {
		return nil, err
	}
	col := &timeColumn{times: scratch.Make[float64](t.room, t.rows())}
	r := newNumberReader(t.cells[c], how.na)
	for row := range col.times {
		v, k := r.read(row)
		switch {
		case k == infinite:
			return nil, t.cellError(c, row, numberError(t.text(c, row), k))
		case k != number && how.like != nil:
			return nil, t.cellError(c, row, fmt.Errorf("%w: expected a plain number, as the other times of the panel", ErrTime))
		case k != number:
			return nil, t.cellError(c, row, fmt.Errorf("%w in the form of %s, %q", ErrTime, t.place(0), t.text(c, 0)))
		}
		col.times[row] = v
	}
	if how.like != nil && !how.like.Calendar() {
		return col, nil
	}
	layout := numberLayout(t.cells[c], col.times, how)
	if layout == LayoutNumber || !how.calendar && (how.like != nil || !evenDates(layout, col.times)) {
		return col, nil
	}
	return t.numbersIn(c, layout, col.times, how)
}

// fewestDates is the number of different numbers of which distances can tell dates.
const fewestDates = 6

// evenDates reports whether numbers that may stand for dates are unevenly spaced as numbers and
// evenly as dates, which no count is: 20210131 and 20210201 are a day apart, 202112 and
// 202201 a month.
func evenDates(layout string, x []float64) bool {
	if len(layout) < len("200601") || stamp.CompileNumber(layout) != nil || strings.Contains(layout, ".") {
		return false
	}
	different := slices.Clone(x)
	slices.Sort(different)
	different = slices.Compact(different)
	if len(different) < fewestDates || even(different) {
		return false
	}
	l, err := stamp.Compile(layout)
	if err != nil {
		return false
	}
	cells := &packed.Column{}
	for _, v := range different {
		cells.Append(strconv.AppendFloat(nil, v, 'f', -1, 64))
	}
	s, r := &Series{}, l.NewReader(cells)
	for i := range different {
		at, err := r.Read(i)
		if err != nil {
			return false
		}
		s.Times = append(s.Times, float64(at.Seconds))
	}
	step, gaps := detectStep(Axis{Layout: layout}, []*Series{s})
	return step.Regular() && gaps == 0
}

// even reports whether all distances are the same.
func even(x []float64) bool {
	for i := 2; i < len(x); i++ {
		if x[i]-x[i-1] != x[1]-x[0] {
			return false
		}
	}
	return true
}

// numbersIn reads a column of numbers that mean times. Their values, which it changes, may be known.
func (t *table) numbersIn(c int, layout string, values []float64, how timeReading) (*timeColumn, error) {
	cells := t.cells[c]
	n := stamp.CompileNumber(layout)
	if n == nil { // digits of a date
		l, err := stamp.Compile(layout)
		if err != nil {
			return nil, err
		}
		return t.instants(c, l, l.NewReader(dateCells(cells, layout)), nil, how)
	}
	if values == nil {
		values = scratch.Make[float64](t.room, cells.Len())
		r := newNumberReader(cells, how.na)
		for row := range values {
			v, k := r.read(row)
			if k != number {
				return nil, t.cellError(c, row, fmt.Errorf("%w: %w", ErrTime, numberError(t.text(c, row), k)))
			}
			values[row] = v
		}
	}
	switch layout {
	case stamp.Excel:
		n = stamp.InferExcel(cells)
	case stamp.Decimal:
		n = stamp.InferDecimal(cells, values)
	}
	col := &timeColumn{times: values, axis: Axis{Layout: n.String()}}
	for row, v := range values {
		text := ""
		if n.Exact() {
			text = cells.Text(row)
		}
		sec, err := n.Seconds(text, v)
		if err != nil {
			return nil, t.cellError(c, row, tooFine())
		}
		values[row] = sec
	}
	switch {
	case how.like != nil && n.Civil():
		col.toZone(how.like)
	case how.zone != nil && how.like == nil:
		return col, t.inLocation(c, col, how.zone, n.Civil())
	}
	if how.like != nil && n.String() == how.like.Layout {
		col.axis = *how.like
	}
	return col, nil
}

// dateCells returns the column of what dateDigits makes of the cells.
func dateCells(cells *packed.Column, layout string) *packed.Column {
	if !cells.Any(func(s string) bool { return dateDigits(s, layout) != s }) {
		return cells
	}
	return cells.Map(func(dst, text []byte) []byte { return append(dst, dateDigits(string(text), layout)...) })
}

// dateDigits returns a number that stands for a date, without decimals, and with
// both digits of a month after the point.
func dateDigits(cell, layout string) string {
	if layout == "2006.01" {
		if len(cell) == len("2006.1") {
			cell += "0"
		}
		return cell
	}
	if i := strings.IndexByte(cell, '.'); i >= 0 {
		return cell[:i]
	}
	return strings.TrimPrefix(cell, "+")
}

func tooFine() error {
	return fmt.Errorf("%w that can be held: the resolution is a microsecond (coarser before 1698 and after 2242)", ErrTime)
}

// writes reports whether a stamp is in the layout of the axis.
func (a Axis) writes(s string) bool {
	if a.Numeric() {
		_, k := parseNumber(s, nil)
		return k == number
	}
	l, err := stamp.Compile(a.Layout)
	return err == nil && l.Check(s) == nil
}
