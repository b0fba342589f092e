package command

import (
	"fmt"
	"strings"
	"testing"

	"tsgen/series"
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

// Windows of generated series that all begin alike leave room for a season, where those of longer real series begin at
// any of its steps.
func TestUsualWindow(t *testing.T) {
	months := func(n int) *series.Panel {
		s := &series.Series{Times: make([]float64, n), Values: make([]float64, n)}
		return &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Seasons: []float64{12}, Series: []*series.Series{s}}
	}
	many := months(20)
	for _, n := range []int{4, 30, 20, 24} {
		many.Series = append(many.Series, months(n).Series...)
	}
	if got := usualWindow([]*series.Panel{many, many}); got != 20 {
		t.Errorf("windows of %d steps of series of which one is shorter than 20, want 20", got)
	}
	for _, c := range []struct{ real, generated, want int }{{144, 48, 37}, {48, 48, 48}, {144, 20, 20}, {144, 200, 48}, {30, 48, 30}} {
		if got := usualWindow([]*series.Panel{months(c.real), months(c.generated)}); got != c.want {
			t.Errorf("windows of %d steps of real series of %d and generated ones of %d, want %d", got, c.real, c.generated, c.want)
		}
	}
}

// Series of which there are too few windows as long as they are, real or generated, have shorter ones compared.
func TestCompareShortSeries(t *testing.T) {
	t.Chdir(t.TempDir())
	rows := func(times, seed int) string {
		var b strings.Builder
		b.WriteString("year,a\n")
		for i := range times {
			fmt.Fprintf(&b, "%d,%d\n", 1950+i, i*i*seed%17)
		}
		return b.String()
	}
	write(t, "real.csv", rows(60, 1))
	write(t, "made.csv", rows(60, 3))
	r := mustRun(t, "compare", "real.csv", "made.csv", "--quick", "--repeats", "1")
	if !strings.Contains(r.stderr, "windows of 24 steps: 37") {
		t.Errorf("of 60 years: %q", r.stderr)
	}
	write(t, "few.csv", rows(30, 3)) // one window as long as it is, of 15 steps sixteen
	if r := mustRun(t, "compare", "real.csv", "few.csv", "--quick", "--repeats", "1"); !strings.Contains(r.stderr, "windows of 7 steps: 54 of real.csv, 24 of few.csv") {
		t.Errorf("of 30 generated years: %q", r.stderr)
	}
}
