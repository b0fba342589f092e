package series

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// A timeColumn is what a column of time stamps turned out to hold.
type timeColumn struct {
	times  []float64 // by row
	axis   Axis
	remark string // something that the user should know, or empty
}

// calendarLayouts returns the layouts of package time in which the cell is a
// stamp, best first.
func calendarLayouts(cell string) []string {
	if len(cell) < 6 || len(cell) > 40 || strings.Trim(cell, "0123456789.") == "" && strings.Count(cell, ".") < 2 {
		return nil
	}
	var fit []string
	try := func(layout string) {
		if _, err := time.Parse(layout, cell); err == nil {
			fit = append(fit, layout)
		}
	}
	try("2006-01")
	try("2006/01")
	for _, date := range []string{"2006-01-02", "2006/01/02", "2006-1-2", "2006/1/2"} {
		try(date)
		for _, sep := range []string{"T", " "} {
			for _, clock := range []string{"15:04:05", "15:04"} {
				for _, zone := range []string{"", "-07:00", "-0700", "-07", "Z07:00", "Z0700",
					" -07:00", " -0700", " UTC"} {
					try(date + sep + clock + zone)
				}
			}
		}
	}
	// What is unambiguous of the customs of countries and spreadsheets.
	for _, date := range []string{"02.01.2006", "2.1.2006", "02-Jan-2006", "2-Jan-2006"} {
		for _, clock := range []string{"", " 15:04:05", " 15:04"} {
			try(date + clock)
		}
	}
	try("Jan 2006")
	return fit
}

const timeForms = `expected a plain number, a year, "2006-01", "2006-01-02", ` +
	`"2006-01-02 15:04:05", RFC 3339 "2006-01-02T15:04:05+01:00", "31.12.2006", "31-Dec-2006" or "Dec 2006"`

// parseTimes reads column c of t as time stamps, all in one layout. like is
// the axis that they should be on, or nil for any; calendar tells that whole
// numbers in the column may be years, dates or Unix seconds.
func (t *table) parseTimes(c int, na absence, like *Axis, calendar bool) (*timeColumn, error) {
	cells := t.cells[c]
	for row, s := range cells {
		if na.holds(s) {
			return nil, &ParseError{Name: t.name, Line: t.lines[row], Column: t.names[c],
				Err: fmt.Errorf("%w: every row needs a time", ErrMissing)}
		}
	}
	if like != nil && like.Calendar() {
		return t.parseCalendar(c, like)
	}
	if _, k := parseNumber(cells[0], na); k == text && like == nil {
		return t.parseCalendar(c, nil)
	}
	col := &timeColumn{times: make([]float64, len(cells))}
	for row, s := range cells {
		v, k := parseNumber(s, na)
		switch {
		case k == infinite:
			return nil, t.cellError(c, row, numberError(s, k))
		case k != number && like != nil:
			return nil, t.cellError(c, row, fmt.Errorf("%w: expected a plain number, as the other times of the panel", ErrTime))
		case k != number:
			return nil, t.cellError(c, row, t.unlikeFirst(c, nil))
		}
		col.times[row] = v
	}
	if like == nil && calendar {
		layout := wholeLayout(col.times, normal(t.names[c]) == "year")
		if err := t.wholeToCalendar(c, col, layout); err != nil {
			return nil, err
		}
	}
	return col, nil
}

// unlikeFirst is the error of a stamp that does not look like the column's
// first. cause is that of package time, or nil.
func (t *table) unlikeFirst(c int, cause error) error {
	err := fmt.Errorf("%w in the form of line %d, %q", ErrTime, t.lines[0], t.cells[c][0])
	var pe *time.ParseError
	if errors.As(cause, &pe) && pe.Message != "" {
		err = fmt.Errorf("%w%s", err, pe.Message)
	}
	return err
}

