package stamp

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Layouts of stamps that are single numbers. Excel and decimal years go on with
// what Number.String says.
const (
	Unix      = "unix"         // seconds since 1970 UTC
	UnixMilli = "unixms"       // milliseconds
	UnixMicro = "unixus"       // microseconds
	UnixNano  = "unixns"       // nanoseconds
	Excel     = "excel"        // days since 30 December 1899
	Decimal   = "decimal-year" // years with a fraction
)

// A Number is a compiled layout of stamps that are numbers.
type Number struct {
	kind   string
	parts  int     // Decimal: of the year, on whose beginnings stamps lie; days for its days, 0 for any instants
	shift  float64 // Decimal: of the stamps behind those beginnings, in parts
	digits int     // decimals, of Excel and Decimal
	fixed  bool    // zeros at the end are written
}

// inDays is the number of parts of a year that stands for its days.
const inDays = 365

// ErrFine is the error of a stamp that is finer than a microsecond.
var ErrFine = errors.New("finer than a microsecond")

// CompileNumber returns the layout of numbers that a text describes, or nil if it
// describes none.
func CompileNumber(text string) *Number {
	switch text {
	case Unix, UnixMilli, UnixMicro, UnixNano:
		return &Number{kind: text}
	}
	head, decimals, _ := strings.Cut(text, " ")
	n := &Number{kind: head, digits: max(0, len(decimals)-1), fixed: strings.HasPrefix(decimals, ".0")}
	if head == Excel {
		return n
	}
	rest, ok := strings.CutPrefix(head, Decimal)
	if !ok {
		return nil
	}
	n.kind = Decimal
	if rest == "" {
		return n
	}
	parts, shift, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "+")
	n.parts, _ = strconv.Atoi(parts)
	n.shift, _ = strconv.ParseFloat("0"+shift, 64)
	switch n.parts {
	case 1, 2, 4, 12, inDays:
	default:
		return nil
	}
	if !(n.shift >= 0 && n.shift <= 1) {
		return nil
	}
	return n
}

// String returns the text of the layout: unix, excel .99, decimal-year/12+0.5 .000.
func (n *Number) String() string {
	s := n.kind
	if n.parts > 0 {
		s += "/" + strconv.Itoa(n.parts)
	}
	if n.shift > 0 {
		s += "+" + strconv.FormatFloat(n.shift, 'g', -1, 64)
	}
	switch {
	case n.digits > 0 && n.fixed:
		s += " ." + strings.Repeat("0", n.digits)
	case n.digits > 0:
		s += " ." + strings.Repeat("9", n.digits)
	}
	return s
}

// Civil reports whether the numbers tell what a clock shows, of whichever zone,
// and not instants.
func (n *Number) Civil() bool { return n.kind == Excel || n.kind == Decimal }

// Exact reports whether Seconds needs the text of a stamp, whose value as a float64 is
// rounded.
func (n *Number) Exact() bool { return n.kind == UnixMicro || n.kind == UnixNano }

// Regular reports whether the stamps are years that are cut into equal parts, or
// into their days.
func (n *Number) Regular() bool { return n.parts > 0 }

// Seconds returns the time, in seconds since 1970, of a stamp whose value as a
// number is v.
func (n *Number) Seconds(cell string, v float64) (float64, error) {
	switch n.kind {
	case Unix:
		if math.Abs(v) < 1<<33 && math.Round(v*1e6)/1e6 != v {
			return 0, ErrFine
		}
		return v, nil
	case UnixMilli:
		s := math.Round(v*1e3) / 1e6
		if math.Round(s*1e6)/1e3 != v {
			return 0, ErrFine
		}
		return s, nil
	case UnixMicro, UnixNano:
		whole, err := strconv.ParseInt(cell, 10, 64)
		if err != nil {
			if v != math.Trunc(v) || math.Abs(v) >= 1<<63 {
				return 0, ErrFine
			}
			whole = int64(v)
		}
		if n.kind == UnixNano {
			if whole%1000 != 0 {
				return 0, ErrFine
			}
			whole /= 1000
		}
		return float64(whole) / 1e6, nil
	case Excel:
		unit := n.unit()
		return math.Round((v-25569)*86400/unit) * unit, nil
	}
	return n.ofYear(v), nil
}

// unit returns the seconds to which a day with so many decimals is exact.
func (n *Number) unit() float64 {
	switch {
	case n.digits >= 9:
		return 0.001
	case n.digits >= 5:
		return 1
	case n.digits == 4:
		return 60
	case n.digits == 3:
		return 300
	case n.digits == 2:
		return 3600
	case n.digits == 1:
		return 8640
	}
	return 86400
}

