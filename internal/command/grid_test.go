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

// TestVAE fits a window VAE to a series and to rows that are images, and has
// each forecast, generate and draw the map of its latent variables.
func TestVAE(t *testing.T) {
	seriestest.Long(t)
	dir := t.TempDir()
	var rows strings.Builder
	rows.WriteString("a,b,c,d\n")
	for i := range 120 {
		fmt.Fprintf(&rows, "%d,%d,0,9\n", 9*(i%2), 9-9*(i%2))
	}
	images := write(t, filepath.Join(dir, "images.csv"), rows.String())
	for _, c := range []struct{ name, data, set string }{
		{"windows", airpassengers, "length=24,latent=2,hidden=16"},
		{"rows", images, "length=1,latent=2,hidden=16,likelihood=bernoulli,top=9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			model, grid := filepath.Join(dir, c.name+".tsgen"), filepath.Join(dir, c.name+".png")
			mustRun(t, "fit", c.data, "-m", "vae", "--set", c.set, "--updates", "100", "--horizon", "6", "--progress", "none", "--calibrate=false", "-o", model)
			if _, rows := parse(t, mustRun(t, "forecast", "--model", model).stdout); len(rows) != 6 {
				t.Errorf("%d rows of a forecast, want 6", len(rows))
			}
			r := mustRun(t, "generate", "--model", model, "-n", "3", "--length", "5", "--grid", grid, "--side", "4")
			if _, rows := parse(t, r.stdout); len(rows) != 15 {
				t.Errorf("%d generated rows, want 15", len(rows))
			}
			img, err := png.Decode(bytes.NewReader(read(t, grid)))
			if err != nil {
				t.Fatal(err)
			}
			if size := img.Bounds().Size(); size.X < 500 || size.Y < 500 {
				t.Errorf("a picture of %v", size)
			}
		})
	}
	model := filepath.Join(dir, "windows.tsgen")
	for _, c := range []struct {
		want string
		args []string
	}{
		{"--grid", []string{"--grid", filepath.Join(dir, "grid.txt")}},
		{"--side is 0", []string{"--grid", filepath.Join(dir, "grid.png"), "--side", "0"}},
	} {
		r := tsgen(append([]string{"generate", "--model", model}, c.args...)...)
		if r.status != exitUsage || !strings.Contains(r.stderr, c.want) {
			t.Errorf("%v: status %d, %s", c.args, r.status, r.stderr)
		}
	}
	r := tsgen("fit", airpassengers, "-m", "vae", "--set", "likelihood=bernoulli", "--progress", "none", "-o", model)
	if r.status != exitMismatch || !strings.Contains(r.stderr, "top") {
		t.Errorf("counts as shades: status %d, %s", r.status, r.stderr)
	}
}

// TestGridOfImages protects that rows that are windows by themselves are drawn as images, and
// not only where their likelihood is of shades.
func TestGridOfImages(t *testing.T) {
	dir := t.TempDir()
	var rows strings.Builder
	rows.WriteString("a,b,c,d\n")
	for i := range 60 {
		fmt.Fprintf(&rows, "%d,%d,%d,%d\n", i%7, 16-i%7, i*i%11, 16-i*i%11)
	}
	model, grid := filepath.Join(dir, "model.tsgen"), filepath.Join(dir, "grid.png")
	mustRun(t, "fit", write(t, filepath.Join(dir, "rows.csv"), rows.String()), "-m", "vae", "--set", "length=1,updates=20", "--no-examine", "--progress", "none", "-o", model)
	mustRun(t, "generate", "--model", model, "--grid", grid, "--side", "3")
	if _, err := png.Decode(bytes.NewReader(read(t, grid))); err != nil {
		t.Errorf("no picture of 3×3 images: %v", err)
	}
}

// TestGridOfAnother has a model without latent variables refuse a map of them.
func TestGridOfAnother(t *testing.T) {
	dir := t.TempDir()
	model := filepath.Join(dir, "model.tsgen")
	mustRun(t, "fit", airpassengers, "-m", "seasonal-naive", "--progress", "none", "-o", model)
	r := tsgen("generate", "--model", model, "--grid", filepath.Join(dir, "grid.png"))
	if r.status != exitMismatch {
		t.Errorf("status %d, %s", r.status, r.stderr)
	}
}
