package series

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func mustRead(t testing.TB, in string) *Panel {
	t.Helper()
	p, _, err := ReadCSV(strings.NewReader(in), ReadOptions{})
	if err != nil {
		t.Fatalf("%q: %v", in, err)
	}
	if err := p.Validate(); err != nil {
		t.Fatalf("%q: %v", in, err)
	}
	return p
}

// What each column means, the layout of the times and the step are found in
// files as people have them, and what was assumed is said.
func TestSniffed(t *testing.T) {
	for _, test := range []struct {
		name, in, want string
		remarks        string
	}{
		{"nixtla", "unique_id,ds,y\na,2020-01-01,1\na,2020-02-01,2\nb,2020-01-01,\nb,2020-04-01,3\n",
			"long, id unique_id, time ds (2006-01-02, monthly), channels y; 1 gap, 1 missing value", ""},
		{"y beside ds", "ds,y,y2,temp\n2020-01-01,1,2,3\n2020-01-02,1,2,3\n",
			"wide, time ds (2006-01-02, daily), channels y, y2; no gaps, no missing values", `not used: "temp"`},
		{"y beside x", "series,time,x,y\n0,0.5,1,2\n0,0.7,1,2\n0,1.7,3,4\n1,0.1,1,2\n1,9,3,4\n",
			"long, id series, time time (numbers, irregular), channels x, y; no missing values", ""},
		{"wide, text left out", "date,load,temp,note\n2016-07-01 00:00:00,5,1,ok\n2016-07-01 01:00:00,6,,-\n",
			"wide, time date (2006-01-02 15:04:05, hourly), channels load, temp; no gaps, 1 missing value", `not used: "note"`},
		{"semicolons, BOM, CRLF", "\ufeffTimestamp;A\r\n2020-01-01T00:00:00Z;1\r\n2020-01-01T00:15:00Z;2\r\n",
			"time Timestamp (2006-01-02T15:04:05Z07:00, every 15 minutes), channels A; no gaps, no missing values", ""},
		{"tabs with empty cells", "t\tA\tB\n1\t\t2\n2\t3\t\n",
			"wide, time t (numbers, step 1), channels A, B; no gaps, 2 missing values", ""},
		{"quoted delimiters in the header", "\"a;b;c;d\",t\n1,1\n2,2\n",
			"time t (numbers, step 1), channels a;b;c;d; no gaps, no missing values", ""},
		{"times restart, text", "date,shop,sales\n2020-01-01,x,1\n2020-01-01,y,2\n2020-01-02,x,3\n2020-01-02,y,4\n",
			"long, id shop, time date (2006-01-02, daily), channels sales; no gaps, no missing values", ""},
		{"times restart, number", "person,when,dose\n17,2020-01-01,1\n17,2020-01-03,2\n4,2020-01-01,3\n4,2020-01-03,4\n",
			"long, id person, time when (2006-01-02, every 2 days), channels dose; no gaps, no missing values", ""},
		{"an id that counts rows", "id,ds,load\n1,2020-01-01,5\n2,2020-01-02,5\n3,2020-01-03,6\n",
			"time ds (2006-01-02, daily), channels load; no gaps, no missing values", `not used: "id"`},
		{"parts of the date", "date,year,month,hours\n2020-01-01,2020,1,7.5\n2020-01-02,2020,1,8\n",
			"time date (2006-01-02, daily), channels hours; no gaps, no missing values", `not used: "year", "month"`},
		{"unnamed index", ",ds,load\n0,2020-01-01,5\n1,2020-01-02,5\n",
			"time ds (2006-01-02, daily), channels load; no gaps, no missing values", `not used: "column 1"`},
		{"unnamed dates", ",0\n2020-01-01,5\n2020-01-08,5\n",
			"time column 1 (2006-01-02, weekly), channels 0; no gaps, no missing values", ""},
		{"rising numbers", "depth,density\n0.1,5\n0.2,4\n0.3,9\n",
			"time depth (numbers, step 0.1), channels density; no gaps, no missing values", `no column is named as a time: "depth", whose numbers rise, is taken for it; --time names another`},
		{"no time", "Open,Close\n5,4\n3,2\n4,4\n",
			"wide, time the number of the row (numbers, step 1), channels Open, Close; no gaps, no missing values",
			"no column of times was found: the rows are numbered"},
		{"single rising column", "passengers\n112\n118\n132\n",
			"time the number of the row (numbers, step 1), channels passengers; no gaps, no missing values",
			"no column of times was found: the rows are numbered"},
		{"years", "year,flow\n1871,1120\n1872,1160\n1874,963\n",
			"time year (2006, yearly), channels flow; 1 gap, no missing values", ""},
		{"integer steps", "unique_id,ds,y\nH1,1,5\nH1,2,6\nH1,701,7\n",
			"long, id unique_id, time ds (numbers, step 1), channels y; 1 gap, no missing values", ""},
		{"steps called t", "t,flow\n1871,1120\n1872,1160\n",
			"time t (numbers, step 1), channels flow; no gaps, no missing values", ""},
		{"unix seconds", "timestamp,load\n1577836800,1\n1577840400,2\n",
			"time timestamp (unix, hourly), channels load; no gaps, no missing values", ""},
		{"unix milliseconds", "timestamp,load\n1577836800000,1\n1577836800500,2\n",
			"time timestamp (unixms, every 0.5 seconds), channels load; no gaps, no missing values", ""},
		{"compact dates", "date,load\n20200131,1\n20200229,2\n20200331,1\n",
			"time date (20060102, monthly), channels load; no gaps, no missing values", ""},
		{"compact months", "month,load\n202011,1\n202012,2\n202101,1\n",
			"time month (200601, monthly), channels load; no gaps, no missing values", ""},
		{"unsorted", "ds,y\n2020-01-03,3\n2020-01-01,1\n2020-01-02,2\n",
			"time ds (2006-01-02, daily), channels y; no gaps, no missing values",
			"the rows were not in the order of time and were sorted"},
		{"nearly regular", "t,y\n1,1\n2,1\n3,1\n4,1\n5.5,1\n7,1\n",
			"time t (numbers, irregular), channels y; no missing values",
			"2 of 5 distances between times do not fit the usual one; the series are taken as irregular"},
		{"constant", "t,y\n1,5\n2,5\n3,5\n",
			"time t (numbers, step 1), channels y; no gaps, no missing values", ""},
		{"rows of delimiters", "t,y\n1,5\n,\n2,5\n,\n",
			"time t (numbers, step 1), channels y; no gaps, no missing values", ""},
		{"many channels", "t,a,b,c,d,e,f,g,h,i\n1,1,1,1,1,1,1,1,1,1\n2,1,1,1,1,1,1,1,1,1\n",
			"wide, time t (numbers, step 1), 9 channels a ... i; no gaps, no missing values", ""},
		{"series without times", "series,x,z\na,1,2\nb,3,1\na,2,1\n",
			"long, id series, time the number of the row (numbers, step 1), channels x, z; no gaps, no missing values",
			"no column of times was found: the rows are numbered"},
		{"autogluon", "item_id,timestamp,target,price\nA,2020-01-01,1,2\nA,2020-01-02,1,2\n",
			"long, id item_id, time timestamp (2006-01-02, daily), channels target; no gaps, no missing values", `not used: "price"`},
		{"the same civil time in far zones", "ds,y\n2020-01-02T00:00:00+14:00,1\n2020-01-02T00:00:00-12:00,2\n",
			"time ds (2006-01-02T15:04:05-07:00, every 26 hours), channels y; no gaps, no missing values", ""},
		{"unsorted series", "id,ds,y\na,2,3\na,1,1\nb,1,2\nb,2,2\n",
			"long, id id, time ds (numbers, step 1), channels y; no gaps, no missing values",
			"the rows of 1 series were not in the order of time and were sorted"},
		{"decimal commas", "\ufeffDatum;Umsatz;n\r\n01.02.2015;1.025,76;1\r\n01.03.2015;-3,5;2\r\n01.04.2015;NA;3\r\n",
			"wide, time Datum (02.01.2006, monthly), channels Umsatz, n; no gaps, 1 missing value",
			`numbers with a decimal comma: "Umsatz"`},
		{"declared separator", "sep=;\r\nds;y\r\n2020-01-01;1\r\n2020-01-02;2\r\n",
			"time ds (2006-01-02, daily), channels y; no gaps, no missing values", ""},
		{"months in words", "m,y\nJan 2015,1\nFeb 2015,2\nMar 2015,3\n",
			"time m (Jan 2006, monthly), channels y; no gaps, no missing values", ""},
		{"days of a spreadsheet", "m,y\n30-Dec-2015,1\n31-Dec-2015,2\n",
			"time m (02-Jan-2006, daily), channels y; no gaps, no missing values", ""},
		{"ranges, no dates", "age,a,b\n10-20,3,5\n20-30,2,2\n", "wide, time the number of the row (numbers, step 1), channels a, b; no gaps, no missing values",
			"no column of times was found: the rows are numbered; not used: \"age\""},
		{"months as numbers", "m,y\n201511,1\n201512,2\n201601,3\n",
			"time m (numbers, step 1), channels y; 1 gap, no missing values",
			`no column is named as a time: "m", whose numbers rise, is taken for it; --time names another; the times "m" are taken as plain numbers; if they mean months, say so: --time m`},
		{"numbers as names", "time,1,2\n1,5,6\n2,5,6\n",
			"wide, time time (numbers, step 1), channels 1, 2; no gaps, no missing values", ""},
	} {
		p, s, err := ReadCSV(strings.NewReader(test.in), ReadOptions{Name: "x.csv"})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := s.String(); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
		if got := strings.Join(s.Remarks, "; "); got != test.remarks {
			t.Errorf("%s: remarks %q, want %q", test.name, got, test.remarks)
		}
		if err := p.Validate(); err != nil {
			t.Errorf("%s: invalid panel: %v", test.name, err)
		}
	}
}

