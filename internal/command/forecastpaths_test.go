package command

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// shopsCSV returns n days of two shops with a week, in the given order.
func shopsCSV(n int, shops ...string) string {
	var b strings.Builder
	b.WriteString("shop,ds,y\n")
	for _, shop := range shops {
		rng := rand.New(rand.NewPCG(2, uint64(len(shop))))
		for i := range n {
			fmt.Fprintf(&b, "%s,%s,%.2f\n", shop, time.Date(2024, 1, 1+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly),
				100+10*math.Sin(2*math.Pi*float64(i)/7)+rng.NormFloat64())
		}
	}
	return b.String()
}

// Paths are written long; the first ones are the same however many are asked for and in
// whatever order the series come; and the sums of a week have the quantiles of summed paths.
func TestForecastPaths(t *testing.T) {
	t.Chdir(t.TempDir())
	mustRun(t, "fit", write(t, "a.csv", shopsCSV(70, "north", "west")), "-m", "ar", "--horizon", "14", "-o", "a.tsgen")
	write(t, "b.csv", shopsCSV(70, "west", "north"))
	r := mustRun(t, "forecast", "-m", "a.tsgen", "--paths", "1000")
	header, rows := parse(t, r.stdout)
	if strings.Join(header, ",") != "shop,path,ds,value" || len(rows) != 2*1000*14 || rows[0][2] != "2024-03-11" {
		t.Fatalf("header %v, %d rows, first %v", header, len(rows), rows[0])
	}
	few := mustRun(t, "forecast", "-m", "a.tsgen", "--paths", "3", "b.csv")
	_, some := parse(t, few.stdout)
	if len(some) != 2*3*14 || !slices.Equal(some[3*14], rows[0]) {
		t.Errorf("%d rows, of north %v, want %v", len(some), some[3*14], rows[0])
	}
	sums := make([]float64, 1000)
	for i := range 7000 * 2 { // of north, whose second week begins after seven days
		if k := i % 14; k >= 7 {
			sums[i/14] += numbers(t, rows[i][3:])[0]
		}
	}
	slices.Sort(sums)
	_, weeks := parse(t, mustRun(t, "forecast", "-m", "a.tsgen", "--sum", "week", "--plot", "weeks.png").stdout)
	if len(weeks) != 4 || weeks[1][1] != "2024-03-18" {
		t.Fatalf("weeks %v", weeks)
	}
	if got, want := numbers(t, weeks[1][2:3])[0], (sums[499]+sums[500])/2; math.Abs(got-want) > 1e-6 {
		t.Errorf("the median of the second week is %v, that of the paths %v", got, want)
	}
	if r := mustRun(t, "forecast", "-m", "a.tsgen", "--sum", "month"); !strings.Contains(r.stderr, "not whole") {
		t.Errorf("nothing is said of months that are not whole: %s", r.stderr)
	}
	if r := mustRun(t, "forecast", "-m", "a.tsgen", "--paths", "2", "--json"); strings.Count(r.stdout, `"paths":[[`) != 2 {
		t.Errorf("JSON has no paths: %.200s", r.stdout)
	}
	for _, args := range [][]string{{"--paths", "0"}, {"--sum", "fortnight"}, {"--aggregate", "median"}, {"--paths", "2", "--mean"}, {"--sum", "horizon", "--plot", "x.png"}} {
		wantExit(t, exitUsage, append([]string{"forecast", "-m", "a.tsgen"}, args...)...)
	}
}

// The forecasts of several model files stand side by side as each writes them, with the scores that the
// files keep; models of other series are refused.
func TestForecastCompare(t *testing.T) {
	t.Chdir(t.TempDir())
	data := write(t, "a.csv", shopsCSV(70, "north", "west"))
	for _, m := range []string{"ar", "naive"} {
		mustRun(t, "fit", data, "-m", m, "--horizon", "7", "-o", m+".tsgen")
	}
	mustRun(t, "fit", data, "-m", "ar", "--horizon", "7", "--set", "order=2", "-o", "short.tsgen")
	mustRun(t, "fit", write(t, "c.csv", shopsCSV(60, "north")), "-m", "naive", "--horizon", "7", "-o", "other.tsgen")
	r := mustRun(t, "forecast", "--compare", "ar.tsgen", "naive.tsgen", "short.tsgen", "--plot", "cmp.png", "-o", "cmp.csv")
	header, rows := parse(t, string(read(t, "cmp.csv")))
	if strings.Join(header[:3], ",") != "shop,ds,ar" || header[7] != "naive" || header[12] != "short" || len(rows) != 14 {
		t.Fatalf("header %v, %d rows", header, len(rows))
	}
	_, alone := parse(t, mustRun(t, "forecast", "-m", "naive.tsgen").stdout)
	if !slices.Equal(rows[5][7:12], alone[5][2:]) {
		t.Errorf("side by side %v, alone %v", rows[5][7:12], alone[5][2:])
	}
	for _, want := range []string{"MASE", "\nar ", "\nnaive ", "\nshort "} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("the table lacks %q:\n%s", want, r.stdout)
		}
	}
	mustRun(t, "fit", data, "-m", "ar", "--horizon", "7", "--season", "none", "-o", "seasonless.tsgen")
	mustRun(t, "fit", data, "--effort", "low", "--horizon", "7", "-o", "chosen.tsgen")
	for _, unlike := range []string{"seasonless", "chosen"} {
		r := mustRun(t, "forecast", "--compare", "ar.tsgen", unlike+".tsgen", "-o", "cmp.csv")
		if strings.Contains(r.stdout, "MASE") || !strings.Contains(r.stderr, unlike+".tsgen were examined in other ways") {
			t.Errorf("the scores of %s are compared:\n%s%s", unlike, r.stdout, r.stderr)
		}
	}
	wantExit(t, exitMismatch, "forecast", "--compare", "ar.tsgen", "other.tsgen")
	wantExit(t, exitUsage, "forecast", "--compare", "ar.tsgen")
	wantExit(t, exitUsage, "forecast", "--compare", "ar.tsgen", "naive.tsgen", "--paths", "3")
	mustRun(t, "forecast", "--compare", filepath.Join(".", "ar.tsgen"), "other.tsgen", "a.csv")
}

// wantExit runs the command and demands the status.
func wantExit(t *testing.T, status int, args ...string) {
	t.Helper()
	if r := tsgen(args...); r.status != status {
		t.Errorf("%q: status %d, want %d: %s", args, r.status, status, r.stderr)
	}
}
