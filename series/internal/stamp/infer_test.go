package stamp

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tsgen/series/internal/packed"
)

// A layout of package time parses and writes as that package does.
func TestAsPackageTime(t *testing.T) {
	for _, layout := range []string{
		time.ANSIC, time.RFC1123Z, time.RFC3339, time.RFC3339Nano, time.DateTime, time.DateOnly, time.Kitchen + " 2006-01-02",
		"2006-01", "2/1/2006", "01/02/06 03:04 PM", "Monday, 2 January 2006 15:04", "20060102T150405Z0700", "2006-002",
		"02-Jan-2006 15:04:05.000", "2006-01-02 15:04:05,999999 -07", "_2 Jan 2006",
	} {
		l, err := Compile(layout)
		if err != nil {
			t.Fatal(err)
		}
		zone := 0
		for i := range 3000 {
			at := time.Date(1890, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * (47*time.Hour + 59*time.Minute + 7*time.Second + 123456*time.Microsecond))
			if l.Zoned() {
				zone = (i%49 - 24) * 1800
				if strings.HasSuffix(layout, "-07") {
					zone = (i%25 - 12) * 3600
				}
			}
			want := at.In(time.FixedZone("", zone)).Format(layout)
			got := string(l.Append(nil, at.Unix()+int64(zone), at.Nanosecond(), zone))
			if got != want {
				t.Fatalf("%s: %v is written %q, want %q", layout, at, got, want)
			}
			back, err := time.Parse(layout, want)
			if err != nil {
				t.Fatal(err)
			}
			s, err := l.Parse(want)
			if err != nil || s.Seconds-int64(s.Offset) != back.Unix() || int(s.Nanos) != back.Nanosecond() {
				t.Fatalf("%s: %q is read as %+v, %v; want %v", layout, want, s, err, back)
			}
		}
	}
}

// Weeks of ISO 8601 are those of package time, and quarters hold their months.
func TestWeeksAndQuarters(t *testing.T) {
	l, err := Compile("2006-W01-1")
	if err != nil {
		t.Fatal(err)
	}
	q, err := Compile("2006Q1")
	if err != nil {
		t.Fatal(err)
	}
	for n := -40000; n < 40000; n++ {
		at := time.Unix(int64(n)*86400, 0).UTC()
		y, w := at.ISOWeek()
		want := string(padded(append(padded(append(padded(nil, y, 4), "-W"...), w, 2), '-'), (int(at.Weekday())+6)%7+1, 1))
		got := string(l.Append(nil, at.Unix(), 0, 0))
		if got != want {
			t.Fatalf("%v is %q, want %q", at, got, want)
		}
		if s, err := l.Parse(got); err != nil || s.Seconds != at.Unix() {
			t.Fatalf("%q is %v, %v", got, s, err)
		}
		if at.Day() == 1 && q.Holds(at.Unix(), 0) != (at.Month()%3 == 1) {
			t.Fatalf("a quarter holds %v", at)
		}
	}
}

// What cannot be is refused, with the reason.
func TestImpossible(t *testing.T) {
	for _, test := range []struct{ layout, stamp, want string }{
		{"2006-01-02", "2021-02-29", "day out of range"},
		{"2006-01-02", "2021-13-01", "month out of range"},
		{"2006-01-02", "2021-1x-01", "not in the layout"},
		{"2006-W01", "2019-W53", "week out of range"},
		{"2006Q1", "2019Q5", "quarter out of range"},
		{"2006-01-02 15:04", "2021-01-01 24:01", "hour out of range"},
		{"2006-01-02 03:04 PM", "2021-01-01 13:00 PM", "hour out of range"},
		{"2006-01-02 15:04", "2021-01-01 12:60", "minute out of range"},
		{"2006-002", "2021-366", "day out of range"},
	} {
		l, err := Compile(test.layout)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Check(test.stamp); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %q: %v, want %s", test.layout, test.stamp, err, test.want)
		}
	}
	if _, err := Compile("15:04"); err == nil {
		t.Error("a layout without a year")
	}
}

