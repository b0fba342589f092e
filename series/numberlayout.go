package series

import (
	"math"
	"slices"

	"tsgen/series/internal/packed"
	"tsgen/series/internal/stamp"
)

// numberLayout returns the layout of a column of numbers that is known to hold
// times, or LayoutNumber. All the numbers must agree: integers are years from 1600
// to 2199 (in a column called year from 1000 to 2999), months 190001 to 209912 and
// dates 19000101 to 20991231, which hours, minutes and seconds may follow, in a column called
// date also 800131; numbers
// of ten digits before the point are seconds since 1970, of thirteen milliseconds,
// of sixteen microseconds and of nineteen nanoseconds; 1958.2083 is a year with a
// fraction and, in a column called date, 44197 a day of a spreadsheet.
func numberLayout(cells *packed.Column, x []float64, how timeReading) string {
	lo, hi := slices.Min(x), slices.Max(x)
	whole := true
	for _, v := range x {
		whole = whole && v == math.Trunc(v)
	}
	dates := func(layout string) bool {
		l, err := stamp.Compile(layout)
		return err == nil && !dateCells(cells, layout).Any(func(s string) bool { return l.Check(s) != nil })
	}
	if whole {
		switch {
		case how.unit == "week" && lo >= 190001 && hi <= 209953 && dates("2006WW"):
			return "2006WW"
		case how.unit == "quarter" && lo >= 19001 && hi <= 20994 && dates("2006QQ"):
			return "2006QQ"
		}
		for _, d := range []struct {
			lo, hi float64
			layout string
		}{
			{190001, 209912, "200601"},
			{101, 991231, "060102"},
			{19000101, 20991231, "20060102"},
			{1900010100, 2099123123, "2006010215"},
			{190001010000, 209912312359, "200601021504"},
			{19000101000000, 20991231235959, "20060102150405"},
		} {
			if short := d.layout == "060102"; short && (!how.dated || cells.Any(func(s string) bool { return len(dateDigits(s, d.layout)) != len(d.layout) })) {
				continue
			}
			if lo >= d.lo && hi <= d.hi && dates(d.layout) {
				return d.layout
			}
		}
	}
	switch {
	case lo >= 1e9 && hi < 1e10:
		return LayoutUnix
	case lo >= 1e12 && hi < 1e13:
		return LayoutUnixMilli
	case whole && lo >= 1e15 && hi < 1e16:
		return LayoutUnixMicro
	case whole && lo >= 1e18 && hi < 1e19:
		return LayoutUnixNano
	case how.dated && lo >= 20000 && hi < 75000:
		return stamp.Excel
	case !(lo >= 1600 && hi < 2200 || how.year && lo >= 1000 && hi < 3000):
		return LayoutNumber
	case whole:
		return "2006"
	case monthsBehindPoint(cells) && dates("2006.01"):
		return "2006.01"
	}
	if n := stamp.InferDecimal(cells, x); how.dated || how.year || n.Regular() {
		return stamp.Decimal
	}
	return LayoutNumber
}

// monthsBehindPoint reports whether numbers are years with the number of a month
// behind the point, 2015.01 to 2015.12, of which some go beyond a month's share
// of a year.
func monthsBehindPoint(cells *packed.Column) bool {
	if !cells.Any(func(s string) bool { return len(s) == 7 }) {
		return false
	}
	return !cells.Any(func(s string) bool {
		return len(s) != 7 && (len(s) != 6 || s[5] != '1') || s[4] != '.' || dateDigits(s, "2006.01")[5:] > "12" || dateDigits(s, "2006.01")[5:] < "01"
	})
}