// wholeLayout returns the calendar layout of a column of plain numbers that is
// known to hold times, or LayoutNumber. All the numbers must agree: integers
// are years from 1600 to 2199 (in a column called year from 1000 to 2999),
// months 190001 to 209912 and dates 19000101 to 20991231; numbers of ten
// digits before the point are Unix seconds, of thirteen Unix milliseconds.
func wholeLayout(x []float64, year bool) string {
	lo, hi := slices.Min(x), slices.Max(x)
	whole := true
	for _, v := range x {
		whole = whole && v == math.Trunc(v)
	}
	digits := func(form string) bool {
		for _, v := range x {
			if _, err := time.Parse(form, FormatNumber(v)); err != nil {
				return false
			}
		}
		return true
	}
	switch {
	case lo >= 1e9 && hi < 1e10:
		return LayoutUnix
	case lo >= 1e12 && hi < 1e13:
		return LayoutUnixMilli
	case !whole:
		return LayoutNumber
	case lo >= 1600 && hi < 2200, year && lo >= 1000 && hi < 3000:
		return "2006"
	case lo >= 190001 && hi <= 209912 && digits("200601"):
		return "200601"
	case lo >= 19000101 && hi <= 20991231 && digits("20060102"):
		return "20060102"
	}
	return LayoutNumber
}

// wholeToCalendar turns plain numbers into the calendar times that they mean
// in the layout.
func (t *table) wholeToCalendar(c int, col *timeColumn, layout string) error {
	col.axis.Layout = layout
	for row, v := range col.times {
		switch layout {
		case LayoutNumber:
			return nil
		case LayoutUnix:
			if roundMicro(v) != v {
				return t.cellError(c, row, tooFine())
			}
		case LayoutUnixMilli:
			s := math.Round(v*1e3) / 1e6
			if math.Round(s*1e6)/1e3 != v {
				return t.cellError(c, row, tooFine())
			}
			col.times[row] = s
		case "2006":
			col.times[row] = float64(time.Date(int(v), 1, 1, 0, 0, 0, 0, time.UTC).Unix())
		case "200601":
			n := int(v)
			col.times[row] = float64(time.Date(n/100, time.Month(n%100), 1, 0, 0, 0, 0, time.UTC).Unix())
		case "20060102":
			n := int(v)
			col.times[row] = float64(time.Date(n/10000, time.Month(n/100%100), n%100, 0, 0, 0, 0, time.UTC).Unix())
		}
		if err := t.checkCalendar(c, row, col.times[row]); err != nil {
			return err
		}
	}
	return nil
}

// checkCalendar returns the error of a calendar time that cannot be held.
func (t *table) checkCalendar(c, row int, sec float64) error {
	if sec >= minCalendar && sec < maxCalendar {
		return nil
	}
	return t.cellError(c, row, fmt.Errorf("%w in the years 1 to 9998", ErrTime))
}

func tooFine() error {
	return fmt.Errorf("%w that can be held: the resolution is a microsecond (coarser before 1698 and after 2242)", ErrTime)
}

// parseCalendar reads column c of t as calendar time stamps.
func (t *table) parseCalendar(c int, like *Axis) (*timeColumn, error) {
	cells := t.cells[c]
	layout, err := t.commonLayout(c, like)
	if err != nil {
		return nil, err
	}
	switch layout {
	case LayoutUnix, LayoutUnixMilli:
		col := &timeColumn{times: make([]float64, len(cells))}
		for row, s := range cells {
			col.times[row], _ = parseNumber(s, nil)
		}
		return col, t.wholeToCalendar(c, col, layout)
	}
	zoned := hasZone(layout)
	if like != nil && zoned && !hasZone(like.Layout) && resolution(like.Layout).instant > time.Microsecond {
		return nil, t.cellError(c, 0, fmt.Errorf("%w of the panel: its stamps have no zone, this one has", ErrTime))
	}
	col := &timeColumn{times: make([]float64, len(cells)), axis: Axis{Layout: layout}}
	var offsets []int
	if zoned {
		offsets = make([]int, len(cells))
	}
	var frac fraction
	for row, s := range cells {
		d, err := time.Parse(layout, s)
		if err != nil {
			return nil, t.cellError(c, row, t.unlikeFirst(c, err))
		}
		sec := seconds(d)
		if err := t.checkCalendar(c, row, sec); err != nil {
			return nil, err
		}
		if d.Nanosecond()%1000 != 0 || civilTime(sec).Nanosecond() != d.Nanosecond() {
			return nil, t.cellError(c, row, tooFine())
		}
		if zoned {
			_, offsets[row] = d.Zone()
		} else if like != nil && !strings.HasSuffix(layout, " UTC") {
			sec = like.instant(sec)
		}
		frac.add(s, row == 0)
		col.times[row] = sec
	}
	if like == nil || layout != like.Layout {
		col.axis.Layout = frac.layout(layout)
	}
	if zoned {
		col.remark = col.axis.setZones(col.times, offsets)
	}
	return col, nil
}

