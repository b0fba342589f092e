// Package packed holds columns of short texts in few bytes each, and gives them back
// as they were.
//
// A text is kept as its shape, with the digits taken out, and the number that the
// digits make: "2020-01-31" is the shape of a date and 20200131. A column of a
// table has few shapes, so that what depends on the shape alone (whether it is a
// number, and with how many decimals; where the year stands in a date) is found
// out once, and a cell costs some arithmetic. Columns of free text, whose shapes
// have no end, are kept as they are.
package packed

import (
	"bytes"
	"slices"
	"strings"

	"tsgen/internal/scratch"
)

const (
	// rows of a block.
	blockRows = 1024

	// mostDigits is the number of digits of a text that go into its number: as many
	// as always fit into 64 bits. Further ones stay in the shape.
	mostDigits = 19

	// mostShapes is the number of shapes of a column beyond which texts are kept as
	// they are.
	mostShapes = 1 << 14
)

// Digit stands in shapes for a digit. It occurs in no UTF-8.
const Digit = '\xff'

// Raw is the shape of texts that are kept as they are.
const Raw = -1

// A Column is a column of texts. Those that are not UTF-8 may be kept as they are. The zero
// value is empty.
type Column struct {
	Room *scratch.Store // for what is appended; nil for memory

	shapes []Shape
	index  map[string]int32
	plain  [2][mostDigits + 1][mostDigits + 1]int32 // shapes of decimal numbers, by sign and digits before and after the point, from 1
	last   int32                                    // shape
	long   bool                                     // the last decimal number that Scan met has many digits
	model  template                                 // of texts like the last that Scan met
	blocks []block
	codes  []int32 // of rows since the last block
	digits []uint64
	raw    []string // of rows since the last block, if there are too many shapes
	n      int
}

// A Shape is what is common to texts that differ in their digits.
type Shape struct {
	Text  string // with Digit for digits that vary
	Rows  int    // of the column that have it
	count int    // of digits that vary
}

// Len returns the number of rows.
func (c *Column) Len() int { return c.n }

// Shapes returns the shapes of the column. Texts of shape Raw have none.
func (c *Column) Shapes() []Shape { return c.shapes }

// Plain reports whether all texts have shapes.
func (c *Column) Plain() bool {
	n := 0
	for _, s := range c.shapes {
		n += s.Rows
	}
	return n == c.n
}

// Append appends a text.
func (c *Column) Append(text []byte) {
	code, digits := c.pack(text)
	if code == Raw || len(c.raw) > 0 { // a block is of one kind
		c.keep(string(text))
		return
	}
	c.Push(code, digits)
}

// Push appends a text that Scan found.
func (c *Column) Push(code int32, digits uint64) {
	c.last = code
	c.shapes[code].Rows++
	c.codes = append(c.codes, code) // in place, which an assignment of both would not be
	c.digits = append(c.digits, digits)
	if c.n++; len(c.codes) == blockRows {
		c.seal()
	}
}

// keep appends a text as it is.
func (c *Column) keep(text string) {
	for i, s := range c.codes {
		c.raw = append(c.raw, c.shapes[s].fill(c.digits[i]))
		c.shapes[s].Rows--
	}
	c.codes, c.digits = c.codes[:0], c.digits[:0]
	c.raw = append(c.raw, text)
	if c.n++; len(c.raw) == blockRows {
		c.seal()
	}
}

// pack returns the shape and the number of a text.
func (c *Column) pack(text []byte) (code int32, digits uint64) {
	// Decimal numbers, the commonest, need no look into the index.
	i, sign := 0, 0
	if len(text) > 1 && text[0] == '-' {
		i, sign = 1, 1
	}
	first := i
	for i < len(text) && text[i]-'0' <= 9 {
		digits = 10*digits + uint64(text[i]-'0')
		i++
	}
	before, after := i-first, 0
	if i < len(text) && text[i] == '.' {
		for i++; i < len(text) && text[i]-'0' <= 9; i++ {
			digits = 10*digits + uint64(text[i]-'0')
			after++
		}
		if after == 0 {
			i = -1
		}
	}
	if i == len(text) && before > 0 && before+after <= mostDigits {
		if s := c.plain[sign][before][after]; s > 0 {
			return s - 1, digits
		}
	}
	return c.packAny(text)
}