// What cannot be read is refused by the kind of the error, with the line, the
// column and what was expected.
func TestReadErrors(t *testing.T) {
	for _, test := range []struct {
		name, in string
		opt      ReadOptions
		want     error
		line     int
		text     string // part of the message
	}{
		{"empty", "", ReadOptions{}, ErrEmpty, 0, "x.csv: the file is empty"},
		{"blank lines only", "\n\n", ReadOptions{}, ErrEmpty, 0, "the file is empty"},
		{"header only", "ds,y\n", ReadOptions{}, ErrNoRows, 0, "no rows of data"},
		{"one row", "ds,y\n2020-01-01,1\n", ReadOptions{}, ErrTooFewRows, 2, "the longest series has 1, at least 2 are needed"},
		{"one row a series", "id,ds,y\na,2020-01-01,1\nb,2020-01-01,1\na,2020-01-02,1\n", ReadOptions{MinRows: 3}, ErrTooFewRows, 4, "has 2, at least 3"},
		{"no header", "1949-01-01,112\n1949-02-01,118\n", ReadOptions{}, ErrColumns, 1, "looks like data"},
		{"text among numbers", "ds,y\n2020-01-01,1\n2020-01-02,12a\n2020-01-03,3\n", ReadOptions{}, ErrNumber, 3, `x.csv:3: column "y": "12a": not a number: expected one`},
		{"line after a quoted line break", "ds,note,y\n2020-01-01,\"a\nb\",1\n2020-01-02,,x\n2020-01-03,,3\n", ReadOptions{Targets: []string{"y"}}, ErrNumber, 4, `"x"`},
		{"decimal comma and point", "ds;y\n2020-01-01;1.5\n2020-01-02;1,5\n2020-01-03;2.5\n", ReadOptions{}, ErrNumber, 3, "expected a decimal point, not a comma"},
		{"name in Latin-1, asked for as UTF-8", "ds,Stra\xdfe\n2020-01-01,1\n2020-01-02,2\n", ReadOptions{Encoding: "utf-8"}, ErrSyntax, 1, "name its --encoding"},
		{"series in Latin-1, asked for as UTF-8", "id,ds,y\na,2020-01-01,1\nM\xfcnchen,2020-01-01,2\n", ReadOptions{Encoding: "utf-8"}, ErrSyntax, 3, `column "id"`},
		{"no such encoding", "ds,y\n1,1\n", ReadOptions{Encoding: "ebcdic"}, ErrSyntax, 0, "want one of latin-1"},
		{"a large cell", "ds,y,z\n1,1,\n2,2," + strings.Repeat("x", 101) + "\n", ReadOptions{MaxCell: 100}, ErrTooLarge, 3, "a cell of 101 bytes, at most 100 are read; --max-cell"},
		{"a large text", "ds,y\n" + strings.Repeat("1,1\n", 100), ReadOptions{MaxBytes: 300}, ErrTooLarge, 0, "more than 300 bytes; --max-bytes"},
		{"dates that may be either", "when,y\n1/2/2020,1\n1/3/2020,2\n", ReadOptions{}, ErrTime, 2, `column "when": "1/2/2020"`},
		{"dates in words", "m,y\nJanuary 3rd,1\nJanuary 4th,2\n", ReadOptions{}, ErrTime, 2, `"31.12.2006"`},
		{"hexadecimal", "ds,y\n2020-01-01,1\n2020-01-02,0x1p3\n", ReadOptions{}, ErrNumber, 3, "0x1p3"},
		{"underscore", "ds,y\n2020-01-01,1\n2020-01-02,1_000\n", ReadOptions{}, ErrNumber, 3, "1_000"},
		{"text asked for", "ds,y,z\n2020-01-01,1,a\n2020-01-02,2,b\n", ReadOptions{Targets: []string{"z"}}, ErrNumber, 2, `"a"`},
		{"only text", "ds,z\n2020-01-01,a\n2020-01-02,b\n", ReadOptions{}, ErrColumns, 0, "no column of numbers"},
		{"nothing but time", "ds\n2020-01-01\n2020-01-02\n", ReadOptions{}, ErrColumns, 0, "no column of numbers"},
		{"only missing values", "ds,y\n2020-01-01,\n2020-01-02,NA\n", ReadOptions{}, ErrMissing, 0, "no value at all"},
		{"Inf", "ds,y\n2020-01-01,1\n2020-01-02,-Inf\n", ReadOptions{}, ErrInfinite, 3, `column "y": "-Inf": not a finite number`},
		{"overflow", "ds,y\n2020-01-01,1\n2020-01-02,1e400\n", ReadOptions{}, ErrInfinite, 3, "1e400"},
		{"infinite time", "t,y\n1,1\nInf,2\n", ReadOptions{}, ErrInfinite, 3, `column "t"`},
		{"NaN when it is no NA", "ds,y\n2020-01-01,1\n2020-01-02,NaN\n", ReadOptions{NA: []string{"-"}}, ErrNumber, 3, "NaN"},
		{"bad time", "ds,y\nyesterday,1\ntoday,2\n", ReadOptions{}, ErrTime, 2, `"yesterday": not a time: expected a plain number, a year, or a date such as "2006-01-02"`},
		{"dates in an alphabet that is not known", "日期,y\n2020年1月1日,1\n2020年1月2日,2\n", ReadOptions{}, ErrTime, 2, `"2020年1月1日"`},
		{"Roman quarters", "q,y\n2020-I,1\n2020-II,2\n", ReadOptions{}, ErrTime, 2, `"2020-I"`},
		{"a column for each month", "store,2020-01,2020-02,2020-03,2020-04\na,1,2,3,4\nb,1,2,3,5\n", ReadOptions{}, ErrColumns, 1, `4 columns from "2020-01" to "2020-04" are named by times`},
		{"a column for each year", "Country Name,1960,1961,1962,1963\na,1,2,3,4\nb,1,2,3,5\n", ReadOptions{}, ErrColumns, 1, "turn the table"},
		{"a column for each month of the year", "year,Jan,Feb,Mar,Apr,May\n2000,1,2,3,4,5\n2001,1,2,3,5,7\n", ReadOptions{}, ErrColumns, 1, `"Jan" to "May"`},
		{"bad time below", "ds,y\n2020-01-01,1\n2020-02-30,2\n", ReadOptions{}, ErrTime, 3, `in the form of line 2, "2020-01-01": day out of range`},
		{"two layouts", "ds,y\n2020-01-01,1\n2020/01/02,2\n", ReadOptions{}, ErrTime, 3, "in the form of line 2"},
		{"numbers, then a date", "ds,y\n1,1\n2020-01-02,2\n", ReadOptions{}, ErrTime, 3, `in the form of line 2, "1"`},
		{"missing time", "ds,y\n2020-01-01,1\nNA,2\n", ReadOptions{}, ErrMissing, 3, "every row needs a time"},
		{"nanoseconds", "ds,y\n2020-01-01T00:00:00.123456789,1\n2020-01-01T00:00:01,2\n", ReadOptions{}, ErrTime, 2, "resolution is a microsecond"},
		{"microseconds too far", "ds,y\n1500-01-01T00:00:00.123457,1\n1500-01-01T00:00:01,2\n", ReadOptions{}, ErrTime, 2, "coarser before 1698"},
		{"unix nanoseconds", "timestamp,y\n1577836800.1234567,1\n1577836801,2\n", ReadOptions{}, ErrTime, 2, "microsecond"},
		{"duplicate", "ds,y\n2020-01-02,1\n2020-01-01,1\n2020-01-02,2\n", ReadOptions{}, ErrDuplicateTime, 4, `"2020-01-02": time stamp occurs twice, also in line 2`},
		{"duplicates that no column explains", "date,shop,item,y\n2020-01-01,x,u,1\n2020-01-01,x,v,2\n2020-01-01,y,u,3\n2020-01-01,y,v,4\n", ReadOptions{}, ErrDuplicateTime, 3, "name the column that tells them apart"},
		{"duplicates and a column of numbers", "date,n,load\n2020-01-01,1,5\n2020-01-01,2,6\n2020-01-02,1,7\n2020-01-02,2,8\n", ReadOptions{}, ErrDuplicateTime, 3, "name the column"},
		{"a long cell", "ds,y\n2020-01-01,1\n2020-01-02," + strings.Repeat("x", 99) + "\n2020-01-03,1\n", ReadOptions{}, ErrNumber, 3, strings.Repeat("x", 60) + `..."`},
		{"years out of reach", "ds,y\n2020-01-01,1\n9999-12-31,1\n", ReadOptions{}, ErrTime, 3, "in the years 1 to 9998"},
		{"Unix seconds out of reach", "ds,y\n1e12,1\n2e12,1\n", ReadOptions{Axis: &Axis{Layout: LayoutUnix}}, ErrTime, 2, "in the years 1 to 9998"},
		{"days of a spreadsheet out of reach, with a zone", "ds,y\n1609459200000000,1\n1609545600000000,2\n", ReadOptions{TimeLayout: "excel", Location: time.UTC}, ErrTime, 2, "in the years 1 to 9998"},
		{"duplicate in a series", "id,ds,y\na,1,1\nb,1,1\na,2,2\nb,1,2\n", ReadOptions{}, ErrDuplicateTime, 5, `in series "b", also in line 3`},
		{"clocks put back", "ds,y\n2020-10-25 02:00,1\n2020-10-25 02:30,1\n2020-10-25 02:00,1\n", ReadOptions{}, ErrDuplicateTime, 4, "clocks are put back"},
		{"the same instant in two zones", "ds,y\n2020-01-01T00:00:00+01:00,1\n2019-12-31T23:00:00+00:00,1\n", ReadOptions{}, ErrDuplicateTime, 3, "also in line 2"},
		{"ragged", "ds,y\n2020-01-01,1\n2020-01-02,1,2\n", ReadOptions{}, ErrFieldCount, 3, "wrong number of fields: 3, the header has 2"},
		{"short row", "ds,y\n2020-01-01,1\n2020-01-02\n", ReadOptions{}, ErrFieldCount, 3, "1, the header has 2"},
		{"quote", "ds,y\n2020-01-01,1\n2020-01-02,\"1\n", ReadOptions{}, ErrSyntax, 3, "not CSV text"},
		{"empty id", "unique_id,ds,y\na,1,1\na,2,1\n,3,1\n", ReadOptions{}, ErrMissing, 4, "identifier"},
		{"same names", "ds,y,y\n2020-01-01,1,2\n2020-01-02,1,2\n", ReadOptions{}, ErrColumns, 1, "columns 2 and 3 have the same name"},
		{"no such time", "ds,y\n1,1\n2,1\n", ReadOptions{Time: "when"}, ErrNoColumn, 0, `column "when": no such column, asked for as time: the file has "ds", "y"`},
		{"no such id", "ds,y\n1,1\n2,1\n", ReadOptions{ID: "who"}, ErrNoColumn, 0, "identifier"},
		{"no such target", "ds,y\n1,1\n2,1\n", ReadOptions{Targets: []string{"Y"}}, ErrNoColumn, 0, "target"},
		{"time as target", "ds,y\n1,1\n2,1\n", ReadOptions{Time: "ds", Targets: []string{"ds"}}, ErrColumns, 0, "another role"},
		{"time as id", "ds,y\n1,1\n2,1\n", ReadOptions{Time: "ds", ID: "ds"}, ErrColumns, 0, "as identifier and as time"},
		{"target twice", "ds,y\n1,1\n2,1\n", ReadOptions{Targets: []string{"y", "y"}}, ErrColumns, 0, "another role"},
		{"binary", "PK\x03\x04\x00\x00", ReadOptions{}, ErrSyntax, 0, "binary data, or UTF-16 without"},
		{"blank line in one column", "y\n1\n\n2\n", ReadOptions{}, ErrMissing, 3, "write NA"},
		{"calendar axis, numbers", "ds,y\n1,1\n2,2\n", ReadOptions{Axis: &Axis{Layout: "2006-01-02"}}, ErrTime, 2, `expected a calendar time such as "1970-01-01"`},
		{"number axis, dates", "ds,y\n2020-01-01,1\n2020-01-02,2\n", ReadOptions{Axis: &Axis{}}, ErrTime, 2, "expected a plain number"},
		{"axis without zone", "ds,y\n2020-01-01T00:00:00Z,1\n2020-01-02T00:00:00Z,2\n", ReadOptions{Axis: &Axis{Layout: "2006-01-02"}}, ErrTime, 2, "its stamps have no zone"},
		{"axis, no time", "a,b\n3,1\n2,2\n", ReadOptions{Axis: &Axis{Layout: "2006-01-02"}}, ErrNoColumn, 0, "for the time"},
	} {
		test.opt.Name = "x.csv"
		_, _, err := ReadCSV(strings.NewReader(test.in), test.opt)
		var pe *ParseError
		switch {
		case !errors.As(err, &pe):
			t.Errorf("%s: got %v, want a *ParseError", test.name, err)
		case !errors.Is(err, test.want):
			t.Errorf("%s: got %v, want it to be %v", test.name, err, test.want)
		case pe.Line != test.line || !strings.Contains(err.Error(), test.text):
			t.Errorf("%s: got line %d, %q; want line %d, %q", test.name, pe.Line, err, test.line, test.text)
		}
	}
}

