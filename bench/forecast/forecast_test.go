package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tsgen/forecast"
)

func TestRun(t *testing.T) {
	text, err := os.ReadFile("../../testdata/airpassengers.csv")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "airpassengers.csv"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	var out, log strings.Builder
	r := runner{data: dir}
	if err := r.run(&out, &log, []string{"airpassengers"}, []string{"seasonal-naive", "ar"}); err != nil {
		t.Fatal(err)
	}
	// The scores of R's snaive (forecast 8.20) by the same protocol: SQL 1.326,
	// MASE 1.757, sMAPE 13.03.
	for _, want := range []string{"**AirPassengers, 3 origins, horizon 24, season 12**", "| seasonal-naive | 1.326 | 1.757 | 13.03 |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
	if ar, naive := strings.Index(out.String(), "| ar |"), strings.Index(out.String(), "| seasonal-naive |"); ar < 0 || ar > naive {
		t.Errorf("ar, the better one, is not first:\n%s", out.String())
	}
	if !strings.Contains(log.String(), "airpassengers: ar: SQL ") {
		t.Errorf("log %q", log.String())
	}
	for _, mistake := range [][2][]string{{{"flowers"}, nil}, {nil, {"oracle"}}, {{"nile"}, nil}} {
		if err := r.run(&out, &log, mistake[0], mistake[1]); err == nil {
			t.Errorf("%v: no error", mistake)
		}
	}
}

func TestWriteTask(t *testing.T) {
	var b strings.Builder
	scores := forecast.Scores{SQL: 0.12345, MASE: 1, WQL: 0.0012345, Coverage80: 0.8, MSIS: math.NaN()}
	if err := writeTask(&b, task{title: "T", windows: 1}, []timed{{Result: forecast.Result{Model: "m", Scores: scores}}}); err != nil {
		t.Fatal(err)
	}
	if want := "| m | 0.123 | 1.000 | 0.00 | 0.00123 | NaN | 0.800 | 0.000 | 0.0 |"; !strings.Contains(b.String(), want) {
		t.Errorf("table\n%s\nlacks %s", b.String(), want)
	}
}
