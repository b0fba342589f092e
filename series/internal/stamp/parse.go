package stamp

import (
	"errors"
	"fmt"
	"strings"
)

// A Stamp is what a time stamp says.
type Stamp struct {
	Seconds int64 // that the clock shows, since it showed the beginning of 1970
	Nanos   int32 // of the second
	Offset  int32 // seconds east of UTC, if the layout has it
}

// Marks are how stamps were written, beyond what they say: a set that grows with
// every stamp of a column.
type Marks struct {
	bare, zero     bool // a day or a month without, and with, a leading zero
	bareH, zeroH   bool // the same of the hour
	wide           bool // more than one blank
	least, most    int  // digits of the fraction
	comma          bool
	left, midnight bool // an optional part left out; written though it was zero
	seen           bool
}

// errForm is the error of a stamp that is not in the form of the layout at all.
var errForm = errors.New("not in the layout")

// fields are the numbers of a stamp; -1 is one that it does not have.
type fields struct {
	year, halfYear, quarter, month, week, weekday, day, yearDay int
	hour, half, minute, second                                  int
	nano, offset, digits                                        int
	afternoon                                                   bool
	bare, zero, bareH, zeroH, wide, comma, left                 bool

	spans *[]span // of the digits read, if they are asked for
	total int     // length of the stamp
}

// Parse reads a stamp. Days and months may lack their leading zero or have one
// more than the layout, and a fraction may follow the seconds.
func (l *Layout) Parse(s string) (Stamp, error) { return l.parse(s, nil) }

func (l *Layout) parse(s string, marks *Marks) (Stamp, error) {
	f := blank()
	if !l.match(0, s, &f) {
		return Stamp{}, errForm
	}
	return f.stamp(marks)
}

// blank returns the fields of a stamp that says nothing.
func blank() fields {
	return fields{month: -1, week: -1, day: -1, yearDay: -1, weekday: -1, half: -1, quarter: -1, halfYear: -1}
}

// stamp returns what the fields say.
func (f *fields) stamp(marks *Marks) (Stamp, error) {
	day, err := f.days()
	if err != nil {
		return Stamp{}, err
	}
	clock, err := f.clock()
	if err != nil {
		return Stamp{}, err
	}
	if marks != nil {
		marks.add(f, clock == 0 && f.nano == 0)
	}
	return Stamp{Seconds: int64(day)*86400 + int64(clock), Nanos: int32(f.nano), Offset: int32(f.offset)}, nil
}

func (m *Marks) add(f *fields, midnight bool) {
	m.bare, m.zero = m.bare || f.bare, m.zero || f.zero
	m.bareH, m.zeroH = m.bareH || f.bareH, m.zeroH || f.zeroH
	m.wide, m.comma = m.wide || f.wide, m.comma || f.comma
	m.left = m.left || f.left
	m.midnight = m.midnight || midnight && !f.left
	if !m.seen {
		m.least = f.digits
	}
	m.least, m.most, m.seen = min(m.least, f.digits), max(m.most, f.digits), true
}

// match matches s against the parts of the layout from the i-th on.
func (l *Layout) match(i int, s string, f *fields) bool {
	for ; i < len(l.parts); i++ {
		p := &l.parts[i]
		switch p.kind {
		case literal:
			if !matchLiteral(&s, p.text, f) {
				return false
			}
		case open:
			with, kept := *f, 0
			if f.spans != nil {
				kept = len(*f.spans)
			}
			if l.match(i+1, s, &with) {
				*f = with
				return true
			}
			if f.spans != nil {
				*f.spans = (*f.spans)[:kept]
			}
			f.left = true
			for depth := 1; depth > 0; {
				i++
				switch l.parts[i].kind {
				case open:
					depth++
				case shut:
					depth--
				}
			}
		case shut:
		default:
			before := s
			if !p.match(&s, f, i+1 < len(l.parts) && l.parts[i+1].kind == literal || i+1 == len(l.parts)) {
				return false
			}
			if f.spans != nil {
				f.span(p.kind, before[:len(before)-len(s)], f.total-len(before))
			}
		}
	}
	return s == ""
}

// matchLiteral takes a literal off s. A blank stands for any number of them.
func matchLiteral(s *string, text string, f *fields) bool {
	for i := range len(text) {
		if *s == "" || (*s)[0] != text[i] {
			return false
		}
		*s = (*s)[1:]
		for text[i] == ' ' && *s != "" && (*s)[0] == ' ' {
			*s, f.wide = (*s)[1:], true
		}
	}
	return true
}

