package stamp

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// An Elapsed is a compiled layout of times since some beginning, as spreadsheets name them: [hh]:mm for hours,
// of which there may be more than 24, and minutes, which times count; [hh]:mm:ss and [mm]:ss for seconds, which times count
// then. [d] days hh:mm:ss is that of whole days and what is more, -1 days +22:30:00 for an hour and a half before, as Python and pandas
// write them. As many letters as stand in the brackets are digits at least; .000 and .999 are decimals of the seconds, with and
// without zeros at the end.
type Elapsed struct {
	first    byte // 'd', 'h' or 'm', of the first number
	width    int  // its digits at least
	seconds  bool
	decimals int
	fixed    bool
}

// CompileElapsed returns the layout of elapsed times that a text describes, or nil if it describes none.
func CompileElapsed(text string) *Elapsed {
	inner, ok := strings.CutPrefix(text, "[")
	if !ok {
		return nil
	}
	head, rest, ok := strings.Cut(inner, "]")
	if !ok || head == "" || strings.Trim(head, head[:1]) != "" {
		return nil
	}
	e := &Elapsed{first: head[0], width: len(head)}
	rest, fraction, _ := strings.Cut(rest, ".")
	switch string(e.first) + rest {
	case "h:mm":
	case "h:mm:ss", "m:ss", "d" + daysAndClock:
		e.seconds = true
	default:
		return nil
	}
	e.decimals, e.fixed = len(fraction), strings.HasPrefix(fraction, "0")
	if fraction != strings.Repeat(e.digit(), e.decimals) || e.decimals > mostDecimals || !e.seconds && e.decimals > 0 {
		return nil
	}
	return e
}

// daysAndClock is what follows the number of days.
const daysAndClock = " days hh:mm:ss"

// mostDecimals is the number of decimals of seconds that are written at most.
const mostDecimals = 6

// String returns the text of the layout.
func (e *Elapsed) String() string {
	s := "[" + strings.Repeat(string(e.first), e.width) + "]"
	switch {
	case e.first == 'd':
		s += daysAndClock
	case e.first == 'h' && e.seconds:
		s += ":mm:ss"
	case e.first == 'h':
		s += ":mm"
	case e.seconds:
		s += ":ss"
	}
	if e.decimals > 0 {
		s += "." + strings.Repeat(e.digit(), e.decimals)
	}
	return s
}

// digit is what stands for a decimal in the layout.
func (e *Elapsed) digit() string {
	if e.fixed {
		return "0"
	}
	return "9"
}

// Words says what stamps of the layout are: "hours and minutes"; unit is what times count.
func (e *Elapsed) Words() (what, unit string) {
	switch {
	case e.first == 'd':
		return "days, hours, minutes and seconds", "seconds"
	case e.first == 'm':
		return "minutes and seconds", "seconds"
	case e.seconds:
		return "hours, minutes and seconds", "seconds"
	}
	return "hours and minutes", "minutes"
}

// Resolution returns the least distance of stamps that the layout writes, in what times count.
func (e *Elapsed) Resolution() float64 { return math.Pow10(-e.decimals) }

// errElapsed is the error of a text that is no elapsed time.
var errElapsed = errors.New("no elapsed time such as 47:59 or 00:01:30")

// spelled is the numbers of an elapsed time.
type spelled struct {
	inDays    bool
	days      int // to which the rest is added
	negative  bool
	first     string // digits
	rest      []int  // below 60
	fraction  string // digits of the last
	afterLast float64
}

// cut takes an elapsed time apart.
func cut(cell string) (f spelled, err error) {
	text := cell
	if days, clock, ok := strings.Cut(cell, " day"); ok {
		f.inDays = true
		if f.days, err = strconv.Atoi(days); err != nil || len(days) > 9 {
			return f, errElapsed
		}
		text = strings.TrimPrefix(strings.TrimLeft(strings.TrimPrefix(clock, "s"), ", "), "+")
	} else {
		text, f.negative = strings.CutPrefix(cell, "-")
	}
	parts := strings.Split(text, ":")
	f.first = parts[0]
	if len(parts) < 2 || len(parts) > 3 || !allDigits(f.first) || len(f.first) > 9 {
		return f, errElapsed
	}
	last := &parts[len(parts)-1]
	if i := strings.IndexAny(*last, ".,"); i >= 0 {
		if f.fraction = (*last)[i+1:]; !allDigits(f.fraction) || len(f.fraction) > 9 {
			return f, errElapsed
		}
		*last = (*last)[:i]
		f.afterLast, _ = strconv.ParseFloat("0."+f.fraction, 64) // digits
	}
	for i, part := range parts[1:] {
		n, err := strconv.Atoi(part)
		switch {
		case err != nil || len(part) != 2 || !allDigits(part):
			return f, errElapsed
		case n > 59:
			return f, fmt.Errorf("%w: %d %s, of which 59 are the most", errElapsed, n, [2]string{"minutes or seconds", "seconds"}[i])
		}
		f.rest = append(f.rest, n)
	}
	return f, nil
}

func allDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// Value returns the time that a cell tells, in minutes or seconds as the layout counts. Parts that the layout does not
// write, such as seconds, may be there.
func (e *Elapsed) Value(cell string) (float64, error) {
	f, err := cut(cell)
	if err != nil {
		return 0, err
	}
	first, err := strconv.Atoi(f.first)
	if err != nil {
		return 0, errElapsed
	}
	n := 60*(24*f.days+first) + f.rest[0]
	switch {
	case len(f.rest) == 2:
		n = 60*n + f.rest[1]
	case e.first == 'h': // of hours and minutes
		n *= 60
		f.afterLast *= 60
	}
	v := float64(n) + f.afterLast
	if !e.seconds {
		v /= 60
	}
	if f.negative {
		v = -v
	}
	return v, nil
}

// Text returns the stamp of a time, longer than the layout where that could not tell it, down to the microsecond.
func (e *Elapsed) Text(v float64) string {
	if !e.seconds {
		v *= 60
	}
	var b []byte
	if e.first == 'd' {
		b, v = e.days(v)
	}
	micros := int64(math.Round(math.Abs(v) * 1e6))
	if v < 0 && micros > 0 {
		b = append(b, '-')
	}
	whole, fraction := int(micros/1e6), int(micros%1e6)
	minutes, seconds := whole/60, whole%60
	switch e.first {
	case 'm':
		b = padded(b, minutes, e.width)
	case 'd':
		b = append(padded(b, minutes/60, 2), ':')
		b = padded(b, minutes%60, 2)
	default:
		b = append(padded(b, minutes/60, e.width), ':')
		b = padded(b, minutes%60, 2)
	}
	if e.seconds || seconds > 0 || fraction > 0 {
		b = padded(append(b, ':'), seconds, 2)
	}
	least := 0
	if e.fixed {
		least = e.decimals
	}
	tail := string(padded(nil, fraction, mostDecimals))
	for len(tail) > least && tail[len(tail)-1] == '0' {
		tail = tail[:len(tail)-1]
	}
	if tail != "" {
		b = append(append(b, '.'), tail...)
	}
	return string(b)
}

// days returns the beginning of the stamp of a time in seconds, its whole days, and the seconds that are left.
func (e *Elapsed) days(v float64) (b []byte, rest float64) {
	const day, micro = 24 * 60 * 60, 1e-6
	v = math.Round(v/micro) * micro
	whole := math.Floor(v / day)
	b = strconv.AppendInt(nil, int64(whole), 10)
	b = append(b, " days "...)
	if whole < 0 {
		b = append(b, '+')
	}
	return b, v - day*whole
}

// LikeElapsed reports whether a cell is an elapsed time.
func LikeElapsed(cell string) bool {
	_, err := cut(cell)
	return err == nil
}

// InferElapsed returns the layout of a column of elapsed times, two numbers being hours and minutes. The error is a
// *CellError.
func InferElapsed(cells Cells) (*Elapsed, error) {
	e := &Elapsed{first: 'h', width: mostDigits}
	least := mostDigits
	for row := range cells.Len() {
		f, err := cut(cells.Text(row))
		if err != nil {
			return nil, &CellError{row, err}
		}
		if f.inDays {
			e.first = 'd'
		}
		e.width = min(e.width, len(f.first))
		e.seconds = e.seconds || len(f.rest) == 2
		e.decimals, least = max(e.decimals, len(f.fraction)), min(least, len(f.fraction))
	}
	if e.first == 'd' {
		e.seconds, e.width = true, 1
	}
	if e.decimals > 0 && !e.seconds || e.decimals > mostDecimals {
		return nil, &CellError{0, errElapsed}
	}
	e.fixed = least == e.decimals && e.decimals > 0
	return e, nil
}

// mostDigits is more than the digits of any number of an elapsed time.
const mostDigits = 10
