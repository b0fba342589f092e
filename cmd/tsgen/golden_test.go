package main

import (
	"flag"
	"os"
	"path/filepath"
	"runtime"
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
			want := string(read(t, golden))
			if runtime.GOARCH == "amd64" {
				if got != want {
					t.Errorf("forecast\n%swant\n%s", got, want)
				}
				return
			}
			// Elsewhere the compiler may fuse products and sums.
			header, rows := parse(t, got)
			wantHeader, wantRows := parse(t, want)
			if strings.Join(header, ",") != strings.Join(wantHeader, ",") || len(rows) != len(wantRows) {
				t.Fatalf("forecast\n%swant\n%s", got, want)
			}
			first := len(header) - 5*strings.Count(strings.Join(header, ","), "-hi-95")
			for i, row := range rows {
				x, y := numbers(t, row[first:]), numbers(t, wantRows[i][first:])
				for k := range x {
					if d := x[k] - y[k]; d > 1e-3*(1+max(y[k], -y[k])) || -d > 1e-3*(1+max(y[k], -y[k])) {
						t.Errorf("row %d: %v, want %v", i, row, wantRows[i])
						break
					}
				}
			}
		})
	}
}
