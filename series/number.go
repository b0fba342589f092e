package series

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"tsgen/series/internal/packed"
)

// A kind is what a cell turned out to hold.
type kind int

const (
	missing kind = iota
	number
	infinite // Inf, or beyond the largest float64
	text
)

// An absence is the set of cells that mean a missing value.
type absence []string

// absent are the usual ones, compared without regard to case; the empty cell
// always is one.
func absent(na []string) absence {
	if na != nil {
		return na
	}
	return absence{"na", "n/a", "#n/a", "nan", "null", "none"}
}

func (a absence) holds(cell string) bool {
	if cell == "" {
		return true
	}
	for _, s := range a {
		if len(s) == len(cell) && strings.EqualFold(s, cell) {
			return true
		}
	}
	return false
}

// parseNumber reads a cell as a decimal number. Only decimal notation counts:
// the hexadecimal numbers and underscores of Go are text.
func parseNumber(cell string, na absence) (float64, kind) {
	if na.holds(cell) {
		return math.NaN(), missing
	}
	if strings.ContainsAny(cell, "xX_") {
		return 0, text
	}
	v, err := strconv.ParseFloat(cell, 64)
	switch {
	case math.IsInf(v, 0) && (err == nil || errors.Is(err, strconv.ErrRange)):
		return v, infinite
	case err != nil || math.IsNaN(v):
		return 0, text
	}
	return v, number
}

// numberError says why a cell is not a number, and what would be.
func numberError(cell string, k kind) error {
	switch {
	case k == infinite:
		return fmt.Errorf("%w: expected one below 1.8e308 in magnitude, or an empty cell for a missing value", ErrInfinite)
	case strings.Count(cell, ",") == 1 && strings.Trim(cell, "+-0123456789,") == "":
		return fmt.Errorf("%w: expected a decimal point, not a comma, as in other cells; --decimal , takes commas", ErrNumber)
	case len(cell) < 4 && strings.Trim(cell, "-–—.*x?/") == "":
		return fmt.Errorf("%w: expected one, or an empty cell for a missing value; --na %s says that this means one", ErrNumber, cell)
	}
	if f, ok := figureOf(cell); ok {
		switch {
		case f.brackets:
			return fmt.Errorf("%w: all numbers of the column are in parentheses, so that these hardly mean a minus; leave them out", ErrNumber)
		case f.unit != "":
			return fmt.Errorf("%w: %q does not stand in the other cells of the column", ErrNumber, f.unit)
		}
		return fmt.Errorf("%w: its points and commas are not those of the other cells of the column", ErrNumber)
	}
	return fmt.Errorf("%w: expected one, or an empty cell for a missing value", ErrNumber)
}

// A tally counts the kinds of a column's cells.
type tally struct {
	missing, numbers, texts int
}

// numeric reports whether the column is meant to hold numbers: at least half
// of what it holds are. A text among them is then a mistake.
func (t tally) numeric() bool { return t.numbers > 0 && t.numbers >= t.texts }

func (t *tally) add(k kind, n int) {
	switch k {
	case missing:
		t.missing += n
	case text:
		t.texts += n
	default:
		t.numbers += n
	}
}

func tallyColumn(c *packed.Column, na absence) tally {
	t, _ := newNumberReader(c, na).tally()
	return t
}

// A numberReader reads the numbers of a column: what their shapes say once for all,
// and their digits by arithmetic.
type numberReader struct {
	column *packed.Column
	cursor *packed.Cursor
	na     absence
	shapes []numberShape
	text   []byte
}

// A numberShape says what cells of one shape are.
type numberShape struct {
	how      howRead
	negative bool
	decimals int
	absent   []uint64 // numbers that mean a missing value
}

// howRead says how cells of a shape are read.
type howRead uint8

const (
	unknown     howRead = iota
	byDigits            // as decimal numbers
	byText              // as texts, which are numbers, maybe infinite
	allText             // not at all
	allMissing          // as missing values
	allInfinite         // as infinite ones
)

func newNumberReader(c *packed.Column, na absence) *numberReader {
	return &numberReader{column: c, cursor: c.Cursor(), na: na, shapes: make([]numberShape, len(c.Shapes()))}
}

