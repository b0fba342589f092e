package series

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const planned = "day,sales,price,note\n1,10,2,a\n2,,2,b\n3,12,1.5,c\n4,,1.5,d\n5,,2,e\n"

func readKnown(t testing.TB, in string, opt ReadOptions) *Panel {
	t.Helper()
	p, _, err := ReadCSV(strings.NewReader(in), opt)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	return p
}

// Rows after the last value are what is known of the future; those within are
// observations that are missing.
func TestReadKnown(t *testing.T) {
	p, found, err := ReadCSV(strings.NewReader(planned), ReadOptions{Targets: []string{"sales"}, Known: []string{"price"}})
	if err != nil {
		t.Fatal(err)
	}
	s := p.Series[0]
	if want := (Track{Times: []float64{1, 2, 3, 4, 5}, Values: []float64{2, 2, 1.5, 1.5, 2}}); !reflect.DeepEqual(s.Known, want) {
		t.Errorf("track %v, want %v", s.Known, want)
	}
	if !reflect.DeepEqual(s.Times, []float64{1, 2, 3}) || s.Observed() != 2 || !reflect.DeepEqual(p.Known, []string{"price"}) {
		t.Errorf("times %v, values %v, known %q", s.Times, s.Values, p.Known)
	}
	const want = "time day (numbers, step 1), channels sales; known ahead price; no gaps, 1 missing value"
	if found.String() != want || found.Rows != 3 {
		t.Errorf("found %q and %d rows, want %q and 3", found, found.Rows, want)
	}
	head, tail, err := p.SplitLast(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []*Panel{head, tail} {
		if !reflect.DeepEqual(part.Series[0].Known, s.Known) {
			t.Errorf("a part has the track %v", part.Series[0].Known)
		}
	}
	if p.Fingerprint() == mustRead(t, "day,sales\n1,10\n2,\n3,12\n").Fingerprint() {
		t.Error("the fingerprint is that of the series without what is known")
	}
}

// manyTexts returns rows with so many different texts.
func manyTexts(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d,1,%c%c\n", i, 'a'+i/26, 'a'+i%26)
	}
	return b.String()
}

// Texts of a known covariate become indicators of their levels, which a panel that goes
// on with it has, too, in the file of future times or in columns of their own; yes and
// no are 1 and 0.
func TestKnownLevels(t *testing.T) {
	const table = "ds,y,weather,open\n2020-01-01,1,sun,yes\n2020-01-02,2,rain,no\n2020-01-03,3,sun,Yes\n"
	p, s, err := ReadCSV(strings.NewReader(table), ReadOptions{Known: []string{"weather", "open"}})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"weather=rain", "weather=sun", "open"}; !slices.Equal(p.Known, want) || !slices.Equal(p.Channels, []string{"y"}) {
		t.Fatalf("known %q, channels %q", p.Known, p.Channels)
	}
	if got, err := p.KnownAt(p.Series[0], p.Series[0].Times); err != nil || !slices.Equal(got, []float64{0, 1, 1, 1, 0, 0, 0, 1, 1}) {
		t.Errorf("known %v, %v", got, err)
	}
	if !slices.Contains(s.Remarks, `"weather" has the levels "rain", "sun"`) {
		t.Errorf("remarks %q", s.Remarks)
	}
	for _, future := range []string{"ds,weather,open\n2020-01-04,rain,1\n", "ds,weather=sun,weather=rain,open\n2020-01-04,0,1,yes\n"} {
		q, _, err := ReadFuture(strings.NewReader(future), p, ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := q.KnownAt(q.Series[0], q.Series[0].Known.Times[3:]); err != nil || !slices.Equal(got, []float64{1, 0, 1}) {
			t.Errorf("known %v, %v", got, err)
		}
	}
	_, _, err = ReadFuture(strings.NewReader("ds,weather,open\n2020-01-04,snow,1\n"), p, ReadOptions{})
	if !errors.Is(err, ErrLevel) || !strings.Contains(err.Error(), `"snow"`) {
		t.Errorf("got %v", err)
	}
	short, _, err := ReadCSV(strings.NewReader("ds,y,weather,open\n2020-02-01,1,sun,no\n2020-02-02,2,sun,no\n"), ReadOptions{Known: p.Known})
	if err != nil || !slices.Equal(short.Known, p.Known) {
		t.Errorf("known %v, %v", short, err)
	}
}

