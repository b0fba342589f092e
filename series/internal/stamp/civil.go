package stamp

// days returns the number of days from 1 January 1970 to a day of the Gregorian
// calendar (the algorithm days_from_civil of Howard Hinnant).
func days(y, m, d int) int {
	if m <= 2 {
		y--
	}
	era := floorDiv(y, 400)
	yoe := y - 400*era
	doy := (153*((m+9)%12)+2)/5 + d - 1
	return 146097*era + 365*yoe + yoe/4 - yoe/100 + doy - 719468
}

// firstYear and lastYear are those of whose months firsts holds the first days, which is quicker than to
// reckon them.
const firstYear, lastYear = 1900, 2100

// firsts are the days on which the months from January of firstYear to that after lastYear begin.
var firsts = func() (days [12*(lastYear-firstYear+1) + 1]int32) {
	for i := range days {
		days[i] = int32(firstOfMonth(12*firstYear + i))
	}
	return days
}()

// Month returns the month of a number of days from 1 January 1970, counted from January of
// year 0.
func Month(n int) int {
	if d := n - int(firsts[0]); d >= 0 && n < int(firsts[len(firsts)-1]) {
		const months, days = 12 * 400, 146097 // of the cycle of the calendar
		i := d * months / days                // off by one month at most
		if n < int(firsts[i]) {
			i--
		} else if n >= int(firsts[i+1]) {
			i++
		}
		return 12*firstYear + i
	}
	y, m, _ := date(n)
	return 12*y + m - 1
}

// FirstOfMonth returns the number of days from 1 January 1970 to the first of a month.
func FirstOfMonth(k int) int {
	if i := k - 12*firstYear; i >= 0 && i < len(firsts) {
		return int(firsts[i])
	}
	return firstOfMonth(k)
}

func firstOfMonth(k int) int {
	y := floorDiv(k, 12)
	return days(y, k-12*y+1, 1)
}

// date returns the date of a number of days from 1 January 1970
// (civil_from_days).
func date(n int) (y, m, d int) {
	n += 719468
	era := floorDiv(n, 146097)
	doe := n - 146097*era
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d = doy - (153*mp+2)/5 + 1
	if m = mp + 3; m > 12 {
		m -= 12
	}
	if y = yoe + 400*era; m <= 2 {
		y++
	}
	return y, m, d
}

// monthLength returns the number of days of a month.
func monthLength(y, m int) int {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// weekday returns the day of the week, 1 for Monday to 7 for Sunday.
func dayOfWeek(n int) int { return n + 4 - 7*floorDiv(n+3, 7) }

// weekStart returns the Monday of week 1 of a year of ISO 8601: the week of
// 4 January.
func weekStart(y int) int {
	n := days(y, 1, 4)
	return n - dayOfWeek(n) + 1
}

// isoWeek returns the year and the week of a day by ISO 8601.
func isoWeek(n int) (y, w int) {
	thursday := n - dayOfWeek(n) + 4
	y, _, _ = date(thursday)
	return y, (n-weekStart(y))/7 + 1
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
