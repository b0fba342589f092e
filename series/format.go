package series

import (
	"math"
	"strconv"
	"strings"
	"time"

	"tsgen/series/internal/stamp"
)

// FormatNumber returns the shortest decimal that reads back as exactly x:
// without an exponent for ordinary magnitudes (112, 0.001), with one for
// others (1e-10, 1e+21). A missing value (NaN) is the empty string.
func FormatNumber(x float64) string {
	if math.IsNaN(x) {
		return ""
	}
	if a := math.Abs(x); a == 0 || a >= 1e-5 && a < 1e16 {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// roundDigits returns x rounded to n significant decimal digits.
func roundDigits(x float64, n int) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', n, 64), 64)
	if err != nil { // rounded up beyond the largest float64
		return x
	}
	return r
}

// Stamp formats a time in the layout and the zone in which the axis' stamps
// came. A calendar time that the layout cannot hold, such as noon in a file of
// dates, is written as long as it needs, down to the microsecond, so that no
// two times that differ look alike. Blanks stand between the parts of stamps that
// came in several columns.
func (a Axis) Stamp(t float64) string { return strings.ReplaceAll(newStamper(a).stamp(t), "\t", " ") }

// Numeric reports whether the axis' stamps are numbers, and not texts.
func (a Axis) Numeric() bool { return a.Layout == LayoutNumber || stamp.CompileNumber(a.Layout) != nil }

// Stamp formats a time as a.Stamp does.
func Stamp(a Axis, t float64) string { return a.Stamp(t) }

// A stamper formats many times of one axis.
type stamper struct {
	axis   Axis
	number *stamp.Number  // of stamps that are numbers
	passed *stamp.Elapsed // of texts of plain numbers
	layout *stamp.Layout  // of texts
	zoned  bool           // some stamp is not in UTC
	buf    []byte
}

func newStamper(a Axis) *stamper {
	s := &stamper{axis: a, zoned: !a.Universal && (a.Offset != 0 || len(a.Earlier) > 0)}
	if !a.Calendar() {
		s.passed = a.elapsed()
		return s
	}
	if s.number = stamp.CompileNumber(a.Layout); s.number == nil {
		s.layout, _ = stamp.Compile(a.Layout) // nil for one that Validate refuses
	}
	return s
}

// stamp formats a time.
func (s *stamper) stamp(t float64) string {
	switch {
	case math.IsNaN(t) || math.IsInf(t, 0):
		return strconv.FormatFloat(t, 'g', -1, 64)
	case s.passed != nil:
		return s.passed.Text(t)
	case s.number == nil && s.layout == nil:
		return FormatNumber(t)
	}
	zone := 0
	if s.zoned {
		zone = s.axis.offset(t)
	}
	if s.number != nil {
		if !s.number.Civil() {
			return s.number.Text(t)
		}
		if s.number.Holds(t + float64(zone)) {
			return s.number.Text(t + float64(zone))
		}
	}
	d := civilTime(t)
	seconds, nanos := d.Unix()+int64(zone), d.Nanosecond()
	if s.layout != nil && s.layout.Holds(seconds, nanos) {
		s.buf = s.layout.Append(s.buf[:0], seconds, nanos, zone)
		return string(s.buf)
	}
	long := time.Unix(seconds, int64(nanos)).UTC().Format("2006-01-02T15:04:05.999999")
	if s.layout != nil && s.layout.Zoned() {
		long += time.Unix(0, 0).In(time.FixedZone("", zone)).Format("-07:00")
	}
	return long
}

// zoneless reports whether nothing tells the zone of the axis' stamps.
func (a Axis) zoneless() bool {
	if a.Location != "" || stamp.CompileNumber(a.Layout) != nil {
		return false
	}
	l, err := stamp.Compile(a.Layout)
	return err == nil && !l.Zoned() && !l.Universal()
}

// resolution returns the smallest distance between stamps: a number of months, or
// else of seconds.
func (a Axis) resolution() (months int, seconds float64) {
	if n := stamp.CompileNumber(a.Layout); n != nil {
		return n.Resolution()
	}
	l, err := stamp.Compile(a.Layout)
	if err != nil {
		return 0, 1e-6
	}
	months, seconds = l.Resolution()
	if months == 0 {
		seconds = max(seconds, 1e-6)
	}
	return months, seconds
}
