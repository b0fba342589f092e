package command

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tsgen/series/doctor"
)

// Data that cannot be meant end every verb that reads them with the status of wrong data,
// the line and the remedy, write nothing, and pass where the user accepts them.
func TestDoctorStopsWhatCannotBeMeant(t *testing.T) {
	dir := t.TempDir()
	text := string(read(t, airpassengers))
	stray := write(t, filepath.Join(dir, "stray.csv"), strings.Replace(text, "1955-06", "0955-06", 1))
	out := filepath.Join(dir, "model.tsgen")
	want := []string{"stray.csv:79:", `"0955-06-01"`, "far before all others", "--max-gap none"}
	check(t, tsgen("fit", stray, "-m", "naive", "-o", out), exitData, want)
	check(t, tsgen("backtest", stray, "--models", "naive"), exitData, want)
	if _, err := os.Stat(out); err == nil {
		t.Error("a model was written")
	}
	mustRun(t, "fit", stray, "-m", "naive", "-o", out, "--max-gap", "none")
	check(t, tsgen("forecast", stray, "-m", out), exitData, want)
	mustRun(t, "forecast", stray, "-m", out, "--accept", "stray-time")

	holes := months(60, func(i int) string {
		if i%20 == 7 {
			return "-999"
		}
		return "1" + strings.Repeat("2", i%3)
	})
	holed := write(t, filepath.Join(dir, "holes.csv"), holes)
	check(t, tsgen("fit", holed, "-m", "naive", "-o", out), exitData, []string{"holes.csv:9:", `"-999"`, "--na=-999", "--accept placeholder"})
	mustRun(t, "fit", holed, "-m", "naive", "-o", out, "--na=-999")
	r := mustRun(t, "fit", holed, "-m", "naive", "-o", out, "--accept", "placeholder", "--json")
	var report fitReport
	if err := json.Unmarshal([]byte(r.stdout), &report); err != nil || len(report.Findings) != 4 || report.Findings[0].Code != doctor.Placeholder || len(report.Findings[0].Lines) != 3 {
		t.Fatalf("findings %+v, %v", report.Findings, err)
	}
	for i, f := range report.Findings[1:] { // which models do not see
		if f.Code != "absurd-value" || !slices.Equal(f.Lines, report.Findings[0].Lines[i:i+1]) {
			t.Errorf("finding %+v, the placeholders are in lines %v", f, report.Findings[0].Lines)
		}
	}

	for _, bad := range [][]string{{"--max-gap", "0"}, {"--max-gap", "week"}, {"--accept", "all"}, {"--accept", "constant"}} {
		check(t, tsgen(append([]string{"fit", stray}, bad...)...), exitUsage, []string{bad[0]})
	}
}

// The flags of encodings and limits reach the reader, and are checked.
func TestReadingFlags(t *testing.T) {
	dir := t.TempDir()
	latin := write(t, filepath.Join(dir, "l.csv"), strings.ReplaceAll(months(30, func(i int) string { return "1" + strings.Repeat("2", i%3) }), "y", "Gr\xf6\xdfe"))
	for _, flags := range [][]string{nil, {"--encoding", "latin-1"}} {
		if r := mustRun(t, append([]string{"describe", latin}, flags...)...); !strings.Contains(r.stdout, "Größe") {
			t.Errorf("%v: %s", flags, r.stdout)
		}
	}
	check(t, tsgen("describe", latin, "--encoding", "utf-8"), exitData, []string{"l.csv:1", "--encoding"})
	check(t, tsgen("describe", latin, "--max-bytes", "100"), exitData, []string{"l.csv", "--max-bytes"})
	check(t, tsgen("describe", latin, "--max-cell", "3"), exitData, []string{"l.csv:2", "--max-cell"})
	check(t, tsgen("describe", latin, "--encoding", "ebcdic"), exitUsage, []string{"--encoding", "latin-1"})
	check(t, tsgen("describe", latin, "--max-ratio", "-1"), exitUsage, []string{"--max-ratio"})
}
