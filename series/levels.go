package series

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tsgen/series/internal/packed"
)

// ErrLevel is the error of a text in a covariate that has not been seen before.
var ErrLevel = errors.New("not one of the levels")

// mostLevels is the number of different texts that a covariate may have.
const mostLevels = 100

// indicator returns the name of the column that tells whether a covariate of texts
// has a level.
func indicator(name, level string) string { return name + "=" + level }

// covariate returns the column from which a known covariate comes, or -1, and its
// level if it is an indicator: "weather" and "rain" for "weather=rain", unless there
// is a column of that name.
func covariate(name string, column func(string) int) (c int, level string) {
	if c = column(name); c >= 0 {
		return c, ""
	}
	for i, b := range []byte(name) {
		if b != '=' {
			continue
		}
		if c = column(name[:i]); c >= 0 {
			return c, name[i+1:]
		}
	}
	return -1, ""
}

// assignKnown finds the columns of known covariates, of which some may be levels of
// columns of texts.
func (t *table) assignKnown(r *roles, names []string) error {
	r.levels = make(map[int][]string)
	for _, name := range names {
		c, level := covariate(name, t.column)
		if c < 0 {
			base, _, _ := strings.Cut(name, "=")
			_, err := t.lookup(base, "known covariate")
			return err
		}
		if level == "" {
			r.known = append(r.known, c)
			continue
		}
		if len(r.levels[c]) == 0 {
			r.known = append(r.known, c)
		}
		r.levels[c] = append(r.levels[c], level)
	}
	return nil
}

// spreadLevels puts a column of zeros and ones for each level in the place of known
// covariates that are texts. Those that were learned of as numbers must be numbers, or what counts
// as such.
func (t *table) spreadLevels(r *roles, learned []string, na absence) error {
	var known []int
	for _, c := range r.known {
		t.countTruths(c, na)
		if slices.Contains(learned, t.names[c]) {
			if err := t.checkTruths(c, na); err != nil {
				return err
			}
			known = append(known, c)
			continue
		}
		levels := r.levels[c]
		if tally := tallyColumn(t.cells[c], na); levels == nil && (tally.texts == 0 || tally.numeric() || isBoolean(t.cells[c])) {
			known = append(known, c)
			continue
		}
		if row := t.firstAbsent(c, na); row >= 0 {
			return t.cellError(c, row, errKnownMissing)
		}
		if levels == nil {
			var err error
			if levels, err = t.levelsOf(c, na); err != nil {
				return err
			}
			t.remarks = append(t.remarks, fmt.Sprintf("%q has the levels %s", t.names[c], strings.Join(quoted(levels), ", ")))
		} else if err := t.checkLevels(c, levels, na); err != nil {
			return err
		}
		r.parts = append(r.parts, c)
		for _, level := range levels {
			name := indicator(t.names[c], level)
			if t.column(name) >= 0 {
				return &ParseError{Name: t.name, Column: name, Err: fmt.Errorf("%w: it is also a level of %q", ErrColumns, t.names[c])}
			}
			known = append(known, len(t.names))
			t.names = append(t.names, name)
			t.cells = append(t.cells, t.cells[c].Map(func(dst, text []byte) []byte {
				if string(text) == level {
					return append(dst, '1')
				}
				return append(dst, '0')
			}))
		}
	}
	r.known = known
	return nil
}

// isBoolean reports whether a column holds true or false, so that another text in it is
// a mistake.
func isBoolean(c *packed.Column) bool {
	return slices.ContainsFunc(c.Shapes(), func(s packed.Shape) bool {
		return s.Rows > 0 && (strings.EqualFold(s.Text, "true") || strings.EqualFold(s.Text, "false"))
	})
}

// checkTruths returns an error if a cell of a column of a covariate that was learned of as a number is a text.
func (t *table) checkTruths(c int, na absence) error {
	const most = 8
	if tallyColumn(t.cells[c], na).texts == 0 {
		return nil
	}
	read := newNumberReader(t.cells[c], na)
	wrong, seen := -1, make(map[string]bool)
	for row := range t.rows() {
		_, k := read.read(row)
		cell := t.text(c, row)
		if k != missing && len(seen) < most {
			seen[cell] = true
		}
		if k == text && (wrong < 0 || truths.word(t.text(c, wrong)) && !truths.word(cell)) {
			wrong = row
		}
	}
	return t.cellError(c, wrong, fmt.Errorf("%w: the covariate was learned of as a number; the column has %s, and understood are numbers, or in a column of nothing else words for 1 (true, yes, y, on) and for 0 (false, no, n, off)",
		ErrNumber, strings.Join(quoted(slices.Sorted(maps.Keys(seen))), ", ")))
}

// levelsOf returns the texts of a column in order.
func (t *table) levelsOf(c int, na absence) ([]string, error) {
	seen := make(map[string]bool)
	over := t.cells[c].Any(func(s string) bool {
		if !na.holds(s) {
			seen[s] = true
		}
		return len(seen) > mostLevels
	})
	if over {
		return nil, &ParseError{Name: t.name, Column: t.names[c], Err: fmt.Errorf("%w: more than %d different texts, too many for the levels of a covariate", ErrColumns, mostLevels)}
	}
	levels := make([]string, 0, len(seen))
	for s := range seen {
		levels = append(levels, s)
	}
	slices.Sort(levels)
	return levels, nil
}

// checkLevels returns an error if a cell of a column is none of the levels.
func (t *table) checkLevels(c int, levels []string, na absence) error {
	cells := t.cells[c]
	strange := func(s string) bool { return !na.holds(s) && !slices.Contains(levels, s) }
	if !cells.Any(strange) {
		return nil
	}
	for row := range cells.Len() {
		if strange(cells.Text(row)) {
			return t.cellError(c, row, fmt.Errorf("%w: what was learned from has %s", ErrLevel, strings.Join(quoted(levels), ", ")))
		}
	}
	return nil
}

// truthWords are words for 1 and for 0, in small letters.
type truthWords map[string]bool

// word reports whether a cell is one of the words.
func (w truthWords) word(cell string) bool {
	_, ok := w[strings.ToLower(cell)]
	return ok
}

// truths are the words that are read.
var truths = truthWords{
	"true": true, "false": false, "t": true, "f": false, "yes": true, "no": false, "y": true, "n": false, "on": true, "off": false,
	"ja": true, "nein": false, "oui": true, "non": false, "si": true, "sí": true, "sim": true, "não": false,
}

// countTruths writes 1 for true and yes, and 0 for false and no, in a column that holds
// nothing else.
func (t *table) countTruths(c int, na absence) {
	some := false
	for _, s := range t.cells[c].Shapes() {
		truth := truths.word(s.Text)
		if s.Rows > 0 && !truth && !na.holds(s.Text) {
			return
		}
		some = some || truth
	}
	if !some || !t.cells[c].Plain() {
		return
	}
	if t.written == nil {
		t.written = make(map[int]*packed.Column)
	}
	t.written[c] = t.cells[c]
	t.cells[c] = t.cells[c].Map(func(dst, text []byte) []byte {
		truth, ok := truths[strings.ToLower(string(text))]
		switch {
		case !ok || na.holds(string(text)):
			return append(dst, text...)
		case truth:
			return append(dst, '1')
		}
		return append(dst, '0')
	})
}
