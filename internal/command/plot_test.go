package command

import (
	"bytes"
	"image/png"
	"path/filepath"
	"strings"
	"testing"
)

// TestPlot holds the verb to its size, to the series that are named, to what forecasts of other
// files are drawn beside, and to messages for what is not there.
func TestPlot(t *testing.T) {
	dir := t.TempDir()
	model := small(t, dir)
	panel := write(t, filepath.Join(dir, "panel.csv"), panelOf("north", "south", "売上"))
	mustRun(t, "plot", panel, "--size", "600x400", "-o", filepath.Join(dir, "a.png"), "--series", "south")
	picture, err := png.DecodeConfig(bytes.NewReader(read(t, filepath.Join(dir, "a.png"))))
	if err != nil || picture.Width != 600 || picture.Height != 400 {
		t.Errorf("a picture of %d by %d, %v", picture.Width, picture.Height, err)
	}
	svg := filepath.Join(dir, "b.svg")
	mustRun(t, "plot", panel, "--series", "south", "--series", "north", "-o", svg)
	text := string(read(t, svg))
	if south, north := strings.Index(text, ">south<"), strings.Index(text, ">north<"); south < 0 || north < south {
		t.Errorf("south stands at %d, north at %d", south, north)
	}
	mustRun(t, "plot", model, "-o", filepath.Join(dir, "c.pdf"))

	forecasts := filepath.Join(dir, "f.csv")
	mustRun(t, "forecast", "--model", model, "-o", forecasts)
	mustRun(t, "plot", airpassengers, forecasts, "-o", svg)
	if text := string(read(t, svg)); !strings.Contains(text, ">median forecast<") {
		t.Error("no forecast is drawn beside the series")
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"plot", panel, "--series", "west", "-o", svg}, `"north", "south"`},
		{[]string{"plot", panel, "--size", "3", "-o", svg}, "1200x800"},
		{[]string{"plot", panel, "--history", "-1", "-o", svg}, "--history"},
		{[]string{"plot", panel, "-o", "x.gif"}, ".svg"},
	} {
		if r := tsgen(c.args...); r.status != exitUsage || !strings.Contains(r.stderr, c.want) {
			t.Errorf("%v: status %d, %s", c.args, r.status, r.stderr)
		}
	}
}

// panelOf returns a CSV of short monthly series of the given names.
func panelOf(names ...string) string {
	var b strings.Builder
	b.WriteString("unique_id,ds,y\n")
	for _, name := range names {
		for line := range strings.Lines(strings.TrimPrefix(months(30, func(i int) string { return string(rune('1' + i%7)) }), "ds,y\n")) {
			b.WriteString(name + "," + line)
		}
	}
	return b.String()
}

// TestActual holds forecast to drawing what came after its history, and to saying where a file
// has none of it.
func TestActual(t *testing.T) {
	dir := t.TempDir()
	all := months(60, func(i int) string { return string(rune('1' + i%7)) })
	lines := strings.SplitAfter(all, "\n")
	head := write(t, filepath.Join(dir, "head.csv"), strings.Join(lines[:49], ""))
	full := write(t, filepath.Join(dir, "full.csv"), all)
	model, svg := filepath.Join(dir, "m.tsgen"), filepath.Join(dir, "p.svg")
	mustRun(t, "fit", head, "-m", "ar", "--horizon", "6", "-o", model)
	mustRun(t, "forecast", "--model", model, "--plot", svg, "--actual", full, "-o", filepath.Join(dir, "f.csv"))
	if !strings.Contains(string(read(t, svg)), ">actual<") {
		t.Error("what came after is not drawn")
	}
	if r := tsgen("forecast", "--model", model, "--plot", svg, "--actual", head, "-o", "-"); r.status != exitMismatch {
		t.Errorf("status %d of a file that ends with the history: %s", r.status, r.stderr)
	}
}
