package series

// An Axis says what a panel's times mean and how they are written. The zero
// value is an axis of plain numbers.
type Axis struct {
	// Layout is the form in which the time stamps came and in which they are
	// written: LayoutNumber, LayoutUnix, LayoutUnixMilli, or a layout of
	// package time such as "2006-01-02" (calendar time, held as seconds since
	// 1970-01-01 UTC; stamps without a zone are taken as UTC).
	Layout string `json:"layout"`

	// Offset is the zone in which calendar time stamps are written, in seconds
	// east of UTC; the zone of the panel's last stamp.
	Offset int `json:"offset,omitempty"`

	// Earlier holds the zones of stamps before the last change of clocks, in
	// order of time. It is empty if all stamps came in one zone.
	Earlier []Zone `json:"earlier,omitempty"`
}

// A Zone is the offset from UTC that was in force up to some instant.
type Zone struct {
	Until  float64 `json:"until"`  // first stamp of the next zone, seconds since 1970-01-01 UTC
	Offset int     `json:"offset"` // seconds east of UTC
}

// Layouts that package time does not have.
const (
	LayoutNumber    = ""       // plain numbers: steps, hours, years with fractions
	LayoutUnix      = "unix"   // seconds since 1970-01-01 UTC
	LayoutUnixMilli = "unixms" // milliseconds since 1970-01-01 UTC
)

// Calendar reports whether the times are instants of the calendar, held as
// seconds since 1970-01-01 UTC.
func (a Axis) Calendar() bool { return a.Layout != LayoutNumber }

// offset returns the zone at instant t in seconds east of UTC.
func (a Axis) offset(t float64) int {
	for _, z := range a.Earlier {
		if t < z.Until {
			return z.Offset
		}
	}
	return a.Offset
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
