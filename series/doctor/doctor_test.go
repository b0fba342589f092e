package doctor

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tsgen/series"
)

// table returns the CSV text of a series with the given stamps, row by row, and values that
// move.
func table(stamps []string) string {
	var b strings.Builder
	b.WriteString("ds,y\n")
	for i, s := range stamps {
		fmt.Fprintf(&b, "%s,%d\n", s, 100+i*i%17)
	}
	return b.String()
}

// stamps returns n stamps from a first one on, step by step.
func stamps(layout, first string, n int, next func(t time.Time) time.Time) []string {
	t, err := time.Parse(layout, first)
	if err != nil {
		panic(err)
	}
	all := make([]string, n)
	for i := range all {
		all[i] = t.Format(layout)
		t = next(t)
	}
	return all
}

func monthly(first string, n int) []string {
	return stamps("2006-01", first, n, func(t time.Time) time.Time { return t.AddDate(0, 1, 0) })
}

func daily(first string, n int) []string {
	return stamps("2006-01-02", first, n, func(t time.Time) time.Time { return t.AddDate(0, 0, 1) })
}

func minutely(first string, n int) []string {
	return stamps("2006-01-02 15:04", first, n, func(t time.Time) time.Time { return t.Add(time.Minute) })
}

// with returns the stamps with another in place of number i.
func with(all []string, i int, stamp string) []string {
	all = slices.Clone(all)
	all[i] = stamp
	return all
}

func reversed(all []string) []string {
	all = slices.Clone(all)
	slices.Reverse(all)
	return all
}

