package command

import (
	"bytes"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"tsgen/internal/seriestest"
	"tsgen/models/modelfile"
)

// TestDataFlags reads a file that nothing could be found out about without
// being told.
func TestDataFlags(t *testing.T) {
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("when|shop|noise|sold\n")
	for i := range 40 {
		for _, shop := range []string{"7", "3"} {
			sold := strconv.Itoa(10 + i%7)
			if i == 20 {
				sold = "-1"
			}
			b.WriteString(strconv.Itoa(1000+i) + "|" + shop + "|" + strconv.Itoa(i*i%11) + "|" + sold + "\n")
		}
	}
	in := write(t, filepath.Join(dir, "in.csv"), b.String())
	out := filepath.Join(dir, "model.tsgen")
	flags := []string{"--id", "shop", "--time", "when", "--target", "sold", "--na=-1", "--delimiter", "|"}
	mustRun(t, append([]string{"fit", in, "-m", "ar", "--season", "7", "--horizon", "5", "-o", out}, flags...)...)
	f, err := modelfile.Load(out)
	if err != nil {
		t.Fatal(err)
	}
	h := f.History
	if h.IDColumn != "shop" || h.TimeColumn != "when" || strings.Join(h.Channels, ",") != "sold" || len(h.Series) != 2 {
		t.Errorf("id %q, time %q, channels %v, %d series", h.IDColumn, h.TimeColumn, h.Channels, len(h.Series))
	}
	for _, s := range h.Series {
		if s.Len() != 40 || s.Observed() != 39 {
			t.Errorf("series %s: %d times, %d values, want 40 and 39", s.ID, s.Len(), s.Observed())
		}
	}
	if f.Season != 7 || f.Horizon != 5 || f.Seed != 1 || f.Fingerprint != h.Fingerprint() || len(f.Scores) != 3 {
		t.Errorf("season %d, horizon %d, seed %d, fingerprint %s, %d scores", f.Season, f.Horizon, f.Seed, f.Fingerprint, len(f.Scores))
	}
	own := mustRun(t, "forecast", "-m", out)
	given := mustRun(t, append([]string{"forecast", "-m", out, in}, flags...)...)
	if own.stdout != given.stdout {
		t.Errorf("from the model file\n%sfrom the CSV file\n%s", own.stdout, given.stdout)
	}
	if header, rows := parse(t, own.stdout); header[0] != "shop" || header[1] != "when" || len(rows) != 10 || rows[0][1] != "1040" {
		t.Errorf("header %v, %d rows, first %v", header, len(rows), rows[0])
	}
}

// Times to forecast can come from standard input, and the forecast at them is that
// of the same steps of a horizon.
func TestTimesFromStdin(t *testing.T) {
	model := small(t, t.TempDir())
	r := tsgenWith(t.Context(), strings.NewReader("ds\n1961-01-01\n1961-03-01\n"), "forecast", "-m", model, "--at", "-", "--level", "50")
	if r.status != exitDone {
		t.Fatal(r.stderr)
	}
	_, some := parse(t, r.stdout)
	_, all := parse(t, mustRun(t, "forecast", "-m", model, "--horizon", "3", "--level", "50").stdout)
	if len(some) != 2 || strings.Join(some[0], ",") != strings.Join(all[0], ",") || strings.Join(some[1], ",") != strings.Join(all[2], ",") {
		t.Errorf("forecast %v, want the first and the third row of %v", some, all)
	}
}

// A series without times is forecast alike from the model file and from its
// CSV file, with its rows as times.
func TestNumberedRows(t *testing.T) {
	dir := t.TempDir()
	in := write(t, filepath.Join(dir, "in.csv"), "y\n"+strings.Repeat("1\n2\n4\n", 6))
	out := filepath.Join(dir, "model.tsgen")
	mustRun(t, "fit", in, "-m", "seasonal-naive", "--season", "3", "-o", out)
	own := mustRun(t, "forecast", "-m", out, "--horizon", "2")
	given := mustRun(t, "forecast", "-m", out, "--horizon", "2", in)
	_, rows := parse(t, own.stdout)
	if len(rows) != 2 || rows[0][1] != "1" || rows[1][1] != "2" || given.stdout != own.stdout {
		t.Errorf("from the model file\n%sfrom the CSV file\n%s", own.stdout, given.stdout)
	}
}

// TestRefit changes the held-out horizon: the model knows of it from the final
// fit on and not before.
func TestRefit(t *testing.T) {
	seriestest.Long(t)
	dir := t.TempDir()
	lines := strings.SplitAfter(string(read(t, airpassengers)), "\n")
	for i := 1 + 144 - 24; i < len(lines); i++ {
		if stamp, _, ok := strings.Cut(lines[i], ","); ok {
			lines[i] = stamp + ",300\n"
		}
	}
	changed := write(t, filepath.Join(dir, "changed.csv"), strings.Join(lines, ""))
	fit := func(args ...string) *modelfile.File {
		out := filepath.Join(dir, "model.tsgen")
		mustRun(t, slices.Concat([]string{"fit", "--progress", "none", "-o", out}, quick, args)...)
		f, err := modelfile.Load(out)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	f, final := fit(airpassengers, "--refit=false"), fit(airpassengers)
	if !sameModel(f, fit(changed, "--refit=false")) {
		t.Error("what is held out changes the model without a final fit")
	}
	if sameWeights(f, final) {
		t.Error("the final fit learns nothing new")
	}
	if sameModel(final, fit(changed)) {
		t.Error("the final fit does not see what was held out")
	}
	if sameWeights(f, fit(airpassengers, "--refit=false", "--seed", "2")) {
		t.Error("another seed gives the same weights")
	}
	if n := f.History.Series[0].Len(); n != 144 {
		t.Errorf("the history has %d times, want all 144", n)
	}
}

func sameModel(a, b *modelfile.File) bool {
	return sameWeights(a, b) && bytes.Equal(a.Options, b.Options)
}

func sameWeights(a, b *modelfile.File) bool {
	for i, t := range a.Tensors {
		for k, v := range t.Data {
			if v != b.Tensors[i].Data[k] {
				return false
			}
		}
	}
	return true
}

// A flag whose value is no number says which it is, what it has and what it wants, on the command line and in a setting.
func TestFlagsOfNumbers(t *testing.T) {
	for _, verb := range verbs() {
		cmd := verb.make()
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			switch f.Value.Type() {
			case "int", "int64", "uint64", "float64", "float64Slice", "bool", "duration":
			default:
				return
			}
			r := tsgen(verb.name, "--"+f.Name+"=abc")
			if want := "--" + f.Name + ` is "abc", want `; r.status != exitUsage || !strings.Contains(r.stderr, want) || strings.Contains(r.stderr, "strconv") {
				t.Errorf("%s --%s=abc: status %d: %s", verb.name, f.Name, r.status, r.stderr)
			}
		})
	}
	for value, want := range map[string]string{"abc": "want a whole number", "7.5": "want a whole number", "99999999999999999999": "want a whole number of fewer digits", "": "want a whole number"} {
		check(t, tsgen("forecast", "--horizon", value), exitUsage, []string{`--horizon is "` + value + `", ` + want})
	}
	check(t, tsgen("fit", airpassengers, "--season", "x"), exitUsage, []string{"tsgen: --season is x, want numbers of steps"})
	t.Setenv("TSGEN_HORIZON", "soon")
	check(t, tsgen("fit", airpassengers), exitUsage, []string{`TSGEN_HORIZON: horizon: --horizon is "soon", want a whole number`})
}
