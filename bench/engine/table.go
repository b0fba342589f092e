package main

import (
	"fmt"
	"io"
)

// writeTable writes a line for each case of the table. A case without a time is
// an error.
func writeTable(w io.Writer, ours, double, single result) error {
	fmt.Fprintln(w, "| work | tsgen, float64 | PyTorch float64 | ratio | PyTorch float32 | ratio |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|")
	for _, c := range table {
		var t [3]float64
		for i, r := range []result{ours, double, single} {
			seconds, ok := r.seconds[c.name]
			if !ok || seconds <= 0 {
				return fmt.Errorf("no time for %q", c.name)
			}
			t[i] = seconds
		}
		if _, err := fmt.Fprintf(w, "| %s | %s | %s | %.2f | %s | %.2f |\n", c.name,
			duration(t[0]), duration(t[1]), t[1]/t[0], duration(t[2]), t[2]/t[0]); err != nil {
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
