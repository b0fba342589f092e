package series

import (
	"slices"
	"time"
)

// where returns the first n days from a date that a condition holds of.
func where(from time.Time, n int, holds func(t time.Time) bool) func(i int) time.Time {
	var days []time.Time
	for t := from; len(days) < n; t = t.AddDate(0, 0, 1) {
		if holds(t) {
			days = append(days, t)
		}
	}
	return func(i int) time.Time { return days[i] }
}

func weekdayIn(days ...time.Weekday) func(t time.Time) bool {
	return func(t time.Time) bool { return slices.Contains(days, t.Weekday()) }
}

// business returns the first (1) or last (-1) weekday of months from January 2015.
func business(which int) func(i int) time.Time {
	return func(i int) time.Time {
		t := date(2015, time.Month(1+i), 1)
		if which < 0 {
			t = monthEnd(2015, time.Month(1+i))
		}
		for t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
			t = t.AddDate(0, 0, which)
		}
		return t
	}
}

func calendarReadings() []reading {
	const y = ", channels y; no gaps, no missing values"
	of := func(words string) string { return "time ds (2006-01-02, " + words + ")" + y }
	office := func(i int) time.Time {
		return where(date(2021, 3, 1), 20, weekdayIn(1, 2, 3, 4, 5))(i / 9).Add(time.Duration(9+i%9) * time.Hour)
	}
	utc := func(place string) func(i int) time.Time {
		loc, err := time.LoadLocation(place)
		if err != nil {
			panic(err)
		}
		return func(i int) time.Time { return time.Date(2021, 1, 1+i, 0, 0, 0, 0, loc).UTC() }
	}
	return []reading{
		{"Monday to Saturday", stamped("ds,y", time.DateOnly, 60, where(date(2019, 1, 1), 60, weekdayIn(1, 2, 3, 4, 5, 6))), ReadOptions{},
			of("Monday to Saturday"), "2019-01-01T00:00:00Z", "2019-03-11T00:00:00Z", "2019-03-12"},
		{"Sunday to Thursday", stamped("ds,y", time.DateOnly, 50, where(date(2021, 1, 3), 50, weekdayIn(0, 1, 2, 3, 4))), ReadOptions{},
			of("Sunday to Thursday"), "2021-01-03T00:00:00Z", "2021-03-11T00:00:00Z", "2021-03-14"},
		{"Monday, Wednesday, Friday", stamped("ds,y", time.DateOnly, 30, where(date(2021, 1, 4), 30, weekdayIn(1, 3, 5))), ReadOptions{},
			of("Monday, Wednesday, Friday"), "2021-01-04T00:00:00Z", "2021-03-12T00:00:00Z", "2021-03-15"},
		{"office hours", stamped("ds,y", "2006-01-02 15:04", 171, office), ReadOptions{},
			"time ds (2006-01-02 15:04, hourly from 09:00 to 17:00 on Monday to Friday)" + y, "2021-03-01T09:00:00Z", "2021-03-25T17:00:00Z", "2021-03-26 09:00"},
		{"the last of the office hours of a week", stamped("ds,y", "2006-01-02 15:04", 180, office), ReadOptions{},
			"time ds (2006-01-02 15:04, hourly from 09:00 to 17:00 on Monday to Friday)" + y, "2021-03-01T09:00:00Z", "2021-03-26T17:00:00Z", "2021-03-29 09:00"},
		{"opening hours of every day", stamped("ds,y", "2006-01-02 15:04", 64, func(i int) time.Time {
			return date(2021, 3, 1+i/16).Add(10*time.Hour + time.Duration(i%16)*30*time.Minute)
		}), ReadOptions{}, "time ds (2006-01-02 15:04, every 30 minutes from 10:00 to 17:30)" + y, "2021-03-01T10:00:00Z", "2021-03-04T17:30:00Z", "2021-03-05 10:00"},
		{"1st and 15th", stamped("ds,y", time.DateOnly, 13, func(i int) time.Time { return date(2021, time.Month(1+i/2), 1+14*(i%2)) }), ReadOptions{},
			of("1st and 15th of the month"), "2021-01-01T00:00:00Z", "2021-07-01T00:00:00Z", "2021-07-15"},
		{"15th and last", stamped("ds,y", time.DateOnly, 13, func(i int) time.Time {
			if i%2 == 0 {
				return date(2021, time.Month(1+i/2), 15)
			}
			return monthEnd(2021, time.Month(1+i/2))
		}), ReadOptions{}, of("15th and last of the month"), "2021-01-15T00:00:00Z", "2021-07-15T00:00:00Z", "2021-07-31"},
		{"ten-day periods", stamped("ds,y", time.DateOnly, 36, func(i int) time.Time { return date(2021, time.Month(1+i/3), 1+10*(i%3)) }), ReadOptions{},
			of("1st, 11th and 21st of the month"), "2021-01-01T00:00:00Z", "2021-12-21T00:00:00Z", "2022-01-01"},
		{"first business day", stamped("ds,y", time.DateOnly, 24, business(1)), ReadOptions{},
			of("monthly on the first business day"), "2015-01-01T00:00:00Z", "2016-12-01T00:00:00Z", "2017-01-02"},
		{"last business day", stamped("ds,y", time.DateOnly, 24, business(-1)), ReadOptions{},
			of("monthly on the last business day"), "2015-01-30T00:00:00Z", "2016-12-30T00:00:00Z", "2017-01-31"},
		{"trading days with holidays", stamped("ds,y", time.DateOnly, 255, where(date(2021, 1, 4), 255, func(t time.Time) bool {
			return weekdayIn(1, 2, 3, 4, 5)(t) && !slices.Contains([]string{"01-18", "04-02", "07-05", "09-06", "11-25", "12-24"}, t.Format("01-02"))
		})), ReadOptions{}, "time ds (2006-01-02, business days), channels y; 6 gaps, no missing values", "2021-01-04T00:00:00Z", "2022-01-03T00:00:00Z", "2022-01-04"},
		{"periods of 4, 4 and 5 weeks", stamped("ds,y", time.DateOnly, 20, func(i int) time.Time { return date(2021, 1, 3+91*(i/3)+28*(i%3)) }), ReadOptions{},
			of("periods of 4, 4 and 5 weeks"), "2021-01-03T00:00:00Z", "2022-07-31T00:00:00Z", "2022-08-28"},
		{"ends of periods of 5, 4 and 4 weeks, with a gap", stamped("ds,y", time.DateOnly, 17, func(i int) time.Time {
			i += i / 9
			return date(2021, 2, 6+91*(i/3)+28*(i%3)+7*(min(1, i%3)))
		}), ReadOptions{}, "time ds (2006-01-02, periods of 4, 4 and 5 weeks), channels y; 1 gap, no missing values", "2021-02-06T00:00:00Z", "2022-07-09T00:00:00Z", "2022-08-06"},
		{"periods of 4, 4 and 5 weeks, a day off, asked for", stamped("ds,y", time.DateOnly, 6, func(i int) time.Time { return date(2021, 1, 3+91*(i/3)+28*(i%3)+i/4) }), ReadOptions{Step: "4-4-5"},
			of("periods of 4, 4 and 5 weeks"), "2021-01-03T00:00:00Z", "2021-05-30T00:00:00Z", "2021-07-04"},
		{"midnights of Berlin in UTC", stamped("ds,y", time.RFC3339, 200, utc("Europe/Berlin")), ReadOptions{},
			"time ds (2006-01-02T15:04:05Z07:00, daily)" + y, "2020-12-31T23:00:00Z", "2021-07-18T22:00:00Z", "2021-07-19T22:00:00Z"},
		{"midnights of Berlin in UTC, up to the change of clocks", stamped("ds,y", time.RFC3339, 304, utc("Europe/Berlin")), ReadOptions{},
			"time ds (2006-01-02T15:04:05Z07:00, daily)" + y, "2020-12-31T23:00:00Z", "2021-10-30T22:00:00Z", "2021-10-31T23:00:00Z"},
		{"one stamp a minute late", stamped("ds,y", "2006-01-02 15:04", 200, func(i int) time.Time {
			return date(2021, 1, 1).Add(time.Duration(i)*time.Hour + time.Duration(i/100%2*(1-min(1, i%100)))*time.Minute)
		}), ReadOptions{}, "time ds (2006-01-02 15:04, hourly)" + y, "2021-01-01T00:00:00Z", "2021-01-09T07:00:00Z", "2021-01-09 08:00"},
		{"months about the 15th", stamped("ds,y", time.DateOnly, 24, func(i int) time.Time { return date(2021, time.Month(1+i), 15+i%5/4) }), ReadOptions{},
			of("monthly"), "2021-01-15T00:00:00Z", "2022-12-15T00:00:00Z", "2023-01-15"},
		{"a step asked for", stamped("ds,y", time.DateOnly, 6, func(i int) time.Time { return date(2021, time.Month(1+i), 3+5*(i%2)) }), ReadOptions{Step: "month"},
			of("monthly"), "2021-01-03T00:00:00Z", "2021-06-03T00:00:00Z", "2021-07-03"},
		{"irregular, asked for", stamped("ds,y", time.DateOnly, 6, dailyFrom(2021, 1, 1)), ReadOptions{Step: "irregular"},
			"time ds (2006-01-02, irregular), channels y; no missing values", "2021-01-01T00:00:00Z", "2021-01-06T00:00:00Z", "2021-01-07"},
		{"days that are irregular", listed("ds,y", "2021-01-01", "2021-01-02", "2021-01-04", "2021-01-09", "2021-01-11", "2021-01-12", "2021-01-20"), ReadOptions{},
			"time ds (2006-01-02, irregular), channels y; no missing values", "2021-01-01T00:00:00Z", "2021-01-20T00:00:00Z", "2021-01-22"},
	}
}