// A fraction is the number of decimals of the seconds in a column of stamps.
type fraction struct {
	least, most int
	mark        byte // '.' or ','
}

func (f *fraction) add(stamp string, first bool) {
	n := 0
	for i := 3; i < len(stamp); i++ {
		if (stamp[i] == '.' || stamp[i] == ',') && stamp[i-3] == ':' {
			f.mark = stamp[i]
			n = len(stamp[i+1:]) - len(strings.TrimLeft(stamp[i+1:], "0123456789"))
			break
		}
	}
	if first {
		f.least = n
	}
	f.least, f.most = min(f.least, n), max(f.most, n)
}

// layout adds the decimals to a layout with whole seconds.
func (f *fraction) layout(whole string) string {
	digit := "9"
	switch {
	case f.most == 0:
		return whole
	case f.least == f.most:
		digit = "0"
	}
	return strings.Replace(whole, ":05", ":05"+string(f.mark)+strings.Repeat(digit, f.most), 1)
}

// seconds returns an instant as seconds since 1970, rounded to float64.
func seconds(d time.Time) float64 {
	if ns := d.Nanosecond(); ns != 0 {
		return float64(d.Unix()*1e6+int64(ns/1000)) / 1e6
	}
	return float64(d.Unix())
}

// commonLayout returns the best layout in which every cell of column c is a
// stamp, or the layout of most of the first ones: that of like if it fits.
func (t *table) commonLayout(c int, like *Axis) (string, error) {
	cells := t.cells[c]
	if like != nil && !slices.ContainsFunc(cells, func(s string) bool { return !like.writes(s) }) {
		return like.Layout, nil
	}
	fit := calendarLayouts(cells[0])
	if len(fit) == 0 && like != nil {
		return "", t.cellError(c, 0, fmt.Errorf("%w: expected a calendar time such as %q", ErrTime, like.Stamp(0)))
	} else if len(fit) == 0 {
		return "", t.cellError(c, 0, fmt.Errorf("%w: %s", ErrTime, timeForms))
	}
	for _, s := range cells[1:] {
		if len(fit) == 1 {
			break
		}
		keep := make([]string, 0, len(fit))
		for _, layout := range fit {
			if _, err := time.Parse(layout, s); err == nil {
				keep = append(keep, layout)
			}
		}
		if len(keep) == 0 {
			break // the caller meets the row again, and says what is wrong
		}
		fit = keep
	}
	return fit[0], nil
}

// writes reports whether a stamp is in the layout of the axis.
func (a Axis) writes(stamp string) bool {
	switch a.Layout {
	case LayoutNumber, LayoutUnix, LayoutUnixMilli:
		_, k := parseNumber(stamp, nil)
		return k == number
	}
	_, err := time.Parse(a.Layout, stamp)
	return err == nil
}

// setZones sets the zones of the axis to those of stamps at the given times,
// and returns a remark if that cannot be done because they do not follow from
// the time: then only the zone of the last row is kept.
func (a *Axis) setZones(times []float64, offsets []int) string {
	last := len(offsets) - 1
	a.Offset = offsets[last]
	if !slices.ContainsFunc(offsets, func(o int) bool { return o != offsets[0] }) {
		return ""
	}
	order := make([]int, len(times))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case times[i] < times[j]:
			return -1
		case times[i] > times[j]:
			return 1
		}
		return 0
	})
	const mixed = "the stamps are in several zones at a time; they are written in that of the last row"
	years := (times[order[last]] - times[order[0]]) / (365 * day)
	var earlier []Zone
	for k := 1; k <= last; k++ {
		i, j := order[k-1], order[k]
		if offsets[i] == offsets[j] {
			continue
		}
		// Clocks change twice a year, at times four times; more are places.
		if times[i] == times[j] || float64(len(earlier)) > 2+4*years {
			return mixed
		}
		earlier = append(earlier, Zone{Until: times[j], Offset: offsets[i]})
	}
	a.Earlier, a.Offset = earlier, offsets[order[last]]
	return ""
}
