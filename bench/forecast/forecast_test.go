package main

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tsgen/bench/internal/chosen"
	"tsgen/bench/internal/report"
	"tsgen/forecast"
	"tsgen/models/zeroshot"
	"tsgen/series"
)

// The bench scores seasonal-naive as R's snaive does, lists the better model first, and
// refuses names and data it lacks.
func TestRun(t *testing.T) {
	text, err := os.ReadFile("../../testdata/airpassengers.csv")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "airpassengers.csv"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	var out, log strings.Builder
	r := runner{data: dir}
	outcomes, err := r.run(&out, &log, []string{"airpassengers"}, []string{"seasonal-naive", "ar"})
	if err != nil {
		t.Fatal(err)
	}
	if len(outcomes) != 1 || outcomes[0].results[0].Model != "seasonal-naive" {
		t.Errorf("outcomes %v, want one task with the models in their order", outcomes)
	}
	// The scores of R's snaive (forecast 8.20) by the same protocol: SQL 1.326,
	// MASE 1.757, sMAPE 13.03.
	for _, want := range []string{"**AirPassengers, 3 origins, horizon 24, season 12**", "| seasonal-naive | 1.326 | 1.757 | 13.03 |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
	if ar, naive := strings.Index(out.String(), "| ar |"), strings.Index(out.String(), "| seasonal-naive |"); ar < 0 || ar > naive {
		t.Errorf("ar, the better one, is not first:\n%s", out.String())
	}
	if !strings.Contains(log.String(), "airpassengers: ar: SQL ") {
		t.Errorf("log %q", log.String())
	}
	for _, mistake := range [][2][]string{{{"flowers"}, nil}, {nil, {"oracle"}}, {{"nile"}, nil}} {
		if _, err := r.run(&out, &log, mistake[0], mistake[1]); err == nil {
			t.Errorf("%v: no error", mistake)
		}
	}
}

// The table shows each score with its own number of digits, and NaN where there is none.
func TestWriteTask(t *testing.T) {
	var b strings.Builder
	scores := forecast.Scores{SQL: 0.12345, MASE: 1, WQL: 0.0012345, Coverage80: 0.8, MSIS: math.NaN()}
	if err := writeTask(&b, task{title: "T", windows: 1}, []timed{{Result: forecast.Result{Model: "m", Scores: scores}}}); err != nil {
		t.Fatal(err)
	}
	if want := "| m | 0.123 | 1.000 | 0.00 | 0.00123 | NaN | 0.800 | 0.000 | 0.0 |"; !strings.Contains(b.String(), want) {
		t.Errorf("table\n%s\nlacks %s", b.String(), want)
	}
}

// A summary has a row for each task and a column for each model, a dash where one
// has no result; the best of a row is bold, or all have their coverages.
func TestWriteSummary(t *testing.T) {
	result := func(model string, sql float64) timed {
		return timed{Result: forecast.Result{Model: model, Scores: forecast.Scores{SQL: sql, Coverage80: 0.8, Coverage95: 0.95}}}
	}
	outcomes := []outcome{
		{task{title: "T", windows: 2, horizon: 3, season: 4}, []timed{result("a", 2), result("b", 1)}},
		{task{title: "U", windows: 1, horizon: 5, season: 6}, []timed{result("b", 3)}},
	}
	for coverage, want := range map[bool]string{
		false: "| T (2 × 3, 4) | 2.000 | **1.000** |\n| U (1 × 5, 6) | - | **3.000** |\n",
		true:  "| T (2 × 3, 4) | 2.000 (0.800, 0.950) | 1.000 (0.800, 0.950) |\n| U (1 × 5, 6) | - | 3.000 (0.800, 0.950) |\n",
	} {
		var b strings.Builder
		if err := writeSummary(&b, outcomes, coverage); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); got != "| task (origins × horizon, season) | a | b |\n|---|---|---|\n"+want {
			t.Errorf("coverage %v: got\n%s", coverage, got)
		}
	}
}