// match takes the part off s; free tells that no digit follows it, so that it may
// have fewer of them.
func (p *part) match(s *string, f *fields, free bool) bool {
	least := 2
	if free {
		least = 1
	}
	ok := true
	switch p.kind {
	case year:
		f.year, ok = digits(s, 4, 4)
	case yearBare:
		f.year, ok = digits(s, 1, 4)
	case yearShort:
		f.year, ok = digits(s, 2, 2)
		f.year = fullYear(f.year)
	case halfYear:
		if len(*s) == 0 || (*s)[0] != p.text[0] {
			return false
		}
		*s = (*s)[1:]
		f.halfYear, ok = digits(s, 1, 1)
	case quarter:
		if len(*s) == 0 || (*s)[0]|0x20 != 'q' {
			return false
		}
		*s = (*s)[1:]
		f.quarter, ok = digits(s, 1, 1)
	case halfBare:
		f.halfYear, ok = digits(s, 1, 1)
	case quarterBare:
		f.quarter, ok = digits(s, 1, 1)
	case weekBare:
		f.week, ok = digits(s, 1, 2)
	case yearDayBare:
		f.yearDay, ok = digits(s, 1, 3)
	case month, monthZero:
		f.month, ok = f.short(s, least)
	case monthName, monthLong:
		f.month, ok = name(s, months[:], p.kind == monthLong)
	case week:
		if len(*s) == 0 || (*s)[0]|0x20 != 'w' {
			return false
		}
		*s = (*s)[1:]
		f.week, ok = digits(s, least, 2)
	case weekday:
		f.weekday, ok = digits(s, 1, 1)
	case dayName, dayLong:
		_, ok = name(s, weekdays[:], p.kind == dayLong)
	case day, dayZero:
		f.day, ok = f.short(s, least)
	case dayBlank:
		if *s != "" && (*s)[0] == ' ' {
			*s = (*s)[1:]
		}
		f.day, ok = f.short(s, least)
	case yearDay:
		f.yearDay, ok = digits(s, 3, 3)
	case hour, hourZero:
		f.hour, ok = f.hours(s, least)
	case half, halfZero:
		f.half, ok = f.hours(s, least)
	case minute, minuteZero:
		f.minute, ok = digits(s, least, 2)
	case second, secondZero:
		f.second, ok = digits(s, least, 2)
		ok = ok && f.decimals(s)
	case fraction: // taken with the seconds
	case afternoon:
		if len(*s) < 2 || (*s)[1]|0x20 != 'm' || (*s)[0]|0x20 != 'a' && (*s)[0]|0x20 != 'p' {
			return false
		}
		f.afternoon = (*s)[0]|0x20 == 'p'
		*s = (*s)[2:]
	case offset:
		return f.zone(s, p.text)
	case zoneName:
		for _, utc := range [...]string{"UTC", "GMT", "Z"} {
			if rest, found := strings.CutPrefix(*s, utc); found {
				*s = rest
				return true
			}
		}
		return false
	}
	return ok
}

// fullYear returns the year of which the last two digits are given: 1969 to 2068.
func fullYear(y int) int {
	if y >= 69 {
		return y + 1900
	}
	return y + 2000
}

// digits takes a number of least to most digits off s.
func digits(s *string, least, most int) (n int, ok bool) {
	i := 0
	for ; i < len(*s) && i < most; i++ {
		c := (*s)[i] - '0'
		if c > 9 {
			break
		}
		n = 10*n + int(c)
	}
	*s = (*s)[i:]
	return n, i >= least
}

// short takes a day or a month off s.
func (f *fields) short(s *string, least int) (n int, ok bool) {
	before := len(*s)
	zero := before > 0 && (*s)[0] == '0'
	n, ok = digits(s, least, 2)
	if before-len(*s) == 1 {
		f.bare = true
	} else if zero {
		f.zero = true
	}
	return n, ok
}

func (f *fields) hours(s *string, least int) (n int, ok bool) {
	before := len(*s)
	zero := before > 0 && (*s)[0] == '0'
	n, ok = digits(s, least, 2)
	if before-len(*s) == 1 {
		f.bareH = true
	} else if zero {
		f.zeroH = true
	}
	return n, ok
}

// decimals takes the fraction of a second off s, if there is one.
func (f *fields) decimals(s *string) bool {
	if len(*s) < 2 || (*s)[0] != '.' && (*s)[0] != ',' || (*s)[1] < '0' || (*s)[1] > '9' {
		return true
	}
	f.comma = (*s)[0] == ','
	unit := int(1e8)
	i := 1
	for ; i < len(*s) && (*s)[i] >= '0' && (*s)[i] <= '9'; i++ {
		if i > 9 && (*s)[i] != '0' {
			f.nano = -1 // finer than can be told
			return false
		}
		f.nano += unit * int((*s)[i]-'0')
		unit /= 10
	}
	f.digits = i - 1
	*s = (*s)[i:]
	return true
}

