package main

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"tsgen/models/modelfile"
)

// Seasons that are given go with the series into the model file, in order, and
// are said; the shortest is the one that errors are scaled by.
func TestSeasonsGiven(t *testing.T) {
	for _, test := range []struct {
		flag, said string
		want       []float64
		season     int
	}{
		{"7", "season 7", []float64{7}, 7},
		{"365.25, 7", "seasons 7 and 365.25", []float64{7, 365.25}, 7},
		{"30.6", "season 30.6", []float64{30.6}, 31},
		{"none", "no season", []float64{}, 1},
		{"1", "no season", []float64{}, 1},
	} {
		var csv strings.Builder
		csv.WriteString("t,y\n")
		for i := range 60 {
			fmt.Fprintf(&csv, "%d,%g\n", i, math.Sin(float64(i)))
		}
		dir := t.TempDir()
		in, out := write(t, filepath.Join(dir, "y.csv"), csv.String()), filepath.Join(dir, "y.tsgen")
		r := mustRun(t, "fit", in, "-m", "naive", "--season", test.flag, "--horizon", "5", "-o", out)
		if !strings.Contains(r.stderr, test.said+",") {
			t.Errorf("--season %s: %q does not say %q", test.flag, r.stderr, test.said)
		}
		f, err := modelfile.Load(out)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.History.Seasons; got == nil || len(got) != len(test.want) || f.Season != test.season {
			t.Fatalf("--season %s: seasons %v, season %d, want %v and %d", test.flag, got, f.Season, test.want, test.season)
		}
		for i, m := range test.want {
			if f.History.Seasons[i] != m {
				t.Errorf("--season %s: seasons %v, want %v", test.flag, f.History.Seasons, test.want)
			}
		}
	}
	for _, bad := range []string{"1,7", "7,7", "0.5", "week", "NaN"} {
		check(t, tsgen("fit", airpassengers, "--season", bad), exitUsage, []string{"--season"})
	}
}
