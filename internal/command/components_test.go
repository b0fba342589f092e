package command

import (
	"math"
	"strings"
	"testing"
)

// Cells of a row add up to its value, of a file and of a model file; a model without components
// says which have some.
func TestComponentsVerb(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "a.csv", shopsCSV(42, "north", "west"))
	mustRun(t, "fit", "a.csv", "-m", "stl", "--season", "7", "--horizon", "7", "-o", "a.tsgen")
	mustRun(t, "fit", "a.csv", "-m", "naive", "--horizon", "7", "-o", "n.tsgen")
	for _, args := range [][]string{{"a.csv", "--season", "7", "--plot", "a.png"}, {"a.tsgen"}, {"n.tsgen", "--by", "stl"}} {
		header, rows := parse(t, mustRun(t, append([]string{"components"}, args...)...).stdout)
		if strings.Join(header, ",") != "shop,ds,value,trend,trend-lo-80,trend-hi-80,season-7,season-7-lo-80,season-7-hi-80,remainder" || len(rows) != 84 {
			t.Fatalf("%v: header %v, %d rows", args, header, len(rows))
		}
		if x := numbers(t, rows[50][2:]); math.Abs(x[1]+x[4]+x[7]-x[0]) > 1e-9 || !(x[2] < x[1] && x[1] < x[3]) {
			t.Errorf("%v: %v", args, x)
		}
	}
	if r := tsgen("components", "n.tsgen"); r.status != exitMismatch || !strings.Contains(r.stderr, "--by stl") {
		t.Errorf("status %d: %s", r.status, r.stderr)
	}
	wantExit(t, exitUsage, "components", "a.csv", "--by", "ets")
}
