package main

import (
	"fmt"
	"io"
)

// writeTable writes a line for each case of the table: the times of all contestants, of which
// the first are ours in both widths, and for the others the ratio to ours of the same width. A
// case without a time is an error.
func writeTable(w io.Writer, contestants []contestant, best []result) error {
	head, rule := "| work |", "|---|"
	for i, c := range contestants {
		head, rule = head+" "+c.name()+" |", rule+"---|"
		if i >= len(widths) {
			head, rule = head+" ratio |", rule+"---|"
		}
	}
	fmt.Fprintf(w, "%s\n%s\n", head, rule)
	for _, m := range table {
		line := "| " + m.name + " |"
		for i, c := range contestants {
			seconds := best[i].seconds[m.name]
			if seconds <= 0 {
				return fmt.Errorf("no time for %q of %s", m.name, c.name())
			}
			line += " " + duration(seconds) + " |"
			if i >= len(widths) {
				line += fmt.Sprintf(" %.2f |", seconds/best[c.width()].seconds[m.name])
			}
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// duration writes seconds with three significant digits in a fitting unit.
func duration(seconds float64) string {
	switch {
	case seconds < 1e-3:
		return fmt.Sprintf("%.3g µs", seconds*1e6)
	default:
		return fmt.Sprintf("%.3g ms", seconds*1e3)
	}
}
