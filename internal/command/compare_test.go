package command

import (
	"fmt"
	"strings"
	"testing"
)

// A table in which values are missing now and then has no long window with all values, and is
// compared by short ones; windows of a length that was asked for are not shortened.
func TestCompareWithGaps(t *testing.T) {
	t.Chdir(t.TempDir())
	rows := func(missing bool) string {
		var b strings.Builder
		b.WriteString("hour,a,b\n")
		for i := range 400 {
			if missing && i%11 == 3 {
				fmt.Fprintf(&b, "%d,,%d\n", i, i*i%7)
			} else {
				fmt.Fprintf(&b, "%d,%d,%d\n", i, i*i%5+i%3, i*i%7)
			}
		}
		return b.String()
	}
	write(t, "real.csv", rows(true))
	write(t, "made.csv", rows(false))
	r := mustRun(t, "compare", "real.csv", "made.csv", "--quick", "--repeats", "1")
	if !strings.Contains(r.stderr, "windows of 6 steps: 1") {
		t.Errorf("of hours of which every eleventh lacks a value: %q", r.stderr)
	}
	check(t, tsgen("compare", "real.csv", "made.csv", "--quick", "--steps", "24"), exitMismatch, []string{"24 steps without a missing value", "--steps"})
}
