// Package stamp reads and writes time stamps: one layout at a time, compiled, and
// the layout of a whole column found from all of its cells.
//
// The language of layouts is that of package time, the reference time Mon Jan 2
// 15:04:05 2006 as it is written, and goes on where that ends:
//
//   - H1 or S1 is the half of the year, Q1 the quarter, W01 the week of ISO 8601 and 1 after it the day of the
//     week; a year before a week is that of the week.
//   - SS, QQ, WW and DDD are the half of the year, the quarter, the week and the day of the year as bare
//     numbers, as they stand in columns of their own; a week right after a year, or 0WW, has two digits.
//   - 6 is the year without leading zeros, as that of an experiment.
//   - JAN, jan, MON, mon are names in upper and in lower case.
//   - H before a colon or at the end is the hour without a leading zero.
//   - [...] is left out of a stamp where it would be nothing but zeros.
//   - a fraction (.000, .999) may follow any part of the clock's seconds.
package stamp

import (
	"errors"
	"fmt"
	"strings"
)

// A kind is what a part of a layout stands for.
type kind uint8

const (
	literal kind = iota
	open         // what follows up to shut may be left out
	shut
	year        // 2006
	yearShort   // 06
	yearBare    // 6
	halfYear    // H1 or S1
	quarter     // Q1
	month       // 1
	monthZero   // 01
	monthName   // Jan
	monthLong   // January
	week        // W01, of ISO 8601
	weekday     // 1 after W01, Monday is 1
	dayName     // Mon
	dayLong     // Monday
	day         // 2
	dayZero     // 02
	dayBlank    // _2
	yearDay     // 002
	halfBare    // SS
	quarterBare // QQ
	weekBare    // WW or 0WW
	yearDayBare // DDD
	hour        // H
	hourZero    // 15
	half        // 3
	halfZero    // 03
	minute      // 4
	minuteZero  // 04
	second      // 5
	secondZero  // 05
	fraction    // .000 or .999 or with a comma
	afternoon   // PM
	offset      // Z07:00, -07:00, Z0700, -0700, Z07, -07
	zoneName    // MST: UTC, GMT or Z
)

// A part is a piece of a layout.
type part struct {
	kind kind
	text string // as it stands in the layout
}

// A Layout is a compiled layout. It is immutable.
type Layout struct {
	text  string
	parts []part
	fine  fineness
}

// words are the texts of the parts in the order in which they are looked for.
var words = []part{
	{monthLong, "January"}, {monthLong, "JANUARY"}, {monthLong, "january"},
	{monthName, "Jan"}, {monthName, "JAN"}, {monthName, "jan"},
	{dayLong, "Monday"}, {dayLong, "MONDAY"}, {dayLong, "monday"},
	{dayName, "Mon"}, {dayName, "MON"}, {dayName, "mon"},
	{zoneName, "MST"},
	{offset, "Z07:00"}, {offset, "-07:00"}, {offset, "Z0700"}, {offset, "-0700"}, {offset, "Z07"}, {offset, "-07"},
	{afternoon, "PM"}, {afternoon, "pm"},
	{halfBare, "SS"}, {quarterBare, "QQ"}, {weekBare, "0WW"}, {weekBare, "WW"}, {yearDayBare, "DDD"},
	{halfYear, "H1"}, {halfYear, "h1"}, {halfYear, "S1"}, {halfYear, "s1"}, {quarter, "Q1"}, {quarter, "q1"}, {week, "W01"}, {week, "w01"},
	{year, "2006"}, {yearDay, "002"},
	{monthZero, "01"}, {dayZero, "02"}, {halfZero, "03"}, {minuteZero, "04"}, {secondZero, "05"}, {yearShort, "06"},
	{hourZero, "15"},
	{yearBare, "6"}, {month, "1"}, {day, "2"}, {dayBlank, "_2"}, {half, "3"}, {minute, "4"}, {second, "5"},
}

// Compile returns the layout that a text describes. The error says that it has
// neither a year nor anything else that tells a day.
func Compile(text string) (*Layout, error) {
	l := &Layout{text: text}
	brackets := balanced(text)
	afterWeek, clock := false, false
	for i := 0; i < len(text); {
		p := next(text[i:], afterWeek, clock)
		if p.kind == literal && !brackets && (p.text == "[" || p.text == "]") || p.kind == literal && p.text != "[" && p.text != "]" {
			l.literal(p.text)
		} else if p.kind == literal {
			p.kind = open
			if p.text == "]" {
				p.kind = shut
			}
			l.parts = append(l.parts, p)
		} else {
			l.parts = append(l.parts, p)
		}
		afterWeek = p.kind == week || afterWeek && p.kind == literal && p.text == "-"
		clock = p.kind == second || p.kind == secondZero
		i += len(p.text)
	}
	if !l.has(year) && !l.has(yearShort) && !l.has(yearBare) {
		return nil, errors.New("a layout needs the year, 2006, 06 or 6")
	}
	l.fine = l.fineness()
	return l, nil
}

