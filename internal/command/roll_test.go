package command

import (
	"bytes"
	"fmt"
	"image/png"
	"path/filepath"
	"strings"
	"testing"

	"tsgen/internal/seriestest"
)

// TestPianoRoll has models of binary channels draw what they generate as a piano
// roll, and one of other values refuse to.
func TestPianoRoll(t *testing.T) {
	seriestest.Long(t)
	dir := t.TempDir()
	var rows strings.Builder
	rows.WriteString("piece,t,c,e,g\n")
	for i := range 6 {
		for k := range 20 {
			fmt.Fprintf(&rows, "%d,%d,%d,%d,%d\n", i, k, (i+k)%2, k/2%2, 1)
		}
	}
	music := write(t, filepath.Join(dir, "music.csv"), rows.String())
	for _, kind := range []string{"vrnn", "srnn"} {
		model, roll := filepath.Join(dir, kind+".tsgen"), filepath.Join(dir, kind+".png")
		mustRun(t, "fit", music, "-m", kind, "--set", "likelihood=bernoulli-chain,hidden=8,latent=2,dropout=0.1", "--updates", "20",
			"--horizon", "2", "--progress", "none", "--calibrate=false", "--refit=false", "-o", model)
		r := mustRun(t, "generate", "--model", model, "-n", "2", "--length", "8", "--roll", roll)
		if _, rows := parse(t, r.stdout); len(rows) != 16 {
			t.Errorf("%d generated rows, want 16", len(rows))
		}
		if _, err := png.Decode(bytes.NewReader(read(t, roll))); err != nil {
			t.Error(err)
		}
		if r := tsgen("generate", "--model", model, "--roll", filepath.Join(dir, "roll.txt")); r.status != exitUsage || !strings.Contains(r.stderr, "--roll") {
			t.Errorf("status %d, %s", r.status, r.stderr)
		}
	}
	model := filepath.Join(dir, "passengers.tsgen")
	mustRun(t, "fit", airpassengers, "-m", "vrnn", "--set", "hidden=4", "--updates", "10",
		"--progress", "none", "--calibrate=false", "--refit=false", "-o", model)
	r := tsgen("generate", "--model", model, "--roll", filepath.Join(dir, "passengers.png"))
	if r.status != exitMismatch || !strings.Contains(r.stderr, "from 0 to 1") {
		t.Errorf("status %d, %s", r.status, r.stderr)
	}
}