// A known covariate that is not in the file, not a number, missing or used
// otherwise is refused with its line and column.
func TestReadKnownErrors(t *testing.T) {
	for _, test := range []struct {
		name, in string
		opt      ReadOptions
		want     error
		text     string
	}{
		{"no such column", planned, ReadOptions{Known: []string{"cost"}}, ErrNoColumn, `known covariate: the file has "day"`},
		{"text among numbers", "t,y,u\n1,1,1\n2,2,x\n3,1,1\n", ReadOptions{Known: []string{"u"}}, ErrNumber, `:3: column "u": "x"`},
		{"text that is missing", "t,y,u\n1,1,a\n2,2,\n3,1,b\n", ReadOptions{Known: []string{"u"}}, ErrMissing, `:3: column "u": missing`},
		{"a level that is none", "t,y,u\n1,1,a\n2,2,c\n", ReadOptions{Known: []string{"u=a", "u=b"}}, ErrLevel, `:3: column "u": "c": not one of the levels: what was learned from has "a", "b"`},
		{"a level of no column", planned, ReadOptions{Known: []string{"cost=high"}}, ErrNoColumn, `column "cost": no such column, asked for as known covariate`},
		{"free text", "t,y,u\n" + strings.Repeat("1,1,x\n", 3) + manyTexts(101), ReadOptions{Known: []string{"u"}, Duplicates: Mean}, ErrColumns, "more than 100 different texts"},
		{"missing", "t,y,u\n1,1,1\n2,2,\n3,1,1\n", ReadOptions{Known: []string{"u"}}, ErrMissing, `:3: column "u"`},
		{"target too", planned, ReadOptions{Targets: []string{"price"}, Known: []string{"price"}}, ErrColumns, "another role"},
		{"time too", planned, ReadOptions{Time: "day", Known: []string{"day"}}, ErrColumns, "another role"},
	} {
		test.opt.Name = "plan.csv"
		_, _, err := ReadCSV(strings.NewReader(test.in), test.opt)
		var parse *ParseError
		if !errors.As(err, &parse) || !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.text)
		}
	}
}

// Between its times a known covariate keeps its last value; beyond them it is
// an error.
func TestKnownAt(t *testing.T) {
	p := readKnown(t, planned, ReadOptions{Targets: []string{"sales"}, Known: []string{"price"}})
	got, err := p.KnownAt(p.Series[0], []float64{0, 1, 2.5, 3, 4.9, 5})
	if want := []float64{2, 2, 2, 1.5, 1.5, 2}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("known %v, error %v; want %v", got, err, want)
	}
	if _, err := p.KnownAt(p.Series[0], []float64{5.1}); !errors.Is(err, ErrKnown) || !strings.Contains(err.Error(), "end at 5") {
		t.Errorf("beyond what is known: error %v", err)
	}
	none := mustRead(t, "t,y\n1,1\n2,2\n")
	if got, err := none.KnownAt(none.Series[0], []float64{1, 9}); err != nil || len(got) != 0 {
		t.Errorf("without covariates: %v, error %v", got, err)
	}
}

