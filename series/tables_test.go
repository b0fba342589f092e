package series

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// A reading is a small table and how a person reads it, written out by hand.
type reading struct {
	name string
	in   string
	opt  ReadOptions

	sniffed     string // what is said of it
	first, last string // instants of the first series, by RFC 3339 in UTC
	next        string // the keys of the time after the last of the first series
}

// table writes a header and n rows, each followed by a value.
func tableOf(header string, n int, row func(i int) string) string {
	var b strings.Builder
	b.WriteString(header + "\n")
	for i := range n {
		fmt.Fprintf(&b, "%s,%d\n", row(i), 10+i*i%7)
	}
	return b.String()
}

// stamped is a table of stamps in a layout of package time.
func stamped(header, layout string, n int, at func(i int) time.Time) string {
	return tableOf(header, n, func(i int) string { return `"` + at(i).Format(layout) + `"` })
}

func listed(header string, stamps ...string) string {
	return tableOf(header, len(stamps), func(i int) string { return `"` + stamps[i] + `"` })
}

func dailyFrom(y int, m time.Month, d int) func(i int) time.Time {
	return func(i int) time.Time { return date(y, m, d+i) }
}

func monthlyFrom(y int, m time.Month, d int) func(i int) time.Time {
	return func(i int) time.Time { return date(y, m+time.Month(i), d) }
}

func everyFrom(d time.Duration, start time.Time) func(i int) time.Time {
	return func(i int) time.Time { return start.Add(time.Duration(i) * d) }
}

// local returns the hours of a place, as a clock there shows them.
func local(place string, start time.Time) func(i int) time.Time {
	loc, err := time.LoadLocation(place)
	if err != nil {
		panic(err)
	}
	return func(i int) time.Time { return start.Add(time.Duration(i) * time.Hour).In(loc) }
}