// zone takes an offset from UTC off s.
func (f *fields) zone(s *string, text string) bool {
	if *s == "" {
		return false
	}
	sign := 1
	switch (*s)[0] {
	case 'Z', 'z':
		*s = (*s)[1:]
		return text[0] == 'Z'
	case '-':
		sign = -1
	case '+':
	default:
		return false
	}
	*s = (*s)[1:]
	h, ok := digits(s, 2, 2)
	if !ok || h > 24 {
		return false
	}
	m := 0
	switch {
	case strings.HasSuffix(text, ":00"):
		if *s == "" || (*s)[0] != ':' {
			return false
		}
		*s = (*s)[1:]
		m, ok = digits(s, 2, 2)
	case strings.HasSuffix(text, "00"):
		m, ok = digits(s, 2, 2)
	}
	f.offset = sign * (3600*h + 60*m)
	return ok && m < 60
}

var months = [...]string{"January", "February", "March", "April", "May", "June", "July",
	"August", "September", "October", "November", "December"}

var weekdays = [...]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// name takes one of the names off s, or its first three letters, in any case, and
// returns its number from 1.
func name(s *string, names []string, long bool) (n int, ok bool) {
	for i, full := range names {
		length := 3
		if long {
			length = len(full)
		}
		if len(*s) >= length && strings.EqualFold((*s)[:length], full[:length]) {
			*s = (*s)[length:]
			return i + 1, true
		}
	}
	return 0, false
}

// days returns the day that the fields tell, from 1970.
func (f *fields) days() (int, error) {
	switch {
	case f.week >= 0:
		last := 52
		if weekStart(f.year+1)-weekStart(f.year) > 364 {
			last = 53
		}
		if f.week < 1 || f.week > last {
			return 0, errors.New("week out of range")
		}
		d := 1
		if f.weekday >= 0 {
			d = f.weekday
		}
		if d < 1 || d > 7 {
			return 0, errors.New("day of the week out of range")
		}
		return weekStart(f.year) + 7*(f.week-1) + d - 1, nil
	case f.yearDay >= 0:
		if f.yearDay < 1 || f.yearDay > days(f.year+1, 1, 1)-days(f.year, 1, 1) {
			return 0, errors.New("day out of range")
		}
		return days(f.year, 1, f.yearDay), nil
	}
	m, d := 1, 1
	if f.quarter >= 0 {
		if f.quarter < 1 || f.quarter > 4 {
			return 0, errors.New("quarter out of range")
		}
		m = 3*f.quarter - 2
	}
	if f.halfYear >= 0 {
		if f.halfYear < 1 || f.halfYear > 2 {
			return 0, errors.New("half of the year out of range")
		}
		m = 6*f.halfYear - 5
	}
	if f.month >= 0 {
		if m = f.month; m < 1 || m > 12 {
			return 0, errors.New("month out of range")
		}
	}
	if f.day >= 0 {
		if d = f.day; d < 1 || d > monthLength(f.year, m) {
			return 0, errors.New("day out of range")
		}
	}
	return days(f.year, m, d), nil
}

// clock returns the second of the day.
func (f *fields) clock() (int, error) {
	h := f.hour
	if f.half >= 0 {
		if f.half < 1 || f.half > 12 {
			return 0, errors.New("hour out of range")
		}
		if h = f.half % 12; f.afternoon {
			h += 12
		}
	}
	switch {
	case h == 24 && f.minute == 0 && f.second == 0 && f.nano == 0: // the end of the day, ISO 8601
	case h > 23:
		return 0, errors.New("hour out of range")
	case f.minute > 59:
		return 0, errors.New("minute out of range")
	case f.second > 59:
		return 0, errors.New("second out of range")
	}
	return 3600*h + 60*f.minute + f.second, nil
}

// Explain returns what a stamp in the form of the layout says that is impossible,
// such as "day out of range", or "".
func (l *Layout) Explain(s string) string {
	if _, err := l.Parse(s); err != nil && !errors.Is(err, errForm) {
		return err.Error()
	}
	return ""
}

// Check returns an error that says why s is no stamp of the layout.
func (l *Layout) Check(s string) error {
	_, err := l.Parse(s)
	if errors.Is(err, errForm) {
		return fmt.Errorf("not in the layout %q", l.text)
	}
	return err
}
