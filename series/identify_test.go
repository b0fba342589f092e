package series

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// roleReadings are tables in which columns say little of their part.
func roleReadings() []reading {
	const y = ", channels y; no gaps, no missing values"
	return []reading{
		{"years of a study and their months", tableOf("Month,y", 36, func(i int) string { return fmt.Sprintf("%d-%02d", 1+i/12, 1+i%12) }), ReadOptions{},
			"time Month (6-01, monthly)" + y, "0001-01-01T00:00:00Z", "0003-12-01T00:00:00Z", "4-01"},
		{"more than nine of them", tableOf("Month,y", 147, func(i int) string { return fmt.Sprintf("%d-%02d", 1+i/12, 1+i%12) }), ReadOptions{},
			"time Month (6-01, monthly)" + y, "0001-01-01T00:00:00Z", "0013-03-01T00:00:00Z", "13-04"},
		{"their quarters", tableOf("quarter,y", 12, func(i int) string { return fmt.Sprintf("%d-Q%d", 2+i/4, 1+i%4) }), ReadOptions{},
			"time quarter (6-Q1, quarterly)" + y, "0002-01-01T00:00:00Z", "0004-10-01T00:00:00Z", "5-Q1"},
		{"a month before a year of two digits", tableOf("Month,Year,y", 30, func(i int) string { return fmt.Sprintf("%d,%02d", 1+i%12, (98+i/12)%100) }), ReadOptions{},
			"time Year,Month (06,1, monthly)" + y, "1998-01-01T00:00:00Z", "2000-06-01T00:00:00Z", "00|7"},
		{"counted years beside months", tableOf("Year,Month,y", 30, func(i int) string { return fmt.Sprintf("%d,%d", 1+i/12, 1+i%12) }), ReadOptions{},
			"time Year,Month (6,1, monthly)" + y, "0001-01-01T00:00:00Z", "0003-06-01T00:00:00Z", "3|7"},
		{"months and the last digits of their year", tableOf("month,y", 40, func(i int) string { return fmt.Sprintf("%d/%02d", 1+i%12, (98+i/12)%100) }), ReadOptions{},
			"time month (1/06, monthly)" + y, "1998-01-01T00:00:00Z", "2001-04-01T00:00:00Z", "5/01"},
		{"days of six digits", tableOf("date,y", 30, func(i int) string { return date(1999, 12, 20+i).Format("060102") }), ReadOptions{},
			"time date (060102, daily)" + y, "1999-12-20T00:00:00Z", "2000-01-18T00:00:00Z", "000119"},
		{"decimal years that were summed", tableOf("time,y", 60, func(i int) string {
			return strconv.FormatFloat(1959+0.08333333334*float64(i), 'g', 15, 64)
		}), ReadOptions{},
			"time time (decimal-year/12 .99999999999, monthly)" + y, "1959-01-01T00:00:00Z", "1963-12-01T00:00:00Z", "1964"},
		{"names of rows that are the years", tableOf("rownames,year,y", 30, func(i int) string { return fmt.Sprintf("%d,%d", 1980+i, 1980+i) }), ReadOptions{},
			"time year (2006, yearly)" + y, "1980-01-01T00:00:00Z", "2009-01-01T00:00:00Z", "2010"},
		{"years by another name", tableOf("row,country,iyear,y", 30, func(i int) string { return fmt.Sprintf("%d,%s,%d", 1+i, []string{"A", "B"}[i%2], 1980+i/2) }), ReadOptions{},
			"long, id country, time iyear (2006, yearly), channels y; no gaps, no missing values", "1980-01-01T00:00:00Z", "1994-01-01T00:00:00Z", "A|1995"},
		{"numbers of the rows beside a date", tableOf("No,day of sale,temp,y", 20, func(i int) string {
			return fmt.Sprintf("%d,%s,%d", i+1, date(2024, 2, 20+i).Format("2006-01-02"), 20+i%3)
		}), ReadOptions{},
			"wide, time day of sale (2006-01-02, daily), channels temp, y; no gaps, no missing values", "2024-02-20T00:00:00Z", "2024-03-10T00:00:00Z", "2024-03-11"},
	}
}

