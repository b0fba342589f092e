package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"unicode/utf16"
)

// Exit statuses of tsgen.
const (
	done     = 0
	usage    = 2
	data     = 3
	mismatch = 4
)

// A fileCase is a hostile file and what tsgen promises of it.
type fileCase struct {
	class, name string
	content     []byte
	args        []string // of fit, beside the file
	status      []int    // one of them
	says        string   // on standard error, if not empty
}

// monthly returns months of a growing season, one line each, with the stamp that stamp
// makes and the value that value writes.
func monthly(n int, header string, line func(i int, y float64) string) []byte {
	var b strings.Builder
	b.WriteString(header + "\n")
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range n {
		b.WriteString(line(i, 100+float64(i)+20*math.Sin(float64(i)*math.Pi/6)+2*rng.NormFloat64()) + "\n")
	}
	return []byte(b.String())
}

func month(i int) string { return fmt.Sprintf("%d-%02d-01", 2010+i/12, 1+i%12) }

func minute(i int) string { return fmt.Sprintf("2024-01-%02dT%02d:%02d", 1+i/1440, i/60%24, i%60) }

// plain is a file with nothing wrong in it.
func plain(i int, y float64) string { return fmt.Sprintf("%s,%.2f", month(i), y) }

// changed returns the plain line, but for a row that is another.
func changed(row int, other string) func(i int, y float64) string {
	return func(i int, y float64) string {
		if i == row {
			return other
		}
		return plain(i, y)
	}
}

// packed returns a small file of gzip that stands for n thousand rows.
func packed(n int) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	for i := range n {
		rows := bytes.Repeat([]byte("2020-01-01,1\n"), 1000)
		if i == 0 {
			rows = append([]byte("ds,y\n"), rows...)
		}
		if _, err := w.Write(rows); err != nil {
			panic(err) // a buffer takes all
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func utf16le(text []byte) []byte {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(string(text))) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

// fileCases are the hostile files, with the options of fit that go with them.
func fileCases() []fileCase {
	const n = 72
	good := monthly(n, "ds,y", plain)
	of := func(class, name string, content []byte, says string, status ...int) fileCase {
		return fileCase{class: class, name: name, content: content, status: status, says: says}
	}
	with := func(c fileCase, args ...string) fileCase {
		c.args = args
		return c
	}
	minutes := func(odd string) []byte {
		return monthly(300, "ds,y", func(i int, y float64) string {
			if i == 299 {
				return odd + fmt.Sprintf(",%.2f", y)
			}
			return fmt.Sprintf("%s,%.2f", minute(i), y)
		})
	}
	thousands := func(format func(v int) string) []byte {
		return monthly(n, "ds;y", func(i int, y float64) string { return month(i) + ";" + format(int(9*y)) })
	}
	return []fileCase{
		of("none", "plain", good, "", done),
		of("stamps", "a wrong year", monthly(n, "ds,y", changed(30, "0"+month(30)[1:]+",120")), "", data),
		of("stamps", "a year in the future", monthly(n, "ds,y", changed(n-1, "9"+month(n - 1)[1:]+",120")), "", data),
		of("stamps", "minutes with a gap of twenty years", minutes("2044-01-01T00:00"), "", data),
		of("stamps", "minutes with a stamp ten years early", minutes("2014-01-01T00:00"), "", data),
		of("stamps", "a month that there is not", monthly(n, "ds,y", changed(9, "2010-13-01,5")), "", data),
		of("stamps", "no stamp", monthly(n, "ds,y", changed(9, ",5")), "", data),
		of("stamps", "all the same", monthly(n, "ds,y", func(_ int, y float64) string { return fmt.Sprintf("2020-01-01,%.1f", y) }), "", data),
		of("stamps", "day or month first", monthly(12, "ds,y", func(i int, y float64) string { return fmt.Sprintf("%02d/%02d/2020,%.1f", 1+i, 1+i, y) }), "", data, done, mismatch),
		of("separators", "semicolons and thousands points", thousands(func(v int) string { return fmt.Sprintf("%d.%03d", v/1000, v%1000) }), "", data, done),
		of("separators", "thousands commas in quotes", monthly(n, "ds,y", func(i int, y float64) string {
			return fmt.Sprintf("%s,\"%d,%03d\"", month(i), 100+i, int(y))
		}), "", data, done),
		of("separators", "a row with more cells", monthly(n, "ds,y", changed(9, "2010-10-01,5,6")), "", data),
		of("separators", "a quote that never ends", monthly(n, "ds,y", changed(9, "2010-10-01,\"5")), "", data),
		of("values", "a word", monthly(n, "ds,y", changed(9, "2010-10-01,many")), "many", data),
		of("values", "infinity", monthly(n, "ds,y", changed(9, "2010-10-01,Inf")), "", data),
		of("values", "1e308", monthly(n, "ds,y", changed(9, "2010-10-01,1e308")), "", done, data, mismatch),
		of("values", "1e999", monthly(n, "ds,y", changed(9, "2010-10-01,1e999")), "", data),
		of("values", "all missing", monthly(n, "ds,y", func(i int, _ float64) string { return month(i) + "," }), "", data, mismatch),
		of("values", "all the same", monthly(n, "ds,y", func(i int, _ float64) string { return month(i) + ",7" }), "", done),
		of("values", "-999 for missing", monthly(n, "ds,y", func(i int, y float64) string {
			if i%9 == 4 {
				y = -999
			}
			return fmt.Sprintf("%s,%.1f", month(i), y)
		}), "", data),
		of("rows", "none", []byte("ds,y\n"), "", data),
		of("rows", "nothing", nil, "", data),
		of("rows", "one", monthly(1, "ds,y", plain), "", data, mismatch, done),
		of("rows", "twice", append(bytes.Clone(good), good[5:]...), "", data),
		of("rows", "no header", good[5:], "", done, data),
		of("text", "binary", append([]byte{0, 1, 2, 0xff}, bytes.Repeat([]byte{0xfe, 0}, 500)...), "", data),
		of("text", "UTF-16", utf16le(good), "", done),
		of("text", "CRLF", bytes.ReplaceAll(good, []byte("\n"), []byte("\r\n")), "", done),
		of("text", "a NUL in a cell", monthly(n, "ds,y", changed(9, "2010-10-01,5\x00")), "", data),
		with(of("size", "a bomb of gzip", packed(3000), "max-ratio", data), "--max-bytes", "1000000000"),
		with(of("size", "more than --max-bytes", good, "max-bytes", data), "--max-bytes", "100"),
		of("size", "a cell of 2 MB", monthly(n, "ds,y", changed(9, "2010-10-01,"+strings.Repeat("1", 2<<20))), "", data),
		with(of("options", "a season that cannot be", good, "", usage), "--season", "-3"),
		with(of("options", "a horizon longer than the series", good, "", done, mismatch), "--horizon", "500"),
		with(of("options", "a column that there is not", good, "", data), "--target", "sales"),
	}
}
