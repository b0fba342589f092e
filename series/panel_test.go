package series

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// Every series loses its last rows, keeps the description of the panel, and is
// named where it is too short.
func TestSplitLast(t *testing.T) {
	p := mustRead(t, "unique_id,ds,y\na,1,10\na,2,20\na,3,30\nb,1,40\nb,2,50\n")
	head, tail, err := p.SplitLast(1)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ head, tail []float64 }{{[]float64{10, 20}, []float64{30}}, {[]float64{40}, []float64{50}}} {
		for j, v := range want.head {
			if head.Series[i].Values[j] != v || head.Series[i].Len() != len(want.head) {
				t.Errorf("head of series %d is %v", i, head.Series[i].Values)
			}
		}
		if got := tail.Series[i]; got.Len() != 1 || got.Values[0] != want.tail[0] || got.ID != p.Series[i].ID {
			t.Errorf("tail of series %d is %+v", i, got)
		}
	}
	if head.Step != p.Step || tail.IDColumn != "unique_id" {
		t.Error("the halves lost the panel's step or names")
	}
	_, _, err = p.SplitLast(2)
	var short *ShortError
	if !errors.As(err, &short) || *short != (ShortError{ID: "b", Len: 2, Need: 3}) {
		t.Fatalf("too short: %v", err)
	}
	if want := `series "b" has 2 observation times, at least 3 are needed`; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	_, _, err = mustRead(t, "t,y\n1,1\n2,2\n").SplitLast(5)
	if err == nil || !strings.HasPrefix(err.Error(), "the series has 2") {
		t.Errorf("without identifier: %v", err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("SplitLast(0) did not panic")
			}
		}()
		_, _, _ = p.SplitLast(0)
	}()
}

// Missing steps become rows of NaN on the grid, and times that are off it,
// twice on it or too far apart are errors.
func TestGrid(t *testing.T) {
	p := mustRead(t, "ds,y,y2\n2020-01-31,1,2\n2020-02-29,,4\n2020-05-31,5,6\n")
	values, rows, err := p.Grid(p.Series[0])
	if err != nil {
		t.Fatal(err)
	}
	nan := math.NaN()
	want := []float64{1, 2, nan, 4, nan, nan, nan, nan, 5, 6}
	if len(values) != len(want) {
		t.Fatalf("grid %v", values)
	}
	for i, w := range want {
		if values[i] != w && !(math.IsNaN(w) && math.IsNaN(values[i])) {
			t.Errorf("grid %v, want %v", values, want)
			break
		}
	}
	if len(rows) != 3 || rows[0] != 0 || rows[1] != 1 || rows[2] != 4 {
		t.Errorf("rows %v", rows)
	}
	if v, r, err := p.Grid(&Series{}); len(v) != 0 || len(r) != 0 || err != nil {
		t.Errorf("empty series: %v %v %v", v, r, err)
	}
	hourly := &Panel{Channels: []string{"y"}, Axis: Axis{Layout: "2006-01-02 15:04"}, Step: Step{Width: 3600}}
	numbers := &Panel{Channels: []string{"y"}, Step: Step{Width: 1}}
	irregular := &Panel{Channels: []string{"y"}}
	for _, test := range []struct {
		name  string
		panel *Panel
		times []float64
		text  string
	}{
		{"irregular", irregular, []float64{1, 2}, "irregular"},
		{"off the grid", hourly, []float64{0, 5400}, "1970-01-01 01:30"},
		{"twice on a step", numbers, []float64{1, 1.01}, "does not fit"},
		{"too long", numbers, []float64{0, 1e12}, "1000000000000 steps"},
	} {
		_, _, err := test.panel.Grid(&Series{ID: "s", Times: test.times, Values: []float64{1, 2}})
		if !errors.Is(err, ErrGrid) || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestStepsFrom protects the one rule for times on a grid: rounded and large stamps
// count, days and months are those of the calendar, and what is between steps is
// refused with the steps about it.
func TestStepsFrom(t *testing.T) {
	daily := &Panel{Axis: Axis{Layout: "2006-01-02"}, Step: Step{Width: day}}
	monthly := &Panel{Axis: Axis{Layout: "2006-01-02"}, Step: Step{Months: 1}}
	years := &Panel{Step: Step{Width: 1. / 12}}
	millis := &Panel{Axis: Axis{Layout: LayoutUnixMilli}, Step: Step{Width: 0.001}}
	const now = 1.7e9
	midnight := math.Floor(now/day) * day
	feb := 31 * day // 1970-02-01
	for _, test := range []struct {
		name   string
		panel  *Panel
		origin float64
		at     []float64
		want   []int
		text   string
	}{
		{"days", daily, midnight, []float64{midnight - day, midnight, midnight + 3*day}, []int{-1, 0, 3}, ""},
		{"months", monthly, 0, []float64{feb, feb + 28*day}, []int{1, 2}, ""},
		{"rounded", years, 1949, []float64{1949.083, 1949.917}, []int{1, 11}, ""},
		{"milliseconds", millis, now, []float64{now + 0.001, now + 1.234}, []int{1, 1234}, ""},
		{"half past midnight", daily, 0, []float64{day, 2*day + 1800}, nil, "1970-01-03T00:30:00 lies between the steps 1970-01-03 and 1970-01-04"},
		{"mid-month", monthly, 0, []float64{feb + 14*day}, nil, "between the steps 1970-02-01 and 1970-03-01 (monthly)"},
		{"twice on a step", daily, 0, []float64{day, day + 1}, nil, "not a step after the one before"},
		{"irregular", &Panel{}, 0, []float64{1}, nil, "irregular"},
		{"far", daily, 0, []float64{1e300}, nil, "steps from"},
		{"not a number", daily, 0, []float64{math.NaN()}, nil, "NaN"},
	} {
		got, err := test.panel.StepsFrom(test.origin, test.at)
		if test.text == "" {
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("%s: %v, error %v, want %v", test.name, got, err, test.want)
			}
		} else if !errors.Is(err, ErrGrid) || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: error %v", test.name, err)
		}
	}
}

