package series

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// filled says which columns that are not used have a value in every row, those still to come among them, after a
// semicolon; nothing of a table without such.
func (t *table) filled(r *roles, na absence) string {
	var names []string
	for _, c := range r.leftOut {
		if tallyColumn(t.cells[c], na).missing == 0 {
			names = append(names, t.names[c])
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("; known there too: %s, which --known %s has models learn from", strings.Join(quoted(names), ", "), strings.Join(names, ","))
}

// hintStillToCome says that some channels end before others in all series, which have a value in every row: those are
// likely to be covariates that are known ahead. It says nothing where all end together or a single row is missing.
func (p *Panel) hintStillToCome() string {
	const least = 2
	width := p.Width()
	if width < 2 {
		return ""
	}
	ends, full := slices.Repeat([]int{math.MaxInt}, width), slices.Repeat([]bool{true}, width)
	for _, s := range p.Series {
		for c := range width {
			values := Column(s.Values, c, width)
			n := len(values)
			for n > 0 && math.IsNaN(values[n-1]) {
				n--
			}
			ends[c] = min(ends[c], len(values)-n)
			full[c] = full[c] && !slices.ContainsFunc(values, math.IsNaN)
		}
	}
	var ending, known []string
	rows := math.MaxInt
	for c, name := range p.Channels {
		switch {
		case len(p.Series) > 0 && ends[c] >= least:
			ending, rows = append(ending, name), min(rows, ends[c])
		case full[c]:
			known = append(known, name)
		}
	}
	if len(ending) == 0 || len(ending)+len(known) < width {
		return ""
	}
	return fmt.Sprintf("in the last %d rows %s without a value and %s not: where the latter is known ahead, --target %s --known %s says so",
		rows, areQuoted(ending), areQuoted(known), strings.Join(ending, ","), strings.Join(known, ","))
}

// areQuoted returns names with the verb that belongs to them.
func areQuoted(names []string) string {
	if len(names) == 1 {
		return quoted(names)[0] + " is"
	}
	return strings.Join(quoted(names), ", ") + " are"
}
