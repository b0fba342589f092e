package series

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"tsgen/series/internal/packed"
)

// A panel is written with the names, stamps and missing values of its file.
func TestWriteCSV(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"ds,y\n1949-02-01,118.0\n1949-01-01,112\n", "ds,y\n1949-01-01,112\n1949-02-01,118\n"},
		{"y;id;month\n1;b;2020-01\nNA;\"a, c\";2020-02\n2;b;2020-03\n3;\"a, c\";2020-03\n",
			"id,month,y\nb,2020-01,1\nb,2020-03,2\n\"a, c\",2020-02,\n\"a, c\",2020-03,3\n"},
		{"Open,Close\n5,2\n3,1e-10\n", "time,Open,Close\n1,5,2\n2,3,1e-10\n"},
	} {
		var b strings.Builder
		if err := mustRead(t, test.in).WriteCSV(&b); err != nil || b.String() != test.want {
			t.Errorf("got %q, %v; want %q", b.String(), err, test.want)
		}
	}
	byHand := &Panel{Channels: []string{"y"}, Series: []*Series{{Times: []float64{0.5}, Values: []float64{1}}}}
	var b strings.Builder
	if err := byHand.WriteCSV(&b); err != nil || b.String() != "time,y\n0.5,1\n" {
		t.Errorf("got %q, %v", b.String(), err)
	}
}

type fullDisk struct{}

var errFull = errors.New("no space left")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

// The error of a writer, such as a full disk, reaches the caller.
func TestWriteCSVError(t *testing.T) {
	if err := mustRead(t, "t,y\n1,1\n2,2\n").WriteCSV(fullDisk{}); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}

// again reads what the panel writes, on the panel's axis.
func again(p *Panel) (*Panel, string, error) {
	var b strings.Builder
	if err := p.WriteCSV(&b); err != nil {
		return nil, "", err
	}
	id := p.IDColumn
	if p.Joint != "" {
		id = strings.ReplaceAll(id, p.Joint, ",")
	}
	q, _, err := ReadCSV(strings.NewReader(b.String()), ReadOptions{
		ID: id, Time: p.timeColumn(), Targets: p.Channels,
		Delimiter: ',', Axis: &p.Axis, MinRows: 1,
	})
	return q, b.String(), err
}

// Random panels come back the same from what they write.
func TestWriteReadRandom(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	axes := []Axis{{}, {Layout: "2006-01-02T15:04:05.999999"}, {Layout: LayoutUnix}, {Layout: LayoutUnixMilli},
		{Layout: "2006-01-02 15:04:05.000000-07:00", Offset: 20700}}
	for trial := range 200 {
		p := &Panel{Channels: []string{"u", "v,w"}, IDColumn: "who", TimeColumn: "when", Axis: axes[trial%len(axes)]}
		for _, id := range []string{"a", "b c", `"q"`} {
			s := &Series{ID: id}
			x := 1e9 * rnd.NormFloat64()
			for range 1 + rnd.IntN(20) {
				x += rnd.ExpFloat64() * 1000
				at := x
				if p.Axis.Calendar() {
					at = math.Round(x*1e6) / 1e6
				}
				s.Times = append(s.Times, at)
				s.Values = append(s.Values, rnd.NormFloat64()*1e-8, rnd.ExpFloat64()*1e8)
			}
			p.Series = append(p.Series, s)
		}
		q, text, err := again(p)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if p.Fingerprint() != q.Fingerprint() {
			t.Fatalf("the panel changed:\n%s", text)
		}
	}
}

// Any input is an error or a valid panel, and a panel comes back the same from
// what it writes.
func FuzzReadCSV(f *testing.F) {
	for _, s := range []string{
		"ds,y\n1949-01-01,112\n1949-02-01,118\n",
		"unique_id,ds,y\na,1,1\na,2,NA\nb,1,3\n",
		"ds;y\r\n2014-01-01T00:00:00+1100;1,5\r\n",
		"\ufefft\ty\n0.1\t1\n0.2\t\n",
		"date,a,b\n2016-07-01 00:00:00.5,1,x\n2016-07-01 01:00:00.25,2,y\n",
		"timestamp,y\n1577836800,1\n1577836860,2\n",
		"year,y\n1871,1\n1872,Inf\n",
		"Open,Close\n1,2\n3,4\n",
		"time,time_\n2020-01-31,1\n2020-02-29,1\n",
		"id,ds,y\nx,9998-12-31T23:59:59-12:00,1\nx,0001-01-01T00:00:00+12:00,2\n",
		"a,b\n\"x\n\",1\n\"x\n\",2\n",
		"t,y\n-1e308,1\n1e308,2\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		p, s, err := ReadCSV(strings.NewReader(in), ReadOptions{MinRows: 1})
		if err != nil {
			if p != nil || s != nil {
				t.Fatalf("a panel and the error %v", err)
			}
			return
		}
		if err := p.Validate(); err != nil {
			t.Fatalf("invalid panel: %v", err)
		}
		if s.String() == "" || len(p.Future(p.Series[0], 3)) != 3 {
			t.Fatal("nothing sniffed, or no future")
		}
		if !utf8.ValidString(in) || strings.ContainsAny(in, "\r\x00") {
			return // CSV does not bring these back
		}
		q, text, err := again(p)
		if err != nil {
			if strings.Contains(err.Error(), "looks like data") {
				return // a left-out column was the only one with a name
			}
			t.Fatalf("%v\n%s", err, text)
		}
		if p.BareOfStatic().Fingerprint() != q.BareOfStatic().Fingerprint() { // static covariates are not written
			t.Fatalf("the panel changed:\n%s", text)
		}
	})
}

