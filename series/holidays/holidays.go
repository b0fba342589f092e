// Package holidays gives the public holidays of countries, of their parts, and of files, as
// events of package series: the days themselves, and those before and after.
//
// The calendars are those of github.com/rickar/cal, and additions of some of the United
// States. They are rules and hold for any year; holidays that are decreed from year to
// year, such as those of the moon, want a file.
package holidays

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"gonum.org/v1/gonum/floats"

	"tsgen/series"
)

// ErrCode is the error of a code that is not known.
var ErrCode = errors.New("no holidays are known of")

// A Holiday is a day of the year, or several, with the days around it that are
// treated apart.
type Holiday struct {
	Name          string
	Days          []int // counted from 1970
	Before, After int   // days before and after that may be unlike others, too
}

// Codes returns the codes of countries (DE) and of their parts (DE-BY), in order.
func Codes() []string {
	var all []string
	for code := range calendars() {
		all = append(all, code)
	}
	slices.Sort(all)
	return all
}

// Of returns the holidays of a country or a part of one from one year to another, each with
// the day before and the day after. A holiday that is kept on another day, since it falls on a weekend, is one more,
// "(observed)". The error wraps ErrCode and names codes that are like it.
func Of(code string, from, to int) ([]Holiday, error) {
	rules, ok := calendars()[strings.ToUpper(code)]
	if !ok {
		return nil, fmt.Errorf("%w %q; %s", ErrCode, code, near(code))
	}
	var all []Holiday
	add := func(name string, day int, around int) {
		i := slices.IndexFunc(all, func(h Holiday) bool { return h.Name == name })
		if i < 0 {
			i = len(all)
			all = append(all, Holiday{Name: name, Before: around, After: around})
		}
		all[i].Days = append(all[i].Days, day)
	}
	for _, rule := range rules {
		for year := from; year <= to; year++ {
			actual, observed := rule.Calc(year)
			if actual.IsZero() {
				continue
			}
			add(nameOf(rule), dayOf(actual), 1)
			if !observed.Equal(actual) && !observed.IsZero() {
				add(nameOf(rule)+moved, dayOf(observed), 0)
			}
		}
	}
	for i := range all {
		slices.Sort(all[i].Days)
		all[i].Days = slices.Compact(all[i].Days)
	}
	return all, nil
}

// AsCountry returns the code of the country whose list a part of it has for want of a list of its own
// here, or "".
func AsCountry(code string) string {
	all := calendars()
	country, _, part := strings.Cut(strings.ToUpper(code), "-")
	if own, whole := all[strings.ToUpper(code)], all[country]; !part || own == nil || !slices.Equal(own, whole) {
		return ""
	}
	return country
}

// moved ends the name of a holiday on another day than its own.
const moved = " (observed)"

func nameOf(h *cal.Holiday) string { return strings.TrimSpace(h.Name) }

// dayOf returns the day of a date, counted from 1970.
func dayOf(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// near names the codes that are most like one, and says how to see all.
func near(code string) string {
	code = strings.ToUpper(code)
	all := Codes()
	slices.SortStableFunc(all, func(a, b string) int { return distance(code, a) - distance(code, b) })
	return fmt.Sprintf("near it are %s; 'tsgen help holidays' names all", strings.Join(all[:6], ", "))
}

// distance is the number of letters to change, to add and to take away, of which those
// at the beginning count more.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = 2 * j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = 2 * (i + 1)
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost += 2
				if i < 2 {
					cost++
				}
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+2, row[j+1]+2)
		}
	}
	return row[len(b)]
}

// Events returns events of holidays and of the days around them, which come between the
// first and the last of some days, so that something can be learned of them. Those that
// are told from the ones before on no day of these, as is the day after the first of two
// holidays, are left out: nothing tells their effects apart.
func Events(holidays []Holiday, first, last int) []series.Event {
	var events []series.Event
	var basis [][]float64
	add := func(name string, days []int, shift int) {
		e := series.Event{Name: name}
		on := make([]float64, last-first+1)
		for _, d := range days {
			e.Days = append(e.Days, d+shift)
			if at := d + shift - first; at >= 0 && at < len(on) {
				on[at] = 1
			}
		}
		size := floats.Dot(on, on)
		for _, b := range basis {
			floats.AddScaled(on, -floats.Dot(on, b), b)
		}
		rest := floats.Dot(on, on)
		if rest < 1e-6*size || size == 0 {
			return
		}
		floats.Scale(1/math.Sqrt(rest), on)
		basis = append(basis, on)
		for slices.ContainsFunc(events, func(o series.Event) bool { return o.Name == e.Name }) {
			e.Name += "'"
		}
		events = append(events, e)
	}
	for _, late := range []bool{false, true} { // what is learned of few days last
		for _, h := range holidays {
			if strings.HasSuffix(h.Name, moved) == late {
				add(h.Name, h.Days, 0)
			}
		}
		if late {
			break
		}
		for _, h := range holidays {
			for k := 1; k <= h.Before; k++ {
				add(fmt.Sprintf("%s -%d", h.Name, k), h.Days, -k)
			}
			for k := 1; k <= h.After; k++ {
				add(fmt.Sprintf("%s +%d", h.Name, k), h.Days, k)
			}
		}
	}
	return events
}

// OfSteps returns holidays for steps of so many months, or of several days if that is zero:
// without days around them, which are mostly of the same step, and of months only the
// holidays that come in different ones. Of others the season has the effect.
func OfSteps(holidays []Holiday, months int) []Holiday {
	var some []Holiday
	for _, h := range holidays {
		h.Before, h.After = 0, 0
		period := func(day int) int { return (int(time.Unix(int64(day)*86400, 0).UTC().Month()) - 1) / months }
		if months == 0 || months < 12 && slices.ContainsFunc(h.Days, func(d int) bool { return period(d) != period(h.Days[0]) }) {
			some = append(some, h)
		}
	}
	return some
}
