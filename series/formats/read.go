package formats

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"tsgen/internal/textinput"
	"tsgen/series"
)

// Read reads series from r, in any of the formats, as series.ReadCSV does from text. The
// number of bytes of Parquet and Arrow that is read is at most opt.MaxBytes, and so is that
// of the cells of Arrow as text.
func Read(r io.Reader, opt series.ReadOptions) (*series.Panel, *series.Sniffed, error) {
	text, table, err := open(r, &opt)
	switch {
	case err != nil:
		return nil, nil, err
	case table == nil:
		return series.ReadCSV(text, opt)
	}
	return table.Panel(opt)
}

// ReadFile reads the file at path as Read does; "-" is the standard input.
func ReadFile(path string, opt series.ReadOptions) (*series.Panel, *series.Sniffed, error) {
	f, err := opt.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	return Read(f, opt)
}

// ReadFuture reads times to forecast and known covariates, in any of the formats, as
// series.ReadFuture does from text.
func ReadFuture(r io.Reader, p *series.Panel, opt series.ReadOptions) (*series.Panel, [][]float64, error) {
	text, table, err := open(r, &opt)
	switch {
	case err != nil:
		return nil, nil, err
	case table == nil:
		return series.ReadFuture(text, p, opt)
	}
	return table.Future(p, opt)
}

// ReadTimes reads times of the series of p, in any of the formats, as series.ReadTimes
// does from text.
func ReadTimes(r io.Reader, p *series.Panel, opt series.ReadOptions) ([][]float64, error) {
	text, table, err := open(r, &opt)
	switch {
	case err != nil:
		return nil, err
	case table == nil:
		return series.ReadTimes(text, p, opt)
	}
	return table.Times(p, opt)
}

// What files begin with.
var (
	parquetMark  = []byte("PAR1")
	arrowMark    = []byte("ARROW1")
	streamMark   = []byte{0xff, 0xff, 0xff, 0xff}
	featherMark  = []byte("FEA1")
	workbookMark = []byte("PK\x03\x04")
	databaseMark = []byte("SQLite format 3\x00")
)

// errOther is the error of a format that is recognised and not read.
var errOther = fmt.Errorf("%w of tables", ErrFormat)

// open returns the table in r, or else the text of one in CSV.
func open(r io.Reader, opt *series.ReadOptions) (text io.Reader, t *series.Table, err error) {
	// Files of which any part can be read, are.
	var start [16]byte
	file, random := r.(source)
	if random {
		n, err := file.ReadAt(start[:], 0)
		if err != nil && err != io.EOF {
			random = false // a pipe
		} else if bytes.HasPrefix(start[:n], parquetMark) || bytes.HasPrefix(start[:n], arrowMark) {
			return openTable(file, opt)
		}
	}
	in := bufio.NewReaderSize(r, textinput.Window)
	head, err := in.Peek(len(start))
	if err != nil && err != io.EOF {
		return nil, nil, named(opt.Name, err)
	}
	switch {
	case bytes.HasPrefix(head, parquetMark), bytes.HasPrefix(head, arrowMark):
		most := cmp.Or(opt.MaxBytes, defaultBytes)
		all, err := io.ReadAll(io.LimitReader(in, most+1))
		switch {
		case err != nil:
			return nil, nil, named(opt.Name, err)
		case int64(len(all)) > most:
			return nil, nil, &series.ParseError{Name: opt.Name, Err: fmt.Errorf("%w: more than %d bytes; --max-bytes allows more", series.ErrTooLarge, most)}
		}
		return openTable(bytes.NewReader(all), opt)
	case bytes.HasPrefix(head, streamMark):
		t, err = readArrowStream(in, opt)
		return nil, t, err
	case bytes.HasPrefix(head, featherMark):
		err = fmt.Errorf("%w: Feather version 1; write it as version 2, or as Parquet", errOther)
	case bytes.HasPrefix(head, workbookMark):
		err = fmt.Errorf("%w: binary, a workbook or another ZIP archive; save the sheet as CSV", errOther)
	case bytes.HasPrefix(head, databaseMark):
		err = fmt.Errorf("%w: an SQLite database; pipe a query of it: sqlite3 -csv -header FILE 'SELECT ...' | tsgen ... -", errOther)
	case beginsJSON(in):
		t, err = readJSON(in, opt)
		return nil, t, err
	default:
		return in, nil, nil
	}
	return nil, nil, &series.ParseError{Name: opt.Name, Err: err}
}

// defaultBytes is the number of bytes that are read if the options do not say.
const defaultBytes = 8 << 30

// A source is a file, any part of which can be read.
type source interface {
	io.ReaderAt
	io.ReadSeeker
}

// openTable reads Parquet or an Arrow file.
func openTable(file source, opt *series.ReadOptions) (io.Reader, *series.Table, error) {
	var start [4]byte
	if _, err := file.ReadAt(start[:], 0); err != nil {
		return nil, nil, named(opt.Name, err)
	}
	read := readArrowFile
	if bytes.Equal(start[:], parquetMark) {
		read = readParquet
	}
	t, err := read(file, opt)
	return nil, t, err
}

// beginsJSON reports whether text, which may be compressed, begins as JSON does that is
// a table. No header of CSV does.
func beginsJSON(in *bufio.Reader) bool {
	window, _ := in.Peek(textinput.Window)
	text, err := textinput.Open(bytes.NewReader(window), textinput.Options{})
	if err != nil {
		return false
	}
	start := make([]byte, 512)
	n, _ := io.ReadFull(text, start) // an error is that of the window's end
	begin := bytes.Join(bytes.Fields(start[:n]), nil)
	for _, mark := range []string{`{"`, `[{`, `{}`, `[]`} {
		if bytes.HasPrefix(begin, []byte(mark)) {
			return true
		}
	}
	return false
}

// named names the input in an error of its device.
func named(name string, err error) error {
	if name == "" {
		return err
	}
	return fmt.Errorf("%s: %w", name, err)
}

// ErrDamaged is the error of a file that is not what it begins as.
var ErrDamaged = textinput.ErrDamaged

// damaged is ErrDamaged of a file of some format.
func damaged(name, what string, err error) error {
	return &series.ParseError{Name: name, Err: fmt.Errorf("%s that is %w: %w", what, ErrDamaged, err)}
}

// guard makes an error of a panic of a library that reads a damaged file.
func guard(name, what string, err *error) {
	if p := recover(); p != nil {
		*err = damaged(name, what, fmt.Errorf("%v", p))
	}
}

// leftOut remarks which columns cannot be read.
func leftOut(t *series.Table, columns []string) {
	if len(columns) > 0 {
		t.Remark("not used, since their type is not that of a cell: " + strings.Join(columns, ", "))
	}
}

// follow lets days and months follow the zone of the time stamps, if all of them have the
// same and the options name none.
func follow(opt *series.ReadOptions, zones []*time.Location) {
	if opt.Location != nil || len(zones) == 0 || zones[0] == nil || zones[0] == time.UTC {
		return
	}
	for _, z := range zones {
		if z == nil || z.String() != zones[0].String() {
			return
		}
	}
	if _, err := time.LoadLocation(zones[0].String()); err == nil {
		opt.Location = zones[0]
	}
}

// asParseError names the input in an error of a table that has no place in it.
func asParseError(name string, err error) error {
	var e *series.ParseError
	if err == nil || errors.As(err, &e) {
		return err
	}
	return &series.ParseError{Name: name, Err: err}
}
