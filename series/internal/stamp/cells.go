package stamp

import (
	"slices"

	"tsgen/series/internal/packed"
)

// A Cells is a column of stamps.
type Cells interface {
	Len() int
	Text(row int) string
	AppendText(dst []byte, row int) []byte

	// At returns the shape of the text in a row, an index of Shapes or packed.Raw,
	// and the number that its digits make.
	At(row int) (shape int, digits uint64)
	Shapes() []packed.Shape
}

// A Reader reads stamps of a column in one layout: what their shapes say once for
// all, and their digits by arithmetic.
type Reader struct {
	layout *Layout
	cells  Cells
	at     interface {
		At(row int) (shape int, digits uint64)
	} // of the cells
	plans []*plan // by shape, nil for those not met
	text  []byte
}

// NewReader returns a reader of the cells' stamps in a layout.
func (l *Layout) NewReader(cells Cells) *Reader {
	r := &Reader{layout: l, cells: cells, at: cells}
	if c, ok := cells.(*packed.Column); ok {
		r.at = c.Cursor()
	}
	return r
}

// Read reads the stamp in a row, with the errors of Layout.Parse.
func (r *Reader) Read(row int) (Stamp, error) { return r.read(row, nil) }

// read is Read, and adds how the stamp is written to marks, which are those of the whole
// column.
func (r *Reader) read(row int, marks *Marks) (Stamp, error) {
	shape, digits := r.at.At(row)
	if shape >= 0 {
		if shape >= len(r.plans) {
			r.plans = append(r.plans, make([]*plan, len(r.cells.Shapes())-len(r.plans))...)
		}
		p := r.plans[shape]
		if p == nil {
			p = r.layout.plan(r.cells.Shapes()[shape].Text)
			r.plans[shape] = p
		}
		switch {
		case p.other:
			return Stamp{}, errForm
		case p.simple && (marks == nil || p.marked):
			if p.written > 0 {
				if s, ok := p.readWritten(digits, marks); ok {
					return s, nil
				}
			}
			return p.read(digits, marks)
		case !p.byText:
			f := p.fields
			if !p.fill(&f, digits) {
				return Stamp{}, errForm
			}
			s, err := f.stamp(marks)
			p.marked = p.marked || marks != nil && err == nil
			return s, err
		}
	}
	r.text = r.cells.AppendText(r.text[:0], row)
	return r.layout.parse(string(r.text), marks)
}

// A span is a field of a stamp and the digits that it is read from.
type span struct {
	kind   kind
	at     int // of the text
	digits int
}

// span takes down from which digits of text, which begins at some place of the
// stamp, a part was read.
func (f *fields) span(k kind, text string, at int) {
	for i := 0; i < len(text); {
		n := 0
		for i+n < len(text) && classOf(text[i+n]) == '0' {
			n++
		}
		if n > 0 {
			*f.spans = append(*f.spans, span{k, at + i, n})
		}
		if k == second || k == secondZero {
			k = fraction // what follows the point
		}
		i += max(n, 1)
	}
}

// A plan says how stamps of one shape are read in a layout.
type plan struct {
	other  bool   // they are not in the layout, whatever their digits
	byText bool   // they are read as texts
	simple bool   // they are a date of year, month and day and a clock of 24 hours
	marked bool   // the marks that all have in common are known
	fields fields // what all have in common
	spans  []span // of the digits, the last first

	day, days int // the last date, and its day from 1970

	written        int    // numbers of a simple stamp written year, month, day, hour, ... with leading zeros, else 0
	yearMonth      uint64 // the last of those, its day 0 from 1970, and its length in days
	before, length int
}

// plan returns how stamps of a shape are read.
func (l *Layout) plan(shape string) *plan {
	digits := 0
	text := []byte(shape)
	for i, b := range text {
		switch {
		case b == packed.Digit:
			text[i] = '1'
			digits++
		case classOf(b) == '0': // of more digits than are packed
			return &plan{byText: true}
		}
	}
	for _, p := range l.parts {
		if p.kind == literal && hasDigit(p.text) {
			return &plan{byText: true}
		}
	}
	var spans []span
	f := blank()
	f.spans, f.total = &spans, len(text)
	if !l.match(0, string(text), &f) {
		return &plan{other: true}
	}
	f.spans = nil
	p := &plan{fields: f}
	for i := len(spans) - 1; i >= 0; i-- {
		s := spans[i]
		if digits -= s.digits; s.kind == fraction && s.digits > 9 {
			p.byText = true
		}
		p.spans = append(p.spans, s)
	}
	p.byText = p.byText || digits != 0
	p.fields.zero, p.fields.zeroH = false, false // by their digits
	p.simple = !p.byText && f.offset == 0 && f.half < 0 && f.week < 0 && f.weekday < 0 && f.yearDay < 0 && f.quarter < 0 && f.halfYear < 0 && f.month > 0 && f.day > 0 &&
		!slices.ContainsFunc(p.spans, func(s span) bool { return s.kind == offset || s.kind == yearShort || s.digits > 2 && s.kind != year })
	if p.simple {
		p.written = inOrder(p.spans)
	}
	if p.fields.offset = 1; f.offset < 0 {
		p.fields.offset = -1
	}
	return p
}

func hasDigit(s string) bool {
	for i := range len(s) {
		if classOf(s[i]) == '0' {
			return true
		}
	}
	return false
}

