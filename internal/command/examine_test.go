package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"tsgen/internal/seriestest"
)

// backtest makes tables, pictures and JSON, and writes every forecast beside
// its cutoff and its actual value.
func TestBacktest(t *testing.T) {
	dir := t.TempDir()
	leads, reliability := filepath.Join(dir, "leads.png"), filepath.Join(dir, "calibration.png")
	table := filepath.Join(dir, "backtest.csv")
	args := []string{"backtest", airpassengers, "--horizon", "12", "--windows", "3", "--step", "6", "--models", "ar,seasonal-naive"}
	r := mustRun(t, append(args, "-o", table, "--plot", leads, "--calibration", reliability)...)
	for _, want := range []string{"12 steps from 3 origins", "\nar ", "\nseasonal-naive ", "SQL of step", "\n12 "} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("the tables lack %q:\n%s", want, r.stdout)
		}
	}
	header, rows := parse(t, string(read(t, table)))
	if got := strings.Join(header, ","); got != "ds,cutoff,y,ar,ar-lo-80,ar-hi-80,ar-lo-95,ar-hi-95,"+
		"seasonal-naive,seasonal-naive-lo-80,seasonal-naive-hi-80,seasonal-naive-lo-95,seasonal-naive-hi-95" {
		t.Errorf("header %s", got)
	}
	// The last value of 1960 is 432; 18 and 12 months before the end are June
	// and December 1959.
	if last := rows[len(rows)-1]; len(rows) != 36 || last[0] != "1960-12-01" || last[1] != "1959-12-01" || last[2] != "432" {
		t.Errorf("%d rows, the last %v", len(rows), last)
	}
	for _, picture := range []string{leads, reliability} {
		if _, err := png.Decode(bytes.NewReader(read(t, picture))); err != nil {
			t.Errorf("%s: %v", picture, err)
		}
	}

	var report backtestReport
	if err := json.Unmarshal([]byte(mustRun(t, append(args, "--json")...).stdout), &report); err != nil {
		t.Fatal(err)
	}
	if report.Origins != 3 || report.Step != 6 || len(report.Models) != 2 || len(report.Models[0].Steps) != 12 {
		t.Errorf("report %+v", report)
	}
}

// Mistaken flags of backtest are named with the status of wrong usage, and data too short
// or irregular have that of a mismatch.
func TestBacktestMistakes(t *testing.T) {
	for _, args := range [][]string{
		{"--models", "oracle"}, {"--models", "ar,ar"}, {"--windows", "0"}, {"--level", "100"}, {"--time-limit", "-1s"}, {"--plot", "x.gif"}, {"--calibration", "x.gif"},
	} {
		check(t, tsgen(append([]string{"backtest", airpassengers}, args...)...), exitUsage, []string{args[0][2:]})
	}
	check(t, tsgen("backtest", airpassengers, "--horizon", "142"), exitMismatch, []string{"too few observations"})
	check(t, tsgen("backtest", spirals, "--models", "ar"), exitMismatch, []string{"irregular"})
}

