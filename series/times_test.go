package series

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Times to forecast are read in the zone and units of the panel and for its series, and
// impossible ones are refused with the reason.
func TestReadFuture(t *testing.T) {
	one := mustRead(t, "date,y\n2020-01-01,1\n2020-01-02,2\n")
	two := mustRead(t, "unique_id,ds,y\na,1,1\na,2,2\nb,1,1\nb,5,2\n")
	zoned := mustRead(t, "ds,y\n2020-01-01T00:00:00+01:00,1\n2020-01-01T01:00:00+01:00,2\n")
	years := mustRead(t, "ds,y\n1898,1\n1899,2\n")
	unix := mustRead(t, "ds,y\n1577836800,1\n1577840400,2\n")
	const jan = 1577836800 // 1 January 2020
	for _, test := range []struct {
		name, in string
		panel    *Panel
		opt      ReadOptions
		want     [][]float64
	}{
		{"same name", "date,note\n2020-01-03,x\n2020-01-05,y\n", one, ReadOptions{}, [][]float64{{jan + 2*day, jan + 4*day}}},
		{"finer layout, another name", "when\n2020-01-02 12:00\n2020-01-03 00:00\n", one, ReadOptions{}, [][]float64{{jan + 1.5*day, jan + 2*day}}},
		{"named", "a,b\n2020-01-01,2020-01-05\n", one, ReadOptions{Time: "b"}, [][]float64{{jan + 4*day}}},
		{"for every series", "ds\n6\n7.5\n", two, ReadOptions{}, [][]float64{{6, 7.5}, {6, 7.5}}},
		{"by series", "ds,unique_id\n6,b\n3,a\n7,b\n", two, ReadOptions{}, [][]float64{{3}, {6, 7}}},
		{"by series, another name", "ds,item_id\n6,b\n3,a\n", two, ReadOptions{}, [][]float64{{3}, {6}}},
		{"by series, named", "ds,who\n6,b\n", two, ReadOptions{ID: "who"}, [][]float64{nil, {6}}},
		{"own zone", "ds\n2020-01-01T01:00:00Z\n", zoned, ReadOptions{}, [][]float64{{jan + 3600}}},
		{"no zone", "ds\n2020-01-01 02:30:00\n", zoned, ReadOptions{}, [][]float64{{jan + 1.5*3600}}},
		{"UTC in words", "ds\n2020-01-01 02:30:00 UTC\n", zoned, ReadOptions{}, [][]float64{{jan + 2.5*3600}}},
		{"years", "ds\n1900\n1901\n", years, ReadOptions{}, [][]float64{{-25567 * day, -25202 * day}}},
		{"dates for years", "ds\n1900-01-02\n", years, ReadOptions{}, [][]float64{{-25566 * day}}},
		{"zoned for unix", "ds\n2020-01-01T03:00:00+01:00\n", unix, ReadOptions{}, [][]float64{{jan + 7200}}},
	} {
		_, got, err := ReadFuture(strings.NewReader(test.in), test.panel, test.opt)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		} else if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
	for _, test := range []struct {
		name, in string
		panel    *Panel
		opt      ReadOptions
		want     error
		text     string
	}{
		{"empty", "", one, ReadOptions{}, ErrEmpty, "at.csv"},
		{"header only", "date\n", one, ReadOptions{}, ErrNoRows, ""},
		{"too early", "date\n2020-01-02\n", one, ReadOptions{}, ErrOrder, `at.csv:2: column "date": "2020-01-02": out of order: expected a time after the last observation, 2020-01-02`},
		{"too early for one", "ds\n3\n", two, ReadOptions{}, ErrOrder, `of series "b", 5`},
		{"too early below", "date\n2020-01-04\n2020-01-01\n", one, ReadOptions{}, ErrOrder, "at.csv:3"},
		{"twice", "date\n2020-01-04\n2020-01-04\n", one, ReadOptions{}, ErrOrder, "at.csv:3"},
		{"numbers for dates", "date\n5\n", one, ReadOptions{}, ErrTime, "expected a calendar time"},
		{"dates for numbers", "ds\n2020-01-04\n", two, ReadOptions{}, ErrTime, "expected a plain number"},
		{"a zone too much", "date\n2020-01-04T00:00:00Z\n", one, ReadOptions{}, ErrTime, "its stamps have no zone"},
		{"Inf", "ds\nInf\n", two, ReadOptions{}, ErrInfinite, ""},
		{"unknown series", "ds,unique_id\n6,c\n", two, ReadOptions{}, ErrSeries, `"c": no such series`},
		{"no column", "ds\n6\n", two, ReadOptions{Time: "when"}, ErrNoColumn, ""},
		{"no id column", "ds\n6\n", two, ReadOptions{ID: "who"}, ErrNoColumn, ""},
		{"nothing like a time", "a,b\nx,y\n", one, ReadOptions{}, ErrNoColumn, `the file has "a", "b"`},
	} {
		test.opt.Name = "at.csv"
		_, _, err := ReadFuture(strings.NewReader(test.in), test.panel, test.opt)
		var pe *ParseError
		if !errors.As(err, &pe) || !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
}

// Times to forecast may come in any order, and keep what is known at them.
func TestReadFutureUnsorted(t *testing.T) {
	p := readKnown(t, "ds,y,promo\n2020-01-01,1,0\n2020-01-02,2,1\n", ReadOptions{Known: []string{"promo"}})
	q, at, err := ReadFuture(strings.NewReader("ds,promo\n2020-01-05,5\n2020-01-03,3\n2020-01-04,4\n"), p, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	known, err := q.KnownAt(q.Series[0], at[0])
	if err != nil || len(at[0]) != 3 || at[0][1]-at[0][0] != day || known[0] != 3 || known[1] != 4 || known[2] != 5 {
		t.Errorf("times %v, known %v, %v", at, known, err)
	}
}

// Times such as 47:59 are hours and minutes that have passed, and are written so; a time of day that comes again is an
// error that says what is missing.
func TestElapsedTimes(t *testing.T) {
	p, s, err := ReadCSV(strings.NewReader("patient,time,hr\na,00:00,80\na,01:11,82\na,47:59,85\nb,00:30,70\nb,02:00,71\n"), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Axis.Layout != "[hh]:mm" || p.Axis.Calendar() || p.Axis.Numeric() || !slices.Equal(p.Series[0].Times, []float64{0, 71, 2879}) {
		t.Errorf("axis %+v, times %v", p.Axis, p.Series[0].Times)
	}
	if all := strings.Join(s.Remarks, ";"); !strings.Contains(all, "hours and minutes that have passed, in minutes") {
		t.Errorf("remarks %q", all)
	}
	if got := p.Axis.Stamp(p.Future(p.Series[1], 1)[0]); got != "03:30" {
		t.Errorf("next %s", got)
	}
	_, at, err := ReadFuture(strings.NewReader("patient,time\na,48:30\na,50:00:30\n"), p, ReadOptions{})
	if err != nil || !slices.Equal(at[0], []float64{2910, 3000.5}) {
		t.Errorf("ahead %v, %v", at, err)
	}
	laps, _, err := ReadCSV(strings.NewReader("lap,time,hr\n1,4:35,80\n2,9:20,82\n"), ReadOptions{TimeLayout: "[m]:ss", Targets: []string{"hr"}})
	if err != nil || !slices.Equal(laps.Series[0].Times, []float64{275, 560}) {
		t.Errorf("laps %v, %v", laps, err)
	}
	stamps, _, err := ReadCSV(strings.NewReader("time,hr\n0 days 01:30:00,80\n0 days 02:00:00,82\n1 days 02:30:00,85\n"), ReadOptions{})
	if err != nil || !slices.Equal(stamps.Series[0].Times, []float64{5400, 7200, 95400}) || stamps.Axis.Stamp(95400) != "1 days 02:30:00" {
		t.Errorf("time differences %v, %v", stamps, err)
	}
	for in, want := range map[string]string{
		"time,hr\n01:11,80\n01:75,81\n":                   `:3: column "time": "01:75": not a time: no elapsed time such as 47:59 or 00:01:30: 75 minutes`,
		"time,hr\n01:11,80\nnoon,81\n":                    `:3: column "time": "noon"`,
		"time,hr\n08:00,80\n20:00,81\n08:00,1\n20:00,2\n": "times of day need a date",
	} {
		if _, _, err := ReadCSV(strings.NewReader(in), ReadOptions{Name: "x.csv"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
	// Beside a date a time of day is one.
	if p, _, err = ReadCSV(strings.NewReader("date,time,hr\n2024-01-01,08:00,80\n2024-01-01,20:00,81\n2024-01-02,08:00,1\n2024-01-02,20:00,2\n"), ReadOptions{}); err != nil || !p.Axis.Calendar() {
		t.Errorf("%v, %v", p, err)
	}
}
