package command

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/models"
	"tsgen/models/modelfile"
)

// TestSeeds protects that --seeds averages trainings that differ, that one is the plain
// model, and that it is refused where it says nothing.
func TestSeeds(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "y.csv", months(60, func(i int) string { return strconv.Itoa(10+i%12+i*i%5) + ".25" }))
	fit := func(out string, args ...string) []float64 {
		mustRun(t, append([]string{"fit", "y.csv", "-m", "mixer", "--updates", "5", "--no-examine", "--horizon", "3", "-o", out}, args...)...)
		_, rows := parse(t, mustRun(t, "forecast", "-m", out).stdout)
		var medians []float64
		for _, row := range rows {
			x, err := strconv.ParseFloat(row[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			medians = append(medians, x)
		}
		return medians
	}
	first, second, both := fit("1.tsgen"), fit("2.tsgen", "--seed", "2"), fit("b.tsgen", "--seeds", "2")
	for k, x := range both {
		if mean := (first[k] + second[k]) / 2; math.Abs(x-mean) > 0.2*math.Abs(first[k]-second[k])+1e-9 || first[k] == second[k] {
			t.Errorf("step %d: %v and %v together are %v", k+1, first[k], second[k], x)
		}
	}
	for _, args := range [][]string{{"-m", "ar"}, {"-m", "mixer", "--set", "hidden=8"}, {}, {"-m", "mixer", "--seeds", "0"}} {
		if r := tsgen(append([]string{"fit", "y.csv", "--seeds", "2"}, args...)...); r.status != exitUsage || !strings.Contains(r.stderr, "--seeds") {
			t.Errorf("%v: status %d, %s", args, r.status, r.stderr)
		}
	}
}

// TestLearnedEnsemble stores an ensemble with members that learn, one of which
// cannot be fitted to the data.
func TestLearnedEnsemble(t *testing.T) {
	seriestest.Long(t)
	t.Chdir(t.TempDir())
	write(t, "y.csv", months(72, func(i int) string { return strconv.Itoa(10 + i%12 + i*i%5) }))
	set := "members=ar+linear-map+vae,weights=0.5+0.3+0.2"
	args := []string{"fit", "y.csv", "-m", "ensemble", "--horizon", "6", "--set", set, "--time-limit", "2s"}
	r := mustRun(t, args...)
	if !strings.Contains(r.stdout, "\nensemble ") {
		t.Errorf("scores:\n%s", r.stdout)
	}
	one := mustRun(t, "forecast", "--horizon", "9").stdout
	if _, rows := parse(t, one); len(rows) != 9 {
		t.Fatalf("forecast:\n%s", one)
	}
	if again := mustRun(t, "forecast", "--horizon", "9").stdout; again != one {
		t.Error("two forecasts differ")
	}
	write(t, "flat.csv", months(40, func(i int) string { return "7" }))
	mustRun(t, "fit", "flat.csv", "-m", "ensemble", "--horizon", "3", "--set", "members=naive+linear-map", "-o", "flat.tsgen")
	r = mustRun(t, "forecast", "-m", "flat.tsgen")
	if !strings.Contains(r.stderr, "without linear-map") {
		t.Errorf("no word of the member that refused: %s", r.stderr)
	}

	// An ensemble may be a member of another, as auto has it.
	mustRun(t, "fit", "y.csv", "-m", "ensemble", "--horizon", "6", "--set", "members=ensemble+seasonal-naive,weights=1+0", "-o", "outer.tsgen", "--calibrate=false")
	mustRun(t, "fit", "y.csv", "-m", "ensemble", "--horizon", "6", "-o", "inner.tsgen", "--calibrate=false")
	outer, inner := mustRun(t, "forecast", "-m", "outer.tsgen").stdout, mustRun(t, "forecast", "-m", "inner.tsgen").stdout
	if outer != inner {
		t.Errorf("an ensemble alone in an ensemble forecasts\n%s, by itself\n%s", outer, inner)
	}

	// A file that names no members is of a time when there were four.
	s := &forecast.State{Kind: models.EnsembleName, Options: []byte(`{"members":""}`)}
	_, old, err := loadModel(t.Context(), save(t, s))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(old.(*models.Ensemble).Members); n != 4 {
		t.Errorf("%d members of an ensemble that names none, want 4", n)
	}

	f, err := modelfile.Load("model.tsgen")
	if err != nil {
		t.Fatal(err)
	}
	f.Tensors = f.Tensors[1:]
	if err := modelfile.Save("damaged.tsgen", f); err != nil {
		t.Fatal(err)
	}
	check(t, tsgen("forecast", "-m", "damaged.tsgen"), exitMismatch, []string{"damaged.tsgen", "member ar"})

	for set, want := range map[string]string{
		"members=ar+nothing":            `no model "nothing"`,
		"members=ar+ets,weights=1+2+3":  "the weights 1+2+3 of 2 members",
		"members=ar+ets,weights=1+x":    `"x" is no weight`,
		"members=ar+ets,weights=1+-0.5": `"-0.5" is no weight`,
	} {
		check(t, tsgen("fit", "y.csv", "-m", "ensemble", "--set", set), exitUsage, []string{want})
	}
}
