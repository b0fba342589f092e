package command

import (
	"path/filepath"
	"strings"
	"testing"
)

// A model that new rows are taken into, only those or all of them, forecasts after them as
// it does when it is given all rows, without what it learned being changed.
func TestUpdate(t *testing.T) {
	dir := t.TempDir()
	lines := strings.SplitAfter(string(read(t, airpassengers)), "\n")
	all := write(t, filepath.Join(dir, "all.csv"), strings.Join(lines, ""))
	old := write(t, filepath.Join(dir, "old.csv"), strings.Join(lines[:133], ""))
	late := write(t, filepath.Join(dir, "new.csv"), lines[0]+strings.Join(lines[133:], ""))
	model := filepath.Join(dir, "model.tsgen")
	for _, kind := range []string{"ets", "linear-map"} {
		mustRun(t, "fit", old, "-m", kind, "--horizon", "6", "--calibrate=false", "--refit=false", "-o", model, "--progress", "none")
		want := mustRun(t, "forecast", "-m", model, all).stdout
		if before := mustRun(t, "forecast", "-m", model).stdout; before == want {
			t.Fatalf("%s: the forecast does not see new rows", kind)
		}
		for _, rows := range []string{late, all} {
			updated := filepath.Join(dir, "updated.tsgen")
			r := mustRun(t, "update", model, rows, "-o", updated)
			if !strings.Contains(r.stderr, "12 new rows") || !strings.Contains(r.stderr, "0 values changed") {
				t.Errorf("%s: it says %q", kind, r.stderr)
			}
			if got := mustRun(t, "forecast", "-m", updated); got.stdout != want || strings.Contains(got.stderr, "anew") {
				t.Errorf("%s: the updated model says %q and forecasts\n%.200s\nwant\n%.200s", kind, got.stderr, got.stdout, want)
			}
		}
	}
}

// An update that does not go with the model leaves it as it is.
func TestUpdateRefuses(t *testing.T) {
	dir := t.TempDir()
	model := filepath.Join(dir, "model.tsgen")
	mustRun(t, "fit", airpassengers, "-m", "naive", "-o", model, "--progress", "none")
	before := string(read(t, model))
	for name, text := range map[string]string{
		"days.csv":  "ds,y\n1961-01-01,400\n1961-01-02,410\n1961-01-03,420\n1961-01-04,420\n",
		"other.csv": "ds,cars\n1961-01,400\n1961-02,410\n",
	} {
		r := tsgen("update", model, write(t, filepath.Join(dir, name), text))
		if r.status != exitMismatch {
			t.Errorf("%s: status %d: %s", name, r.status, r.stderr)
		}
		if string(read(t, model)) != before {
			t.Errorf("%s: the model file is changed", name)
		}
	}
}

// Of many series each has fewer sample paths, but no fewer than tell an interval, and of a
// thousand as many as of one.
func TestFewerSamples(t *testing.T) {
	for series, want := range map[int]int{1: 1_000_000, 1000: 1000, 2000: 500, 100_000: 200} {
		if got := fewerSamples(series); got != want {
			t.Errorf("%d series have %d paths, want %d", series, got, want)
		}
	}
}