// Nothing is chosen where nothing tells the day from the month.
func TestAmbiguous(t *testing.T) {
	for _, cells := range [][]string{
		{"01/02/2021", "01/03/2021"},
		{"1/1/2020", "2/1/2020", "3/1/2020", "4/1/2020", "5/1/2020", "6/1/2020", "7/1/2020"},
		{"10-11-12", "10-11-12"},
	} {
		var ambiguous *AmbiguousError
		if _, err := Infer(packed.Of(cells...), AnyOrder, nil); !errors.As(err, &ambiguous) {
			t.Errorf("%q: %v", cells, err)
		} else if c, err := Infer(packed.Of(cells...), ambiguous.Other, nil); err != nil || orderOf(c.Layout) != ambiguous.Other {
			t.Errorf("%q: %v is refused: %v", cells, ambiguous.Other, err)
		}
	}
}

// A format of strftime says the same as the layout of package time.
func TestStrftime(t *testing.T) {
	for format, want := range map[string]string{
		"%Y-%m-%d %H:%M:%S": "2006-01-02 15:04:05", "%d/%m/%y": "02/01/06", "%-d.%-m.%Y": "2.1.2006", "%b %e, %Y": "Jan _2, 2006",
		"%Y-%m-%dT%H:%M:%S.%f%z": "2006-01-02T15:04:05.000000-0700", "%I:%M %p %F": "03:04 PM 2006-01-02", "%G-W%V": "2006-W01", "%YQ%q": "2006Q1", "%G %V": "2006 WW", "%Y%j": "2006002",
	} {
		if got, err := FromStrftime(format); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", format, got, err, want)
		}
	}
	for _, format := range []string{"%", "%-", "%K", "%-j"} {
		if got, err := FromStrftime(format); err == nil {
			t.Errorf("%s is %q", format, got)
		}
	}
}

// Stamps read by the arithmetic of their shapes are those that their texts say, marks
// included, or the same errors.
func TestReader(t *testing.T) {
	texts := []string{"2020-02-30", "2020-2-3", "20-1-2", "9999-99-99", "2020-13-01T25:61:61.5Z", "2021-01-01 00:00:00.123456789", "2021-01-01 00:00:00.1234567890",
		"2021-01-01 00:00:00.1234567891", "2021-01-01T12:30:05+01:00", "2021-01-01T12:30:05-09:30", "2021-01-01T12:30:05+25:00", "2021-01-01T12:30:05+01:75",
		"2021-01-01T12:30:05+0130", "2021-01-01T12:30+02", "31/12/68", "1/2/69", "2020W53", "2020-W53-7", "2020-W54-1", "2020Q4", "2020Q5", "2020-366", "2019-366",
		"20200131", "202001", "01JAN2020", "Fri Jan  2 15:04:05 2015", "2020-01-01 9:05 AM", "2020-01-01 12:05 pm", "2020-01-01 24:00", "2020-01-01",
		"2021-01-01 00:00:00,5", "Jan 2, 2020", "Mon, 02 Jan 2006 15:04:05 GMT", "2020\t7", "2020\t12"}
	var layouts []string
	for _, s := range texts {
		for _, f := range forms(s) {
			layouts = append(layouts, f.text())
		}
	}
	for _, text := range append(layouts, "2006\t1", "2006-01-02[ 15:04:05]", "02/01/2006 00:00", "2006QQ", "2006 WW", "2006 DDD") {
		l, err := Compile(text)
		if err != nil {
			t.Fatal(err)
		}
		r := l.NewReader(packed.Of(texts...))
		var marks, wantMarks Marks // of all rows
		for row, s := range texts {
			got, err := r.read(row, &marks)
			want, wantErr := l.parse(s, &wantMarks)
			if got != want || (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() || marks != wantMarks {
				t.Fatalf("%q in the layout %q: got %+v, %v, %+v; want %+v, %v, %+v", s, text, got, err, marks, want, wantErr, wantMarks)
			}
		}
	}
}
