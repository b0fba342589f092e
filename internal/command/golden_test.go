package command

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden forecasts (never the golden models)")

// TestGoldenModels forecasts from model files that were written once and are
// never written again.
func TestGoldenModels(t *testing.T) {
	models, err := filepath.Glob("testdata/*.tsgen")
	if err != nil {
		t.Fatal(err)
	}
	if len(models) < 2 {
		t.Fatalf("golden models %v, want at least two", models)
	}
	for _, model := range models {
		t.Run(filepath.Base(model), func(t *testing.T) {
			golden := strings.TrimSuffix(model, ".tsgen") + ".csv"
			got := mustRun(t, "forecast", "-m", model, "--samples", "100").stdout
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			header, rows := parse(t, got)
			wantHeader, wantRows := parse(t, string(read(t, golden)))
			if !slices.Equal(header, wantHeader) || len(rows) != len(wantRows) {
				t.Fatalf("%d rows under %v, want %d under %v", len(rows), header, len(wantRows), wantHeader)
			}
			for i, row := range rows {
				for k, cell := range row {
					if !same(cell, wantRows[i][k]) {
						t.Errorf("row %d: %s is %s, want %s", i, header[k], cell, wantRows[i][k])
					}
				}
			}
		})
	}
}

// same reports whether two cells are equal but for the rounding in the last
// digits of numbers, in which processors and changes of the arithmetic differ.
func same(a, b string) bool {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	if errX != nil || errY != nil {
		return a == b
	}
	return math.Abs(x-y) <= 1e-6*(1+math.Abs(y))
}