func layoutReadings() []reading {
	const y = ", channels y; no gaps, no missing values"
	midnight := date(2021, 1, 1)
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return []reading{
		{"month first, by a day above 12", stamped("ds,y", "01/02/2006", 20, dailyFrom(2021, 1, 1)), ReadOptions{},
			"time ds (01/02/2006, daily)" + y, "2021-01-01T00:00:00Z", "2021-01-20T00:00:00Z", "01/21/2021"},
		{"day first, by a day above 12", stamped("ds,y", "02/01/2006", 20, dailyFrom(2021, 1, 1)), ReadOptions{},
			"time ds (02/01/2006, daily)" + y, "2021-01-01T00:00:00Z", "2021-01-20T00:00:00Z", "21/01/2021"},
		{"without leading zeros", stamped("Date,Close", "1/2/2006", 40, dailyFrom(2021, 1, 1)), ReadOptions{},
			"time Date (1/2/2006, daily), channels Close; no gaps, no missing values", "2021-01-01T00:00:00Z", "2021-02-09T00:00:00Z", "2/10/2021"},
		{"two digits of the year", stamped("Date,y", "02/01/06", 40, dailyFrom(1999, 12, 1)), ReadOptions{},
			"time Date (02/01/06, daily)" + y, "1999-12-01T00:00:00Z", "2000-01-09T00:00:00Z", "10/01/00"},
		{"day first, with dashes", stamped("ds,y", "02-01-2006", 20, dailyFrom(2021, 1, 1)), ReadOptions{},
			"time ds (02-01-2006, daily)" + y, "2021-01-01T00:00:00Z", "2021-01-20T00:00:00Z", "21-01-2021"},
		{"dots: the day comes first", stamped("ds,y", "02.01.2006", 5, dailyFrom(2021, 2, 1)), ReadOptions{},
			"time ds (02.01.2006, daily)" + y, "2021-02-01T00:00:00Z", "2021-02-05T00:00:00Z", "06.02.2021"},
		{"month first, by the order of the rows", stamped("ds,y", "01/02/2006", 24, func(i int) time.Time { return date(2021, time.Month(1+i/6), 1+2*(i%6)) }), ReadOptions{},
			"time ds (01/02/2006, irregular), channels y; no missing values", "2021-01-01T00:00:00Z", "2021-04-11T00:00:00Z", "04/13/2021"},
		{"day first, by the distances: a decade of months", stamped("ds,y", "02/01/2006", 120, monthlyFrom(2010, 1, 1)), ReadOptions{},
			"time ds (02/01/2006, monthly)" + y, "2010-01-01T00:00:00Z", "2019-12-01T00:00:00Z", "01/01/2020"},
		{"month first, by the distances: quarters", stamped("ds,y", "01/02/2006", 40, func(i int) time.Time { return date(2010, time.Month(1+3*i), 1) }), ReadOptions{},
			"time ds (01/02/2006, quarterly)" + y, "2010-01-01T00:00:00Z", "2019-10-01T00:00:00Z", "01/01/2020"},
		{"hours of eight days, month first by the distances", stamped("ds,y", "01/02/2006 15:04", 200, everyFrom(time.Hour, midnight)), ReadOptions{},
			"time ds (01/02/2006 15:04, hourly)" + y, "2021-01-01T00:00:00Z", "2021-01-09T07:00:00Z", "01/09/2021 08:00"},
		{"newest first", stamped("Date,y", "1/2/2006", 60, func(i int) time.Time { return date(2021, 3, 1-i) }), ReadOptions{},
			"time Date (1/2/2006, daily)" + y, "2021-01-01T00:00:00Z", "2021-03-01T00:00:00Z", "3/2/2021"},
		{"day first, as asked for", stamped("ds,y", "02/01/2006", 12, func(i int) time.Time { return date(2021, time.Month(1+i), 1) }), ReadOptions{TimeLayout: "d/m/y"},
			"time ds (02/01/2006, monthly)" + y, "2021-01-01T00:00:00Z", "2021-12-01T00:00:00Z", "01/01/2022"},
		{"month first, as asked for", stamped("ds,y", "02/01/2006", 12, func(i int) time.Time { return date(2021, time.Month(1+i), 1) }), ReadOptions{TimeLayout: "m/d/y"},
			"time ds (01/02/2006, daily)" + y, "2021-01-01T00:00:00Z", "2021-01-12T00:00:00Z", "01/13/2021"},
		{"year first, as asked for", stamped("ds,y", "06-01-02", 5, dailyFrom(2005, 1, 1)), ReadOptions{TimeLayout: "y/m/d"},
			"time ds (06-01-02, daily)" + y, "2005-01-01T00:00:00Z", "2005-01-05T00:00:00Z", "05-01-06"},
		{"year first, with dots", stamped("ds,y", "2006.01.02", 5, dailyFrom(2005, 1, 1)), ReadOptions{},
			"time ds (2006.01.02, daily)" + y, "2005-01-01T00:00:00Z", "2005-01-05T00:00:00Z", "2005.01.06"},
		{"a layout of strftime", stamped("ds,y", "02/01/2006", 5, dailyFrom(2021, 1, 1)), ReadOptions{TimeLayout: "%m/%d/%Y"},
			"time ds (01/02/2006, monthly)" + y, "2021-01-01T00:00:00Z", "2021-05-01T00:00:00Z", "06/01/2021"},
		{"twelve hours of the clock", stamped("ds,y", "01/02/2006 03:04:05 PM", 400, everyFrom(time.Hour, midnight)), ReadOptions{},
			"time ds (01/02/2006 03:04:05 PM, hourly)" + y, "2021-01-01T00:00:00Z", "2021-01-17T15:00:00Z", "01/17/2021 04:00:00 PM"},
		{"pm, small and close", stamped("ds,y", "2006-01-02 3:04pm", 30, everyFrom(time.Hour, midnight)), ReadOptions{},
			"time ds (2006-01-02 3:04pm, hourly)" + y, "2021-01-01T00:00:00Z", "2021-01-02T05:00:00Z", "2021-01-02 6:00am"},
		{"hours without a leading zero", stamped("ds,y", "2006-01-02 15:04", 10, everyFrom(time.Hour, midnight)), ReadOptions{},
			"time ds (2006-01-02 15:04, hourly)" + y, "2021-01-01T00:00:00Z", "2021-01-01T09:00:00Z", "2021-01-01 10:00"},
		{"hours of one digit", listed("ds,y", "13.01.2021 8:30", "13.01.2021 9:30", "13.01.2021 10:30"), ReadOptions{},
			"time ds (02.01.2006 H:04, hourly)" + y, "2021-01-13T08:30:00Z", "2021-01-13T10:30:00Z", "13.01.2021 11:30"},
		{"names of months", stamped("month,y", "January 2006", 7, monthlyFrom(2015, 1, 1)), ReadOptions{},
			"time month (January 2006, monthly)" + y, "2015-01-01T00:00:00Z", "2015-07-01T00:00:00Z", "August 2015"},
		{"from May to June", listed("month,y", "May 2015", "June 2015"), ReadOptions{},
			"time month (January 2006, monthly)" + y, "2015-05-01T00:00:00Z", "2015-06-01T00:00:00Z", "July 2015"},
		{"months of a spreadsheet", stamped("when,y", "Jan-06", 14, monthlyFrom(2015, 1, 1)), ReadOptions{},
			"time when (Jan-06, monthly)" + y, "2015-01-01T00:00:00Z", "2016-02-01T00:00:00Z", "Mar-16"},
		{"R's dates", stamped("when,y", "Jan 2 2006", 14, dailyFrom(2000, 1, 1)), ReadOptions{},
			"time when (Jan 2 2006, daily)" + y, "2000-01-01T00:00:00Z", "2000-01-14T00:00:00Z", "Jan 15 2000"},
		{"a date in a letter", stamped("when,y", "January 2, 2006", 14, dailyFrom(2000, 1, 1)), ReadOptions{},
			"time when (January 2, 2006, daily)" + y, "2000-01-01T00:00:00Z", "2000-01-14T00:00:00Z", "January 15, 2000"},
		{"SAS", listed("when,y", "01JAN2020", "02JAN2020", "03JAN2020"), ReadOptions{},
			"time when (02JAN2006, daily)" + y, "2020-01-01T00:00:00Z", "2020-01-03T00:00:00Z", "04JAN2020"},
		{"RFC 1123", stamped("date,y", time.RFC1123, 3, func(i int) time.Time { return date(2021, 1, 1+i).In(time.FixedZone("GMT", 0)) }), ReadOptions{},
			"time date (Mon, 02 Jan 2006 15:04:05 GMT, daily)" + y, "2021-01-01T00:00:00Z", "2021-01-03T00:00:00Z", "Mon, 04 Jan 2021 00:00:00 GMT"},
		{"asctime", stamped("date,y", time.ANSIC, 12, dailyFrom(2021, 1, 1)), ReadOptions{},
			"time date (Mon Jan _2 15:04:05 2006, daily)" + y, "2021-01-01T00:00:00Z", "2021-01-12T00:00:00Z", "Wed Jan 13 00:00:00 2021"},
		{"Apache's logs", stamped("date,y", "02/Jan/2006:15:04:05 -0700", 3, everyFrom(time.Minute, midnight)), ReadOptions{},
			"time date (02/Jan/2006:15:04:05 -0700, every minute)" + y, "2021-01-01T00:00:00Z", "2021-01-01T00:02:00Z", "01/Jan/2021:00:03:00 +0000"},
		{"quarters", listed("ds,y", "2010Q1", "2010Q2", "2010Q3", "2010Q4", "2011Q1"), ReadOptions{},
			"time ds (2006Q1, quarterly)" + y, "2010-01-01T00:00:00Z", "2011-01-01T00:00:00Z", "2011Q2"},
		{"quarters with a dash", listed("ds,y", "2010-Q3", "2010-Q4"), ReadOptions{},
			"time ds (2006-Q1, quarterly)" + y, "2010-07-01T00:00:00Z", "2010-10-01T00:00:00Z", "2011-Q1"},
		{"quarters of R", listed("when,y", "1998 Q1", "1998 Q2", "1998 Q3"), ReadOptions{},
			"time when (2006 Q1, quarterly)" + y, "1998-01-01T00:00:00Z", "1998-07-01T00:00:00Z", "1998 Q4"},
		{"quarters first", listed("when,y", "Q3 1998", "Q4 1998", "Q1 1999"), ReadOptions{},
			"time when (Q1 2006, quarterly)" + y, "1998-07-01T00:00:00Z", "1999-01-01T00:00:00Z", "Q2 1999"},
		{"halves of years", listed("when,y", "2010H1", "2010H2", "2011H1"), ReadOptions{},
			"time when (2006H1, every 6 months)" + y, "2010-01-01T00:00:00Z", "2011-01-01T00:00:00Z", "2011H2"},
		{"halves of years of Eurostat", listed("when,y", "2010-S1", "2010-S2", "2011-S1"), ReadOptions{},
			"time when (2006-S1, every 6 months)" + y, "2010-01-01T00:00:00Z", "2011-01-01T00:00:00Z", "2011-S2"},
		{"quarters with the number first", listed("when,y", "3Q98", "4Q98", "1Q99"), ReadOptions{},
			"time when (QQQ06, quarterly)" + y, "1998-07-01T00:00:00Z", "1999-01-01T00:00:00Z", "2Q99"},
		{"fiscal years", listed("when,y", "FY2019", "FY2020", "FY2021"), ReadOptions{},
			"time when (FY2006, yearly)" + y, "2019-01-01T00:00:00Z", "2021-01-01T00:00:00Z", "FY2022"},
		{"names of files of cameras", listed("when,y", "20210101_233000", "20210102_000000", "20210102_003000"), ReadOptions{},
			"time when (20060102_150405, every 30 minutes)" + y, "2021-01-01T23:30:00Z", "2021-01-02T00:30:00Z", "20210102_010000"},
		{"months with a point", listed("when,y", "Nov. 2015", "Dec. 2015", "Jan. 2016"), ReadOptions{},
			"time when (Jan. 2006, monthly)" + y, "2015-11-01T00:00:00Z", "2016-01-01T00:00:00Z", "Feb. 2016"},
		{"the day of the week before", stamped("when,y", "Mon 02 Jan 2006", 14, dailyFrom(2000, 1, 1)), ReadOptions{},
			"time when (Mon 02 Jan 2006, daily)" + y, "2000-01-01T00:00:00Z", "2000-01-14T00:00:00Z", "Sat 15 Jan 2000"},
		{"24:00 for midnight", listed("when,y", "31.12.2020 22:00", "31.12.2020 23:00", "31.12.2020 24:00", "01.01.2021 01:00"), ReadOptions{},
			"time when (02.01.2006 15:04, hourly)" + y, "2020-12-31T22:00:00Z", "2021-01-01T01:00:00Z", "01.01.2021 02:00"},
		{"months of Eurostat", listed("when,y", "2015M11", "2015M12", "2016M01"), ReadOptions{},
			"time when (2006M01, monthly)" + y, "2015-11-01T00:00:00Z", "2016-01-01T00:00:00Z", "2016M02"},
		{"month and year", listed("when,y", "11/2015", "12/2015", "01/2016"), ReadOptions{},
			"time when (01/2006, monthly)" + y, "2015-11-01T00:00:00Z", "2016-01-01T00:00:00Z", "02/2016"},
		{"weeks over a year of 53", listed("ds,y", "2020-W52", "2020-W53", "2021-W01"), ReadOptions{},
			"time ds (2006-W01, weekly)" + y, "2020-12-21T00:00:00Z", "2021-01-04T00:00:00Z", "2021-W02"},
		{"days of weeks", listed("ds,y", "2020-W53-6", "2020-W53-7", "2021-W01-1"), ReadOptions{},
			"time ds (2006-W01-1, daily)" + y, "2021-01-02T00:00:00Z", "2021-01-04T00:00:00Z", "2021-W01-2"},
		{"days of the year", listed("ds,y", "2020-364", "2020-365", "2020-366"), ReadOptions{},
			"time ds (2006-002, daily)" + y, "2020-12-29T00:00:00Z", "2020-12-31T00:00:00Z", "2021-001"},
		{"months as numbers", listed("month,y", "201511", "201512", "201601"), ReadOptions{},
			"time month (200601, monthly)" + y, "2015-11-01T00:00:00Z", "2016-01-01T00:00:00Z", "201602"},
		{"months as numbers, asked for", listed("m,y", "201511", "201512", "201601"), ReadOptions{Time: "m"},
			"time m (200601, monthly)" + y, "2015-11-01T00:00:00Z", "2016-01-01T00:00:00Z", "201602"},
		{"hours as numbers", listed("date,y", "2021010122", "2021010123", "2021010200"), ReadOptions{},
			"time date (2006010215, hourly)" + y, "2021-01-01T22:00:00Z", "2021-01-02T00:00:00Z", "2021010201"},
		{"seconds as numbers", listed("date,y", "20210101235958", "20210101235959"), ReadOptions{},
			"time date (20060102150405, every second)" + y, "2021-01-01T23:59:58Z", "2021-01-01T23:59:59Z", "20210102000000"},
		{"months behind a point", listed("date,y", "2015.10", "2015.11", "2015.12", "2016.01"), ReadOptions{},
			"time date (2006.01, monthly)" + y, "2015-10-01T00:00:00Z", "2016-01-01T00:00:00Z", "2016.02"},
		{"ISO 8601, basic", listed("ds,y", "20210101T0000Z", "20210101T0030Z", "20210101T0100Z"), ReadOptions{},
			"time ds (20060102T1504Z07:00, every 30 minutes)" + y, "2021-01-01T00:00:00Z", "2021-01-01T01:00:00Z", "20210101T0130Z"},
		{"ISO 8601, hours", listed("ds,y", "2021-01-01T22", "2021-01-01T23", "2021-01-02T00"), ReadOptions{},
			"time ds (2006-01-02T15, hourly)" + y, "2021-01-01T22:00:00Z", "2021-01-02T00:00:00Z", "2021-01-02T01"},
		{"midnights without their time", listed("ds,y", "2021-01-01", "2021-01-01 12:00:00", "2021-01-02", "2021-01-02 12:00:00"), ReadOptions{},
			"time ds (2006-01-02[ 15:04:05], every 12 hours)" + y, "2021-01-01T00:00:00Z", "2021-01-02T12:00:00Z", "2021-01-03"},
		{"full minutes without seconds", listed("ds,y", "2021-01-01T00:00Z", "2021-01-01T00:00:30Z", "2021-01-01T00:01Z"), ReadOptions{},
			"time ds (2006-01-02T15:04[:05]Z07:00, every 30 seconds)" + y, "2021-01-01T00:00:00Z", "2021-01-01T00:01:00Z", "2021-01-01T00:01:30Z"},
		{"fractions where there are some", listed("ds,y", "2021-01-01 00:00:00", "2021-01-01 00:00:00.5", "2021-01-01 00:00:01"), ReadOptions{},
			"time ds (2006-01-02 15:04:05.9, every 0.5 seconds)" + y, "2021-01-01T00:00:00Z", "2021-01-01T00:00:01Z", "2021-01-01 00:00:01.5"},
		{"decimal months", listed("decimal_date,y", "1958.2083", "1958.2917", "1958.375", "1958.4583"), ReadOptions{},
			"time decimal_date (decimal-year/12+0.5 .9999, monthly)" + y, "1958-03-01T00:00:00Z", "1958-06-01T00:00:00Z", "1958.5417"},
		{"decimal quarters of R", listed("time,y", "1947.25", "1947.5", "1947.75", "1948"), ReadOptions{},
			"time time (decimal-year/4 .99, quarterly)" + y, "1947-04-01T00:00:00Z", "1948-01-01T00:00:00Z", "1948.25"},
		{"sunspots' years", listed("year,y", "1700.5", "1701.5", "1702.5"), ReadOptions{},
			"time year (decimal-year/1+0.5 .0, yearly)" + y, "1700-01-01T00:00:00Z", "1702-01-01T00:00:00Z", "1703.5"},
		{"decimal days", listed("decimal_date,y", "2001.0000", "2001.0027", "2001.0055", "2001.0082"), ReadOptions{},
			"time decimal_date (decimal-year/365 .0000, daily)" + y, "2001-01-01T00:00:00Z", "2001-01-04T00:00:00Z", "2001.0110"},
		{"days of a spreadsheet", listed("Date,y", "44197", "44198", "44199"), ReadOptions{},
			"time Date (excel, daily)" + y, "2021-01-01T00:00:00Z", "2021-01-03T00:00:00Z", "44200"},
		{"hours of a spreadsheet", listed("Date,y", "44197", "44197.041666666664", "44197.083333333336", "44197.125"), ReadOptions{},
			"time Date (excel .999999999999, hourly)" + y, "2021-01-01T00:00:00Z", "2021-01-01T03:00:00Z", "44197.166666666664"},
		{"seconds since 1970", listed("epoch,y", "1609459200", "1609462800"), ReadOptions{},
			"time epoch (unix, hourly)" + y, "2021-01-01T00:00:00Z", "2021-01-01T01:00:00Z", "1609466400"},
		{"milliseconds since 1970", listed("ds,y", "1609459200000", "1609545600000"), ReadOptions{},
			"time ds (unixms, daily)" + y, "2021-01-01T00:00:00Z", "2021-01-02T00:00:00Z", "1609632000000"},
		{"microseconds since 1970", listed("ds,y", "1609459200000000", "1609545600000000"), ReadOptions{},
			"time ds (unixus, daily)" + y, "2021-01-01T00:00:00Z", "2021-01-02T00:00:00Z", "1609632000000000"},
		{"nanoseconds since 1970", listed("ds,y", "1609459200000000000", "1609462800000000000"), ReadOptions{},
			"time ds (unixns, hourly)" + y, "2021-01-01T00:00:00Z", "2021-01-01T01:00:00Z", "1609466400000000000"},
		{"months of seconds", tableOf("ds,y", 30, func(i int) string { return fmt.Sprint(date(2021, time.Month(1+i), 1).Unix()) }), ReadOptions{},
			"time ds (unix, monthly)" + y, "2021-01-01T00:00:00Z", "2023-06-01T00:00:00Z", "1688169600"},
		{"the hour that Berlin has twice", stamped("ds,y", "2006-01-02 15:04", 30, local("Europe/Berlin", date(2021, 10, 30))), ReadOptions{Location: berlin},
			"time ds (2006-01-02 15:04, hourly)" + y, "2021-10-30T00:00:00Z", "2021-10-31T05:00:00Z", "2021-10-31 07:00"},
		{"the hour that Berlin lacks", stamped("ds,y", "2006-01-02 15:04", 30, local("Europe/Berlin", date(2021, 3, 27))), ReadOptions{Location: berlin},
			"time ds (2006-01-02 15:04, hourly)" + y, "2021-03-27T00:00:00Z", "2021-03-28T05:00:00Z", "2021-03-28 08:00"},
		{"days of Berlin", stamped("ds,y", "2006-01-02", 200, dailyFrom(2021, 1, 1)), ReadOptions{Location: berlin},
			"time ds (2006-01-02, daily)" + y, "2020-12-31T23:00:00Z", "2021-07-18T22:00:00Z", "2021-07-20"},
		{"days of Berlin, up to the change of clocks", stamped("ds,y", "2006-01-02", 89, dailyFrom(2022, 12, 28)), ReadOptions{Location: berlin},
			"time ds (2006-01-02, daily)" + y, "2022-12-27T23:00:00Z", "2023-03-25T23:00:00Z", "2023-03-27"},
	}
}

