package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tsgen/series/midi"
)

// TestMusic protects the way of a musician: tunes in, new tunes out, with notes and steps of
// those that were learned, and a clear word about what cannot be music.
func TestMusic(t *testing.T) {
	tunes, err := filepath.Glob(filepath.Join("..", "..", "testdata", "tunes", "*.mid"))
	if err != nil || len(tunes) != 4 {
		t.Fatal(tunes, err)
	}
	dir := t.TempDir()
	model, out := filepath.Join(dir, "tunes.tsgen"), filepath.Join(dir, "new.mid")
	args := append([]string{"fit"}, tunes...)
	r := mustRun(t, append(args, "-m", "srnn", "--set", "hidden=6,latent=2", "--updates", "10", "--refit=false", "-o", model)...)
	if !strings.Contains(r.stderr, "4 tunes of 228 steps; a step is one eighth") || !strings.Contains(r.stdout, "nats a row") {
		t.Errorf("%s%s", r.stderr, r.stdout)
	}
	mustRun(t, "generate", "--model", model, "-n", "3", "--length", "16", "-o", out)
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := midi.Read([]midi.Tune{{Name: "new", Reader: f}}, midi.Options{Step: "eighth"})
	if err != nil {
		t.Fatal(err)
	}
	if n := p.Series[0].Len(); n > 3*16+2*8 {
		t.Errorf("%d steps of three tunes of 16", n)
	}
	for _, name := range p.Channels {
		if !strings.Contains(r.stderr, " "+name) {
			t.Errorf("the note %s is in no tune", name)
		}
	}
	if r := mustRun(t, append([]string{"describe"}, tunes...)...); !strings.Contains(r.stdout, "and 3 more") || !strings.Contains(r.stdout, "of 4 series") || strings.Contains(r.stdout, "break") {
		t.Errorf("tunes are described as %s", r.stdout)
	}
	if r := tsgen("fit", airpassengers, tunes[0], "-o", model); r.status != exitUsage {
		t.Errorf("a table and a tune: status %d, %s", r.status, r.stderr)
	}
	ar := filepath.Join(dir, "gauss.tsgen")
	mustRun(t, "fit", airpassengers, "-m", "gauss", "--no-examine", "-o", ar)
	if r := tsgen("generate", "--model", ar, "-o", out); r.status != exitMismatch || !strings.Contains(r.stderr, "step of music") {
		t.Errorf("numbers as music: status %d, %s", r.status, r.stderr)
	}
}
