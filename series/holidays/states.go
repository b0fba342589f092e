package holidays

import (
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/us"
)

// states are the states of the United States, and their capital.
var states = strings.Fields(`AL AK AZ AR CA CO CT DC DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT
	NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY`)

// ofStates returns the holidays of states beyond those of the United States, as far as they
// are known here: laws of the states as of 2024.
func ofStates() map[string][]*cal.Holiday {
	fixed := func(name string, month time.Month, day, from int) *cal.Holiday {
		return &cal.Holiday{Name: name, Month: month, Day: day, StartYear: from, Func: cal.CalcDayOfMonth}
	}
	lincoln := fixed("Lincoln's Birthday", time.February, 12, 0)
	return map[string][]*cal.Holiday{
		"US-CA": {fixed("Cesar Chavez Day", time.March, 31, 2001), us.DayAfterThanksgivingDay},
		"US-CT": {lincoln},
		"US-IL": {lincoln},
		"US-MA": {patriots()},
		"US-ME": {patriots()},
		"US-NY": {lincoln, election()},
		"US-TX": {us.DayAfterThanksgivingDay},
		"US-UT": {fixed("Pioneer Day", time.July, 24, 0)},
	}
}

// patriots is the third Monday of April.
func patriots() *cal.Holiday {
	return &cal.Holiday{Name: "Patriots' Day", Month: time.April, Weekday: time.Monday, Offset: 3, Func: cal.CalcWeekdayOffset}
}

// election is the Tuesday after the first Monday of November.
func election() *cal.Holiday {
	return &cal.Holiday{Name: "Election Day", Month: time.November, Weekday: time.Monday, Offset: 1, CalcOffset: 1, Func: cal.CalcWeekdayOffset}
}
