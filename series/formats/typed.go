package formats

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"tsgen/series"
)

// A kind is the type of a column.
type kind int

const (
	texts kind = iota
	numbers
	integers
	truths
	dates
	civilStamps // without a zone
	zonedStamps
)

// A column is one of a table whose cells were written as text.
type column struct {
	name  string
	kind  kind
	zone  string   // of stamps with one, as Arrow calls it
	cells []string // an empty one is missing
	ticks []int64  // of integers, days of dates and microseconds of stamps; nil for others
}

func (c *column) null(row int) bool { return c.cells[row] == "" }

func (c *column) whole(row int) int64 { return c.ticks[row] }

// typed is a table whose columns have types.
type typed struct {
	columns []*column
	rows    int
}

// typedOf reads a table from CSV text that was written of the series of p, which says which
// columns are identifiers and where the clock is; nil if it is not known. Some columns are texts
// whatever their cells.
func typedOf(text io.Reader, p *series.Panel, asText []string) (*typed, error) {
	in := csv.NewReader(text)
	in.ReuseRecord = true
	header, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("formats: the header: %w", err)
	}
	t := &typed{}
	for _, name := range header {
		t.columns = append(t.columns, &column{name: name})
	}
	for {
		row, err := in.Read()
		if err == io.EOF {
			break
		} else if err != nil {
			return nil, fmt.Errorf("formats: %w", err)
		}
		for i, s := range row {
			t.columns[i].cells = append(t.columns[i].cells, s)
		}
		t.rows++
	}
	ids, clock := []string{"unique_id"}, ""
	if p != nil {
		ids, clock = p.Keys(true, "unique_id", "ds").Header(), p.Axis.Location
		ids = ids[:len(ids)-len(p.Keys(false, "", "ds").Header())]
	}
	for _, c := range t.columns {
		if slices.Contains(asText, c.name) {
			continue
		}
		c.settle(slices.Contains(ids, c.name), clock)
	}
	return t, nil
}

// settle finds the type of the column.
func (c *column) settle(identifier bool, clock string) {
	all := func(is func(string) bool) bool {
		some := false
		for _, s := range c.cells {
			if s != "" && !is(s) {
				return false
			}
			some = some || s != ""
		}
		return some
	}
	switch {
	case identifier && all(isInteger):
		c.kind = integers
		c.count(func(s string) int64 { n, _ := strconv.ParseInt(s, 10, 64); return n })
	case identifier:
	case all(isNumber), !all(func(string) bool { return true }):
		c.kind = numbers // or nothing but missing values
	case all(func(s string) bool { return s == "true" || s == "false" }):
		c.kind = truths
	case all(func(s string) bool { _, err := time.Parse(dateLayout, s); return err == nil }):
		c.kind = dates
		c.count(func(s string) int64 { t, _ := time.Parse(dateLayout, s); return floorDiv(t.Unix(), 86400) })
	case all(isStamp(false)):
		c.kind = civilStamps
		c.count(microseconds)
	case all(isStamp(true)):
		c.kind = zonedStamps
		c.count(microseconds)
		c.zone = c.zoneName(clock)
	}
}

// count sets the ticks of cells.
func (c *column) count(of func(string) int64) {
	c.ticks = make([]int64, len(c.cells))
	for i, s := range c.cells {
		if s != "" {
			c.ticks[i] = of(s)
		}
	}
}

// zoneName returns the zone of stamps: the place whose clock they follow, their distance
// from UTC if all have the same, else UTC.
func (c *column) zoneName(place string) string {
	const utc = "UTC"
	if place != "" && place != utc {
		return place
	}
	zone := ""
	for _, s := range c.cells {
		if s == "" {
			continue
		}
		t, _, _ := parseStamp(s)
		own := t.Format("-07:00")
		if zone != "" && own != zone {
			return utc
		}
		zone = own
	}
	if zone == "+00:00" {
		return utc
	}
	return zone
}

// isInteger reports whether s is how a whole number is written that an int64 holds.
func isInteger(s string) bool {
	n, err := strconv.ParseInt(s, 10, 64)
	return err == nil && strconv.FormatInt(n, 10) == s
}

// isNumber reports whether s is how a number is written that reads back the same.
func isNumber(s string) bool {
	x, err := strconv.ParseFloat(s, 64)
	return err == nil && series.FormatNumber(x) == s && json.Valid([]byte(s))
}

// The layouts of ISO 8601 in which stamps are written; decimals of seconds are read with
// each of them.
var (
	civilLayouts = []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", dateLayout}
	zonedLayouts = []string{"2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02 15:04Z07:00"}
)

// parseStamp reads a stamp, and tells whether it has a zone.
func parseStamp(s string) (t time.Time, zoned bool, err error) {
	for _, layout := range zonedLayouts {
		if t, err = time.Parse(layout, s); err == nil {
			return t, true, nil
		}
	}
	for _, layout := range civilLayouts {
		if t, err = time.Parse(layout, s); err == nil {
			return t, false, nil
		}
	}
	return t, false, err
}

func isStamp(zoned bool) func(string) bool {
	return func(s string) bool {
		_, z, err := parseStamp(s)
		return err == nil && z == zoned
	}
}

func microseconds(s string) int64 {
	t, _, _ := parseStamp(s)
	return t.UnixMicro()
}
