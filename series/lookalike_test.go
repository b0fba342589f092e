package series

import (
	"errors"
	"strings"
	"testing"
)

// Dates that cannot be read are errors: the rows are not numbered instead.
func TestUnreadDates(t *testing.T) {
	for _, stamps := range [][]string{
		{"1990/91", "1991/92", "1992/93"}, {"32. Januar 2021", "33. Januar 2021", "34. Januar 2021"}, {"1 février 21/22", "2 février 21/22", "3 février 21/22"},
		{"2020T1", "2020T2", "2020T3"}, {"2010H2", "2010H3", "2011H1"}, {"Do, 2. Dez 2021", "Fr, 3. Dez 2021", "Sa, 4. Dez 2021"},
	} {
		p, s, err := ReadCSV(strings.NewReader(listed("when,y", stamps...)), ReadOptions{Name: "x.csv"})
		var at *ParseError
		if !errors.Is(err, ErrTime) || !errors.As(err, &at) || at.Column != "when" || at.Line < 2 {
			t.Errorf("%q: %v, %v, %v", stamps, p, s, err)
		}
	}
	for _, names := range [][]string{{"Set 1", "Set 2", "Set 3"}, {"S12345", "S12346", "S12399"}, {"market 1", "market 2", "market 3"}, {"x", "y", "z"}} {
		if _, s, err := ReadCSV(strings.NewReader(listed("what,y", names...)), ReadOptions{}); err != nil || s.Time != "" {
			t.Errorf("%q: %v, %v", names, s, err)
		}
	}
}
