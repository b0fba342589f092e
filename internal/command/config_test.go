package command

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestConfigPrecedence holds a flag to the command line before the environment before the file,
// each by verb before what is said of all, and to saying where its value comes from.
func TestConfigPrecedence(t *testing.T) {
	dir := t.TempDir()
	model := small(t, dir)
	file := write(t, filepath.Join(dir, "own.toml"), "horizon = 3\nlevel = [50, 90]\n[forecast]\nhorizon = 4\n")
	t.Setenv("TSGEN_CONFIG", file)
	steps := func(args ...string) (int, string) {
		t.Helper()
		r := mustRun(t, append([]string{"forecast", "--model", model}, args...)...)
		if !strings.Contains(r.stdout, "-lo-90") {
			t.Errorf("the levels of the file are not taken: %.80s", r.stdout)
		}
		return strings.Count(r.stdout, "\n") - 1, r.stderr
	}
	n, said := steps()
	if n != 4 || !strings.Contains(said, "--horizon=4 of "+file) {
		t.Errorf("the file of one verb: %d steps; %s", n, said)
	}
	t.Setenv("TSGEN_HORIZON", "5")
	if n, _ := steps(); n != 5 {
		t.Errorf("the environment: %d steps", n)
	}
	t.Setenv("TSGEN_FORECAST_HORIZON", "6")
	if n, said := steps(); n != 6 || !strings.Contains(said, "--horizon=6 of TSGEN_FORECAST_HORIZON") {
		t.Errorf("the environment of one verb: %d steps; %s", n, said)
	}
	if n, _ := steps("--horizon", "7"); n != 7 {
		t.Errorf("the command line: %d steps", n)
	}
	if _, said := steps("-q"); said != "" {
		t.Errorf("said with --quiet: %s", said)
	}
	at := write(t, filepath.Join(dir, "at.csv"), "ds\n1961-01-01\n1961-03-01\n")
	if n, _ := steps("--at", at); n != 2 {
		t.Errorf("--at beside a horizon of the file: %d steps", n)
	}
	var shown struct{ Settings []setting }
	if err := json.Unmarshal([]byte(mustRun(t, "config", "show", "forecast", "--json").stdout), &shown); err != nil || len(shown.Settings) != 5 {
		t.Errorf("%v: %+v", err, shown)
	}
}

// TestConfigMistakes holds mistakes of the file to a message with the file, the line or the
// key, and to the exit status of a wrong command line.
func TestConfigMistakes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.toml")
	t.Setenv("TSGEN_CONFIG", path)
	for text, want := range map[string]string{
		"horizon 3\n":                  "line 1",
		"hroizon = 3\n":                "hroizon",
		"[fit]\nhroizon = 3\n":         "--hroizon",
		"horizon = 'many'\n":           "c.toml: horizon",
		"horizon = 1979-05-27\n":       "horizon",
		"[forecast]\nhorizon = [[]]\n": "c.toml",
	} {
		write(t, path, text)
		if r := tsgen("forecast"); r.status != exitUsage || !strings.Contains(r.stderr, want) || !strings.Contains(r.stderr, path) {
			t.Errorf("%q: status %d, %s", text, r.status, r.stderr)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if r := tsgen("forecast"); r.status != exitUsage {
		t.Errorf("a file that is named and not there: status %d, %s", r.status, r.stderr)
	}
}
