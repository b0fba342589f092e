package command

import (
	"fmt"
	"strings"
	"testing"
)

// A model file that is named as an argument, as most people do, is the one that is asked,
// and a file of series may follow it.
func TestModelAsArgument(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "a.csv", "ds,y\n1,1\n2,2\n3,4\n4,3\n5,5\n")
	write(t, "b.csv", "ds,y\n1,1\n2,2\n3,4\n4,3\n5,9\n")
	mustRun(t, "fit", "a.csv", "-m", "naive", "--season", "none", "--horizon", "2", "-o", "a.tsgen")
	own := mustRun(t, "forecast", "--model", "a.tsgen").stdout
	if got := mustRun(t, "forecast", "a.tsgen").stdout; got != own {
		t.Errorf("forecast a.tsgen: %s\nforecast --model a.tsgen: %s", got, own)
	}
	other := mustRun(t, "forecast", "b.csv", "--model", "a.tsgen").stdout
	if got := mustRun(t, "forecast", "a.tsgen", "b.csv").stdout; got != other || other == own {
		t.Errorf("forecast a.tsgen b.csv: %s\nforecast b.csv --model a.tsgen: %s", got, other)
	}
	wantExit(t, exitUsage, "generate", "a.csv")
	for _, verb := range []string{"forecast", "impute", "future", "encode", "likelihood", "detect", "components"} {
		wantExit(t, exitUsage, verb, "a.tsgen", "--model", "a.tsgen")
		wantExit(t, exitUsage, verb, "a.csv", "b.csv")
	}
}

// Flags that say how a file is read are not passed over in silence where there is none.
func TestUnreadFlags(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "a.csv", "ds,y\n1,1\n2,2\n3,4\n4,3\n5,5\n")
	mustRun(t, "fit", "a.csv", "-m", "naive", "--season", "none", "--horizon", "2", "-o", "a.tsgen")
	const said = "--time, --known: there is no FILE"
	if r := mustRun(t, "forecast", "a.tsgen", "--known", "price.csv", "--time", "ds"); !strings.Contains(r.stderr, said) {
		t.Errorf("not said: %s", r.stderr)
	}
	if r := mustRun(t, "forecast", "a.tsgen", "a.csv", "--time", "ds"); strings.Contains(r.stderr, "no FILE") {
		t.Errorf("said of a file: %s", r.stderr)
	}
}

// Rows between those with values that a FILE has left out, as the series of the model had, are said to be.
func TestFileIsCondensed(t *testing.T) {
	t.Chdir(t.TempDir())
	var b strings.Builder
	b.WriteString("t,y\n")
	for i := range 240 {
		y := ""
		if i%6 == 0 {
			y = fmt.Sprint(i * i % 7)
		}
		fmt.Fprintf(&b, "%d,%s\n", i, y)
	}
	write(t, "a.csv", b.String())
	mustRun(t, "fit", "a.csv", "-m", "naive", "--horizon", "3", "-o", "a.tsgen")
	if r := mustRun(t, "forecast", "a.csv", "--model", "a.tsgen"); !strings.Contains(r.stderr, "only one row in 6 has a value") {
		t.Errorf("said: %s", r.stderr)
	}
}

// A model of irregular times forecasts series of which a FILE has a single row each, or few that look equally spaced, whether it
// names them or not.
func TestFewIrregularRows(t *testing.T) {
	t.Chdir(t.TempDir())
	var b strings.Builder
	b.WriteString("patient,t,y\n")
	for i := range 8 {
		for k := range 6 {
			fmt.Fprintf(&b, "p%d,%g,%g\n", i, float64(k*k)/4+0.1*float64(i), float64(i)+0.5*float64(k*(i+3)%4))
		}
	}
	write(t, "a.csv", b.String())
	mustRun(t, "fit", "a.csv", "-m", "pooled-gp", "--horizon", "2", "--no-examine", "-o", "a.tsgen")
	for name, c := range map[string]struct {
		rows string
		want int
	}{
		"a row":         {"patient,t,y\nnew,1.5,3\n", 1},
		"a row of each": {"patient,t,y\nnew,1,3\nother,2,4\n", 2},
		"a few":         {"patient,t,y\nnew,1,3\nother,2,4\nother,3,4.5\n", 2},
		"no name":       {"t,y\n1,3\n2,3.5\n3,4\n", 1},
	} {
		write(t, "b.csv", c.rows)
		if got := strings.Count(mustRun(t, "forecast", "a.tsgen", "b.csv", "--horizon", "2").stdout, "\n") - 1; got != 2*c.want {
			t.Errorf("%s: %d rows, want %d", name, got, 2*c.want)
		}
	}
}
