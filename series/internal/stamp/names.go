package stamp

import "strings"

// monthNameOf returns the layout of a month's name, or "".
func monthNameOf(s string) string {
	for _, m := range months {
		switch {
		case len(s) > 3 && strings.EqualFold(s, m):
			return inCase("January", s)
		case len(s) == 3 && strings.EqualFold(s, m[:3]):
			return inCase("Jan", s)
		}
	}
	return ""
}

// dayNameOf returns the layout of the name of a day of the week, or "".
func dayNameOf(s string) string {
	for _, d := range weekdays {
		switch {
		case strings.EqualFold(s, d):
			return inCase("Monday", s)
		case strings.EqualFold(s, d[:3]):
			return inCase("Mon", s)
		}
	}
	return ""
}

// inCase writes the word in the case of the sample.
func inCase(word, sample string) string {
	switch {
	case sample == strings.ToUpper(sample):
		return strings.ToUpper(word)
	case sample == strings.ToLower(sample):
		return strings.ToLower(word)
	}
	return word
}
