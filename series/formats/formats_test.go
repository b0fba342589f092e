package formats

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/ipc"

	"tsgen/internal/seriestest"
	"tsgen/series"
)

// tables are CSV texts of the kinds of tables that are written, by a generator of values.
func tables(number func() string) map[string]string {
	text := func(header string, rows int, row func(i int) string) string {
		b := header + "\n"
		for i := range rows {
			b += strings.ReplaceAll(row(i), "#", number()) + "\n"
		}
		return b
	}
	clock := []string{"2024-10-27T01:30:00+02:00", "2024-10-27T02:00:00+02:00", "2024-10-27T02:30:00+02:00", "2024-10-27T02:00:00+01:00", "2024-10-27T02:30:00+01:00"}
	return map[string]string{
		"days":              text("ds,y", 30, func(i int) string { return fmt.Sprintf("2024-01-%02d,#", i+1) }),
		"months":            text("month,y", 12, func(i int) string { return fmt.Sprintf("2024-%02d,#", i+1) }),
		"quarters":          text("ds,y", 8, func(i int) string { return fmt.Sprintf("%dQ%d,#", 2020+i/4, i%4+1) }),
		"hours, two values": text("ds,a,b", 24, func(i int) string { return fmt.Sprintf("2024-01-01 %02d:00:00,#,#", i) }),
		"clocks put back":   text("ds,y", 5, func(i int) string { return clock[i] + ",#" }),
		"numbers":           text("t,y", 20, func(i int) string { return fmt.Sprintf("%v,#", 0.5*float64(i*i)) }),
		"identifiers":       text("unique_id,ds,y", 20, func(i int) string { return fmt.Sprintf("00%d,2024-01-%02d,#", i/10, i%10+1) }),
		"whole identifiers": text("unique_id,ds,y", 20, func(i int) string { return fmt.Sprintf("%d,2024-01-%02d,#", i/10, i%10+1) }),
		"strange names":     text("unique_id,ds,\"a, \"\"b\"\"\"", 20, func(i int) string { return fmt.Sprintf("\"x,\n é%d\",2024-01-%02d,#", i/10, i%10+1) }),
	}
}

// A panel reads back the same from each of the formats in which it can be written.
func TestRoundTrip(t *testing.T) {
	seriestest.Long(t)
	rng := rand.New(rand.NewPCG(1, 2))
	numbers := []func() string{
		func() string { return series.FormatNumber(float64(rng.IntN(2000) - 1000)) },
		func() string {
			if rng.IntN(4) == 0 {
				return ""
			}
			return series.FormatNumber(math.Round(1e6*rng.NormFloat64()) / 1000)
		},
		func() string {
			return series.FormatNumber(rng.NormFloat64() * math.Pow(10, float64(rng.IntN(600)-300)))
		},
	}
	for k, number := range numbers {
		for name, text := range tables(number) {
			want, _, err := series.ReadCSV(strings.NewReader(text), series.ReadOptions{})
			if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, text)
			}
			var plain bytes.Buffer
			if err := want.WriteCSV(&plain); err != nil {
				t.Fatal(err)
			}
			for _, f := range Formats() {
				for _, compressed := range []bool{false, f.isText()} {
					var file bytes.Buffer
					if err := Write(&file, f, compressed, plain.Bytes(), want); err != nil {
						t.Fatalf("%s as %s: %v", name, f, err)
					}
					got, _, err := Read(bytes.NewReader(file.Bytes()), series.ReadOptions{})
					if err != nil {
						t.Fatalf("%s (%d) as %s: %v", name, k, f, err)
					}
					same(t, fmt.Sprintf("%s (%d) as %s", name, k, f), got, want)
				}
			}
		}
	}
}

// Parts of a table have columns of the same types, though the identifiers of one are all numbers.
func TestWritePart(t *testing.T) {
	var types []string
	for _, id := range []string{"1", "A-1"} {
		var part bytes.Buffer
		if err := WritePart(&part, ArrowStream, []byte("store,ds,y\n"+id+",2024-01-01,2\n"), []string{"store"}); err != nil {
			t.Fatal(err)
		}
		in, err := ipc.NewReader(&part)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range in.Schema().Fields() {
			types = append(types, f.Type.String())
		}
		in.Release()
	}
	if !slices.Equal(types[:3], types[3:]) {
		t.Errorf("types %v and %v", types[:3], types[3:])
	}
}