// A forecast scores the same through its file as it does in a backtest.
func TestScore(t *testing.T) {
	dir := t.TempDir()
	history := write(t, filepath.Join(dir, "history.csv"), strings.Join(strings.SplitAfter(string(read(t, airpassengers)), "\n")[:133], ""))
	model, table := filepath.Join(dir, "ar.tsgen"), filepath.Join(dir, "f.csv")
	// Of any numbers: whole quantiles do not tell the mean that they are of.
	mustRun(t, "fit", history, "-m", "ar", "--calibrate=false", "--horizon", "12", "--min", "none", "-o", model)
	mustRun(t, "forecast", "-m", model, "--horizon", "12", "--level", "10,20,30,40,50,60,70,80,90,95", "-o", table)
	r := mustRun(t, "backtest", airpassengers, "--models", "ar", "--horizon", "12", "--windows", "1", "--min", "none", "--json")
	var want backtestReport
	if err := json.Unmarshal([]byte(r.stdout), &want); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{}, {"--history", history}} {
		r := mustRun(t, append([]string{"score", table, airpassengers, "--json"}, args...)...)
		if !strings.Contains(r.stderr, "ar: 21 quantiles, 0.025 to 0.975") {
			t.Errorf("the layout is not said:\n%s", r.stderr)
		}
		var got scoreReport
		if err := json.Unmarshal([]byte(r.stdout), &got); err != nil {
			t.Fatal(err)
		}
		for name, x := range want.Models[0].Scores {
			if y := got.Models[0].Scores[name]; math.Abs(float64(x-y)) > 1e-6*math.Abs(float64(x)) {
				t.Errorf("%v: %s is %v, that of the backtest %v", args, name, y, x)
			}
		}
		sum := number(0)
		for _, share := range got.Models[0].PIT {
			sum += share
		}
		if math.Abs(float64(sum-1)) > 1e-9 || got.Models[0].Values != 12 {
			t.Errorf("%d values, histogram %v", got.Models[0].Values, got.Models[0].PIT)
		}
	}
}

// score names the file and what is wrong with a forecast that it cannot match to the
// actual values, and mentions values that have none.
func TestScoreMistakes(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string { return write(t, filepath.Join(dir, name), text) }
	actual := file("actual.csv", "ds,y\n1,1\n2,2\n3,4\n4,3\n")
	check(t, tsgen("score", file("a.csv", "ds,ar\n3,4\n4,x\n"), actual), exitData, []string{"a.csv:3", `"ar"`, `"x"`})
	check(t, tsgen("score", file("b.csv", "ds,y\n3,4\n4,5\n"), actual), exitMismatch, []string{"b.csv", "none of the columns"})
	if r := mustRun(t, "score", file("c.csv", "ds,ar\n2,4\n4,5\n"), actual); !strings.Contains(r.stderr, "1 time between") {
		t.Errorf("no word of the value without a forecast: %s", r.stderr)
	}
	check(t, tsgen("score", file("d.csv", "ds,ar\n7,4\n8,5\n"), actual), exitMismatch, []string{"d.csv", "no actual value"})
	check(t, tsgen("score", "-", actual), exitUsage, []string{"standard input"})
}

// fit without a model reports what it chose and why, also as JSON, and stores a model
// that forecasts, the same bytes for the same seed; flags that are of one model are
// refused.
func TestAuto(t *testing.T) {
	seriestest.Long(t)
	t.Chdir(t.TempDir())
	in := write(t, "months.csv", months(60, func(i int) string { return string("123456789"[i%12%9]) + string("0123456789"[i*7%10]) }))
	r := mustRun(t, "fit", in, "--horizon", "6")
	if !strings.Contains(r.stdout, "forecasts of the past, 6 steps ahead from") || !strings.Contains(r.stdout, "auto: ") || !strings.Contains(r.stderr, "auto: ") {
		t.Errorf("the choice is not reported:\n%s", r.stdout)
	}
	mustRun(t, "forecast")
	for _, flags := range [][]string{{"--updates", "5"}, {"--no-examine"}, {"--refit=false"}, {"--effort", "much"}, {"--effort", "0"}, {"--effort", "NaN"}, {"-m", "ar", "--effort", "low"}} {
		check(t, tsgen(append([]string{"fit", in}, flags...)...), exitUsage, []string{"-m"})
	}

	var report fitReport
	if err := json.Unmarshal([]byte(mustRun(t, "fit", in, "-m", "auto", "--horizon", "6", "--json", "-o", "again.tsgen").stdout), &report); err != nil {
		t.Fatal(err)
	}
	if report.Choice == nil || report.Choice.Reason == "" || len(report.Choice.Scores) < 3 || report.Model == "auto" {
		t.Errorf("report %+v", report)
	}
	if one, again := read(t, "model.tsgen"), read(t, "again.tsgen"); !bytes.Equal(one, again) {
		t.Error("two fits with the same seed differ")
	}
}

