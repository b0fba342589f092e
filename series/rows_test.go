package series

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"tsgen/series/internal/packed"
)

// sameRows fails unless a text is read alike with the cells scanned and with all rows left to
// the reader of any text, table and panel.
func sameRows(t *testing.T, text string) {
	t.Helper()
	any := ReadOptions{MaxCell: packed.MostScanned - 1}
	want, wantErr := readTable(strings.NewReader(text), &any)
	if errors.Is(wantErr, ErrTooLarge) {
		return
	}
	for name, opt := range map[string]ReadOptions{"whole": {}, "by pieces": {MaxCell: 1 << 16}} {
		in := strings.NewReader(text)
		got, err := readTable(in, &opt)
		if name == "by pieces" {
			got, err = readTable(iotest.OneByteReader(strings.NewReader(text)), &opt)
		}
		if fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Fatalf("%q, %s: error %v, want %v", text, name, err, wantErr)
		}
		if err != nil {
			continue
		}
		if got.rows() != want.rows() || !reflect.DeepEqual(got.names, want.names) || !reflect.DeepEqual(got.remarks, want.remarks) {
			t.Fatalf("%q, %s: %d rows of %q, %q; want %d of %q, %q", text, name, got.rows(), got.names, got.remarks, want.rows(), want.names, want.remarks)
		}
		for row := range want.rows() {
			for c := range want.cells {
				if got.text(c, row) != want.text(c, row) || got.lines.at(row) != want.lines.at(row) {
					t.Fatalf("%q, %s: row %d, column %d is %q of line %d, want %q of line %d", text, name, row, c, got.text(c, row), got.lines.at(row), want.text(c, row), want.lines.at(row))
				}
			}
		}
	}
	p, sniffed, err := ReadCSV(strings.NewReader(text), ReadOptions{})
	q, other, otherErr := ReadCSV(strings.NewReader(text), any)
	if fmt.Sprint(err) != fmt.Sprint(otherErr) || !reflect.DeepEqual(sniffed, other) {
		t.Fatalf("%q: %v, %v; want %v, %v", text, sniffed, err, other, otherErr)
	}
	if err == nil && fmt.Sprintf("%+v", p.lineByLine()) != fmt.Sprintf("%+v", q.lineByLine()) {
		t.Fatalf("%q: the panels differ", text)
	}
}

// lineByLine returns all observations with their lines.
func (p *Panel) lineByLine() (all []string) {
	for _, s := range p.Series {
		for i := range s.Times {
			all = append(all, fmt.Sprintf("%q %d: %v %v", s.ID, s.Line(i), s.Times[i], s.Row(i)))
		}
	}
	return all
}

// Tables whose cells are scanned are those that are read a row at a time, whatever stands
// between plain rows: quotation marks, blanks, empty rows, missing cells, other shapes, totals.
func TestScanRows(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	odd := []string{"", "NA", "\"7\"", " 7", "7 ", "1e5", "-0", "-", ".5", "5.", "+3", "1,5", "\"a,b\"", "x;y", "é", "12345678901234567890", "0.00000001",
		"99999999.12345678", "a\rb", "\"two\nlines\"", "\"", "\xff", "2020-13-01", "S 1", strings.Repeat("z", 70), strings.Repeat("1", 45), "\t", "~", "\x7f"}
	ends := []string{"\n", "\r\n"}
	for i := range 100 {
		separator := []string{",", ";", "\t", "|"}[rnd.IntN(4)]
		end := ends[rnd.IntN(2)]
		var b strings.Builder
		b.WriteString(strings.Join([]string{"id", "ds", "y", "z"}, separator) + end)
		rows := rnd.IntN(40)
		for row := range rows {
			cells := []string{fmt.Sprintf("S%d", row/7), fmt.Sprintf("2020-%02d-%02d %02d:00", 1+row%7, 1+row/7, row%24), fmt.Sprintf("%.*f", rnd.IntN(3)*rnd.IntN(7), 100*rnd.NormFloat64()), fmt.Sprint(rnd.IntN(1000))}
			if rnd.IntN(20) == 0 && i%3 > 0 {
				cells[rnd.IntN(4)] = odd[rnd.IntN(len(odd))]
			}
			switch {
			case i%3 == 0 || rnd.IntN(30) > 0:
			case rnd.IntN(3) == 0:
				cells = cells[:rnd.IntN(4)]
			case rnd.IntN(2) == 0:
				cells = []string{"", "", "", ""}
			default:
				cells = append(cells, "5")
			}
			b.WriteString(strings.Join(cells, separator))
			if row < rows-1 || rnd.IntN(2) == 0 {
				b.WriteString(end)
			}
		}
		sameRows(t, b.String())
	}
}

// A text is read alike with its cells scanned and not.
func FuzzScanRows(f *testing.F) {
	f.Add("ds,y\n2020-01,1\n2020-02,2.5\n2020-03,-3\n")
	f.Add("id;ds;y\na;1;1,5\nb;1;2\r\na;2;\"3\"\n\nb;2;4\nTotal;;9\n")
	f.Add("t\ty\n1\t12345678.87654321\n2\t0.123456789\n3\t\n4\t5")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < 1<<12 {
			sameRows(t, text)
		}
	})
}