// same says how panels differ.
func same(t *testing.T, what string, got, want *series.Panel) {
	t.Helper()
	if !slices.Equal(got.Channels, want.Channels) || got.IDColumn != want.IDColumn || got.TimeColumn != want.TimeColumn || got.Step != want.Step || len(got.Series) != len(want.Series) {
		t.Fatalf("%s: %d series of %q, id %q, time %q, step %v; want %d of %q, %q, %q, %v", what, len(got.Series), got.Channels, got.IDColumn, got.TimeColumn, got.Step,
			len(want.Series), want.Channels, want.IDColumn, want.TimeColumn, want.Step)
	}
	for i, s := range got.Series {
		w := want.Series[i]
		missing := func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
		if s.ID != w.ID || !slices.Equal(s.Times, w.Times) || !slices.EqualFunc(s.Values, w.Values, missing) {
			t.Errorf("%s: series %q at %v is %v; want %q at %v, %v", what, s.ID, s.Times, s.Values, w.ID, w.Times, w.Values)
		}
	}
}

// Files of pyarrow and polars, with several row groups, nulls, dictionaries, decimals, a
// zone whose clock is put back, and columns that are no cells, are read as meant.
func TestOtherWriters(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) != 5 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		p, found, err := ReadFile(file, series.ReadOptions{Time: "when", Targets: []string{"sales", "units", "price"}, Known: []string{"open"}})
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if p.Axis.Location != "Europe/Berlin" || p.IDColumn != "store" || p.Step.Width != 3600 || len(p.Series) != 2 {
			t.Errorf("%s: %d series of %q in %q, step %v", file, len(p.Series), p.IDColumn, p.Axis.Location, p.Step)
			continue
		}
		if !slices.ContainsFunc(found.Remarks, func(r string) bool { return strings.Contains(r, `"tags"`) }) {
			t.Errorf("%s: remarks %q do not say that tags are left out", file, found.Remarks)
		}
		b := p.Series[1]
		const first = 1729980000 // 2024-10-26 22:00 UTC
		for i, at := range b.Times {
			sales, row := 1.5*float64(i)+10, b.Row(i)
			if want := p.Axis.Stamp(at); i == 3 && want != "2024-10-27T02:00:00+01:00" {
				t.Errorf("%s: the hour after clocks are put back is written as %s", file, want)
			}
			if at != float64(first+3600*i) || row[1] != float64(i) || row[2] != -0.25*float64(i) || i != 2 && row[0] != sales || i == 2 && !math.IsNaN(row[0]) ||
				b.Known.Values[i] != float64(1-i%2) {
				t.Errorf("%s: row %d at %v is %v, open %v", file, i, at, row, b.Known.Values[i])
			}
		}
	}
}

