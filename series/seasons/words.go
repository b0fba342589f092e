package seasons

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"tsgen/series"
)

// Words says in a line what was found in a panel, and how sure that is: "season: 24 hours
// (80 % of the variance), 168 hours (52 %, in 19 of 50 series); no year: 42 days are too
// few".
func (f Found) Words(p *series.Panel) string {
	var has, not []string
	for _, s := range f {
		switch s.Status {
		case Shown:
			of := fmt.Sprintf("%.0f %%", 100*s.Share)
			if len(has) == 0 {
				of += " of the variance"
			}
			if s.Series < s.Examined {
				of += fmt.Sprintf(", in %d of %d series", s.Series, s.Examined)
			}
			has = append(has, cycle(p, s.Period)+of+")")
		case Assumed:
			has = append(has, fmt.Sprintf("%sas usual; %s are too few to tell)", cycle(p, s.Period), length(p, s)))
		case Absent:
			if s.Name != "" {
				not = append(not, "no "+s.Name)
			}
		case Short:
			if s.Name != "" && !strings.Contains(strings.Join(not, ""), "few") {
				not = append(not, fmt.Sprintf("no %s: %s are too few", s.Name, length(p, s)))
			}
		}
	}
	if len(has) == 0 {
		has = []string{"none"}
	}
	return strings.Join(append([]string{"season: " + strings.Join(has, ", ")}, not...), "; ")
}

// cycle says a season of so many steps, up to what is said of it in parentheses: "24 hours (", or, where
// steps have no name but dates are known, "a day (96 steps, ".
func cycle(p *series.Panel, period float64) string {
	unit := unitOf(p)
	steps := fmt.Sprintf("%s %s", strconv.FormatFloat(period, 'g', 6, 64), unit)
	if unit == "steps" && p.Axis.Calendar() && p.Step.Close == 0 {
		months, seconds := period*float64(p.Step.Months), period*p.Step.Width
		for _, c := range []struct {
			name            string
			months, seconds float64
		}{{"an hour", 0, hour}, {"a day", 0, day}, {"a week", 0, week}, {"a year", 12, year}} {
			if months > 0 && months == c.months || math.Abs(seconds-c.seconds) < c.seconds/1000 {
				return fmt.Sprintf("%s (%s, ", c.name, steps)
			}
		}
	}
	return steps + " ("
}

// unitOf returns the word for steps of a panel.
func unitOf(p *series.Panel) string {
	switch s := p.Step; {
	case !p.Axis.Calendar():
		return "steps"
	case s.BusinessDay && s.Close == 0:
		return "business days"
	case s.Months == 1:
		return "months"
	case s.Months == 3:
		return "quarters"
	case s.Width == week || s.Days == 7:
		return "weeks"
	case s.Width == day || s.Days == 1:
		return "days"
	case s.Width == hour:
		return "hours"
	case s.Width == minute:
		return "minutes"
	case s.Width == 1:
		return "seconds"
	}
	return "steps"
}

// length says how long the longest series is, by the cycles that it has of a season.
func length(p *series.Panel, s Season) string {
	steps := math.Round(s.Cycles * s.Period)
	if days := steps * p.Step.Width / day; p.Axis.Calendar() && p.Step.Close == 0 && days >= 2 {
		return fmt.Sprintf("%.0f days", days)
	}
	return fmt.Sprintf("%.0f %s", steps, unitOf(p))
}