// TestFutureOfNothing protects that a number of steps from outside cannot panic.
func TestFutureOfNothing(t *testing.T) {
	p := &Panel{Step: Step{Width: 1}}
	for n, s := range map[int]*Series{-3: {Times: []float64{1}}, 0: {Times: []float64{1}}, 3: {}} {
		if got := p.Future(s, n); got != nil {
			t.Errorf("%d steps after %v: %v", n, s.Times, got)
		}
	}
}

// Any change of the data changes the fingerprint; the layout of the file and
// the bits of a NaN do not.
func TestFingerprint(t *testing.T) {
	const in = "unique_id,ds,y\na,2020-01-01,1\na,2020-01-02,\nb,2020-01-01,3\n"
	base := mustRead(t, in).Fingerprint()
	if len(base) != 64 || mustRead(t, in).Fingerprint() != base {
		t.Fatalf("fingerprint %q is not repeatable", base)
	}
	// Another layout of the same data.
	if got := mustRead(t, "unique_id;ds;y\r\na;2020-01-01T00:00:00Z;1.0\r\na;2020-01-02T00:00:00Z;NaN\r\nb;2020-01-01T00:00:00Z;3\r\n").Fingerprint(); got != base {
		t.Error("the fingerprint depends on the file's layout")
	}
	seen := map[string]string{base: "the first"}
	for name, change := range map[string]func(p *Panel){
		"value":     func(p *Panel) { p.Series[0].Values[0] = math.Nextafter(1, 2) },
		"sign":      func(p *Panel) { p.Series[0].Values[0] = -1 },
		"missing":   func(p *Panel) { p.Series[0].Values[0] = math.NaN() },
		"time":      func(p *Panel) { p.Series[0].Times[0]-- },
		"id":        func(p *Panel) { p.Series[0].ID = "c" },
		"channel":   func(p *Panel) { p.Channels[0] = "z" },
		"order":     func(p *Panel) { p.Series[0], p.Series[1] = p.Series[1], p.Series[0] },
		"less":      func(p *Panel) { p.Series = p.Series[:1] },
		"other cut": func(p *Panel) { p.Series[0].ID, p.Series[1].ID = "ab", "" },
	} {
		p := mustRead(t, in)
		change(p)
		f := p.Fingerprint()
		if other, ok := seen[f]; ok {
			t.Errorf("%s: same fingerprint as %s", name, other)
		}
		seen[f] = name
	}
	p := mustRead(t, in)
	p.Series[0].Values[1] = math.Float64frombits(0xfff8000000000123)
	if p.Fingerprint() != base {
		t.Error("the fingerprint depends on the bits of a NaN")
	}
}