func tableReadings() []reading {
	const y = ", channels y; no gaps, no missing values"
	return []reading{
		{"a counter before the date", tableOf("instant,dteday,cnt", 20, func(i int) string { return fmt.Sprintf("%d,%s", i+1, date(2011, 1, 1+i).Format("01/02/2006")) }), ReadOptions{},
			"time dteday (01/02/2006, daily), channels cnt; no gaps, no missing values", "2011-01-01T00:00:00Z", "2011-01-20T00:00:00Z", "01/21/2011"},
		{"a column called index before the date", tableOf("index,quarter of,y", 20, func(i int) string { return fmt.Sprintf("%d,%dQ%d", i, 2000+i/4, 1+i%4) }), ReadOptions{},
			"time quarter of (2006Q1, quarterly), channels y; no gaps, no missing values", "2000-01-01T00:00:00Z", "2004-10-01T00:00:00Z", "2005Q1"},
		{"date and hour", tableOf("dteday,hr,y", 50, func(i int) string { return fmt.Sprintf("%s,%d", date(2011, 1, 1+i/24).Format(time.DateOnly), i%24) }), ReadOptions{},
			"time dteday,hr (2006-01-02,H, hourly)" + y, "2011-01-01T00:00:00Z", "2011-01-03T01:00:00Z", "2011-01-03|2"},
		{"date and time", tableOf("Date,Time,y", 50, func(i int) string {
			return date(2011, 1, 13).Add(time.Duration(i) * time.Hour).Format("02.01.2006,15:04:05")
		}), ReadOptions{},
			"time Date,Time (02.01.2006,15:04:05, hourly)" + y, "2011-01-13T00:00:00Z", "2011-01-15T01:00:00Z", "15.01.2011|02:00:00"},
		{"date and time with points between", tableOf("Date,Time,y", 50, func(i int) string {
			return date(2004, 3, 13).Add(time.Duration(i) * time.Hour).Format("02/01/2006,15.04.05")
		}), ReadOptions{},
			"time Date,Time (02/01/2006,15.04.05, hourly)" + y, "2004-03-13T00:00:00Z", "2004-03-15T01:00:00Z", "15/03/2004|02.00.00"},
		{"digits of dates and times by a name that says nothing", stamped("t,y", "20060102150405", 60, everyFrom(time.Hour, date(2021, 1, 31))), ReadOptions{},
			"time t (20060102150405, hourly)" + y, "2021-01-31T00:00:00Z", "2021-02-02T11:00:00Z", "20210202120000"},
		{"digits of days by a name that says nothing", stamped("dt,y", "20060102", 60, dailyFrom(2021, 1, 1)), ReadOptions{},
			"time dt (20060102, daily)" + y, "2021-01-01T00:00:00Z", "2021-03-01T00:00:00Z", "20210302"},
		{"digits of weeks", tableOf("yearweek,y", 110, func(i int) string {
			y, w := date(2019, 12, 30+7*i).ISOWeek()
			return fmt.Sprintf("%d%02d", y, w)
		}), ReadOptions{},
			"time yearweek (2006WW, weekly)" + y, "2019-12-30T00:00:00Z", "2022-01-31T00:00:00Z", "202206"},
		{"digits of quarters", tableOf("year_quarter,y", 20, func(i int) string { return fmt.Sprintf("%d%d", 2000+i/4, 1+i%4) }), ReadOptions{},
			"time year_quarter (2006QQ, quarterly)" + y, "2000-01-01T00:00:00Z", "2004-10-01T00:00:00Z", "20051"},
		{"date and hour, asked for", tableOf("day,hour,y", 30, func(i int) string { return fmt.Sprintf("%s,%02d", date(2011, 1, 1+i/24).Format("20060102"), i%24) }), ReadOptions{Time: "day,hour"},
			"time day,hour (20060102,15, hourly)" + y, "2011-01-01T00:00:00Z", "2011-01-02T05:00:00Z", "20110102|06"},
		{"year and month", tableOf("Year,Month,y", 14, func(i int) string { return fmt.Sprintf("%d,%d", 1990+i/12, 1+i%12) }), ReadOptions{},
			"time Year,Month (2006,1, monthly)" + y, "1990-01-01T00:00:00Z", "1991-02-01T00:00:00Z", "1991|3"},
		{"year and the name of the month", tableOf("year,month,y", 14, func(i int) string { return date(1990, time.Month(1+i), 1).Format("2006,Jan") }), ReadOptions{},
			"time year,month (2006,Jan, monthly)" + y, "1990-01-01T00:00:00Z", "1991-02-01T00:00:00Z", "1991|Mar"},
		{"year and quarter", tableOf("year,quarter,y", 6, func(i int) string { return fmt.Sprintf("%d,%d", 1990+i/4, 1+i%4) }), ReadOptions{},
			"time year,quarter (2006,QQ, quarterly)" + y, "1990-01-01T00:00:00Z", "1991-04-01T00:00:00Z", "1991|3"},
		{"year, month, day and hour", tableOf("year,month,day,hour,y", 30, func(i int) string {
			t := date(2010, 1, 31).Add(time.Duration(i) * time.Hour)
			return fmt.Sprintf("%d,%d,%d,%d", t.Year(), t.Month(), t.Day(), t.Hour())
		}), ReadOptions{},
			"time year,month,day,hour (2006,1,2,H, hourly)" + y, "2010-01-31T00:00:00Z", "2010-02-01T05:00:00Z", "2010|2|1|6"},
		{"two columns of names", tableOf("date,store,item,y", 40, func(i int) string {
			return fmt.Sprintf("%s,S%d,%c", date(2021, 1, 1+i%10).Format(time.DateOnly), 1+i/20, 'A'+i/10%2)
		}), ReadOptions{},
			"long, id store/item, time date (2006-01-02, daily)" + y, "2021-01-01T00:00:00Z", "2021-01-10T00:00:00Z", "S1|A|2021-01-11"},
		{"two columns of numbers as names, asked for", tableOf("date,store,item,y", 40, func(i int) string {
			return fmt.Sprintf("%s,%d,%d", date(2021, 1, 1+i%10).Format(time.DateOnly), 1+i/20, 7+i/10%2)
		}), ReadOptions{ID: "store,item"},
			"long, id store/item, time date (2006-01-02, daily)" + y, "2021-01-01T00:00:00Z", "2021-01-10T00:00:00Z", "1|7|2021-01-11"},
	}
}