// inOrder returns the number of spans, the last first, if they are a year, a month, a day, an
// hour, a minute and a second, all with leading zeros, or the first three or five; else 0.
func inOrder(spans []span) int {
	n := len(spans)
	if n != 3 && n != 5 && n != 6 {
		return 0
	}
	for i, kinds := range [6][2]kind{{year, year}, {month, monthZero}, {day, dayZero}, {hour, hourZero}, {minute, minuteZero}, {second, secondZero}} {
		if i == n {
			break
		}
		s := spans[n-1-i]
		if s.kind != kinds[0] && s.kind != kinds[1] || s.digits != 2 && i > 0 || s.digits != 4 && i == 0 {
			return 0
		}
	}
	return n
}

// readWritten is read for numbers in that order, if they are a time.
func (p *plan) readWritten(digits uint64, marks *Marks) (s Stamp, ok bool) {
	h, mi, sec := 0, 0, 0
	switch p.written {
	case 5:
		clock := int(digits % 1e4)
		digits /= 1e4
		h, mi = clock/100, clock%100
	case 6:
		clock := int(digits % 1e6)
		digits /= 1e6
		h, mi, sec = clock/1e4, clock/100%100, clock%100
	}
	ym, d := digits/100, int(digits%100)
	if ym != p.yearMonth || p.length == 0 {
		y, mo := int(ym/100), int(ym%100)
		if mo < 1 || mo > 12 {
			return s, false
		}
		p.yearMonth, p.before, p.length = ym, days(y, mo, 1)-1, monthLength(y, mo)
	}
	if d < 1 || d > p.length || h > 23 || mi > 59 || sec > 59 {
		return s, false
	}
	clock := 3600*h + 60*mi + sec
	if marks != nil {
		marks.zero = marks.zero || d < 10 || ym%100 < 10
		marks.zeroH = marks.zeroH || p.written > 3 && h < 10
		marks.midnight = marks.midnight || clock == 0 && !p.fields.left
	}
	return Stamp{Seconds: int64(p.before+d)*86400 + int64(clock)}, true
}

// read returns the stamp of digits, for a simple plan whose common marks are known.
func (p *plan) read(digits uint64, marks *Marks) (Stamp, error) {
	y, mo, d, h, mi, sec, nano := 0, p.fields.month, 0, 0, 0, 0, 0
	var zero, zeroH bool
	for i := range p.spans {
		s := &p.spans[i]
		v := int(digits % 100)
		switch s.digits {
		case 2:
			digits /= 100
		case 4:
			v, digits = int(digits%10000), digits/10000
		default:
			v, digits = int(digits%10), digits/10
		}
		switch s.kind {
		case year, yearBare:
			y = v
		case month, monthZero:
			mo, zero = v, zero || s.digits > 1 && v < 10
		case day, dayZero, dayBlank:
			d, zero = v, zero || s.digits > 1 && v < 10
		case hour, hourZero:
			h, zeroH = v, s.digits > 1 && v < 10
		case minute, minuteZero:
			mi = v
		case second, secondZero:
			sec = v
		case fraction:
			if nano = v * 1e7; s.digits == 1 {
				nano = v * 1e8
			}
		}
	}
	if mo < 1 || mo > 12 || d < 1 || d > monthLength(y, mo) || h > 23 || mi > 59 || sec > 59 {
		f := p.fields // for the error, or the end of a day
		f.year, f.month, f.day, f.hour, f.minute, f.second, f.nano = y, mo, d, h, mi, sec, nano
		f.zero, f.zeroH, f.offset = zero, zeroH, 0
		return f.stamp(marks)
	}
	if ymd := y<<9 | mo<<5 | d; ymd != p.day || p.days == 0 {
		p.day, p.days = ymd, days(y, mo, d)
	}
	clock := 3600*h + 60*mi + sec
	if marks != nil {
		marks.zero, marks.zeroH = marks.zero || zero, marks.zeroH || zeroH
		marks.midnight = marks.midnight || clock == 0 && nano == 0 && !p.fields.left
	}
	return Stamp{Seconds: int64(p.days)*86400 + int64(clock), Nanos: int32(nano)}, nil
}

// fill fills fields with digits, and reports whether an offset from UTC may be one.
func (p *plan) fill(f *fields, digits uint64) bool {
	zone := 0 // hundreds are hours
	for i := range p.spans {
		s := &p.spans[i]
		var v int
		switch s.digits {
		case 1:
			v, digits = int(digits%10), digits/10
		case 2:
			v, digits = int(digits%100), digits/100
		case 4:
			v, digits = int(digits%10000), digits/10000
		default:
			unit := uint64(1)
			for range s.digits {
				unit *= 10
			}
			v, digits = int(digits%unit), digits/unit
		}
		zero := s.digits > 1 && v < 10
		switch s.kind {
		case year, yearBare:
			f.year = v
		case yearShort:
			f.year = fullYear(v)
		case halfYear, halfBare:
			f.halfYear = v
		case quarter, quarterBare:
			f.quarter = v
		case month, monthZero:
			f.month, f.zero = v, f.zero || zero
		case week, weekBare:
			f.week = v
		case weekday:
			f.weekday = v
		case day, dayZero, dayBlank:
			f.day, f.zero = v, f.zero || zero
		case yearDay, yearDayBare:
			f.yearDay = v
		case hour, hourZero:
			f.hour, f.zeroH = v, f.zeroH || zero
		case half, halfZero:
			f.half, f.zeroH = v, f.zeroH || zero
		case minute, minuteZero:
			f.minute = v
		case second, secondZero:
			f.second = v
		case fraction:
			for n := s.digits; n < 9; n++ {
				v *= 10
			}
			f.nano = v
		case offset:
			if s.digits == 2 && i+1 < len(p.spans) && p.spans[i+1].kind == offset || s.digits == 4 {
				zone = v
			} else {
				zone += 100 * v
			}
		}
	}
	f.offset *= 3600*(zone/100) + 60*(zone%100)
	return zone/100 <= 24 && zone%100 < 60
}