// Options that are given overrule what the file suggests.
func TestReadOptions(t *testing.T) {
	in := "when|who|a|b\n31/12/2020|u|1|-999\n01/01/2021|u|2|5\n31/12/2020|v|3|6\n"
	p, _, err := ReadCSV(strings.NewReader(in), ReadOptions{
		ID: "who", Time: "when", Targets: []string{"b", "a"}, NA: []string{"-999"},
		Delimiter: '|', Axis: &Axis{Layout: "02/01/2006"},
	})
	if err != nil {
		t.Fatal(err)
	}
	u := p.Lookup("u")
	if u == nil || u.Len() != 2 || !math.IsNaN(u.Values[0]) || u.Values[1] != 1 || u.Values[2] != 5 {
		t.Fatalf("series u is %+v", u)
	}
	if got := p.Axis.Stamp(u.Times[1]); got != "01/01/2021" {
		t.Errorf("stamp %q", got)
	}
	if p.Step != (Step{Width: day}) || p.Lookup("w") != nil {
		t.Errorf("step %+v", p.Step)
	}
}

// Times are read on the axis that a model learned, whatever they would be taken
// for by themselves.
func TestReadAxisOfAnotherPanel(t *testing.T) {
	years := Axis{Layout: "2006"}
	p, _, err := ReadCSV(strings.NewReader("ds,y\n1250,1\n1251,2\n"), ReadOptions{Axis: &years})
	if err != nil || p.Axis.Layout != "2006" || p.Step.Months != 12 {
		t.Errorf("years: %+v, %v", p, err)
	}
	// Plain numbers that would be taken as years.
	p, _, err = ReadCSV(strings.NewReader("ds,y\n1701,1\n1702,2\n"), ReadOptions{Axis: &Axis{}})
	if err != nil || p.Axis.Calendar() || p.Series[0].Times[0] != 1701 {
		t.Errorf("numbers: %+v, %v", p, err)
	}
	// Stamps without a zone are in the zone of the axis.
	zoned := Axis{Layout: "2006-01-02T15:04:05-07:00", Offset: 3600}
	p, _, err = ReadCSV(strings.NewReader("ds,y\n1970-01-01 01:00:00,1\n1970-01-01 02:00:00,2\n"), ReadOptions{Axis: &zoned})
	if err != nil || p.Series[0].Times[0] != 0 {
		t.Errorf("zone: %v, %v", p.Series[0].Times, err)
	}
}

