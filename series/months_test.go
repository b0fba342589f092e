package series

import (
	"strings"
	"testing"
)

// A year with a number is what the name of its column says, where the number can be that, and else a month; fiscal quarters
// and the names of months in other languages are read. What stamps are is said, and they are written as they came but for the
// language.
func TestPartsOfYears(t *testing.T) {
	for _, c := range []struct {
		column string
		stamps []string
		layout string
		step   string
		next   string // stamp after the last
		said   string
	}{
		{"quarter", []string{"2011/1", "2011/2", "2011/3", "2011/4", "2012/1"}, "2006/QQ", "quarterly", "2012/2", `the times "quarter" are read as years and a quarter of each, as the column is named; --time-layout 2006/1 reads months`},
		{"Quartal", []string{"2011-3", "2011-4", "2012-1"}, "2006-QQ", "quarterly", "2012-2", "--time-layout 2006-1 reads months"},
		{"fiscal_quarter", []string{"2011.2", "2011.3", "2011.4"}, "2006.QQ", "quarterly", "2012.1", "a quarter of each"},
		{"trimestre", []string{"3/2011", "4/2011", "1/2012"}, "QQ/2006", "quarterly", "2/2012", "--time-layout 1/2006 reads months"},
		{"Semester", []string{"2011/1", "2011/2", "2012/1"}, "2006/SS", "every 6 months", "2012/2", "a half of each"},
		{"kw", []string{"2020/51", "2020/52", "2020/53", "2021/1"}, "2006/WW", "weekly", "2021/2", "a week of each"},
		{"week", []string{"2011/01", "2011/02", "2011/03"}, "2006/0WW", "weekly", "2011/04", "--time-layout 2006/01 reads months"},
		{"month", []string{"2011/1", "2011/2", "2011/3", "2011/4"}, "2006/1", "monthly", "2011/5", ""},
		{"quarter", []string{"2011/1", "2011/2", "2011/3", "2011/4", "2011/5"}, "2006/1", "monthly", "2011/6", ""},
		{"period", []string{"FY2018 Q3", "FY2018 Q4", "FY2019 Q1"}, "FY2006 Q1", "quarterly", "FY2019 Q2", "taken to begin in January"},
		{"period", []string{"Q3-FY18", "Q4-FY18", "Q1-FY19"}, "Q1-FY06", "quarterly", "Q2-FY19", "taken to begin in January"},
		{"period", []string{"FY18Q3", "FY18Q4", "FY19Q1"}, "FY06Q1", "quarterly", "FY19Q2", ""},
		{"Monat", []string{"November 2018", "Dezember 2018", "Januar 2019"}, "January 2006", "monthly", "February 2019", "written in English"},
		{"mois", []string{"nov. 2018", "déc. 2018", "janv. 2019"}, "January 2006", "monthly", "February 2019", ""},
		{"mes", []string{"noviembre de 2018", "diciembre de 2018", "enero de 2019"}, "January 2006", "monthly", "February 2019", ""},
		{"mese", []string{"31 dicembre 2018", "1 gennaio 2019", "2 gennaio 2019"}, "2 January 2006", "daily", "3 January 2019", ""},
		{"maand", []string{"mrt-18", "apr-18", "mei-18"}, "January-06", "monthly", "June-18", ""},
		{"Tag", []string{"28. Februar 2019", "1. März 2019", "2. März 2019"}, "2. January 2006", "daily", "3. March 2019", ""},
	} {
		p, s, err := ReadCSV(strings.NewReader(listed(c.column+",y", c.stamps...)), ReadOptions{})
		if err != nil {
			t.Errorf("%q: %v", c.stamps, err)
			continue
		}
		next := p.Axis.Stamp(p.Future(p.Series[0], 1)[0])
		if p.Axis.Layout != c.layout || p.Step.Describe(true) != c.step || next != c.next || !strings.Contains(strings.Join(s.Remarks, "; "), c.said) {
			t.Errorf("%s %q: %s, %s, then %s; %q", c.column, c.stamps, p.Axis.Layout, p.Step.Describe(true), next, s.Remarks)
		}
		if c.said == "" && c.layout == "2006/1" && len(s.Remarks) > 0 {
			t.Errorf("%s %q: %q", c.column, c.stamps, s.Remarks)
		}
	}
	_, _, err := ReadCSV(strings.NewReader("date,y\nstyczeń 2019,1\nluty 2019,2\n"), ReadOptions{})
	if err == nil || !strings.Contains(err.Error(), `"Dezember 2006", "2006Q4", "FY2006 Q4"`) {
		t.Errorf("the error %v does not say what is read", err)
	}
}
