package formats

import (
	"math"
	"strconv"
	"time"
)

// A unit is the length of a tick of time stamps in nanoseconds.
type unit int64

const (
	second unit = 1e9
	milli  unit = 1e6
	micro  unit = 1e3
	nano   unit = 1
)

// instant returns the time of so many ticks since 1970.
func (u unit) instant(ticks int64) time.Time {
	per := int64(second / u)
	return time.Unix(floorDiv(ticks, per), floorMod(ticks, per)*int64(u)).UTC()
}

// Layouts of stamps as they are read from formats that have them as numbers. Decimals of
// seconds stand where there are any.
const (
	dateLayout  = "2006-01-02"
	clockLayout = "15:04:05.999999999"
	civilLayout = "2006-01-02 15:04:05.999999999"
	zonedLayout = "2006-01-02T15:04:05.999999999Z07:00"
)

// appendDate appends the day that is so many days after 1970.
func appendDate(dst []byte, days int64) []byte {
	return time.Unix(days*86400, 0).UTC().AppendFormat(dst, dateLayout)
}

// appendClock appends the time of a day.
func (u unit) appendClock(dst []byte, ticks int64) []byte {
	return u.instant(ticks).AppendFormat(dst, clockLayout)
}

// appendStamp appends a time stamp, by the clock of a zone, or without one if it is nil.
func (u unit) appendStamp(dst []byte, ticks int64, zone *time.Location) []byte {
	t := u.instant(ticks)
	if zone == nil {
		return t.AppendFormat(dst, civilLayout)
	}
	return t.In(zone).AppendFormat(dst, zonedLayout)
}

// appendFloat appends a number of so many bits; one that is none is a missing value.
func appendFloat(dst []byte, x float64, bits int) []byte {
	switch a := math.Abs(x); {
	case math.IsNaN(x):
		return dst
	case a == 0 || a >= 1e-5 && a < 1e16:
		return strconv.AppendFloat(dst, x, 'f', -1, bits)
	}
	return strconv.AppendFloat(dst, x, 'g', -1, bits)
}

// zoneOf returns the zone that Arrow calls so: a name of the IANA time zones, or a
// distance from UTC such as +02:00.
func zoneOf(name string) (*time.Location, error) {
	if len(name) > 0 && (name[0] == '+' || name[0] == '-') {
		t, err := time.Parse("-07:00", name)
		if err != nil {
			return nil, err
		}
		_, offset := t.Zone()
		return time.FixedZone(name, offset), nil
	}
	return time.LoadLocation(name)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }
