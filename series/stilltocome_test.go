package series

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestStillToCome protects that a table whose prices go on after its sales says how they are told to be known ahead,
// by whatever names, and that one in which a value is missing at the end, or a note is seldom there, says nothing of it.
func TestStillToCome(t *testing.T) {
	table := func(header string, ahead int, row func(i int) string) string {
		var b strings.Builder
		fmt.Fprintln(&b, header)
		for i := range 30 + ahead {
			sales := fmt.Sprint(100 + i%7)
			if i >= 30 {
				sales = ""
			}
			fmt.Fprintf(&b, "2024-01-%02d,%s,%s\n", i+1, sales, row(i))
		}
		return b.String()
	}
	price := func(i int) string { return fmt.Sprintf("%d.5", 3+i%4) }
	for _, tt := range []struct{ name, text, want string }{
		{"conventional", table("ds,y,price", 1, price), `known there too: "price", which --known price has`},
		{"channels", table("date,sales,price", 1, price), ""},
		{"a note", table("ds,y,note", 1, func(i int) string { return strings.Repeat("late", 1-min(i%9, 1)) }), ""},
	} {
		_, s, err := ReadCSV(strings.NewReader(tt.text), ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		says := slices.ContainsFunc(s.Remarks, func(r string) bool { return strings.Contains(r, "--known") })
		if as := strings.Join(s.Remarks, "; "); says != (tt.want != "") || !strings.Contains(as, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, as, tt.want)
		}
	}
	text := "date,sales,price\n"
	for i := range 28 {
		text += fmt.Sprintf("2024-02-%02d,%s,%d\n", i+1, fmt.Sprint(90 + i%7)[:2*min(1, max(0, 25-i))], 3+i%4)
	}
	_, s, err := ReadCSV(strings.NewReader(text), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := `in the last 3 rows "sales" is without a value and "price" is not: where the latter is known ahead, --target sales --known price says so`
	if !slices.Contains(s.Remarks, want) {
		t.Errorf("remarks %q, want %q", s.Remarks, want)
	}
}

// TestNoNumbers protects that a table without a column of numbers says what stands in the others.
func TestNoNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"date,weight\n2024-01-01,80.1 kg\n2024-01-02,80.3 kg\n": `: "weight" holds "80.1 kg", where a number alone is read`,
		"date,y\n2024-01-01,\n2024-01-02,\n":                    `: "y" holds no value`,
		"date,state\n2024-01-01,ok\n2024-01-02,bad\n":           `: "state" holds "ok"`,
	} {
		_, _, err := ReadCSV(strings.NewReader(text), ReadOptions{})
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%v, want the end %q", err, want)
		}
	}
}