// ofYear returns the time of a decimal year.
func (n *Number) ofYear(v float64) float64 {
	y := int(math.Floor(v))
	if n.parts == 0 || n.parts == inDays {
		begin := float64(days(y, 1, 1))
		length := float64(days(y+1, 1, 1)) - begin
		if n.parts == inDays {
			return 86400 * (begin + math.Round((v-float64(y))*length-n.shift))
		}
		return 86400*begin + math.Round((v-float64(y))*length*86400)
	}
	k := int(math.Round((v-float64(y))*float64(n.parts) - n.shift))
	m := 12 / n.parts * k
	y += floorDiv(m, 12)
	return 86400 * float64(days(y, m-12*floorDiv(m, 12)+1, 1))
}

// Text returns the stamp of a time, in seconds since 1970.
func (n *Number) Text(t float64) string {
	switch n.kind {
	case Unix:
		if math.Abs(t) < 1<<33 {
			t = math.Round(t*1e6) / 1e6
		}
		return strconv.FormatFloat(t, 'f', -1, 64)
	case UnixMilli:
		return strconv.FormatFloat(math.Round(t*1e6)/1e3, 'f', -1, 64)
	case UnixMicro:
		return strconv.FormatInt(int64(math.Round(t*1e6)), 10)
	case UnixNano:
		return strconv.FormatInt(int64(math.Round(t*1e6)), 10) + "000"
	case Excel:
		return n.decimal((t + 25569*86400) / 86400)
	}
	day := int(math.Floor(t / 86400))
	y, m, d := date(day)
	begin := float64(days(y, 1, 1))
	length := float64(days(y+1, 1, 1)) - begin
	switch {
	case n.parts == inDays:
		return n.decimal(float64(y) + (t/86400-begin+n.shift)/length)
	case n.parts == 0 || d > 1 || t != 86400*float64(day) || (m-1)%(12/n.parts) != 0:
		return n.decimal(float64(y) + (t/86400-begin)/length)
	}
	return n.decimal(float64(y) + (float64((m-1)*n.parts/12)+n.shift)/float64(n.parts))
}

func (n *Number) decimal(v float64) string {
	s := strconv.FormatFloat(v, 'f', n.digits, 64)
	if !n.fixed && n.digits > 0 {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// Holds reports whether a stamp of the layout tells the time: that it reads back.
func (n *Number) Holds(t float64) bool {
	text := n.Text(t)
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return false
	}
	back, err := n.Seconds(text, v)
	return err == nil && math.Abs(back-t) <= 1e-6
}

// Resolution returns the smallest distance between stamps: a number of months, or
// else of seconds.
func (n *Number) Resolution() (months int, seconds float64) {
	switch {
	case n.kind == Excel:
		return 0, n.unit()
	case n.kind == Decimal && n.parts == inDays:
		return 0, 86400
	case n.kind == Decimal && n.parts > 0:
		return 12 / n.parts, 0
	case n.kind == Decimal:
		return 0, 1
	}
	return 0, 1e-6
}

// InferExcel returns the layout of days since 1899 with the decimals of the cells.
func InferExcel(cells Cells) *Number {
	digits, fixed := decimals(cells)
	return &Number{kind: Excel, digits: digits, fixed: fixed}
}

// summed is by how much of its part of a year a time may be off that is a sum of rounded parts, as
// programs write them: 1997.91666667 after 1959.08333334.
const summed = 1e-3

// InferDecimal returns the layout of years with a fraction: of parts of a year if
// all of them are, of its days, or of any instants.
func InferDecimal(cells Cells, values []float64) *Number {
	n := &Number{kind: Decimal}
	n.digits, n.fixed = decimals(cells)
	ulp := math.Pow(10, -float64(n.digits))
	within := func(parts int, shift, tolerance float64) bool {
		for _, v := range values {
			y := math.Floor(v)
			length := float64(parts)
			if parts == inDays {
				length = float64(days(int(y)+1, 1, 1) - days(int(y), 1, 1))
			}
			if u := (v-y)*length - shift; math.Abs(u-math.Round(u)) > tolerance {
				return false
			}
		}
		return true
	}
	for _, parts := range []int{1, 2, 4, 12} {
		tolerance := 1.05*ulp*float64(parts) + summed
		for _, shift := range []float64{0, 0.5} {
			if tolerance < 0.2 && within(parts, shift, tolerance) {
				n.parts, n.shift = parts, shift
				return n
			}
		}
	}
	for _, shift := range []float64{0, 0.5} {
		if tolerance := 0.6*ulp*inDays + 1e-6; tolerance < 0.2 && within(inDays, shift, tolerance) {
			n.parts, n.shift = inDays, shift
			return n
		}
	}
	return n
}

// decimals returns the most decimals of the cells, and whether all have as many.
func decimals(cells Cells) (most int, fixed bool) {
	least := math.MaxInt
	take := func(text string) {
		n := 0
		if i := strings.IndexByte(text, '.'); i >= 0 {
			n = len(text) - i - 1
		}
		least, most = min(least, n), max(most, n)
	}
	all := 0
	for _, s := range cells.Shapes() {
		if all += s.Rows; s.Rows > 0 {
			take(s.Text)
		}
	}
	for row := 0; row < cells.Len() && all < cells.Len(); row++ {
		take(cells.Text(row))
	}
	return most, least == most
}