func (c *Column) packAny(text []byte) (code int32, digits uint64) {
	if bytes.IndexByte(text, Digit) >= 0 {
		return Raw, 0
	}
	if int(c.last) < len(c.shapes) {
		if digits, ok := c.shapes[c.last].match(text); ok {
			return c.last, digits
		}
	}
	var short [64]byte
	shape, digits, count := shapeOf(short[:0], text)
	if s, ok := c.index[string(shape)]; ok {
		return s, digits
	}
	if len(c.shapes) == mostShapes {
		return Raw, 0
	}
	if c.index == nil {
		c.index = make(map[string]int32)
	}
	code = int32(len(c.shapes))
	s := Shape{Text: string(shape), count: count}
	c.shapes = append(c.shapes, s)
	c.index[s.Text] = code
	if negative, before, after, ok := s.Decimal(); ok {
		sign := 0
		if negative {
			sign = 1
		}
		c.plain[sign][before][after] = code + 1
	}
	return code, digits
}

// match returns the number of a text that may be of the shape.
func (s *Shape) match(text []byte) (digits uint64, ok bool) {
	shape := s.Text
	if len(shape) != len(text) {
		return 0, false
	}
	left := s.count
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case b-'0' > 9:
			if shape[i] != b {
				return 0, false
			}
		case shape[i] == Digit:
			digits = 10*digits + uint64(b-'0')
			left--
		case left > 0 || shape[i] != b: // a digit that is not packed
			return 0, false
		}
	}
	return digits, true
}

// find returns the shape of a text and its number, if the column has the shape, or Raw.
func (c *Column) find(text []byte) (code int32, digits uint64) {
	if bytes.IndexByte(text, Digit) >= 0 {
		return Raw, 0
	}
	var short [64]byte
	shape, digits, _ := shapeOf(short[:0], text)
	if s, ok := c.index[string(shape)]; ok {
		return s, digits
	}
	return Raw, 0
}

// shapeOf appends the shape of a text to dst, and returns the number of the digits that
// were taken out, and how many they are.
func shapeOf(dst, text []byte) (shape []byte, digits uint64, count int) {
	for _, b := range text {
		if b-'0' <= 9 && count < mostDigits {
			digits = 10*digits + uint64(b-'0')
			count++
			b = Digit
		}
		dst = append(dst, b)
	}
	return dst, digits, count
}

// Decimal returns the digits before and after the point of a shape of decimal
// numbers without other signs than a minus; ok is false for others.
func (s *Shape) Decimal() (negative bool, before, after int, ok bool) {
	rest, negative := strings.CutPrefix(s.Text, "-")
	whole, fraction, point := strings.Cut(rest, ".")
	ok = whole != "" && !slices.ContainsFunc([]byte(whole+fraction), func(b byte) bool { return b != Digit }) && (fraction != "" || !point)
	return negative, len(whole), len(fraction), ok
}

// seal makes a block of the rows since the last.
func (c *Column) seal() {
	if len(c.raw) > 0 {
		var b block
		for _, s := range c.raw {
			b.raw = append(b.raw, s...)
			b.ends = append(b.ends, uint32(len(b.raw)))
		}
		if b.raw = slices.Clip(b.raw); c.Room != nil {
			b.raw, b.ends = scratch.Copy(c.Room, b.raw), scratch.Copy(c.Room, b.ends)
		}
		c.blocks, c.raw = append(c.blocks, b), c.raw[:0]
		return
	}
	c.blocks = append(c.blocks, compress(c.codes, c.digits, c.Room))
	c.codes, c.digits = c.codes[:0], c.digits[:0]
}

// At returns the shape of the text in a row and the number that its digits make;
// the shape is Raw if the text is kept as it is.
func (c *Column) At(row int) (shape int, digits uint64) {
	k := row / blockRows
	if k == len(c.blocks) {
		if len(c.raw) > 0 {
			return Raw, 0
		}
		i := row - k*blockRows
		return int(c.codes[i]), c.digits[i]
	}
	return c.blocks[k].at(row - k*blockRows)
}

