package command

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// The table of a hierarchy has all levels, whose means add up, and so does every path; other
// columns than those of the fit are refused.
func TestForecastHierarchy(t *testing.T) {
	t.Chdir(t.TempDir())
	var b strings.Builder
	b.WriteString("region,store,ds,y\n")
	for i, id := range []string{"A,1", "A,2", "B,3"} {
		rng := rand.New(rand.NewPCG(5, uint64(i)))
		for k := range 40 {
			fmt.Fprintf(&b, "%s,%d,%.2f\n", id, k, 20+5*float64(i)+rng.NormFloat64())
		}
	}
	mustRun(t, "fit", write(t, "a.csv", b.String()), "--id", "region,store", "--time", "ds", "-m", "naive", "--horizon", "3", "-o", "a.tsgen")
	hierarchy := []string{"forecast", "-m", "a.tsgen", "--hierarchy", "region,store", "--horizon", "1"}
	header, rows := parse(t, mustRun(t, append(hierarchy, "--mean", "--plot", "tree.png")...).stdout)
	if strings.Join(header[:5], ",") != "region,store,ds,naive,naive-mean" || len(rows) != 6 || rows[0][0] != "total" || rows[1][1] != "" || rows[5][1] != "3" {
		t.Fatalf("header %v, rows %v", header, rows)
	}
	mean := func(rows [][]string, k, column int) float64 { return numbers(t, rows[k][column:column+1])[0] }
	adds := func(rows [][]string, column int) {
		t.Helper()
		if a := mean(rows, 3, column) + mean(rows, 4, column); math.Abs(mean(rows, 1, column)-a) > 1e-9 || math.Abs(mean(rows, 0, column)-a-mean(rows, 5, column)) > 1e-9 {
			t.Errorf("the levels do not add up: %v", rows)
		}
	}
	adds(rows, 4)
	for _, how := range []string{"mint", "wls", "structural", "ols"} {
		_, paths := parse(t, mustRun(t, append(hierarchy, "--paths", "1", "--reconcile", how)...).stdout)
		adds(paths, 4)
	}
	wantExit(t, exitMismatch, "forecast", "-m", "a.tsgen", "--hierarchy", "store")
	wantExit(t, exitUsage, append(hierarchy, "--reconcile", "best")...)
	wantExit(t, exitUsage, "forecast", "-m", "a.tsgen", "--reconcile", "ols")
}
