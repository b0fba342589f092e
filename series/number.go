package series

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
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
		return fmt.Errorf("%w: expected a decimal point, not a comma", ErrNumber)
	}
	return fmt.Errorf("%w: expected one, or an empty cell for a missing value", ErrNumber)
}

// A tally counts the kinds of a column's cells.
type tally struct {
	missing, numbers, texts int
}

func tallyColumn(cells []string, na absence) tally {
	var t tally
	for _, c := range cells {
		switch _, k := parseNumber(c, na); k {
		case missing:
			t.missing++
		case text:
			t.texts++
		default:
			t.numbers++
		}
	}
	return t
}

// numeric reports whether the column is meant to hold numbers: at least half
// of what it holds are. A text among them is then a mistake.
func (t tally) numeric() bool { return t.numbers > 0 && t.numbers >= t.texts }
