package series

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"tsgen/series/internal/packed"
	"tsgen/series/internal/stamp"
)

// unitOf returns the part of a date that a column of numbers holds by its name, as
// a layout for numbers with and without leading zeros, and the range of its values.
func unitOf(name string) (bare, padded string, lo, hi int) {
	switch normal(name) {
	case "year", "yr", "yyyy", "jahr":
		return "2006", "2006", 1000, 2999
	case "quarter", "qtr", "q", "quartal":
		return "QQ", "QQ", 1, 4
	case "month", "mnth", "mo", "mon", "mm", "monat":
		return "1", "01", 1, 12
	case "week", "wk", "isoweek", "iso_week", "weekofyear", "woche":
		return "WW", "WW", 1, 53
	case "day", "dom", "day_of_month", "dd", "tag":
		return "2", "02", 1, 31
	case "doy", "yday", "dayofyear", "day_of_year":
		return "DDD", "DDD", 1, 366
	case "hour", "hr", "hh", "hours", "stunde", "hour_ending", "he":
		return "H", "15", 0, 24
	case "minute", "min", "mi", "minutes":
		return "4", "04", 0, 59
	case "second", "sec", "ss", "seconds":
		return "5", "05", 0, 59
	}
	return "", "", 0, 0
}

// assignParts finds the time of a table that has the year and other parts of dates
// in columns of their own, and no column of dates.
func (t *table) assignParts(r *roles, opt *ReadOptions, free func(c int) bool) (found bool, err error) {
	units := make(map[string]int)
	for c, name := range t.names {
		if !free(c) {
			continue
		}
		rank, _ := timeRank(name)
		if rank > 0 && rank <= 7 || dated(name) || stamp.Like(t.text(c, 0)) {
			return false, nil
		}
		if bare, _, lo, hi := unitOf(name); bare != "" && (within(t.cells[c], lo, hi) || named(bare, t.cells[c]) || bare == "2006" && within(t.cells[c], 0, 999)) {
			if _, twice := units[bare]; !twice {
				units[bare] = c
			}
		}
	}
	var columns []int
	for _, way := range [][]string{{"2006", "1", "2", "H", "4", "5"}, {"2006", "QQ"}, {"2006", "WW"}, {"2006", "DDD", "H", "4"}} {
		columns = columns[:0]
		for _, unit := range way {
			c, ok := units[unit]
			if !ok {
				break
			}
			columns = append(columns, c)
		}
		if len(columns) > 1 {
			return true, t.timeOfParts(r, slices.Clone(columns), opt.reading("date"))
		}
	}
	return false, nil
}

// A shortMonth is a form of months or quarters that is too short to be known by itself: of a year
// that is counted from the first, 1-01 and 12-Q4, or of a year's last digits, 1/86.
type shortMonth struct {
	form       *regexp.Regexp
	layout     string
	year, part int // the groups of the form
	parts      int // of a year
}

// shortMonths are compiled when a table first asks.
var shortMonths = sync.OnceValue(func() []shortMonth {
	return []shortMonth{
		{regexp.MustCompile(`^([1-9]\d{0,2})-(0[1-9]|1[0-2])$`), "6-01", 1, 2, 12},
		{regexp.MustCompile(`^([1-9]\d{0,2})-Q([1-4])$`), "6-Q1", 1, 2, 4},
		{regexp.MustCompile(`^([1-9]|1[0-2])/(\d\d)$`), "1/06", 2, 1, 12},
		{regexp.MustCompile(`^(0[1-9]|1[0-2])/(\d\d)$`), "01/06", 2, 1, 12},
		{regexp.MustCompile(`^([1-9]|1[0-2])-(\d\d)$`), "1-06", 2, 1, 12},
		{regexp.MustCompile(`^(0[1-9]|1[0-2])-(\d\d)$`), "01-06", 2, 1, 12},
	}
})

// shortMonthLayout returns the layout of short months or quarters, most of which are one after the
// one before, or nothing if the cells are none.
func shortMonthLayout(cells *packed.Column) string {
	for _, s := range shortMonths() {
		next, last := 0, 0
		if cells.Any(func(text string) bool { return !s.form.MatchString(text) }) {
			continue
		}
		for row := range cells.Len() {
			m := s.form.FindStringSubmatch(cells.Text(row))
			year, _ := strconv.Atoi(m[s.year]) // of digits alone
			part, _ := strconv.Atoi(m[s.part])
			at := s.parts*year + part
			if row > 0 && (at == last+1 || at == last+1-100*s.parts) {
				next++
			}
			last = at
		}
		if 2*next >= cells.Len()-1 {
			return s.layout
		}
	}
	return ""
}

// shortWords says what stamps of a layout of short months are taken for.
func shortWords(layout string) string {
	if layout[0] == '6' {
		return "a counted year and its month or quarter"
	}
	return "a month and the last digits of its year"
}

// named reports whether the cells are months or quarters as texts: Jan, Q1.
func named(unit string, cells *packed.Column) bool {
	before := map[string]string{"1": "2000 ", "QQ": "2000-"}[unit]
	return before != "" && !cells.Any(func(s string) bool { return !stamp.Like(before + s) })
}