// What a file says of the future replaces what was known of it.
func TestReadFutureOfKnown(t *testing.T) {
	p := readKnown(t, planned, ReadOptions{Targets: []string{"sales"}, Known: []string{"price"}})
	q, at, err := ReadFuture(strings.NewReader("day,price\n5,9\n6,8\n"), p, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if want := (Track{Times: []float64{1, 2, 3, 4, 5, 6}, Values: []float64{2, 2, 1.5, 1.5, 9, 8}}); !reflect.DeepEqual(q.Series[0].Known, want) {
		t.Errorf("track %v, want %v", q.Series[0].Known, want)
	}
	if !reflect.DeepEqual(at, [][]float64{{5, 6}}) || len(p.Series[0].Known.Times) != 5 {
		t.Errorf("times %v, the panel has %v", at, p.Series[0].Known)
	}
	if _, _, err := ReadFuture(strings.NewReader("day\n5\n"), p, ReadOptions{}); !errors.Is(err, ErrNoColumn) {
		t.Errorf("without the covariate: error %v", err)
	}

	two := readKnown(t, "unique_id,ds,y,u\na,1,1,0\na,2,2,1\nb,1,1,5\nb,5,2,6\n", ReadOptions{Targets: []string{"y"}, Known: []string{"u"}})
	q, at, err = ReadFuture(strings.NewReader("unique_id,ds,u\nb,6,7\n"), two, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if at[0] != nil || len(q.Series[0].Known.Times) != 2 || len(q.Series[1].Known.Times) != 3 {
		t.Errorf("times %v, tracks %v and %v", at, q.Series[0].Known, q.Series[1].Known)
	}
}

// A panel whose known covariates are too short, out of order or not finite is
// not valid.
func TestValidateKnown(t *testing.T) {
	for name, track := range map[string]Track{
		"none":        {},
		"too short":   {Times: []float64{1}, Values: []float64{1}},
		"a value few": {Times: []float64{1, 2}, Values: []float64{1}},
		"unordered":   {Times: []float64{2, 1, 3}, Values: []float64{1, 1, 1}},
		"infinite":    {Times: []float64{1, 2}, Values: []float64{1, math.Inf(-1)}},
	} {
		p := mustRead(t, "t,y\n1,1\n2,2\n")
		p.Known = []string{"u"}
		p.Series[0].Known = track
		if err := p.Validate(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	p := mustRead(t, "t,y\n1,1\n2,2\n")
	p.Known = []string{"y"}
	if err := p.Validate(); err == nil {
		t.Error("named like a channel: no error")
	}
}

// A known covariate may be written as true and false, in any case, and nothing
// between.
func TestKnownTruths(t *testing.T) {
	p, _, err := ReadCSV(strings.NewReader("ds,y,holiday\n2020-01-01,1,TRUE\n2020-01-02,2,false\n2020-01-03,3,True\n"),
		ReadOptions{Known: []string{"holiday"}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.KnownAt(p.Series[0], p.Series[0].Times)
	if err != nil || !slices.Equal(got, []float64{1, 0, 1}) {
		t.Errorf("known %v, error %v, want 1 0 1", got, err)
	}
	_, _, err = ReadCSV(strings.NewReader("ds,y,holiday\n2020-01-01,1,TRUE\n2020-01-02,2,perhaps\n"), ReadOptions{Known: []string{"holiday"}})
	if err == nil {
		t.Error("a truth that is none: no error")
	}
}

// TestKnownOfSeriesWithoutValues demands that a series without any value ends where the others do, so that what is known ahead
// of it is as well: it would be forecast from the end of that.
func TestKnownOfSeriesWithoutValues(t *testing.T) {
	const in = "id,t,y,promo\na,1,1,0\na,2,2,0\na,3,3,1\na,4,,0\na,5,,1\nb,1,,0\nb,2,,0\nb,3,,0\nb,4,,1\nb,5,,1\nc,4,,1\nc,5,,1\n"
	p, s, err := ReadCSV(strings.NewReader(in), ReadOptions{Known: []string{"promo"}})
	if err != nil {
		t.Fatal(err)
	}
	for id, n := range map[string]int{"a": 3, "b": 3, "c": 2} { // c begins after
		x := p.Lookup(id)
		if x.Len() != n || x.Known.Times[len(x.Known.Times)-1] != 5 {
			t.Errorf("%s: %d rows, covariates known to %v", id, x.Len(), x.Known.Times)
		}
	}
	if s.Rows != 8 {
		t.Errorf("%d rows", s.Rows)
	}
}

// What is said of a covariate that was learned of as a number must be one, or all of it a word for 1 or 0: a text
// is an error that names the cell, what the column has and what is understood.
func TestKnownTexts(t *testing.T) {
	var b strings.Builder
	b.WriteString("day,sales,promo\n")
	for i := range 9 {
		fmt.Fprintf(&b, "%d,%d,%d\n", i, 5+i%3, i%2)
	}
	p, _, err := ReadCSV(strings.NewReader(b.String()), ReadOptions{Known: []string{"promo"}})
	if err != nil {
		t.Fatal(err)
	}
	for plan, want := range map[string]string{
		"maybe":         `plan.csv:2: column "promo": "maybe": not a number: the covariate was learned of as a number; the column has "maybe", and understood are`,
		"yes,planned":   `plan.csv:3: column "promo": "planned"`,
		"off,tbd,on,on": `the column has "off", "on", "tbd"`,
		"1,yes,0":       `plan.csv:3: column "promo": "yes"`,
		"yes,no":        "",
		"0.5,1":         "",
	} {
		in := "day,promo\n"
		for i, cell := range strings.Split(plan, ",") {
			in += fmt.Sprintf("%d,%s\n", 9+i, cell)
		}
		if _, _, err := ReadFuture(strings.NewReader(in), p, ReadOptions{Name: "plan.csv"}); want == "" && err != nil || want != "" && (!errors.Is(err, ErrNumber) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: the error %v lacks %q", plan, err, want)
		}
		more := strings.ReplaceAll(strings.ReplaceAll(in, ",promo", ",promo,sales"), "\n", ",4\n")
		more = strings.Replace(more, "sales,4", "sales", 1)
		if _, _, err := ReadCSV(strings.NewReader(more), ReadOptions{Name: "plan.csv", Like: p, Known: []string{"promo"}}); want == "" && err != nil || want != "" && (!errors.Is(err, ErrNumber) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: the error of rows, %v, lacks %q", plan, err, want)
		}
	}
}