// Text returns the text in a row.
func (c *Column) Text(row int) string { return string(c.AppendText(nil, row)) }

// AppendText appends the text in a row to dst.
func (c *Column) AppendText(dst []byte, row int) []byte {
	shape, digits := c.At(row)
	if shape != Raw {
		return c.shapes[shape].appendText(dst, digits)
	}
	k := row / blockRows
	i := row - k*blockRows
	if k == len(c.blocks) {
		return append(dst, c.raw[i]...)
	}
	b := &c.blocks[k]
	from := uint32(0)
	if i > 0 {
		from = b.ends[i-1]
	}
	return append(dst, b.raw[from:b.ends[i]]...)
}

func (s *Shape) fill(digits uint64) string { return string(s.appendText(nil, digits)) }

func (s *Shape) appendText(dst []byte, digits uint64) []byte {
	from := len(dst)
	dst = append(dst, s.Text...)
	for i, left := len(dst)-1, s.count; left > 0 && i >= from; i-- {
		if dst[i] == Digit {
			dst[i] = '0' + byte(digits%10)
			digits /= 10
			left--
		}
	}
	return dst
}

// Constant reports whether all texts are the same.
func (c *Column) Constant() bool {
	if c.n == 0 {
		return true
	}
	for i := range c.blocks {
		b := &c.blocks[i]
		if !b.constant() {
			return false
		}
	}
	shape, digits := c.At(0)
	if shape == Raw {
		first := c.Text(0)
		for row := range c.n {
			if c.Text(row) != first {
				return false
			}
		}
		return true
	}
	for row := 0; row < c.n; row++ {
		if s, d := c.At(row); s != shape || d != digits {
			return false
		}
		if row < len(c.blocks)*blockRows {
			row += blockRows - 1 // the rest of the block is the same
		}
	}
	return true
}

// Any reports whether something holds of a text of the column.
func (c *Column) Any(holds func(text string) bool) bool {
	var met []bool // shapes without digits
	for row := range c.n {
		if shape, _ := c.At(row); shape != Raw && c.shapes[shape].count == 0 {
			if met == nil {
				met = make([]bool, len(c.shapes))
			}
			if met[shape] {
				continue
			}
			met[shape] = true
		}
		if holds(c.Text(row)) {
			return true
		}
	}
	return false
}

// Empty reports whether the text in a row is empty.
func (c *Column) Empty(row int) bool {
	shape, _ := c.At(row)
	if shape == Raw {
		return c.Text(row) == ""
	}
	return c.shapes[shape].Text == ""
}

// Truncate leaves the first n rows.
func (c *Column) Truncate(n int) {
	from := n - n%blockRows
	texts := make([]string, n-from)
	for i := range texts {
		texts[i] = c.Text(from + i)
	}
	for row := from; row < c.n; row++ {
		if s, _ := c.At(row); s != Raw {
			c.shapes[s].Rows--
		}
	}
	c.blocks, c.codes, c.digits, c.raw, c.n = c.blocks[:n/blockRows], nil, nil, nil, from
	for _, s := range texts {
		c.Append([]byte(s))
	}
}

// Map returns the column of what f makes of the texts, appended to its first
// argument.
func (c *Column) Map(f func(dst, text []byte) []byte) *Column {
	m := &Column{Room: c.Room}
	var text, out []byte
	for row := range c.n {
		text = c.AppendText(text[:0], row)
		out = f(out[:0], text)
		m.Append(out)
	}
	return m
}

// Reshape returns the column with other texts for its shapes, which have as many digits
// that vary. Nothing can be appended to it.
func (c *Column) Reshape(texts []string) *Column {
	m := *c
	m.shapes = slices.Clone(c.shapes)
	for i := range m.shapes {
		m.shapes[i].Text = texts[i]
	}
	m.index = nil
	return &m
}

// Of returns the column of some texts.
func Of(texts ...string) *Column {
	c := &Column{}
	for _, s := range texts {
		c.Append([]byte(s))
	}
	return c
}