// within reports whether all cells are whole numbers of a range.
func within(cells *packed.Column, lo, hi int) bool {
	return !cells.Any(func(s string) bool {
		n := 0
		s = whole(s)
		if s == "" || len(s) > 4 {
			return true
		}
		for i := range len(s) {
			if s[i] < '0' || s[i] > '9' {
				return true
			}
			n = 10*n + int(s[i]-'0')
		}
		return n < lo || n > hi
	})
}

// whole takes the decimals off a number that has none but zeros.
func whole(s string) string {
	if i := strings.IndexByte(s, '.'); i > 0 && strings.Trim(s[i+1:], "0") == "" {
		return s[:i]
	}
	return s
}

// addClock adds a column of hours or of times of day to a column of dates that
// repeat, if with it they repeat less.
func (t *table) addClock(r *roles, opt *ReadOptions, asked []int) {
	if !r.times.axis.Calendar() || !repeated(r.times.times) {
		return
	}
	if months, seconds := r.times.axis.resolution(); months > 0 || seconds < day {
		return
	}
	for c, name := range t.names {
		if c == r.time || c == r.id || slices.Contains(r.parts, c) || slices.Contains(asked, c) {
			continue
		}
		bare, _, lo, hi := unitOf(name)
		clock := normal(name) == "time" || normal(name) == "clock" || normal(name) == "uhrzeit"
		if clock = clock || bare == "H" && !within(t.cells[c], lo, hi); !clock && bare != "H" {
			continue
		}
		columns := []int{r.time, c}
		for m, other := range t.names {
			if b, _, lo, hi := unitOf(other); b == "4" && !clock && within(t.cells[m], lo, hi) {
				columns = append(columns, m)
			}
		}
		with := *r
		with.parts = slices.Clone(r.parts)
		if err := t.timeOfParts(&with, columns, opt.reading(t.names[r.time])); err == nil &&
			distinct(with.times.times) >= 2*distinct(r.times.times) {
			*r = with
			return
		}
	}
}

func distinct(x []float64) int {
	seen := make(map[float64]bool)
	for _, v := range x {
		seen[v] = true
	}
	return len(seen)
}

// timeOfParts reads times of which each column has a part, the largest first.
func (t *table) timeOfParts(r *roles, columns []int, how timeReading) error {
	layouts := make([]string, len(columns))
	for i, c := range columns {
		layout, err := t.partLayout(c, how)
		if err != nil {
			return err
		}
		layouts[i] = layout
	}
	kept := len(t.names)
	joined := t.join(columns, "\t")
	if t.cells[joined].Any(func(s string) bool { return strings.Contains(s, ".0") }) {
		t.cells[joined] = t.cells[joined].Map(func(dst, text []byte) []byte {
			parts := strings.Split(string(text), "\t")
			for i := range parts {
				parts[i] = whole(parts[i])
			}
			return append(dst, strings.Join(parts, "\t")...)
		})
	}
	how.layout = strings.Join(layouts, "\t")
	col, err := t.parseTimes(joined, how)
	if err != nil {
		t.names, t.cells = t.names[:kept], t.cells[:kept]
		return err
	}
	col.columns = columns
	r.time, r.times, r.parts = joined, col, append(r.parts, columns...)
	return nil
}

// dottedClock is a time of day with points between.
var dottedClock = regexp.MustCompile(`^([01]\d|2[0-3])\.[0-5]\d\.[0-5]\d$`)

// partLayout returns the layout of a column that has a part of the time: a date, a
// time of day, the name of a month, or the number that its name says.
func (t *table) partLayout(c int, how timeReading) (string, error) {
	cells := t.cells[c]
	if row := t.firstAbsent(c, how.na); row >= 0 {
		return "", t.cellError(c, row, fmt.Errorf("%w: every row needs a time", ErrMissing))
	}
	bare, padded, lo, hi := unitOf(t.names[c])
	if bare == "2006" && within(cells, 0, 999) {
		if cells.Any(func(s string) bool { return len(whole(s)) != 2 }) {
			return "6", nil // counted
		}
		return "06", nil
	}
	if bare != "" && within(cells, lo, hi) {
		if cells.Any(func(s string) bool { return len(s) > 1 && s[0] == '0' && s[1] != '.' }) {
			return padded, nil
		}
		return bare, nil
	}
	if within(cells, 1000, 2999) {
		return "2006", nil
	}
	if _, k := parseNumber(cells.Text(0), how.na); k == number {
		how.calendar, how.dated = true, false
		col, err := t.numbers(c, how)
		if err != nil {
			return "", err
		}
		if l := col.axis.Layout; l == "20060102" || l == "200601" {
			return l, nil
		}
		return "", t.cellError(c, 0, fmt.Errorf("%w: neither a date nor, by the column's name, a year, quarter, month, week, day, hour or minute", ErrTime))
	}
	found, err := stamp.Infer(cells, "", nil)
	if err == nil {
		return found.Layout.String(), nil
	}
	if !cells.Any(func(s string) bool { return !dottedClock.MatchString(s) }) {
		return "15.04.05", nil
	}
	for _, before := range [][2]string{{"2000-01-01 ", "2006-01-02 "}, {"2000 ", "2006 "}, {"2000-", "2006-"}} {
		whole := cells.Map(func(dst, text []byte) []byte { return append(append(dst, before[0]...), text...) })
		if found, err := stamp.Infer(whole, "", nil); err == nil {
			if rest, ok := strings.CutPrefix(found.Layout.String(), before[1]); ok {
				return rest, nil
			}
		}
	}
	return "", t.inferError(c, err)
}
