package plots

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"tsgen/forecast"
	"tsgen/series"
)

func labels(ticks []plot.Tick) string {
	var l []string
	for _, t := range ticks {
		l = append(l, strings.ReplaceAll(t.Label, "\n", "/"))
	}
	return strings.Join(l, " | ")
}

// Ticks are round numbers with as many digits as they need, and large and small
// units go into the label.
func TestNumberTicks(t *testing.T) {
	for _, test := range []struct {
		lo, hi float64
		want   string
		label  string
	}{
		{0, 10, "0 | 2 | 4 | 6 | 8 | 10", "y"},
		{-0.7, 1.2, "-0.5 | 0.0 | 0.5 | 1.0", "y"},
		{120, 618, "200 | 300 | 400 | 500 | 600", "y"},
		{0, 50000, "0 | 10,000 | 20,000 | 30,000 | 40,000 | 50,000", "y"},
		{-123456, 0, "-100,000 | -50,000 | 0", "y"},
		{1e6, 2.1e6, "1.0 | 1.5 | 2.0", "y, millions"},
		{0, 7e9, "0 | 2 | 4 | 6", "y, billions"},
		{0, 3e-5, "0 | 10 | 20 | 30", "y, × 1e-6"},
		{2e15, 4e15, "2.0 | 2.5 | 3.0 | 3.5 | 4.0", "y, × 1e15"},
		{0.0011, 0.0019, "0.0012 | 0.0014 | 0.0016 | 0.0018", "y"},
		{100.0001, 100.0002, "100.00010 | 100.00012 | 100.00014 | 100.00016 | 100.00018 | 100.00020", "y"},
	} {
		ticker, label := newNumberTicks(extent{test.lo, test.hi}, 5.5, "y")
		if got := labels(ticker.Ticks(test.lo, test.hi)); got != test.want || label != test.label {
			t.Errorf("%v to %v: ticks %s, label %q; want %s, %q", test.lo, test.hi, got, label, test.want, test.label)
		}
	}
}

// An axis with little room has a scale, which one tick is not.
func TestFewNumberTicks(t *testing.T) {
	ticker, _ := newNumberTicks(extent{-42, 48}, 2, "y")
	if got, want := labels(ticker.Ticks(-42, 48)), "-40 | -20 | 0 | 20 | 40"; got != want {
		t.Errorf("ticks %s, want %s", got, want)
	}
}

// Logarithmic ticks are 1, 2 and 5 over a few powers of ten, and powers of ten
// over many.
func TestLogTicks(t *testing.T) {
	for _, test := range []struct {
		lo, hi float64
		want   string
	}{
		{0.5, 90, "0.5 | 1 | 2 | 5 | 10 | 20 | 50"},
		{0.02, 3000, "0.1 | 1 | 10 | 100 | 1000"},
		{1e-12, 1e12, "1e-12 | 1e-09 | 1e-06 | 0.001 | 1 | 1000 | 1,000,000 | 1e+09 | 1e+12"},
	} {
		if got := labels(logTicks{9}.Ticks(test.lo, test.hi)); got != test.want {
			t.Errorf("%v to %v: %s, want %s", test.lo, test.hi, got, test.want)
		}
	}
}

func at(s string) float64 {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return float64(t.UnixMicro()) / 1e6
}

