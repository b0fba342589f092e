package series

import (
	"errors"
	"strconv"
	"strings"

	"tsgen/internal/textinput"
)

// What a ParseError may wrap.
var (
	ErrEmpty         = errors.New("the file is empty")
	ErrNoRows        = errors.New("no rows of data below the header")
	ErrTooFewRows    = errors.New("too few rows")
	ErrNoColumn      = errors.New("no such column")
	ErrColumns       = errors.New("unusable columns")
	ErrFieldCount    = errors.New("wrong number of fields")
	ErrSyntax        = errors.New("not CSV text")
	ErrSeries        = errors.New("no such series")
	ErrNumber        = errors.New("not a number")
	ErrInfinite      = errors.New("not a finite number")
	ErrTime          = errors.New("not a time")
	ErrMissing       = errors.New("missing")
	ErrDuplicateTime = errors.New("time stamp occurs twice")
	ErrOrder         = errors.New("out of order")
	ErrStep          = errors.New("no step of the times")
	ErrTooLarge      = textinput.ErrTooLarge
)

// A ParseError says what is wrong with the input, and where.
type ParseError struct {
	Name   string // the input's name: a file's path, "stdin", "data frame"
	Line   int    // line of the file (row of a data frame, from 1), 0 if the whole input is meant
	ByRow  bool   // Line is a row, counted from 1, of an input without lines
	Column string // name of the column, if one is meant
	Value  string // the offending cell, if one is meant
	Err    error  // what was wrong and what was expected; wraps one of the package's errors
}

// Error implements error: "sales.csv:17: column "y": "12a": not a number", or
// "sales.parquet: row 17: column "y": ...".
func (e *ParseError) Error() string {
	var b strings.Builder
	b.WriteString(e.Name)
	switch {
	case e.Line > 0 && e.ByRow:
		if e.Name != "" {
			b.WriteString(": ")
		}
		b.WriteString("row " + strconv.Itoa(e.Line))
	case e.Line > 0:
		if e.Name != "" {
			b.WriteByte(':')
		}
		b.WriteString(strconv.Itoa(e.Line))
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	if e.Column != "" {
		b.WriteString("column " + strconv.Quote(e.Column) + ": ")
	}
	if e.Value != "" {
		v := e.Value
		if r := []rune(v); len(r) > 60 {
			v = string(r[:60]) + "..."
		}
		b.WriteString(strconv.Quote(v) + ": ")
	}
	b.WriteString(e.Err.Error())
	return b.String()
}

// Unwrap returns e.Err.
func (e *ParseError) Unwrap() error { return e.Err }