// A document is refused before anything is measured if it cannot take the table:
// because only some tasks are run, or because it has no place for those models.
func TestReportRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "forecast.md")
	if err := os.WriteFile(path, []byte("<!-- table closed-form -->\n<!-- /table closed-form -->\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		tasks, models []string
		calibrate     bool
		want          string
	}{
		{tasks: []string{"nile"}, want: "-tasks"},
		{models: []string{"ar", "ets"}, want: "table ar,ets -->"},
		{calibrate: true, want: "table closed-form calibrated -->"},
	} {
		r := runner{data: t.TempDir(), calibrate: c.calibrate}
		if err := r.report(io.Discard, io.Discard, c.tasks, c.models, false, path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}

// The linear map learns a sine to the last digits that noise leaves: its errors are
// those of the noise, in units of the deviation of the first part.
func TestLongTask(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	const noise, amplitude = 0.1, 3
	s := &series.Series{}
	for i := range 600 {
		angle := 2 * math.Pi * float64(i) / 12
		s.Times = append(s.Times, float64(i))
		s.Values = append(s.Values, 50+amplitude*math.Sin(angle)+noise*rng.NormFloat64(), amplitude*math.Cos(angle)+noise*rng.NormFloat64())
	}
	p := &series.Panel{Channels: []string{"a", "b"}, Step: series.Step{Width: 1}, Series: []*series.Series{s}}
	var b strings.Builder
	task := longTask{train: 300, valid: 150, test: 150, horizons: []int{12}}
	if err := task.run(&b, io.Discard, p, "waves"); err != nil {
		t.Fatal(err)
	}
	var horizon, origins int
	var mse, mae float64
	row := b.String()[strings.Index(b.String(), "| 12 |"):]
	if _, err := fmt.Sscanf(row, "| %d | %d | %f | %f |", &horizon, &origins, &mse, &mae); err != nil {
		t.Fatalf("%v in\n%s", err, &b)
	}
	least := noise * noise / (amplitude * amplitude / 2) // of an oracle
	if origins != 139 || mse < 0.7*least || mse > 2*least || math.Abs(mae-math.Sqrt(2*mse/math.Pi)) > 0.2*mae {
		t.Errorf("MSE %v and MAE %v from %d origins, want an MSE of at least %v", mse, mae, origins, least)
	}
	task.test = 500
	if err := task.run(&b, io.Discard, p, "waves"); err == nil || !strings.Contains(err.Error(), "950 rows") {
		t.Errorf("too few rows: %v", err)
	}
}

// The document has a place for the tables of the commands that it names.
func TestDocument(t *testing.T) {
	names := []string{
		runner{calibrate: true}.tableName(nil, false),
		runner{}.tableName([]string{"latent-ode", "vrnn", "srnn", "vae"}, false),
		runner{}.tableName(nil, true),
		runner{python: "python"}.tableName(nil, false),
		runner{peers: "python"}.tableName(nil, false),
	}
	if _, err := report.New(io.Discard, "../../docs/benchmarks/forecast.md", names...); err != nil {
		t.Error(err)
	}
}

// Pairs are on target within the bounds and not beside them, and worse from two percent on.
func TestCounts(t *testing.T) {
	var c counts
	c.add(0.76, 0.99, 1.01)
	c.add(0.86, 0.93, 1.03)
	if c.pairs != 2 || c.on80 != 1 || c.on95 != 1 || c.worse != 1 {
		t.Errorf("%+v", c)
	}
}

// A model may have an option, which it must know.
func TestModelWithOption(t *testing.T) {
	entrants, err := chooseModels([]string{"zeroshot:tune=true"}, chosen.Model{})
	if err != nil {
		t.Fatal(err)
	}
	if m, ok := entrants[0].build().(*zeroshot.Model); !ok || !m.Options.Tune {
		t.Errorf("built %+v", entrants[0].build())
	}
	for _, name := range []string{"zeroshot:tuned=true", "zeroshot:tune", "absent:tune=true"} {
		if _, err := chooseModels([]string{name}, chosen.Model{}); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