// Compressed files are known by their content, not by their name, and damaged
// ones are refused.
func TestReadFile(t *testing.T) {
	const text = "ds,y\n2020-01-01,1\n2020-01-02,2\n"
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	want := mustRead(t, text).Fingerprint()
	for _, path := range []string{
		write("a.csv", []byte(text)),
		write("a.csv.gz", packed.Bytes()),
		write("packed without a name for it", packed.Bytes()),
		write("plain in spite of its name.gz", []byte(text)),
	} {
		p, _, err := ReadFile(path, ReadOptions{})
		if err != nil {
			t.Errorf("%s: %v", path, err)
		} else if p.Fingerprint() != want {
			t.Errorf("%s: another panel", path)
		}
	}
	if _, _, err := ReadFile(filepath.Join(dir, "none.csv"), ReadOptions{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	for cut := 3; cut < packed.Len(); cut += 5 {
		path := write("cut.csv.gz", packed.Bytes()[:cut])
		_, _, err := ReadFile(path, ReadOptions{})
		var pe *ParseError
		if !errors.As(err, &pe) || pe.Name != path || !strings.Contains(err.Error(), "gzip") {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
	broken := bytes.Clone(packed.Bytes())
	broken[len(broken)-6] ^= 1 // the checksum
	if _, _, err := ReadFile(write("sum.gz", broken), ReadOptions{}); !errors.Is(err, ErrSyntax) {
		t.Errorf("bad checksum: %v", err)
	}
}

// The name - is standard input, and errors call it stdin.
func TestReadStdin(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in")
	if err := os.WriteFile(path, []byte("t,y\n1,1\n2,x\n3,3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	defer func(old *os.File) { os.Stdin = old }(os.Stdin)
	os.Stdin = f
	if _, _, err := ReadFile("-", ReadOptions{}); err == nil || !strings.HasPrefix(err.Error(), `stdin:3: column "y"`) {
		t.Errorf("got %v", err)
	}
}

// An error of the device is passed on, and is no ParseError.
func TestReadDeviceError(t *testing.T) {
	device := errors.New("device gone")
	for _, before := range []string{"", "ds,y\n2020-01-01,1\n"} {
		r := iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(before)))
		if before == "" {
			r = iotest.ErrReader(device)
		}
		_, _, err := ReadCSV(r, ReadOptions{Name: "pipe"})
		var pe *ParseError
		if errors.As(err, &pe) || !errors.Is(err, device) && !errors.Is(err, iotest.ErrTimeout) || !strings.HasPrefix(err.Error(), "pipe: ") {
			t.Errorf("after %q: %v", before, err)
		}
	}
}

// Published data sets are read as what they are known to be.
func TestReadTestdata(t *testing.T) {
	for _, test := range []struct {
		file, want   string
		series, rows int
		season       int
	}{
		{"airpassengers.csv", "time ds (2006-01-02, monthly), channels y; no gaps, no missing values", 1, 144, 12},
		{"co2_weekly.csv", "time ds (2006-01-02, weekly), channels y; no gaps, 59 missing values", 1, 2284, 52},
		{"spirals.csv", "long, id series, time time (numbers, irregular), channels x, y; no missing values", 60, 1800, 1},
	} {
		p, s, err := ReadFile(filepath.Join("..", "testdata", test.file), ReadOptions{})
		if err != nil {
			t.Error(err)
			continue
		}
		if s.String() != test.want || s.Series != test.series || s.Rows != test.rows || p.Season() != test.season {
			t.Errorf("%s: %s; %d series, %d rows, season %d", test.file, s, s.Series, s.Rows, p.Season())
		}
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", test.file, err)
		}
	}
}

// What never changes within a series but differs between them is a property of the series and
// no channel, unless it is asked for, few series show it, or nothing else would be left.
func TestStaticColumns(t *testing.T) {
	rows := func(n int, age func(i, k int) int) string {
		var b strings.Builder
		b.WriteString("patient,day,y,age\n")
		for i := range n {
			for k := range 3 {
				fmt.Fprintf(&b, "p%d,%d,%d,%d\n", i, k, k*k+i, age(i, k))
			}
		}
		return b.String()
	}
	own := func(i, _ int) int { return 40 + i }
	for name, test := range map[string]struct {
		in   string
		opt  ReadOptions
		want string
	}{
		"ages":         {rows(6, own), ReadOptions{}, "y"},
		"asked for":    {rows(6, own), ReadOptions{Targets: []string{"y", "age"}}, "y,age"},
		"few":          {rows(4, own), ReadOptions{}, "y,age"},
		"the same":     {rows(6, func(_, _ int) int { return 40 }), ReadOptions{}, "y,age"},
		"one changes":  {rows(6, func(i, k int) int { return 40 + i + k*(i/5) }), ReadOptions{}, "y,age"},
		"nothing else": {strings.ReplaceAll(rows(6, own), ",y,age", ",age,z"), ReadOptions{}, "age"},
	} {
		p, s, err := ReadCSV(strings.NewReader(test.in), test.opt)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(p.Channels, ","); got != test.want || strings.Join(s.Channels, ",") != got {
			t.Errorf("%s: channels %s, want %s", name, got, test.want)
		}
		if err := p.Validate(); err != nil || p.Lookup("p1").Row(2)[0] != 5 {
			t.Errorf("%s: values %v, %v", name, p.Lookup("p1").Values, err)
		}
	}
}

// Rows at the end in which no series has a value are still to come and no observations; where one
// has, they are missing values.
func TestRowsStillToCome(t *testing.T) {
	for name, test := range map[string]struct {
		in      string
		lengths []int
		remark  bool
	}{
		"one series":       {"t,y\n1,1\n2,2\n3,\n4,\n", []int{2}, true},
		"none":             {"t,y\n1,1\n2,\n3,3\n", []int{3}, false},
		"of both":          {"id,t,y\na,1,1\na,2,2\na,3,\nb,1,5\nb,2,6\nb,3,\n", []int{2, 2}, true},
		"of one":           {"id,t,y\na,1,1\na,2,2\na,3,\nb,1,5\nb,2,6\nb,3,7\n", []int{3, 3}, false},
		"of one channel":   {"t,y,z\n1,1,1\n2,2,2\n3,,3\n", []int{3}, false},
		"a series of none": {"id,t,y\na,1,1\na,2,2\na,3,\nb,1,\nb,2,\nb,3,\n", []int{3, 3}, false},
	} {
		p, s, err := ReadCSV(strings.NewReader(test.in), ReadOptions{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		rows := 0
		for i, x := range p.Series {
			if rows += x.Len(); x.Len() != test.lengths[i] {
				t.Errorf("%s: series %d has %d rows, want %d", name, i, x.Len(), test.lengths[i])
			}
		}
		if said := strings.Contains(strings.Join(s.Remarks, "; "), "still to come"); said != test.remark || s.Rows != rows {
			t.Errorf("%s: %d rows, remarks %q", name, s.Rows, s.Remarks)
		}
		if _, s, err = ReadCSV(strings.NewReader(test.in), ReadOptions{EmptyEnd: true}); err != nil || s.Rows != strings.Count(test.in, "\n")-1 {
			t.Errorf("%s: %d rows where all are asked for, %v", name, s.Rows, err)
		}
	}
}