// kind returns what all cells of the shape are, if that does not depend on their
// digits.
func (s *numberShape) kind() (k kind, ok bool) {
	switch s.how {
	case allText:
		k = text
	case allMissing:
		k = missing
	case allInfinite:
		k = infinite
	case byDigits:
		k = number
	default:
		k = number // or infinite, which counts as one
	}
	return k, len(s.absent) == 0
}

// tally counts the kinds of the cells. sure tells that none that counts as a number is
// infinite.
func (r *numberReader) tally() (t tally, sure bool) {
	c := r.column
	sure = c.Plain()
	byRow := !sure
	for i, s := range c.Shapes() {
		if s.Rows == 0 {
			continue
		}
		of := r.ofShape(i)
		if k, ok := of.kind(); ok {
			t.add(k, s.Rows)
		} else {
			byRow = true
		}
		sure = sure && of.how != byText && of.how != allInfinite
	}
	for row := 0; row < c.Len() && byRow; row++ {
		if shape, _ := r.cursor.At(row); shape != packed.Raw {
			if _, ok := r.ofShape(shape).kind(); ok {
				continue // counted with its shape
			}
		}
		_, k := r.read(row)
		t.add(k, 1)
	}
	return t, sure
}

// ofShape returns what cells of a shape are.
func (r *numberReader) ofShape(i int) *numberShape {
	s := &r.shapes[i]
	if s.how != unknown {
		return s
	}
	shape := r.column.Shapes()[i]
	for _, na := range r.na {
		c := packed.Of(na)
		if of := c.Shapes()[0].Text; len(of) == len(shape.Text) && strings.EqualFold(of, shape.Text) {
			_, digits := c.At(0)
			s.absent = append(s.absent, digits)
		}
	}
	one := strings.ReplaceAll(shape.Text, string([]byte{packed.Digit}), "1")
	varies := one != shape.Text
	if !varies {
		s.absent = nil // the look below tells
	}
	negative, _, decimals, plain := shape.Decimal()
	_, k := parseNumber(one, r.na)
	switch {
	case varies && plain:
		s.how, s.negative, s.decimals = byDigits, negative, decimals
	case !varies && k == missing:
		s.how = allMissing
	case !varies && k == infinite:
		s.how = allInfinite
	case k == text:
		s.how = allText
	default:
		s.how = byText
	}
	return s
}

// certain reports whether the shape of the cell in a row, which is known, tells that it is a
// number or missing.
func (r *numberReader) certain(row int) bool {
	shape, _ := r.cursor.At(row)
	if shape == packed.Raw {
		return false
	}
	how := r.shapes[shape].how
	return how == byDigits || how == allMissing
}

// fill writes the numbers in n rows, the missing ones as NaN, to every so manieth place of
// out.
func (r *numberReader) fill(out []float64, width, first, n int) {
	for i := range n {
		shape, digits := r.cursor.At(first + i)
		if shape != packed.Raw {
			if s := &r.shapes[shape]; s.how == byDigits && len(s.absent) == 0 {
				v := packed.Scaled(digits, s.decimals)
				if s.negative {
					v = -v
				}
				out[i*width] = v
				continue
			}
		}
		out[i*width], _ = r.read(first + i)
	}
}

// read returns the number in a row.
func (r *numberReader) read(row int) (float64, kind) {
	shape, digits := r.cursor.At(row)
	if shape != packed.Raw {
		s := &r.shapes[shape]
		if s.how == unknown {
			s = r.ofShape(shape)
		}
		switch {
		case len(s.absent) > 0 && slices.Contains(s.absent, digits):
			return math.NaN(), missing
		case s.how == byDigits:
			v := packed.Scaled(digits, s.decimals)
			if s.negative {
				v = -v
			}
			return v, number
		case s.how == allText:
			return 0, text
		case s.how == allMissing:
			return math.NaN(), missing
		}
	}
	r.text = r.column.AppendText(r.text[:0], row)
	return parseNumber(string(r.text), r.na)
}