// What cannot be read is an error that says in which file, column and row it is.
func TestErrors(t *testing.T) {
	parquetOf := func(csv string) string {
		var b bytes.Buffer
		if err := Write(&b, Parquet, false, []byte(csv), nil); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	days := func(cells ...string) string {
		b := "ds,y\n"
		for i, c := range cells {
			b += fmt.Sprintf("2024-01-%02d,%s\n", i+1, c)
		}
		return b
	}
	whole := parquetOf(days("1", "2", "3"))
	for name, test := range map[string]struct {
		in    string
		wants []string
	}{
		"text in Parquet":     {parquetOf(days("1", "2", "x")), []string{`f: row 3: column "y": "x"`, "not a number"}},
		"twice":               {parquetOf("ds,y\n2024-01-01,1\n2024-01-02,1\n2024-01-02,2\n"), []string{"row 3", "also in row 2"}},
		"cut Parquet":         {whole[:len(whole)-9], []string{"f: a Parquet file that is damaged"}},
		"no rows":             {parquetOf("ds,y\n"), []string{"no rows"}},
		"cut Arrow":           {"ARROW1\x00\x00abc", []string{"f: an Arrow file that is damaged"}},
		"text in JSON":        {"{\"ds\":\"2024-01-01\",\"y\":1}\n{\"ds\":\"2024-01-02\",\"y\":\"x\"}\n{\"ds\":\"2024-01-03\",\"y\":2}", []string{`f:2: column "y": "x"`}},
		"no JSON":             {"{\"ds\":1,\"y\":1}\n{\"ds\":2,\"y\":1,}\n", []string{"f:2: not JSON objects"}},
		"cut JSON":            {"[{\"ds\":1,\"y\":1},\n{\"ds\":2,", []string{"f:2: not JSON objects"}},
		"columns of JSON":     {`{"y":{"0":1,"1":2}}`, []string{"f:1: not JSON objects, one for each row"}},
		"a key twice":         {`{"ds":1,"y":1,"y":2}`, []string{`f:1: column "y"`, "twice"}},
		"a group in a column": {"{\"ds\":1,\"y\":1}\n{\"ds\":2,\"y\":[2]}", []string{`f:2: column "y": "[2]"`}},
		"SQLite":              {"SQLite format 3\x00", []string{"sqlite3 -csv"}},
		"a workbook":          {"PK\x03\x04", []string{"as CSV"}},
	} {
		_, _, err := Read(strings.NewReader(test.in), series.ReadOptions{Name: "f"})
		var at *series.ParseError
		if !errors.As(err, &at) {
			t.Errorf("%s: %v, want a ParseError", name, err)
			continue
		}
		for _, want := range test.wants {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q lacks %q", name, err, want)
			}
		}
	}
}

// A file with a wrong byte anywhere is read or refused, without a panic.
func TestDamage(t *testing.T) {
	seriestest.Long(t)
	files, _ := filepath.Glob("testdata/*.*")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(data); i += 211 {
			bad := slices.Clone(data)
			bad[i] ^= 0x55
			p, _, err := Read(bytes.NewReader(bad), series.ReadOptions{MaxBytes: 1 << 24})
			if err == nil {
				err = p.Validate()
			} else if at := new(series.ParseError); !errors.As(err, &at) {
				t.Errorf("%s with another byte %d: %v, want a ParseError", file, i, err)
				continue
			}
			if err != nil && p != nil {
				t.Errorf("%s with another byte %d: %v", file, i, err)
			}
		}
	}
}

// Keys of JSON that come late are columns, escapes are undone, and an option about decimals
// does not change what is a number already.
func TestJSONColumns(t *testing.T) {
	text := "[ {\"ds\": \"2024-01-01\", \"\\u0079\": 1.125},\n {\"y\": null, \"ds\": \"2024-01-02\", \"z\": 5.250},\n {\"ds\": \"2024-01-03\", \"z\": 6.5e0, \"y\": 3.375} ]\n"
	p, _, err := Read(strings.NewReader(text), series.ReadOptions{Decimal: ',', Targets: []string{"y", "z"}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(p.Channels, p.Series[0].Values), "[y z] [1.125 NaN NaN 5.25 3.375 6.5]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// The ending tells the format, and one that is not known is refused with those that are.
func TestEndings(t *testing.T) {
	for path, want := range map[string]Format{"f": CSV, "a.b/f": CSV, "f.csv.gz": CSV, "F.PARQUET": Parquet, "f.feather": Arrow, "x.arrows": ArrowStream, "f.ndjson": JSONLines, "f.json.gz": JSON} {
		if f, compressed, err := Of(path); err != nil || f != want || compressed != strings.HasSuffix(path, ".gz") {
			t.Errorf("%s: %q, %v, %v", path, f, compressed, err)
		}
	}
	for _, path := range []string{"f.xlsx", "f.parquet.gz", "f.gz", "f.json5"} {
		if _, _, err := Of(path); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), ".parquet, .pq") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// Who uses the library without this package does not pay for its formats.
func TestCoreIsFree(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "tsgen/series", "tsgen/forecast", "tsgen/models", "tsgen/models/auto").CombinedOutput()
	if err != nil {
		t.Skipf("go list: %v", err)
	}
	for _, heavy := range []string{"arrow-go", "parquet-go", "tsgen/series/formats"} {
		if strings.Contains(string(out), heavy) {
			t.Errorf("the core imports %s", heavy)
		}
	}
}
