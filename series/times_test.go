package series

import (
	"errors"
	"reflect"
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