// TestClockTables reads tables whose times are numbers.
func TestClockTables(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"times with a unit, of subjects", tableOf("Subject,Time (h),y", 12, func(i int) string { return fmt.Sprintf("%d,%g", 1+i/4, []float64{0, .25, 1, 8}[i%4]) }),
			"long, id Subject, time Time (h) (numbers, irregular), channels y; no missing values"},
		{"with an underscore, of animals by name", tableOf("animal,t_s,y", 12, func(i int) string { return fmt.Sprintf("rat%d,%g", 1+i/4, []float64{0, .25, 1, 8}[i%4]) }),
			"long, id animal, time t_s (numbers, irregular), channels y; no missing values"},
		{"a subject that is only a part of the name", tableOf("subject,timepoint,cue,y", 40, func(i int) string { return fmt.Sprintf("%d,%d,%s", 1+i/20, i%10, []string{"left", "right"}[i/10%2]) }),
			"long, id subject/cue, time timepoint (numbers, step 1), channels y; no gaps, no missing values"},
		{"a time that is a value with gaps", "Year,Length,Sex,Time\n1896,100,men,12\n1900,100,men,11\n1904,100,men,11\n1896,200,men,\n1900,200,men,22.2\n1904,200,men,21.6\n", "long, id Length, time Year (2006, every 4 years), channels Time; no gaps, 1 missing value"},
		{"ages of children by name", tableOf("child,sex,age,y", 15, func(i int) string {
			return fmt.Sprintf("child%d,%s,%g", 1+i/5, []string{"f", "m"}[i/5%2], []float64{0, 1.5, 3, 8, 11}[i%5]+float64(i/5))
		}),
			"long, id child, time age (numbers, irregular), channels y; no missing values"},
		{"numbers that rise by chance", "place,a,y\nx,1,5\nx,2,1\ny,1,2\ny,3,4\n", "wide, time the number of the row (numbers, step 1), channels a, y; no gaps, no missing values"},
		{"a least temperature is no time in minutes", "id,t_min,t_max\n7,1.5,3\n9,1.2,5\n12,2.5,4\n", "wide, time the number of the row (numbers, step 1), channels t_min, t_max; no gaps, no missing values"},
	} {
		p, s, err := ReadCSV(strings.NewReader(test.in), ReadOptions{Name: "x.csv"})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := s.String(); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestDoubledByMistake holds that a row given twice does not make a series of its own of
// what else stands in it.
func TestDoubledByMistake(t *testing.T) {
	in := tableOf("store,date,flag,y", 60, func(i int) string {
		return fmt.Sprintf("%s,%s,ok", []string{"A", "B"}[i/30], date(2024, 1, 1+i%30).Format("2006-01-02"))
	})
	in += "B,2024-01-30,bad,9\n"
	_, _, err := ReadCSV(strings.NewReader(in), ReadOptions{Name: "x.csv"})
	if !errors.Is(err, ErrDuplicateTime) || !strings.Contains(err.Error(), `in series "B"`) {
		t.Errorf("got %v", err)
	}
	if p, _, err := ReadCSV(strings.NewReader(in), ReadOptions{Duplicates: First}); err != nil || len(p.Series) != 2 {
		t.Errorf("got %v", err)
	}
}

// Series of times that are all different are told by the column in whose blocks these rise, for in the file they begin anew.
func TestBlocksOfTimes(t *testing.T) {
	for _, c := range []struct {
		name, text, id string
		series         int
	}{
		{"texts", "sensor,time,y\ns0,1.5,1\ns0,2.5,2\ns1,1.2,3\ns1,2.1,4\n", "sensor", 2},
		{"numbers", "plot,time,y\n7,1.5,1\n7,2.5,2\n9,1.2,3\n9,2.1,4\n", "plot", 2},
		{"a kind within one series", "kind,time,y\na,1,1\na,2,2\nb,3,3\nb,4,4\n", "", 1},
		{"rows in disorder", "kind,time,y\na,4,1\na,2,2\nb,3,3\nb,1,4\n", "", 1},
		{"a kind that comes again", "kind,time,y\na,4,1\nb,2,2\na,5,3\nb,3,4\nb,4.5,4\n", "", 1},
	} {
		p, _, err := ReadCSV(strings.NewReader(c.text), ReadOptions{})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if p.IDColumn != c.id || len(p.Series) != c.series {
			t.Errorf("%s: %d series by column %q, want %d by %q", c.name, len(p.Series), p.IDColumn, c.series, c.id)
		}
	}
}
