package command

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// describe says what fit would take the file for, draws it, and refuses nothing that can be
// read, even where fit does.
func TestDescribe(t *testing.T) {
	dir := t.TempDir()
	picture := filepath.Join(dir, "air.png")
	r := mustRun(t, "describe", airpassengers, "--plot", picture)
	for _, want := range []string{"144 observations of 1 series", "ds is the time", "monthly", "1949-01-01 to 1960-12-01", "seasons  12", "24 steps", "counts, rising"} {
		if !strings.Contains(strings.Join(strings.Fields(r.stdout), " "), strings.Join(strings.Fields(want), " ")) {
			t.Errorf("%q is not said:\n%s", want, r.stdout)
		}
	}
	if i, err := os.Stat(picture); err != nil || i.Size() < 1000 {
		t.Errorf("no picture: %v", err)
	}

	stray := write(t, filepath.Join(dir, "stray.csv"), strings.Replace(string(read(t, airpassengers)), "1955-06", "0955-06", 1))
	r = mustRun(t, "describe", stray, "--plot", picture)
	if !strings.Contains(r.stdout, "line 79") || !strings.Contains(r.stdout, "fit refuses this") {
		t.Errorf("the stray stamp is not said:\n%s", r.stdout)
	}
	spiked := write(t, filepath.Join(dir, "spiked.csv"), strings.Replace(string(read(t, airpassengers)), ",336\n", ",336000\n", 1))
	if r := mustRun(t, "describe", spiked, "--plot", picture); !strings.Contains(r.stdout, "336000") || !strings.Contains(r.stdout, "to be looked at") {
		t.Errorf("the absurd value is not said:\n%s", r.stdout)
	}
	var d struct {
		Findings []struct{ Code string }
		Seasons  []float64
		Channels []struct{ Values int }
	}
	r = mustRun(t, "describe", stray, "--json", "--season", "6,12")
	if err := json.Unmarshal([]byte(r.stdout), &d); err != nil || len(d.Findings) != 1 || len(d.Seasons) != 2 || d.Channels[0].Values != 144 {
		t.Errorf("%+v, %v", d, err)
	}
}
