package series

import (
	"strings"
	"unicode"
)

// normal returns a column's name as the rules for names see it: in lower
// case, with underscores.
func normal(name string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '.':
			return '_'
		}
		return r
	}, strings.ToLower(name))
}

// idName reports whether a column of that name identifies series.
func idName(name string) bool {
	switch normal(name) {
	case "unique_id", "series_id", "item_id", "ts_id", "id", "series", "record", "record_id",
		"subject", "subject_id", "patient", "patient_id":
		return true
	}
	return false
}

// timeRank returns how much a column's name says that it holds times: zero if
// it does not, and otherwise less for a clearer name. calendar tells that
// whole numbers in it may be years, dates or Unix seconds.
func timeRank(name string) (rank int, calendar bool) {
	name = normal(name)
	for i, n := range [...]string{"ds", "timestamp", "datetime", "date_time", "date", "time", "ts",
		"month", "quarter", "week", "day", "year", "yearmonth", "year_month", "yyyymm", "yearweek", "year_week",
		"yyyyww", "isoweek", "iso_week", "yearquarter", "year_quarter"} {
		if name == n {
			return i + 1, true
		}
	}
	if dated(name) {
		return 50, true
	}
	if clocked(name) {
		return 99, false
	}
	for i, n := range [...]string{"t", "hour", "hours", "minute", "minutes", "second", "seconds",
		"days", "step", "period", "index", "timepoint", "time_point"} {
		if name == n {
			return i + 100, false
		}
	}
	return 0, false
}

// clocked reports whether a column's name is a word for the time with a unit behind it: "Time
// (h)", "t [s]", "elapsed_ms", "time since start in days". t_min alone is a least value.
func clocked(name string) bool {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) })
	if len(words) < 2 {
		return false
	}
	switch words[0] {
	case "time", "elapsed":
	case "t":
		if words[1] == "min" && !strings.ContainsAny(name, "([/") {
			return false
		}
	default:
		return false
	}
	for _, w := range words[1 : len(words)-1] {
		switch w {
		case "elapsed", "time", "since", "from", "after", "start", "in":
		default:
			return false
		}
	}
	switch words[len(words)-1] {
	case "ns", "us", "µs", "ms", "s", "sec", "secs", "second", "seconds", "min", "mins", "minute", "minutes",
		"h", "hr", "hrs", "hour", "hours", "d", "day", "days", "wk", "week", "weeks", "month", "months", "y", "yr", "year", "years":
		return true
	}
	return false
}

// yearWord reports whether a column's name has a word for years within: "iyear", "season".
func yearWord(name string) bool {
	name = normal(name)
	return strings.Contains(name, "year") || strings.Contains(name, "jahr") || name == "season"
}

// dated reports whether a column's name ends in a word for dates, or is one.
func dated(name string) bool {
	words := strings.FieldsFunc(normal(name), func(r rune) bool { return r == '_' || r == '/' })
	if len(words) == 0 {
		return false
	}
	switch words[len(words)-1] {
	case "ds", "date", "datetime", "timestamp", "datum", "fecha", "epoch", "unix", "unixtime":
		return true
	case "time", "utc", "year", "local":
		switch words[0] {
		case "date", "datetime", "timestamp", "decimal", "unix", "epoch":
			return len(words) > 1
		}
	}
	return false
}
