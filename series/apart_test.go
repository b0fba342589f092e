package series

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestCondensed protects what is made of tables with rows between those that have values: the step is that of the
// values, unless they are too few to tell, or the rows between say something too.
func TestCondensed(t *testing.T) {
	months := func(n int, value func(i int) string) string {
		var b strings.Builder
		b.WriteString("id,month,y\n")
		for _, id := range []string{"a", "b"} {
			for i := range n {
				fmt.Fprintf(&b, "%s,%d-%02d-28,%s\n", id, 2010+i/12, 1+i%12, value(i))
			}
		}
		return b.String()
	}
	every := func(k, from int) func(i int) string {
		return func(i int) string {
			if i%k != from {
				return ""
			}
			return fmt.Sprint(i * i % 17)
		}
	}
	for _, tt := range []struct {
		name, text  string
		every, rows int // of the first series
	}{
		{"quarters", months(48, every(3, 1)), 3, 16},
		{"a quarter is missing", months(48, func(i int) string {
			if i == 13 {
				return ""
			}
			return every(3, 1)(i)
		}), 3, 15},
		{"months", months(48, every(1, 0)), 1, 48},
		{"few", months(11, every(3, 0)), 1, 10}, // the last row is still to come
		{"one in a month between", months(48, func(i int) string {
			if i == 20 {
				return "5"
			}
			return every(3, 1)(i)
		}), 1, 48},
		{"weeks", days(100, 7), 7, 15},
	} {
		p, _, err := ReadCSV(strings.NewReader(tt.text), ReadOptions{})
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		q, n := p.Condensed()
		if n != tt.every {
			t.Errorf("%s: one row in %d, want %d", tt.name, n, tt.every)
			continue
		}
		s := q.Series[0]
		last := s.Len() - 1
		if n > 1 && (s.Len() != tt.rows || s.Observed() != tt.rows) {
			t.Errorf("%s: %d rows with %d values, want %d", tt.name, s.Len(), s.Observed(), tt.rows)
		}
		if next := q.Future(s, 1)[0]; q.Coordinate(next)-q.Coordinate(s.Times[last]) != 1 || n > 1 && p.Coordinate(next)-p.Coordinate(s.Times[last]) != float64(n) {
			t.Errorf("%s: %v comes after %v", tt.name, next, s.Times[last])
		}
	}
}

// days returns a table of so many days, of which every kth has a value.
func days(n, k int) string {
	var b strings.Builder
	b.WriteString("day,y\n")
	first := time.Date(2021, 1, 5, 0, 0, 0, 0, time.UTC)
	for i := range n {
		value := ""
		if i%k == 0 {
			value = fmt.Sprint(i * i % 23)
		}
		fmt.Fprintf(&b, "%s,%s\n", first.AddDate(0, 0, i).Format(time.DateOnly), value)
	}
	return b.String()
}