// Dates are marked at round places of the calendar, on both sides of a clock
// change.
func TestDateTicks(t *testing.T) {
	utc := series.Axis{Layout: "2006-01-02"}
	melbourne := series.Axis{Layout: time.RFC3339, Offset: 36000,
		Earlier: []series.Zone{{Until: at("2014-04-05T16:00:00Z"), Offset: 39600}}}
	for _, test := range []struct {
		name   string
		axis   series.Axis
		lo, hi string
		length vg.Length
		want   string
	}{
		{"centuries", utc, "1000-01-01T00:00:00Z", "1999-06-01T00:00:00Z", 250, "1000 | 1200 | 1400 | 1600 | 1800"},
		{"years", utc, "1952-12-01T00:00:00Z", "1960-12-01T00:00:00Z", 300, "1953 | 1954 | 1955 | 1956 | 1957 | 1958 | 1959 | 1960"},
		{"months", utc, "1969-10-15T00:00:00Z", "1970-03-15T00:00:00Z", 200, "Nov/1969 | Dec/  | Jan/1970 | Feb/  | Mar/ "},
		{"quarters", utc, "2023-05-15T00:00:00Z", "2024-05-15T00:00:00Z", 200, "Jul/2023 | Oct/  | Jan/2024 | Apr/ "},
		{"weeks", utc, "2024-02-15T00:00:00Z", "2024-03-12T00:00:00Z", 250, "19 Feb/2024 | 26 Feb/  | 4 Mar/  | 11 Mar/ "},
		{"leap day", utc, "2024-02-28T00:00:00Z", "2024-03-01T00:00:00Z", 200, "28 Feb/2024 | 29 Feb/  | 1 Mar/ "},
		{"before 1970", utc, "1969-12-30T00:00:00Z", "1970-01-02T00:00:00Z", 200, "30 Dec/1969 | 31 Dec/  | 1 Jan/1970 | 2 Jan/ "},
		{"hours", utc, "2024-01-01T05:10:00Z", "2024-01-02T06:00:00Z", 300, "06:00/1 Jan 2024 | 12:00/  | 18:00/  | 00:00/2 Jan 2024 | 06:00/ "},
		{"seconds", utc, "2024-01-01T00:00:03Z", "2024-01-01T00:00:21Z", 240, "00:00:05/1 Jan 2024 | 00:00:10/  | 00:00:15/  | 00:00:20/ "},
		{"hundredths", utc, "2024-01-01T12:30:07.013Z", "2024-01-01T12:30:07.041Z", 270, "07.02/12:30, 1 Jan 2024 | 07.03/  | 07.04/ "},
		{"microseconds", utc, "2024-01-01T12:30:07.000012Z", "2024-01-01T12:30:07.000015Z", 360,
			"07.000012/12:30, 1 Jan 2024 | 07.000013/  | 07.000014/  | 07.000015/ "},
		// Midnights of the clock on the wall, on both sides of the change; the
		// sixth of April had 25 hours.
		{"clock change", melbourne, "2014-04-04T20:00:00+11:00", "2014-04-08T01:00:00+10:00", 300, "5 Apr/2014 | 6 Apr/  | 7 Apr/  | 8 Apr/ "},
		// 02:00 came twice; it is marked when it came for the last time.
		{"hours of the change", melbourne, "2014-04-06T00:30:00+11:00", "2014-04-06T05:30:00+10:00", 700, "01:00/6 Apr 2014 | 02:00/  | 03:00/  | 04:00/  | 05:00/ "},
	} {
		lo, hi := at(test.lo), at(test.hi)
		ticks := dateTicks{axis: test.axis, length: test.length}.Ticks(lo, hi)
		if got := labels(ticks); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
	ticks := dateTicks{axis: melbourne, length: 300}.Ticks(at("2014-04-04T20:00:00+11:00"), at("2014-04-08T01:00:00+10:00"))
	for i, want := range []string{"2014-04-05T00:00:00+11:00", "2014-04-06T00:00:00+11:00", "2014-04-07T00:00:00+10:00"} {
		if ticks[i].Value != at(want) {
			t.Errorf("tick %d is at %v, want %v", i, ticks[i].Value, at(want))
		}
	}
}

// Ticks of any range are within it, in order, not too many, and there are at
// least two if the range is wide enough for them.
func TestTicksOfAnyRange(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	check := func(ticks []plot.Tick, lo, hi, most float64) {
		t.Helper()
		if n := float64(len(ticks)); n < 1 || n > most+1 {
			t.Errorf("%v to %v: %v ticks for %v places", lo, hi, n, most)
		}
		for i, tick := range ticks {
			if tick.Value < lo || tick.Value > hi || i > 0 && tick.Value <= ticks[i-1].Value {
				t.Errorf("%v to %v: tick %d at %v", lo, hi, i, tick.Value)
			}
			if tick.Label == "" || i > 0 && tick.Label == ticks[i-1].Label && !strings.Contains(tick.Label, ":") {
				t.Errorf("%v to %v: tick %d is labelled %q", lo, hi, i, tick.Label)
			}
		}
	}
	for range 3000 {
		lo := -6e10 + 1.2e11*rng.Float64()
		hi := lo + math.Pow(10, -4+14*rng.Float64())
		check(dateTicks{length: 400}.Ticks(lo, hi), lo, hi, 400.0/36)

		lo = (rng.Float64() - 0.5) * math.Pow(10, -20+40*rng.Float64())
		hi = lo + max(math.Pow(10, -20+40*rng.Float64()), 1e-10*math.Abs(lo))
		ticker, _ := newNumberTicks(extent{lo, hi}, 8, "")
		check(ticker.Ticks(lo, hi), lo, hi, 8)
	}
}

// A single value has room around it, and an extent that is empty or not finite
// is an error.
func TestPadded(t *testing.T) {
	for _, test := range []struct{ in, want extent }{
		{extent{0, 10}, extent{-1, 11}},
		{extent{0, 0}, extent{-1, 1}},
		{extent{100, 100}, extent{95, 105}},
		{extent{-100, -100}, extent{-105, -95}},
	} {
		if got, err := test.in.padded(0.1); err != nil || got != test.want {
			t.Errorf("%v: %v, %v; want %v", test.in, got, err, test.want)
		}
	}
	for _, e := range []extent{newExtent(), {-1e308, 1e308}, {0, math.Inf(1)}} {
		if got, err := e.padded(0.1); err == nil {
			t.Errorf("%v: %v and no error", e, got)
		}
	}
}

// Long names are broken into lines and cut where there is no room, and control
// characters are left out.
func TestWrap(t *testing.T) {
	style := textStyle(10, ink())
	width := style.Width("one two three")
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{"one", "one"},
		{"one two three four", "one two three|four"},
		{"one two three one two three more", "one two three|one two thr..."},
		{"onetwothreefour five", "onetwothre...|five"},
		{"a\tb\nc\x00\x1b", "a b c"},
	} {
		lines := wrap(test.text, style, width, 2)
		if got := strings.Join(lines, "|"); got != test.want {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
	if got := shorten("anything", style, 1); got != "..." {
		t.Errorf("no room: %q", got)
	}
	for label, want := range map[string]string{"total ridership of the subway, millions": ", millions", "flux of the jet, × 1e12": ", × 1e12", "cost, in euros of the year 2000": "..."} {
		if got := shortenLabel(label, style, width); !strings.HasSuffix(got, want) || style.Width(got) > width {
			t.Errorf("%q becomes %q", label, got)
		}
	}
}

// The context is what came before in three times the horizon, by number and by
// time, and at least two seasons or ten times.
func TestStart(t *testing.T) {
	const n = 200
	for _, test := range []struct {
		step    series.Step
		at      []float64 // forecast times, the history being 0, 1 ... 199
		context int
		want    int
	}{
		{series.Step{}, []float64{200, 201, 202, 203, 204}, 0, n - 16},
		{series.Step{}, []float64{202.25}, 0, n - 10},
		{series.Step{}, []float64{219}, 0, n - 61},
		{series.Step{}, []float64{199.1, 199.2, 199.3, 199.4, 199.5}, 0, n - 15},
		{series.Step{}, []float64{1e6}, 0, 0},
		{series.Step{Width: 3600}, []float64{200, 201}, 0, n - 48},
		{series.Step{Width: 3600}, []float64{200, 201}, 7, n - 7},
		{series.Step{}, []float64{200}, 1000, 0},
	} {
		v := &view{
			views: &views{panel: &series.Panel{Axis: series.Axis{Layout: series.LayoutUnix}, Step: test.step}},
			s:     &series.Series{},
			d:     &forecast.Distribution{Times: test.at},
		}
		for i := range n {
			v.s.Times = append(v.s.Times, float64(i))
		}
		if got := v.start(test.context); got != test.want {
			t.Errorf("%+v at %v, context %d: from %d, want %d", test.step, test.at, test.context, got, test.want)
		}
	}
}

// A line breaks where a regular series has a gap or no value, and nowhere else.
func TestLine(t *testing.T) {
	nan := math.NaN()
	s := &series.Series{Times: []float64{0, 1, 2, 5, 6}, Values: []float64{1, nan, 3, 4, 5}}
	for _, test := range []struct {
		step series.Step
		x, y []float64
	}{
		{series.Step{Width: 1}, []float64{0, 1, 2, 5, 5, 6}, []float64{1, nan, 3, nan, 4, 5}},
		{series.Step{}, []float64{0, 2, 5, 6}, []float64{1, 3, 4, 5}},
	} {
		p := &series.Panel{Channels: []string{"y"}, Step: test.step, Series: []*series.Series{s}}
		v := &view{views: &views{panel: p, width: 1}, s: s}
		x, y := v.line(0)
		if fmt.Sprint(x, y) != fmt.Sprint(test.x, test.y) {
			t.Errorf("%+v: %v, %v; want %v, %v", test.step, x, y, test.x, test.y)
		}
	}
}
