package command

import (
	"fmt"
	"strings"
	"testing"
)

// shopsUntil returns a table of monthly series from 2018 on that have so many rows each, some of them none with a value.
func shopsUntil(lengths map[string]int, empty ...string) string {
	var b strings.Builder
	b.WriteString("shop,day,y\n")
	for _, id := range []string{"a", "b", "c", "d"} {
		for i := range lengths[id] {
			cell := fmt.Sprint(50 + i*i%7)
			if strings.Contains(strings.Join(empty, ""), id) {
				cell = ""
			}
			fmt.Fprintf(&b, "%s,%d-%02d-01,%s\n", id, 2018+i/12, 1+i%12, cell)
		}
	}
	return b.String()
}

// A forecast tells of series that end long before the others, of a file that ends long before what the model was fitted
// to, and of series without a value, of which fit tells, too; and says nothing of series that end together, or apart.
func TestForecastEnds(t *testing.T) {
	t.Chdir(t.TempDir())
	const early, value = "end before the others", "without any value"
	for name, test := range map[string]struct {
		table string
		fit   string // "" for nothing
		says  string
	}{
		"one ended":    {shopsUntil(map[string]int{"a": 60, "b": 59, "c": 60, "d": 24}), "", `1 of 4 series ("d") end before the others: on 2019-12-01 at the latest, most others on 2022-12-01`},
		"of two":       {shopsUntil(map[string]int{"a": 24, "b": 60}), "", `1 of 2 series ("a") end before`},
		"a step late":  {shopsUntil(map[string]int{"a": 60, "b": 59, "c": 60}), "", ""},
		"apart":        {shopsUntil(map[string]int{"a": 60, "b": 48, "c": 36, "d": 24}), "", ""},
		"one of none":  {shopsUntil(map[string]int{"a": 60, "b": 60, "c": 60}, "b"), value, `1 of 3 series ("b") without any value`},
		"all together": {shopsUntil(map[string]int{"a": 60, "b": 60}), "", ""},
	} {
		write(t, "y.csv", test.table)
		r := mustRun(t, "fit", "y.csv", "-m", "naive")
		if strings.Contains(r.stderr, early) || strings.Contains(r.stderr, value) != (test.fit != "") {
			t.Errorf("%s: fit says %s", name, r.stderr)
		}
		r = mustRun(t, "forecast", "--horizon", "4")
		if said := strings.Contains(r.stderr, early) || strings.Contains(r.stderr, value); said != (test.says != "") || !strings.Contains(r.stderr, test.says) {
			t.Errorf("%s: forecast says %s", name, r.stderr)
		}
	}
	const old = "old.csv ends on 2019-12-01, long before the series that the model was fitted to, on 2022-12-01"
	write(t, "old.csv", shopsUntil(map[string]int{"a": 24, "b": 24}))
	write(t, "new.csv", shopsUntil(map[string]int{"a": 61, "b": 61}))
	if r := mustRun(t, "forecast", "old.csv", "--horizon", "4"); !strings.Contains(r.stderr, old) {
		t.Errorf("of an old file it says %s", r.stderr)
	}
	for _, args := range [][]string{{"forecast", "new.csv", "--horizon", "4"}, {"forecast", "old.csv", "--horizon", "40"}} {
		if r := mustRun(t, args...); strings.Contains(r.stderr, "long before") {
			t.Errorf("%v says %s", args, r.stderr)
		}
	}
}
