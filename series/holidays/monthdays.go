package holidays

import (
	"fmt"
	"math"
	"slices"
	"time"

	"tsgen/series"
	"tsgen/series/internal/robust"
)

const (
	// Days of the month are looked for in series of leastDays values or more that come about every day, in looked of them at
	// most, evenly spread.
	leastDays, looked = 200, 64

	// around is the number of values that the level is the median of.
	around = 29

	// farthest is how many deviations a value counts for at most.
	farthest = 8

	// A day of the month stands out if in leastMonths months or more its median is standOut deviations from the others, and
	// alike of them are a deviation off on that side. So many are made out at most.
	leastMonths, standOut, alike, mostMonthDays = 8, 2, 0.8, 6
)

// A monthDay is a day of each month.
type monthDay struct {
	name string
	is   func(t time.Time) bool
}

// monthDays returns the days of the month that may stand out: by their number from its beginning or from its end, and the first
// and the last from Monday to Friday.
func monthDays() []monthDay {
	weekday := func(t time.Time) bool { return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday }
	all := []monthDay{
		{"first weekday of the month", func(t time.Time) bool {
			return weekday(t) && (t.Day() == 1 || t.Weekday() == time.Monday && t.Day() <= 3)
		}},
		{"last weekday of the month", func(t time.Time) bool {
			left := time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day() - t.Day()
			return weekday(t) && (left == 0 || t.Weekday() == time.Friday && left <= 2)
		}},
		{"last day of the month", func(t time.Time) bool { return t.AddDate(0, 0, 1).Day() == 1 }},
		{"last day but one of the month", func(t time.Time) bool { return t.AddDate(0, 0, 2).Day() == 1 }},
		{"last day but two of the month", func(t time.Time) bool { return t.AddDate(0, 0, 3).Day() == 1 }},
	}
	for k := 1; k <= 28; k++ {
		all = append(all, monthDay{fmt.Sprintf("day %d of the month", k), func(t time.Time) bool { return t.Day() == k }})
	}
	return all
}

// OfMonth returns the days of the month at which the daily series of a panel stand out beyond doubt, as on pay-days, up to a day
// counted from 1970, the clearest first: by what level and day of the week leave of their values, of all series together.
func OfMonth(p *series.Panel, to int) []Holiday {
	first, last, ok := p.Days()
	if s := p.Step; !ok || !(s.Width == 86400 || s.Days == 1 || s.BusinessDay || s.Weekdays != 0) {
		return nil
	}
	var found []Holiday
	for c := range p.Width() {
		off := standardised(p, c, first, last)
		if off == nil {
			continue
		}
		for len(found) < mostMonthDays {
			d, by := clearest(off, first, found)
			if d == nil {
				break
			}
			h := Holiday{Name: d.name}
			for day := first; day <= to; day++ {
				if d.is(dateOf(day)) {
					h.Days = append(h.Days, day)
					if day <= last {
						off[day-first] -= by
					}
				}
			}
			found = append(found, h)
		}
	}
	return found
}

func dateOf(day int) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }

// clearest returns the day of the month that stands out and explains most, and its median; nil if none does that was not found
// yet.
func clearest(off []float64, first int, found []Holiday) (day *monthDay, by float64) {
	var all []float64
	for _, v := range off {
		if !math.IsNaN(v) {
			all = append(all, v)
		}
	}
	deviation, most := robust.Deviation(all), 0.0
	for _, d := range monthDays() {
		if slices.ContainsFunc(found, func(h Holiday) bool { return h.Name == d.name }) {
			continue
		}
		var own []float64
		for i, v := range off {
			if !math.IsNaN(v) && d.is(dateOf(first+i)) {
				own = append(own, v)
			}
		}
		if len(own) < leastMonths {
			continue
		}
		middle, same, explained := robust.Median(own), 0, 0.0
		for _, v := range own {
			if v*middle > 0 && math.Abs(v) > deviation {
				same++
			}
			explained += v*v - (v-middle)*(v-middle)
		}
		if math.Abs(middle) > standOut*deviation && float64(same) >= alike*float64(len(own)) && explained > most {
			day, by, most = &d, middle, explained
		}
	}
	return day, by
}

// standardised returns for each day what level and day of the week leave of channel c, in deviations, as the mean of the series;
// NaN where no series has a value, nil if no series comes about every day.
func standardised(p *series.Panel, c, first, last int) []float64 {
	sums, counts := make([]float64, last-first+1), make([]float64, last-first+1)
	any := false
	every := (len(p.Series) + looked - 1) / looked
	for i := 0; i < len(p.Series); i += every {
		s := p.Series[i]
		var days []int
		var values []float64
		for k, t := range s.Times {
			if v := s.Row(k)[c]; !math.IsNaN(v) {
				days, values = append(days, p.Day(t)), append(values, v)
			}
		}
		n := len(values)
		if n < leastDays || days[n-1]-days[0] > 2*n {
			continue
		}
		rest := unlike(days, values)
		deviation := robust.Deviation(rest)
		if deviation == 0 {
			continue
		}
		any = true
		for k, d := range days {
			if at := d - first; at >= 0 && at < len(sums) {
				sums[at] += max(-farthest, min(rest[k]/deviation, farthest))
				counts[at]++
			}
		}
	}
	if !any {
		return nil
	}
	for k := range sums {
		sums[k] /= counts[k] // NaN of none
	}
	return sums
}

// unlike returns what level and day of the week leave of values, of positive ones of their logarithms.
func unlike(days []int, values []float64) []float64 {
	x := slices.Clone(values)
	if slices.Min(x) > 0 {
		for k, v := range x {
			x[k] = math.Log(v)
		}
	}
	rest := make([]float64, len(x))
	for k, level := range robust.RunningMedian(x, around) {
		rest[k] = x[k] - level
	}
	var byDay [7][]float64
	for k, d := range days {
		w := (d%7 + 7) % 7
		byDay[w] = append(byDay[w], rest[k])
	}
	for k, d := range days {
		rest[k] -= robust.Median(byDay[(d%7+7)%7])
	}
	return rest
}