func read(t *testing.T, text string) *series.Panel {
	t.Helper()
	p, _, err := series.ReadCSV(strings.NewReader(text), series.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Stamps that can't be meant are found, with their line, and those that can are left in
// peace: late rows, long histories with holes, parts a few times their length apart.
func TestTimes(t *testing.T) {
	year := daily("2020-01-01", 366)
	for name, test := range map[string]struct {
		stamps []string
		code   string // "" for none
		lines  []int
	}{
		"as it should be":          {monthly("1990-01", 100), "", nil},
		"newest first":             {reversed(monthly("1990-01", 100)), "", nil},
		"another millennium":       {with(monthly("1990-01", 100), 40, "0993-05"), StrayTime, []int{42}},
		"another century":          {with(monthly("1990-01", 100), 40, "2093-05"), StrayTime, []int{42}},
		"another decade":           {with(monthly("1990-01", 100), 40, "1983-05"), StrayTime, []int{42}},
		"another decade, reversed": {with(reversed(monthly("1990-01", 100)), 40, "2007-05"), StrayTime, []int{42}},
		"two wrong years":          {with(with(year, 100, "2002-04-10"), 200, "2002-07-19"), StrayTime, []int{102, 202}},
		"the first of all":         {with(year, 0, "1999-01-01"), StrayTime, []int{2}},
		"a row that came late":     {append(slices.Concat(year[:100], year[101:]), year[100]), "", nil},
		"the day before, below":    {append(slices.Clone(year), "2019-12-31"), "", nil},
		"two winters":              {append(daily("2020-01-01", 60), daily("2021-01-01", 60)...), "", nil},
		"a hole of a year":         {append(daily("2015-01-01", 300), daily("2017-01-01", 300)...), "", nil},
		"two eras":                 {append(monthly("1801-01", 24), monthly("1990-01", 60)...), LongGap, []int{26}},
		"minutes of two decades":   {append(minutely("2000-01-01 00:00", 40), minutely("2020-01-01 00:00", 40)...), LongGap, []int{42}},
		"few":                      {[]string{"2000-01-01", "2000-01-02", "2000-01-03", "2020-01-01"}, "", nil},
	} {
		found := Examine(read(t, table(test.stamps)), Options{})
		switch {
		case test.code == "" && len(found) > 0:
			t.Errorf("%s: %v", name, found)
		case test.code == "":
		case len(found) != 1 || found[0].Code != test.code || !found[0].Stop || !slices.Equal(found[0].Lines, test.lines):
			t.Errorf("%s: found %+v, want %s in lines %v", name, found, test.code, test.lines)
		}
		if all := Examine(read(t, table(test.stamps)), Options{MaxGap: math.Inf(1)}); len(all) > 0 {
			t.Errorf("%s: %v though all gaps are accepted", name, all)
		}
	}
}

// A gap that is given as the longest to accept is the one to judge by.
func TestMaxGap(t *testing.T) {
	p := read(t, table(append(daily("2020-01-01", 50), daily("2020-03-01", 50)...))) // 10 days are missing
	for gap, want := range map[float64]int{9: 1, 10: 0, 100: 0} {
		if found := Examine(p, Options{MaxGap: gap}); len(found) != want {
			t.Errorf("--max-gap %v: %v, want %d findings", gap, found, want)
		}
	}
}

// Times that are far apart by nature are not refused: exponential waiting times, doubling
// ones, bursts with pauses, records of patients of very unlike lengths.
func TestIrregularTimesAreLeftInPeace(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for trial := range 300 {
		p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", TimeColumn: "t"}
		for i := range 1 + trial%5 {
			s := &series.Series{ID: fmt.Sprint(i)}
			at, width := rng.Float64(), math.Exp(rng.NormFloat64())
			for k := range 2 + rng.IntN(60) {
				switch trial % 3 {
				case 0:
					at += width * rng.ExpFloat64()
				case 1:
					at *= 2
				case 2:
					at += width * rng.ExpFloat64() * math.Exp(2*rng.NormFloat64())
				}
				s.Times, s.Values = append(s.Times, at), append(s.Values, float64(k%3))
			}
			p.Series = append(p.Series, s)
		}
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		for _, f := range Examine(p, Options{}) {
			if f.Stop {
				t.Errorf("trial %d: %v", trial, f)
			}
		}
	}
}

// A number that stands for a missing value is told from one that is merely low or rare.
func TestPlaceholder(t *testing.T) {
	column := func(value func(i int) float64) string {
		var b strings.Builder
		b.WriteString("t,a,b\n")
		for i := range 60 {
			fmt.Fprintf(&b, "%d,%g,%d\n", i, value(i), i%5)
		}
		return b.String()
	}
	for name, test := range map[string]struct {
		value func(i int) float64
		want  bool
	}{
		"-999 among temperatures":      {func(i int) float64 { return at(i%20 == 3, -999, float64(i%30)-4) }, true},
		"-999 among sales":             {func(i int) float64 { return at(i%20 == 3, -999, 300+float64(9*(i%100))) }, true},
		"-99 beside sales of none":     {func(i int) float64 { return at(i%20 == 3, -99, float64(i%90)) }, false},
		"9999 among loads":             {func(i int) float64 { return at(i%20 == 3, 9999, 400+float64(i%100)) }, true},
		"-99.9 is not all nines":       {func(i int) float64 { return at(i%20 == 3, -99.8, float64(i%30)) }, false},
		"once":                         {func(i int) float64 { return at(i == 3, -999, float64(i%30)) }, false},
		"within reach of the others":   {func(i int) float64 { return at(i%20 == 3, -999, 300*float64(i%7)-500) }, false},
		"99 per cent, as others do":    {func(i int) float64 { return at(i%20 == 3, 99, float64(i%90)) }, false},
		"spikes that are not of nines": {func(i int) float64 { return at(i%20 == 3, 5000, float64(i%30)) }, false},
	} {
		found := Examine(read(t, column(test.value)), Options{})
		if got := len(found) == 1 && found[0].Code == Placeholder && found[0].Channel == "a" && found[0].Lines[0] == 5; got != test.want || !got && len(found) > 0 {
			t.Errorf("%s: found %v", name, found)
		}
	}
}

// A channel without any movement is named, also where some of its values are missing.
func TestConstant(t *testing.T) {
	found := Examine(read(t, "t,a,b\n1,7,1\n2,,2\n3,7,1\n4,7,5\n"), Options{})
	if len(found) != 1 || found[0].Code != Constant || found[0].Channel != "a" || found[0].Stop {
		t.Errorf("found %+v, want the constant channel a", found)
	}
}

func at(yes bool, a, b float64) float64 {
	if yes {
		return a
	}
	return b
}

// TestEmptySteps protects that counts without a zero, of which many hours, days or years have no row, are
// noted with the remedy, and that others are not.
func TestEmptySteps(t *testing.T) {
	logged := func(layout string, step time.Duration, count func(i int) int) string {
		var b strings.Builder
		b.WriteString("time,n\n")
		at := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
		for i := range 60 {
			at = at.Add(step * time.Duration(1+i*i%5))
			fmt.Fprintf(&b, "%s,%d\n", at.Format(layout), count(i))
		}
		return b.String()
	}
	some := func(i int) int { return 1 + i*i%7 }
	var years strings.Builder
	years.WriteString("year,deaths\n")
	for i := range 50 {
		fmt.Fprintf(&years, "%d,%d\n", 1900+i+i/4, some(i))
	}
	for _, test := range []struct{ name, in, want string }{
		{"hours", logged("2006-01-02 15:04", time.Hour, some), "--every hour --aggregate sum"},
		{"days", logged("2006-01-02", 24*time.Hour, some), "--every day --aggregate sum"},
		{"years", years.String(), "--every year --aggregate sum"},
		{"zeros are there", logged("2006-01-02", 24*time.Hour, func(i int) int { return i * i % 7 }), ""},
		{"minutes", logged("2006-01-02 15:04", time.Minute, some), ""},
		{"every day", table(daily("2015-01-01", 60)), ""},
	} {
		var got []string
		for _, f := range Examine(read(t, test.in), Options{}) {
			if f.Code == EmptySteps {
				got = append(got, f.String())
			}
		}
		if test.want == "" && len(got) > 0 || test.want != "" && (len(got) != 1 || !strings.Contains(got[0], test.want)) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
