package series

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// A number is written as people write it and reads back as the same float64.
func TestFormatNumber(t *testing.T) {
	for _, test := range []struct {
		x    float64
		want string
	}{
		{112, "112"}, {-0.5, "-0.5"}, {0, "0"}, {math.Copysign(0, -1), "-0"}, {0.30000000000000004, "0.30000000000000004"},
		{1e-10, "1e-10"}, {0.00001, "0.00001"}, {0.0000099, "9.9e-06"}, {1577836800123, "1577836800123"},
		{9007199254740993, "9007199254740992"}, {1e16, "1e+16"}, {math.MaxFloat64, "1.7976931348623157e+308"},
		{5e-324, "5e-324"}, {math.NaN(), ""},
	} {
		if got := FormatNumber(test.x); got != test.want {
			t.Errorf("%g: got %q, want %q", test.x, got, test.want)
		}
	}
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 20000 {
		x := math.Float64frombits(rnd.Uint64())
		if math.IsNaN(x) || math.IsInf(x, 0) {
			continue
		}
		if back, err := strconv.ParseFloat(FormatNumber(x), 64); err != nil || back != x {
			t.Fatalf("%b came back as %b, %v", x, back, err)
		}
	}
}

// A time is written in the layout of its axis, and in a finer one where that
// would lose a part of it.
func TestStamp(t *testing.T) {
	summer := Axis{Layout: "2006-01-02T15:04:05Z0700", Offset: 39600, Earlier: []Zone{{Until: 1412438400, Offset: 36000}}}
	for _, test := range []struct {
		axis Axis
		t    float64
		want string
	}{
		{Axis{}, 112, "112"},
		{Axis{}, 0.1, "0.1"},
		{Axis{Layout: LayoutUnix}, 1577836800.25, "1577836800.25"},
		{Axis{Layout: LayoutUnixMilli}, 1577836800.25, "1577836800250"},
		{Axis{Layout: "2006-01-02"}, 0, "1970-01-01"},
		{Axis{Layout: "2006-01-02"}, 43200, "1970-01-01T12:00:00"},
		{Axis{Layout: "2006-01-02"}, 0.5, "1970-01-01T00:00:00.5"},
		{Axis{Layout: "2006-01"}, 86400, "1970-01-02T00:00:00"},
		{Axis{Layout: "2006"}, 31 * 86400, "1970-02-01T00:00:00"},
		{Axis{Layout: "2006"}, -3124137600, "1871"},
		{Axis{Layout: "2006-01-02 15:04"}, 61, "1970-01-01T00:01:01"},
		{Axis{Layout: "2006-01-02T15:04:05.000Z07:00"}, 0.25, "1970-01-01T00:00:00.250Z"},
		{Axis{Layout: "2006-01-02T15:04:05-07:00"}, 0, "1970-01-01T00:00:00+00:00"},
		{Axis{Layout: "2006-01-02T15:04-07:00", Offset: -12600}, 30, "1969-12-31T20:30:30-03:30"},
		{summer, 1412438399, "2014-10-05T01:59:59+1000"},
		{summer, 1412438400, "2014-10-05T03:00:00+1100"},
		{Axis{Layout: "2006-01-02"}, math.NaN(), "NaN"},
	} {
		if got := Stamp(test.axis, test.t); got != test.want {
			t.Errorf("%+v at %v: got %q, want %q", test.axis, test.t, got, test.want)
		}
	}
}

// Every stamp must come back as it was written.
func TestStampsComeBack(t *testing.T) {
	layouts := [][]string{
		{"2020-01-01", "2020-02-29", "1700-03-01"},
		{"2020/01/01", "2020/12/31"},
		{"2020-1-5", "2020-11-12"},
		{"0005-05-01", "9998-12-31"},
		{"2020-01", "1749-12"},
		{"2020/01", "2020/02"},
		{"2020-01-01 00:00:00", "2020-01-01 23:59:59"},
		{"2020-01-01T00:00", "2020-01-01T23:59"},
		{"2020-01-01 00:00", "2020-01-01 23:59"},
		{"2020-01-01T00:00:00Z", "2020-01-01T00:00:01Z"},
		{"2020-01-01T00:00:00Z", "2020-06-01T00:00:01+01:00"},
		{"2020-01-01T00:00:00+00:00", "2020-06-01T00:00:01+01:00"},
		{"2014-01-01T00:00:00+1100", "2014-06-01T00:00:00+1000", "2014-12-01T00:00:00+1100"},
		{"2020-01-01 00:00:00+01", "2020-01-01 00:00:01+01"},
		{"2020-01-01 00:00:00 +0100", "2020-01-01 00:00:01 +0100"},
		{"2020-01-01 00:00:00 UTC", "2020-01-01 00:00:01 UTC"},
		{"2020-01-01T00:00:00.100", "2020-01-01T00:00:00.250"},
		{"2020-01-01T00:00:00", "2020-01-01T00:00:00.25", "2020-01-01T00:00:00.123456"},
		{"2020-01-01T00:00:00.000001Z", "2020-01-01T00:00:00.000002Z"},
		{"2020-01-01 00:00:00,500", "2020-01-01 00:00:01,500"},
		{"1871", "1970"},
		{"200002", "202312"},
		{"20000229", "20231231"},
		{"1577836800", "1577836800.5"},
		{"1577836800123", "1577836800123.457"},
		{"-5", "0.30000000000000004", "1e-10", "1e+20"},
	}
	for _, stamps := range layouts {
		in := "ds,y\n"
		for _, s := range stamps {
			in += `"` + s + "\",1\n"
		}
		p, _, err := ReadCSV(strings.NewReader(in), ReadOptions{MinRows: 1})
		if err != nil {
			t.Errorf("%q: %v", stamps, err)
			continue
		}
		got := make(map[string]bool)
		for _, x := range p.Series[0].Times {
			got[p.Axis.Stamp(x)] = true
		}
		for _, s := range stamps {
			if !got[s] {
				t.Errorf("%q (layout %q) came back as %v", s, p.Axis.Layout, got)
			}
		}
	}
}

// More changes of the zone than clocks make are several places, too.
func TestZonesAlternating(t *testing.T) {
	p, s, err := ReadCSV(strings.NewReader("ds,y\n"+
		"2020-01-01T00:00:00Z,1\n2020-01-01T02:00:00+01:00,1\n2020-01-01T02:00:00Z,1\n"+
		"2020-01-01T04:00:00+01:00,1\n2020-01-01T04:00:00Z,1\n2020-01-01T06:00:00+01:00,1\n"), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Axis.Earlier != nil || p.Axis.Offset != 3600 || len(s.Remarks) != 1 || p.Step.Width != 3600 {
		t.Errorf("axis %+v, step %+v, remarks %q", p.Axis, p.Step, s.Remarks)
	}
}

// Stamps of several places at a time cannot all keep their zone.
func TestZonesMixed(t *testing.T) {
	p, s, err := ReadCSV(strings.NewReader("id,ds,y\n"+
		"a,2020-01-01T00:00:00+01:00,1\na,2020-01-01T01:00:00+01:00,1\n"+
		"b,2020-01-01T00:00:00+00:00,1\nb,2020-01-01T01:00:00+00:00,1\n"), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Axis.Offset != 0 || p.Axis.Earlier != nil || len(s.Remarks) != 1 || !strings.Contains(s.Remarks[0], "several zones") {
		t.Errorf("axis %+v, remarks %q", p.Axis, s.Remarks)
	}
	if got := p.Lookup("a").Times[1]; got != p.Lookup("b").Times[0] {
		t.Error("the instants are wrong")
	}
}