// The words for an effort stand for numbers, and others are taken as they are.
func TestEffort(t *testing.T) {
	for _, c := range []struct {
		word, number string
		work         float64
	}{{"low", "10", 10}, {"normal", "100", 100}, {"high", "500", 500}, {"0.5", "5e-1", 0.5}} {
		word, err := effort(c.word)
		number, also := effort(c.number)
		if err != nil || also != nil || word != c.work || number != c.work {
			t.Errorf("%s is %v (%v), %s is %v (%v), want %v", c.word, word, err, c.number, number, also, c.work)
		}
	}
}

// With --no-examine nothing is compared, and the model is the one that an examined fit
// ends with.
func TestNoExamine(t *testing.T) {
	t.Chdir(t.TempDir())
	in := write(t, "months.csv", months(60, func(i int) string { return string("123456789"[i%12%9]) }))
	mustRun(t, "fit", in, "-m", "theta", "--horizon", "6")
	want := mustRun(t, "forecast").stdout
	r := mustRun(t, "fit", in, "-m", "theta", "--horizon", "6", "--no-examine")
	if r.stdout != "" {
		t.Errorf("a table in spite of --no-examine:\n%s", r.stdout)
	}
	if got := mustRun(t, "forecast").stdout; got != want {
		t.Errorf("forecast\n%s\nwant\n%s", got, want)
	}
}

// fit reports the coverage before and after calibration, and refusing it in the fit or in
// the forecast gives the same intervals.
func TestCalibrateFlag(t *testing.T) {
	t.Chdir(t.TempDir())
	in := write(t, "months.csv", months(120, func(i int) string { return string("123456789"[i%12%9]) + string("0123456789"[i*7%10]) }))
	r := mustRun(t, "fit", in, "-m", "ar", "--horizon", "6")
	if !strings.Contains(r.stdout, "coverage 80 %: ") || !strings.Contains(r.stdout, "before the calibration") {
		t.Errorf("the coverage is not reported:\n%s", r.stdout)
	}
	corrected, plain := mustRun(t, "forecast"), mustRun(t, "forecast", "--calibrate=false")
	if corrected.stdout == plain.stdout {
		t.Error("--calibrate=false changes nothing")
	}
	mustRun(t, "fit", in, "-m", "ar", "--horizon", "6", "--calibrate=false")
	if again := mustRun(t, "forecast"); again.stdout != plain.stdout {
		t.Error("a model fitted without calibration forecasts other than one without")
	}
}

// Of very many series a sample is scored, which is said with the error; the model that is written is
// of all.
func TestExaminationOfMany(t *testing.T) {
	seriestest.Long(t)
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("shop,day,sold\n")
	const shops, days = mostExamined + 200, 12
	for s := range shops {
		for d := range days {
			fmt.Fprintf(&b, "%d,2024-01-%02d,%d\n", s, d+1, 7*((s*31+d*17)%23)-50)
		}
	}
	in, model := write(t, filepath.Join(dir, "shops.csv"), b.String()), filepath.Join(dir, "m.tsgen")
	args := []string{"fit", in, "-m", "naive", "--horizon", "2", "--calibrate=false", "-o", model}
	r := mustRun(t, args...)
	if want := fmt.Sprintf("last 2 times of %d of %d series, held out (standard error of the first SQL: ", mostExamined, shops); !strings.Contains(r.stdout, want) {
		t.Errorf("the table lacks %q:\n%s", want, r.stdout)
	}
	var report fitReport
	if err := json.Unmarshal([]byte(mustRun(t, append(args, "--json")...).stdout), &report); err != nil {
		t.Fatal(err)
	}
	if report.Examined == nil || report.Examined.Series != mostExamined || !(report.Examined.StandardError > 0 && report.Examined.StandardError < 0.1) {
		t.Errorf("examined %+v", report.Examined)
	}
	_, rows := parse(t, mustRun(t, "forecast", "--model", model, "--horizon", "2").stdout)
	if len(rows) != 2*shops {
		t.Errorf("%d rows of %d series", len(rows), shops)
	}
}