// next returns the part with which text begins.
func next(text string, afterWeek, afterSeconds bool) part {
	if afterSeconds && len(text) > 1 && (text[0] == '.' || text[0] == ',') && (text[1] == '0' || text[1] == '9') {
		n := 1
		for n < len(text) && text[n] == text[1] {
			n++
		}
		if n == len(text) || text[n] < '0' || text[n] > '9' {
			return part{fraction, text[:n]}
		}
	}
	if text[0] == 'H' && (len(text) == 1 || text[1] == ':' || text[1] == '[' || text[1] == '\t') {
		return part{hour, "H"}
	}
	for _, w := range words {
		if strings.HasPrefix(text, w.text) {
			if w.kind == month && afterWeek {
				w.kind = weekday
			}
			return w
		}
	}
	return part{literal, text[:1]}
}

// balanced reports whether brackets come in pairs that do not begin the text and
// do not overlap: else they are characters like others.
func balanced(text string) bool {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '[':
			if depth++; i == 0 {
				return false
			}
		case ']':
			if depth--; depth < 0 {
				return false
			}
		}
	}
	return depth == 0
}

func (l *Layout) literal(s string) {
	if n := len(l.parts); n > 0 && l.parts[n-1].kind == literal {
		l.parts[n-1].text += s
		return
	}
	l.parts = append(l.parts, part{literal, s})
}

func (l *Layout) has(k kind) bool {
	for _, p := range l.parts {
		if p.kind == k {
			return true
		}
	}
	return false
}

// String returns the text of the layout.
func (l *Layout) String() string { return l.text }

// Zoned reports whether stamps tell their offset from UTC, which may differ from
// stamp to stamp.
func (l *Layout) Zoned() bool { return l.has(offset) }

// Universal reports whether stamps say that they are in UTC, by a letter or a
// name that is the same in all.
func (l *Layout) Universal() bool {
	if l.has(zoneName) {
		return true
	}
	last := l.parts[len(l.parts)-1]
	return last.kind == literal && (strings.HasSuffix(last.text, "UTC") || strings.HasSuffix(last.text, "GMT") || last.text == "Z")
}

// Clocked reports whether stamps tell the time of day.
func (l *Layout) Clocked() bool {
	return l.has(hour) || l.has(hourZero) || l.has(half) || l.has(halfZero)
}

// A fineness is the smallest distance between stamps of a layout.
type fineness struct {
	months int   // 12 for years, 3 for quarters, 1 for months
	days   int   // 7 for weeks, 1 for days
	nanos  int64 // otherwise
}

func (l *Layout) fineness() fineness {
	for _, p := range l.parts {
		if p.kind == fraction {
			unit := int64(1e9)
			for range p.text[1:] {
				unit = max(1, unit/10)
			}
			return fineness{nanos: unit}
		}
	}
	for _, u := range []struct {
		is   []kind
		fine fineness
	}{
		{[]kind{second, secondZero}, fineness{nanos: 1e9}},
		{[]kind{minute, minuteZero}, fineness{nanos: 60e9}},
		{[]kind{hour, hourZero, half, halfZero}, fineness{nanos: 3600e9}},
		{[]kind{day, dayZero, dayBlank, yearDay, yearDayBare, weekday}, fineness{days: 1}},
		{[]kind{week, weekBare}, fineness{days: 7}},
		{[]kind{month, monthZero, monthName, monthLong}, fineness{months: 1}},
		{[]kind{quarter, quarterBare}, fineness{months: 3}},
		{[]kind{halfYear, halfBare}, fineness{months: 6}},
	} {
		for _, k := range u.is {
			if l.has(k) {
				return u.fine
			}
		}
	}
	return fineness{months: 12}
}

// Resolution returns the smallest distance between stamps: a number of months,
// or else of seconds (of days, 86400 and 604800).
func (l *Layout) Resolution() (months int, seconds float64) {
	return l.fine.months, float64(l.fine.days)*86400 + float64(l.fine.nanos)/1e9
}

// FromStrftime returns the layout that a format of strftime describes.
func FromStrftime(format string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		if i++; i == len(format) {
			return "", errors.New("the format ends in %")
		}
		bare := format[i] == '-'
		if bare {
			if i++; i == len(format) {
				return "", errors.New("the format ends in %-")
			}
		}
		text, ok := strftime[format[i]]
		if !ok {
			return "", fmt.Errorf("%%%c is not known", format[i])
		}
		if bare {
			if text = unpadded[format[i]]; text == "" {
				return "", fmt.Errorf("%%-%c is not known", format[i])
			}
		}
		switch before := b.String(); {
		case format[i] == 'V' && strings.HasSuffix(before, "W"):
			text = "01" // with its letter
		case format[i] == 'q' && strings.HasSuffix(before, "Q"):
			text = "1"
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

var strftime = map[byte]string{
	'Y': "2006", 'G': "2006", 'y': "06", 'm': "01", 'd': "02", 'e': "_2", 'H': "15", 'I': "03", 'M': "04", 'S': "05",
	'f': "000000", 'p': "PM", 'P': "pm", 'b': "Jan", 'h': "Jan", 'B': "January", 'a': "Mon", 'A': "Monday", 'j': "002",
	'z': "-0700", 'Z': "MST", 'V': "WW", 'u': "1", 'F': "2006-01-02", 'T': "15:04:05", 'R': "15:04", 'D': "01/02/06",
	'q': "QQ", 'n': " ", 't': " ", '%': "%",
}

var unpadded = map[byte]string{'Y': "6", 'm': "1", 'd': "2", 'H': "H", 'I': "3", 'M': "4", 'S': "5", 'e': "2"}