// Each way in which a panel can be broken is an error that names the place.
func TestValidate(t *testing.T) {
	good := func() *Panel {
		return &Panel{Channels: []string{"u", "v"}, Series: []*Series{
			{ID: "a", Times: []float64{0, 1}, Values: []float64{1, 2, math.NaN(), 4}},
			{ID: "b"},
		}}
	}
	if err := good().Validate(); err != nil {
		t.Fatal(err)
	}
	one := &Panel{Channels: []string{"u"}, Series: []*Series{{Times: []float64{0}, Values: []float64{1}}}}
	if err := one.Validate(); err != nil {
		t.Errorf("one series without identifier: %v", err)
	}
	for _, test := range []struct {
		text  string
		wreck func(p *Panel)
	}{
		{"no channels", func(p *Panel) { p.Channels = nil }},
		{"channel 1 has no name", func(p *Panel) { p.Channels[1] = "" }},
		{`two channels are named "u"`, func(p *Panel) { p.Channels[1] = "u" }},
		{"series 1 is nil", func(p *Panel) { p.Series[1] = nil }},
		{"series 0 of 2 has no identifier", func(p *Panel) { p.Series[0].ID = "" }},
		{`two series have the identifier "a"`, func(p *Panel) { p.Series[1].ID = "a" }},
		{`series "a": 3 values for 2 times and 2 channels`, func(p *Panel) { p.Series[0].Values = p.Series[0].Values[:3] }},
		{"time 1 is NaN", func(p *Panel) { p.Series[0].Times[1] = math.NaN() }},
		{"time 0 is -Inf", func(p *Panel) { p.Series[0].Times[0] = math.Inf(-1) }},
		{"time 1 (0) does not come after time 0 (0)", func(p *Panel) { p.Series[0].Times[1] = 0 }},
		{"outside the years 1 to 9998", func(p *Panel) { p.Axis.Layout = "2006"; p.Series[0].Times[1] = 1e13 }},
		{`channel "v" is infinite at 0`, func(p *Panel) { p.Series[0].Values[1] = math.Inf(1) }},
	} {
		p := good()
		test.wreck(p)
		if err := p.Validate(); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("got %v, want %q", err, test.text)
		}
	}
}

// Series keep the order of the file and are found by their identifiers.
func TestPanelLookup(t *testing.T) {
	p := mustRead(t, "unique_id,ds,y\nb,1,10\nb,2,20\na,1,30\na,2,\n")
	if p.Series[0].ID != "b" || p.Lookup("a") != p.Series[1] || p.Lookup("c") != nil {
		t.Error("series are not in the order of the file, or not found")
	}
	if got := p.Lookup("a").Observed(); got != 1 {
		t.Errorf("%d values observed, want 1", got)
	}
	tail := p.Lookup("b").Slice(1, 2)
	if tail.ID != "b" || tail.Len() != 1 || tail.Row(0)[0] != 20 {
		t.Errorf("slice %+v", tail)
	}
}

// An observation knows the line of the file in which it stood, however the rows
// were ordered and whatever part of the series is taken.
func TestLine(t *testing.T) {
	p, _, err := ReadCSV(strings.NewReader("id,t,y\na,3,1\nb,1,2\n\na,1,3\na,2,4\nb,2,5\n"), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	part := p.Lookup("a").Slice(1, 3)
	for i, want := range []int{6, 2} {
		if got := part.Line(i); got != want {
			t.Errorf("observation %d stood in line %d, want %d", i, got, want)
		}
	}
	if got := (&Series{Times: []float64{1}, Values: []float64{2}}).Line(0); got != 0 {
		t.Errorf("line %d of a series that is from no file", got)
	}
}
