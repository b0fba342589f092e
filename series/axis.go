package series

import (
	"sort"

	"tsgen/series/internal/stamp"
)

// An Axis says what a panel's times mean and how they are written. The zero
// value is an axis of plain numbers.
type Axis struct {
	// Layout is the form in which the time stamps came and in which they are
	// written: LayoutNumber, or calendar time, held as seconds since 1970-01-01
	// UTC, in one of the other layouts named here or one of package time such as
	// "2006-01-02" (stamps without a zone are taken as UTC). What package time
	// lacks is written in its manner: "2006Q1" for quarters, "2006-W01" and
	// "2006-W01-1" for weeks of ISO 8601 and their days, "H:04" for hours without
	// a leading zero, "JAN" and "jan" for names in other cases,
	// "2006-01-02[ 15:04]" for what is left out where it is zero. Plain numbers may be written as
	// what has passed since some beginning: "[hh]:mm" is 47:59 of minutes, "[h]:mm:ss", "[mm]:ss" and
	// "[d] days hh:mm:ss" are of seconds. Tabs stand between the columns of a stamp that came in several.
	Layout string `json:"layout"`

	// Offset is the zone in which calendar time stamps are written, in seconds
	// east of UTC; the zone of the panel's last stamp.
	Offset int `json:"offset,omitempty"`

	// Earlier holds the zones of stamps before the last change of clocks, in
	// order of time. It is empty if all stamps came in one zone.
	Earlier []Zone `json:"earlier,omitempty"`

	// Location names the zone of the IANA database from which Offset and Earlier
	// are, if one was asked for or recognised. They go on some decades beyond the
	// stamps then.
	Location string `json:"location,omitempty"`

	// Universal tells that stamps are written in UTC, though the clock that steps
	// follow is that of Offset and Earlier.
	Universal bool `json:"universal,omitempty"`
}

// A Zone is the offset from UTC that was in force up to some instant.
type Zone struct {
	Until  float64 `json:"until"`  // first stamp of the next zone, seconds since 1970-01-01 UTC
	Offset int     `json:"offset"` // seconds east of UTC
}

// Layouts that package time does not have.
const (
	LayoutNumber    = ""              // plain numbers: steps, hours
	LayoutUnix      = stamp.Unix      // seconds since 1970-01-01 UTC
	LayoutUnixMilli = stamp.UnixMilli // milliseconds
	LayoutUnixMicro = stamp.UnixMicro // microseconds
	LayoutUnixNano  = stamp.UnixNano  // nanoseconds

	// LayoutExcel are days since 30 December 1899, LayoutDecimal years with a
	// fraction. Of stamps that were read the layout goes on with what is needed to
	// write them as they came: "excel .999999", "decimal-year/12+0.5 .9999".
	LayoutExcel   = stamp.Excel
	LayoutDecimal = stamp.Decimal
)

// elapsed returns the layout of times since some beginning, which are written as texts such as 47:59 and held as plain
// numbers, or nil if it is another.
func (a Axis) elapsed() *stamp.Elapsed { return stamp.CompileElapsed(a.Layout) }

// Unit returns what times that are written as texts such as 47:59 count, "minutes" or "seconds"; nothing of others.
func (a Axis) Unit() string {
	if e := a.elapsed(); e != nil {
		_, unit := e.Words()
		return unit
	}
	return ""
}

// Calendar reports whether the times are instants of the calendar, held as
// seconds since 1970-01-01 UTC.
func (a Axis) Calendar() bool { return a.Layout != LayoutNumber && a.elapsed() == nil }

// offset returns the zone at instant t in seconds east of UTC.
func (a Axis) offset(t float64) int {
	if len(a.Earlier) == 0 {
		return a.Offset
	}
	i := sort.Search(len(a.Earlier), func(i int) bool { return t < a.Earlier[i].Until })
	if i == len(a.Earlier) {
		return a.Offset
	}
	return a.Earlier[i].Offset
}

// civil returns what a clock in the axis' zone shows at instant t, in seconds
// since it showed the beginning of 1970.
func (a Axis) civil(t float64) float64 { return t + float64(a.offset(t)) }

// instant returns the instant at which a clock in the axis' zone shows c: the
// later one where the clock was set back over c, and for a c that was skipped
// the instant that a clock not yet set forward would call c.
func (a Axis) instant(c float64) float64 {
	offset := a.Offset
	for i := len(a.Earlier) - 1; i >= 0; i-- {
		z := a.Earlier[i]
		if t := c - float64(offset); t >= z.Until {
			return t
		}
		offset = z.Offset
	}
	return c - float64(offset)
}
