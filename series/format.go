package series

import (
	"math"
	"strconv"
	"strings"
	"time"
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
// two times that differ look alike.
func (a Axis) Stamp(t float64) string { return newStamper(a).stamp(t) }

// Stamp formats a time as a.Stamp does.
func Stamp(a Axis, t float64) string { return a.Stamp(t) }

// A stamper formats many times of one axis.
type stamper struct {
	axis  Axis
	fine  fineness
	zoned bool // some stamp is not in UTC
	long  string
}

func newStamper(a Axis) stamper {
	s := stamper{axis: a, zoned: a.Offset != 0 || len(a.Earlier) > 0}
	if a.Calendar() {
		s.fine = resolution(a.Layout)
		s.long = "2006-01-02T15:04:05.999999"
		if hasZone(a.Layout) {
			s.long += "-07:00"
		}
	}
	return s
}

func (s stamper) stamp(t float64) string {
	switch {
	case math.IsNaN(t) || math.IsInf(t, 0):
		return strconv.FormatFloat(t, 'g', -1, 64)
	case s.axis.Layout == LayoutNumber:
		return FormatNumber(t)
	case s.axis.Layout == LayoutUnix:
		return FormatNumber(roundMicro(t))
	case s.axis.Layout == LayoutUnixMilli:
		return FormatNumber(math.Round(t*1e6) / 1e3)
	}
	d := civilTime(t)
	if s.zoned {
		d = d.In(time.FixedZone("", s.axis.offset(t)))
	}
	if !s.fine.holds(d) {
		return d.Format(s.long)
	}
	return d.Format(s.axis.Layout)
}

// hasZone reports whether stamps of a layout tell their offset from UTC.
func hasZone(layout string) bool {
	return strings.Contains(layout, "-07") || strings.Contains(layout, "Z07")
}

func roundMicro(t float64) float64 {
	if math.Abs(t) < 1<<33 {
		return math.Round(t*1e6) / 1e6
	}
	return t
}

// A fineness is the smallest distance between stamps of a layout.
type fineness struct {
	months  int           // 12 for years, 1 for months, 0 for anything finer
	instant time.Duration // otherwise
}

// resolution returns the fineness of a layout, at least a microsecond.
func resolution(layout string) fineness {
	switch layout {
	case LayoutUnix, LayoutUnixMilli:
		return fineness{instant: time.Microsecond}
	}
	base := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	zero := base.Format(layout)
	for d := time.Microsecond; d < time.Second; d *= 10 {
		if base.Add(d).Format(layout) != zero {
			return fineness{instant: d}
		}
	}
	for _, d := range []time.Duration{time.Second, time.Minute, time.Hour, 24 * time.Hour} {
		if base.Add(d).Format(layout) != zero {
			return fineness{instant: d}
		}
	}
	if base.AddDate(0, 1, 0).Format(layout) != zero {
		return fineness{months: 1}
	}
	return fineness{months: 12}
}

// holds reports whether a stamp of this fineness tells d exactly.
func (f fineness) holds(d time.Time) bool {
	h, m, s := d.Clock()
	clock := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute +
		time.Duration(s)*time.Second + time.Duration(d.Nanosecond())
	if f.months == 0 {
		return clock%f.instant == 0
	}
	return clock == 0 && d.Day() == 1 && int(d.Month()-1)%f.months == 0
}
