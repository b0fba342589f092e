package series

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// wideTable is an hourly table of seven channels with float32 values in all
// their digits, as the ETT sets are written.
func wideTable(rows int) string {
	rnd := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("date,a,b,c,d,e,f,g\n")
	for i := range rows {
		b.WriteString(date(2016, 7, 1).Add(time.Duration(i) * time.Hour).Format("2006-01-02 15:04:05"))
		for range 7 {
			b.WriteString("," + FormatNumber(float64(float32(10*rnd.NormFloat64()))))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// longTable is a table of many short-named series on integer steps.
func longTable(series, length int) string {
	rnd := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("unique_id,ds,y\n")
	for id := range series {
		for i := range length {
			fmt.Fprintf(&b, "H%d,%d,%d.0\n", id, i+1, rnd.IntN(5000))
		}
	}
	return b.String()
}

// BenchmarkReadCSV measures the reading of a wide and of a long table.
func BenchmarkReadCSV(b *testing.B) {
	for _, bm := range []struct{ name, text string }{
		{"wide", wideTable(17420)},
		{"long", longTable(100, 853)},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.SetBytes(int64(len(bm.text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := ReadCSV(strings.NewReader(bm.text), ReadOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkWriteCSV measures the writing of a wide table.
func BenchmarkWriteCSV(b *testing.B) {
	text := wideTable(17420)
	p := mustRead(b, text)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := p.WriteCSV(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCoordinate measures the place of a stamp among months.
func BenchmarkCoordinate(b *testing.B) {
	p := &Panel{Axis: Axis{Layout: "2006-01-02"}, Step: Step{Months: 1}}
	t := float64(date(1999, 2, 14).Unix())
	for b.Loop() {
		p.Coordinate(t)
	}
}
