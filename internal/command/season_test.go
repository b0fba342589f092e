package command

import (
	"fmt"
	"math"
	"math/rand/v2"
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

// Without --season the seasons are found, said, kept in the model file and used; what an
// examination holds out has no part in it.
func TestSeasonsFound(t *testing.T) {
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	var periodic, late strings.Builder
	periodic.WriteString("t,y\n")
	late.WriteString("t,y\n")
	for i := range 300 {
		wave := 5 * math.Sin(2*math.Pi*float64(i)/12)
		fmt.Fprintf(&periodic, "%d,%.3f\n", i, wave+rng.NormFloat64())
		if i < 200 {
			wave = 0
		}
		fmt.Fprintf(&late, "%d,%.3f\n", i, 4*wave+rng.NormFloat64())
	}
	in, out := write(t, filepath.Join(dir, "y.csv"), periodic.String()), filepath.Join(dir, "y.tsgen")
	r := mustRun(t, "fit", in, "-m", "seasonal-naive", "-o", out, "--json")
	if !strings.Contains(r.stderr, "season: 12 steps (") || !strings.Contains(r.stderr, "for 24 steps ahead, season 12,") {
		t.Errorf("%q does not say the season", r.stderr)
	}
	if !strings.Contains(r.stdout, `"period": 12`) {
		t.Errorf("%s lacks the season", r.stdout)
	}
	f, err := modelfile.Load(out)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.History.Seasons; len(got) != 1 || got[0] != 12 || f.Season != 12 {
		t.Errorf("the file has the seasons %v and %d", got, f.Season)
	}
	in = write(t, filepath.Join(dir, "late.csv"), late.String())
	for _, args := range [][]string{{"fit", in, "-m", "naive", "-o", out, "--horizon", "100"}, {"backtest", in, "--models", "naive", "--horizon", "50", "--windows", "2"}} {
		if r := mustRun(t, args...); !strings.Contains(r.stderr, "season: none") {
			t.Errorf("%v: %q says a season that only what is held out has", args, r.stderr)
		}
	}
}

// A season that broke two years before the tenth of the series that is held out is found, though two seasons held out,
// as many as its usual horizon has, would leave too little of what comes after.
func TestSeasonThatBroke(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	var table strings.Builder
	table.WriteString("month,y\n")
	for i := range 96 {
		wave := math.Sin(2 * math.Pi * float64(i) / 12)
		if i >= 63 {
			wave = -wave
		}
		fmt.Fprintf(&table, "%d-%02d-01,%.1f\n", 2015+i/12, 1+i%12, 500+2*float64(i)+120*wave+10*rng.NormFloat64())
	}
	in := write(t, filepath.Join(t.TempDir(), "y.csv"), table.String())
	if r := mustRun(t, "describe", in); !strings.Contains(r.stdout, "12 months") || !strings.Contains(r.stdout, "9 steps") {
		t.Errorf("%s lacks the season, or its horizon", r.stdout)
	}
}