// Any table, read by any options, is an error or a valid panel whose series go on, by
// the layout, the zone and the calendar that were found or asked for.
func FuzzReadTable(f *testing.F) {
	for i, r := range slices.Concat(layoutReadings(), tableReadings(), calendarReadings()) {
		in := r.in
		if len(in) > 1200 {
			in = in[:strings.LastIndexByte(in[:1200], '\n')+1]
		}
		f.Add([]byte(in), uint16(i))
	}
	for i, in := range []string{
		"Sales, by year\n\nday;net;open;sky\n01.02.2021;1.234,50 €;ja;sun\n02.02.2021;(5,00 €);nein;rain\nSumme;1.229,50 €\n",
		"# made by hand\n#t y\n1  5%\n2  6%\n", "ds|y\r2020-01-01 00:00|1'000\r2020-01-01 01:00|2\r",
		"ds,y,w\n,mm,\n2020-W52,1,a\n2020-W53,\"1,000\",b\n", "a;b\n995;1\n1.000;2\n1.005;3\n", ",,w\n,mm,\n2",
	} {
		f.Add([]byte(in), uint16(37*i))
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		f.Fatal(err)
	}
	pick := func(choice *uint16, words ...string) string {
		w := words[int(*choice)%len(words)]
		*choice /= uint16(len(words))
		return w
	}
	f.Fuzz(func(t *testing.T, in []byte, choice uint16) {
		if len(in) > 1<<14 {
			return
		}
		opt := ReadOptions{MinRows: 1}
		opt.TimeLayout = pick(&choice, "", "", "d/m/y", "m/d/y", "unixms", "excel", "decimal-year", "2006-01-02[ 15:04]", "%d.%m.%Y")
		if pick(&choice, "", "zone") != "" {
			opt.Location = berlin
		}
		opt.Step = pick(&choice, "", "", "day", "month", "business-day", "irregular", "4-4-5")
		opt.Duplicates = Aggregate(pick(&choice, "", "mean"))
		opt.Every = pick(&choice, "", "", "", "week")
		opt.Known = strings.Fields(pick(&choice, "", "sky", "open sky=sun"))
		opt.Decimal = rune(pick(&choice, "\x00", ",")[0])
		p, s, err := ReadCSV(bytes.NewReader(in), opt)
		if err != nil {
			if p != nil || s != nil || err.Error() == "" {
				t.Fatalf("a panel and the error %v", err)
			}
			return
		}
		if err := p.Validate(); err != nil {
			t.Fatalf("invalid panel: %v", err)
		}
		for _, x := range p.Series[:min(3, len(p.Series))] {
			future := p.Future(x, 3)
			if len(future) != 3 || !slices.IsSorted(future) {
				t.Fatalf("%s: the future is %v", s, future)
			}
			if row := p.Keys(p.IDColumn != "", "", "").Append(nil, x.ID, future[0]); len(row) == 0 {
				t.Fatal("no keys")
			}
		}
		if s.String() == "" || p.Fingerprint() == "" {
			t.Fatal("nothing is said")
		}
		if _, _, err := p.Grid(p.Series[0]); err != nil && p.Step.Regular() && !errors.Is(err, ErrGrid) {
			t.Fatal(err)
		}
	})
}

// Any stamp is an error, or comes back as the same instant from its stamp.
func FuzzTime(f *testing.F) {
	for _, s := range []string{
		"1949-01", "1949-01-01", "1949/1/1", "2020-02-29T23:59:59.999999Z", "2014-04-06T02:30:00+1100",
		"2020-01-01 00:00:00 -07:00", "1871", "1577836800.123456", "1577836800123.5", "20200131", "-1e-300", "0005-05-01",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, stamp string) {
		tb := &table{names: []string{"ds"}, cells: []*packed.Column{packed.Of(stamp)}}
		tb.lines.append(2)
		col, err := tb.parseTimes(0, timeReading{na: absent(nil), calendar: true, dated: true})
		if err != nil {
			return
		}
		x := col.times[0]
		written := col.axis.Stamp(x)
		tb.cells[0] = packed.Of(written)
		back, err := tb.parseTimes(0, timeReading{na: absent(nil), like: &col.axis, calendar: true, dated: true})
		if err != nil {
			t.Fatalf("%q was written as %q: %v", stamp, written, err)
		}
		if back.times[0] != x {
			t.Fatalf("%q was written as %q: %v became %v", stamp, written, x, back.times[0])
		}
	})
}