// A series of a panel whose observations lie farther apart than those of the others
// goes on by its own step.
func TestOwnSteps(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,ds,y\n")
	for i := range 60 {
		fmt.Fprintf(&b, "a,%s,%d\nb,%s,%d\n", date(2021, 1, 1+i).Format(time.DateOnly), i%7, date(2020, 1, 3+7*i).Format(time.DateOnly), i%5)
	}
	p, s, err := ReadCSV(strings.NewReader(b.String()), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	const want = "1 of 2 series have a step of their own and go on by it: weekly"
	if p.Step.Width != day || s.Gaps != 0 || !slices.Contains(s.Remarks, want) {
		t.Errorf("step %+v, %d gaps, remarks %q", p.Step, s.Gaps, s.Remarks)
	}
	for id, next := range map[string]string{"a": "2021-03-02", "b": "2021-02-26"} {
		x := p.Lookup(id)
		if got := p.Axis.Stamp(p.Future(x.Slice(10, x.Len()), 1)[0]); got != next {
			t.Errorf("%s goes on at %s, want %s", id, got, next)
		}
	}
	if p.For(p.Lookup("a")) != p || p.For(p.Lookup("b")).Step.Width != week {
		t.Error("the panel for a series has another step")
	}
}

// Rows that fall on one time are brought together as asked for, and steps without
// rows have no events.
func TestAggregates(t *testing.T) {
	const log = "when,n\n2021-01-01 08:00,1\n2021-01-01 09:30,2\n2021-01-01 09:30,NA\n2021-01-03 00:00,5\n2021-01-03 23:59,4\n2021-01-03 23:59,7\n"
	for _, test := range []struct {
		opt  ReadOptions
		want string // times and values
	}{
		{ReadOptions{Duplicates: Last}, "2021-01-01 08:00=1 2021-01-01 09:30=2 2021-01-03 00:00=5 2021-01-03 23:59=7"},
		{ReadOptions{Duplicates: Mean}, "2021-01-01 08:00=1 2021-01-01 09:30=2 2021-01-03 00:00=5 2021-01-03 23:59=5.5"},
		{ReadOptions{Every: "day", Aggregate: Sum}, "2021-01-01 00:00=3 2021-01-02 00:00=0 2021-01-03 00:00=16"},
		{ReadOptions{Every: "day", Aggregate: Count}, "2021-01-01 00:00=2 2021-01-02 00:00=0 2021-01-03 00:00=3"},
		{ReadOptions{Every: "day"}, "2021-01-01 00:00=1.5 2021-01-03 00:00=5.333333333333333"},
		{ReadOptions{Every: "12 hours", Aggregate: First}, "2021-01-01 00:00=1 2021-01-03 00:00=5 2021-01-03 12:00=4"},
		{ReadOptions{Every: "week", Aggregate: Sum, MinRows: 1}, "2020-12-28 00:00=19"},
		{ReadOptions{Every: "month", Aggregate: Last, MinRows: 1}, "2021-01-01 00:00=7"},
	} {
		p, _, err := ReadCSV(strings.NewReader(log), test.opt)
		if err != nil {
			t.Errorf("%+v: %v", test.opt, err)
			continue
		}
		var got []string
		for i, x := range p.Series[0].Times {
			got = append(got, p.Axis.Stamp(x)+"="+FormatNumber(p.Series[0].Values[i]))
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%+v: got %s, want %s", test.opt, s, test.want)
		}
	}
	if _, _, err := ReadCSV(strings.NewReader(log), ReadOptions{}); !errors.Is(err, ErrDuplicateTime) || !strings.Contains(err.Error(), "--duplicates") {
		t.Errorf("got %v", err)
	}
	if _, _, err := ReadCSV(strings.NewReader(log), ReadOptions{Every: "fortnight"}); !errors.Is(err, ErrStep) {
		t.Errorf("got %v", err)
	}
}

// A short panel takes the slots of the one that it continues, if its times lie on
// them, but no other step.
func TestAdopt(t *testing.T) {
	p := mustRead(t, stamped("ds,y", time.DateOnly, 5, dailyFrom(2021, 3, 1)))
	if p.Adopt(Step{Width: 3600}) || p.Step.Width != day {
		t.Errorf("days became hours: %+v", p.Step)
	}
	if !p.Adopt(Step{Weekdays: 0b0111111}) || p.Axis.Stamp(p.Future(p.Series[0], 3)[1]) != "2021-03-08" {
		t.Errorf("Monday to Saturday is not taken: %+v", p.Step)
	}
	if q := mustRead(t, stamped("ds,y", time.DateOnly, 7, dailyFrom(2021, 3, 1))); q.Adopt(Step{BusinessDay: true}) {
		t.Error("a week with its Sunday has business days")
	}
}

// Words for steps mean what they say, and others are refused with those that would do.
func TestParseStep(t *testing.T) {
	for words, want := range map[string]Step{
		"15 minutes": {Width: 900}, "15m": {Width: 900}, "hour": {Width: 3600}, "Daily": {Width: day}, "2 weeks": {Width: 2 * week},
		"quarter": {Months: 3}, "10 years": {Months: 120}, "business-day": {BusinessDay: true}, "mon-fri": {BusinessDay: true},
		"mon-sat": {Weekdays: 0b0111111}, "sun-thu": {Weekdays: 0b1001111}, "0.5": {Width: 0.5}, "irregular": {}, "4-4-5": {Fiscal: true},
	} {
		if got, err := ParseStep(words); err != nil || got != want {
			t.Errorf("%s is %+v, %v; want %+v", words, got, err, want)
		}
	}
	for _, words := range []string{"", "fortnight", "-1 days", "mon-mon", "0", "tue-mon", "1e9 days", "é"} {
		if got, err := ParseStep(words); !errors.Is(err, ErrStep) {
			t.Errorf("%q is %+v, %v", words, got, err)
		}
	}
}

// Slots of the calendar are counted without gaps, in both directions.
func TestSlots(t *testing.T) {
	for _, step := range []Step{
		{BusinessDay: true}, {Weekdays: 0b1001111, Anchor: 3600}, {Weekdays: 0b0010101}, {MonthDays: 1 | 1<<14}, {MonthDays: 1<<14 | 1<<30, Anchor: 60},
		{MonthDays: 1 | 1<<10 | 1<<20}, {Months: 1, Workday: 1}, {Months: 1, Workday: -1, Anchor: 61200},
		{Fiscal: true, Anchor: 3 * day}, {Fiscal: true, Anchor: 60*day + 3600},
		{Width: 3600, Anchor: 9 * 3600, Close: 17 * 3600}, {Width: 300, Anchor: 34200, Close: 57600, BusinessDay: true}, {Width: 1800, Anchor: 0, Close: 1800, Weekdays: 0b1100000},
	} {
		p := &Panel{Axis: Axis{Layout: "2006-01-02 15:04"}, Step: step}
		previous := math.Inf(-1)
		for k := -3000; k < 60000; k += 1 + max(0, k/3) {
			at := p.TimeAt(float64(k))
			if at <= previous || p.Coordinate(at) != float64(k) {
				t.Fatalf("%+v: slot %d is at %s, coordinate %v", step, k, p.Axis.Stamp(at), p.Coordinate(at))
			}
			next := p.TimeAt(float64(k + 1))
			if u := p.Coordinate((at + next) / 2); math.Abs(u-float64(k)-0.5) > 1e-6 {
				t.Fatalf("%+v: the middle behind slot %d is at %v", step, k, u)
			}
			previous = at
		}
	}
}

// Tables as people have them are read as people read them: layout, step, columns,
// instants, and the stamp that comes next in the layout that came in. What is
// written reads back the same.
func TestReadings(t *testing.T) {
	for _, r := range slices.Concat(layoutReadings(), tableReadings(), calendarReadings(), roleReadings()) {
		r.opt.Name = "x.csv"
		p, s, err := ReadCSV(strings.NewReader(r.in), r.opt)
		if err != nil {
			t.Errorf("%s: %v", r.name, err)
			continue
		}
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", r.name, err)
		}
		if got := s.String(); got != r.sniffed {
			t.Errorf("%s:\n got %s\nwant %s", r.name, got, r.sniffed)
		}
		x := p.Series[0]
		if first, last := instantOf(x.Times[0]), instantOf(x.Times[x.Len()-1]); first != r.first || last != r.last {
			t.Errorf("%s: from %s to %s, want %s to %s", r.name, first, last, r.first, r.last)
		}
		keys := p.Keys(p.IDColumn != "", "", "").Append(nil, x.ID, p.Future(x, 1)[0])
		if next := strings.Join(keys, "|"); next != r.next {
			t.Errorf("%s: next is %s, want %s", r.name, next, r.next)
		}
		q, text, err := again(p)
		if err != nil {
			t.Errorf("%s: its own table: %v\n%s", r.name, err, text)
		} else if p.Fingerprint() != q.Fingerprint() {
			t.Errorf("%s: came back as another panel:\n%s", r.name, text)
		}
	}
}

func instantOf(sec float64) string {
	whole := math.Floor(sec)
	return time.Unix(int64(whole), int64(math.Round((sec-whole)*1e6))*1000).UTC().Format(time.RFC3339Nano)
}
