package command

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A model that new rows are taken into, only those or all of them, forecasts after them as
// it does when it is given all rows, without what it learned being changed.
func TestUpdate(t *testing.T) {
	dir := t.TempDir()
	lines := strings.SplitAfter(string(read(t, airpassengers)), "\n")
	all := write(t, filepath.Join(dir, "all.csv"), strings.Join(lines, ""))
	old := write(t, filepath.Join(dir, "old.csv"), strings.Join(lines[:133], ""))
	late := write(t, filepath.Join(dir, "new.csv"), lines[0]+strings.Join(lines[133:], ""))
	model := filepath.Join(dir, "model.tsgen")
	for _, kind := range []string{"ets", "linear-map"} {
		mustRun(t, "fit", old, "-m", kind, "--horizon", "6", "--calibrate=false", "--refit=false", "-o", model, "--progress", "none")
		want := mustRun(t, "forecast", "-m", model, all).stdout
		if before := mustRun(t, "forecast", "-m", model).stdout; before == want {
			t.Fatalf("%s: the forecast does not see new rows", kind)
		}
		for _, rows := range []string{late, all} {
			updated := filepath.Join(dir, "updated.tsgen")
			r := mustRun(t, "update", model, rows, "-o", updated)
			if !strings.Contains(r.stderr, "12 new rows") || !strings.Contains(r.stderr, "0 values changed") {
				t.Errorf("%s: it says %q", kind, r.stderr)
			}
			if got := mustRun(t, "forecast", "-m", updated); got.stdout != want || strings.Contains(got.stderr, "anew") {
				t.Errorf("%s: the updated model says %q and forecasts\n%.200s\nwant\n%.200s", kind, got.stderr, got.stdout, want)
			}
		}
	}
}

// New rows are brought into the steps of the model as those were that it was fitted to, with no flag.
func TestUpdateBringsTogether(t *testing.T) {
	for _, how := range []string{"sum", "count"} {
		t.Run(how, func(t *testing.T) {
			t.Chdir(t.TempDir())
			rows := func(from, to int) string {
				var b strings.Builder
				b.WriteString("shop,sold at,price\n")
				for i := from; i < to; i++ {
					for k := range 2 + i%7%3 {
						at := time.Date(2023, 5, 1+i, 9+2*k, 7*i%60, 0, 0, time.UTC).Format("2006-01-02 15:04")
						fmt.Fprintf(&b, "A,%s,%d\nB,%s,%d\n", at, 20+k+i%5, at, 30+k)
					}
				}
				return b.String()
			}
			write(t, "old.csv", rows(0, 90))
			write(t, "new.csv", rows(90, 93))
			write(t, "all.csv", rows(0, 93))
			mustRun(t, "fit", "old.csv", "-m", "ets", "--horizon", "7", "--no-examine", "--every", "day", "--aggregate", how, "-o", "old.tsgen")
			r := mustRun(t, "update", "old.tsgen", "new.csv", "-o", "new.tsgen")
			if want := "rows were brought into 6 steps (daily) by their " + how; !strings.Contains(r.stderr, want) {
				t.Errorf("%q is not in %s", want, r.stderr)
			}
			mustRun(t, "update", "old.tsgen", "all.csv", "--every", "day", "--aggregate", how, "-o", "all.tsgen")
			if a, b := mustRun(t, "forecast", "new.tsgen").stdout, mustRun(t, "forecast", "all.tsgen").stdout; a != b {
				t.Errorf("forecasts after new rows alone are\n%s\nafter all\n%s", a, b)
			}
			if strings.Contains(r.stderr, "replaced") {
				t.Errorf("nothing was replaced, but it says %s", r.stderr)
			}
			r = mustRun(t, "update", "new.tsgen", write(t, "late.csv", "shop,sold at,price\nA,2023-08-01 21:30,70\n"), "-o", "late.tsgen")
			if want := "of the steps that the model had, 1 value is replaced by that of the new rows alone"; !strings.Contains(r.stderr, want) {
				t.Errorf("%q is not in %s", want, r.stderr)
			}
			if r := mustRun(t, "info", "new.tsgen"); !strings.Contains(r.stdout, "brought together every day by their "+how) {
				t.Errorf("info says\n%s", r.stdout)
			}
		})
	}
}

// An update that does not go with the model leaves it as it is.
func TestUpdateRefuses(t *testing.T) {
	dir := t.TempDir()
	model := filepath.Join(dir, "model.tsgen")
	mustRun(t, "fit", airpassengers, "-m", "naive", "-o", model, "--progress", "none")
	before := string(read(t, model))
	for name, text := range map[string]string{
		"days.csv":  "ds,y\n1961-01-01,400\n1961-01-02,410\n1961-01-03,420\n1961-01-04,420\n",
		"other.csv": "ds,cars\n1961-01,400\n1961-02,410\n",
	} {
		r := tsgen("update", model, write(t, filepath.Join(dir, name), text))
		if r.status != exitMismatch {
			t.Errorf("%s: status %d: %s", name, r.status, r.stderr)
		}
		if string(read(t, model)) != before {
			t.Errorf("%s: the model file is changed", name)
		}
	}
}

// Of many series each has fewer sample paths, but no fewer than tell an interval, and of a
// thousand as many as of one.
func TestFewerSamples(t *testing.T) {
	for series, want := range map[int]int{1: 1_000_000, 1000: 1000, 2000: 500, 100_000: 200} {
		if got := fewerSamples(series); got != want {
			t.Errorf("%d series have %d paths, want %d", series, got, want)
		}
	}
}

// The rows of a day are taken into a model of several series, by its columns, in any order; a forecast from them alone
// says what they lack, and a file that does not tell the series apart is refused.
func TestUpdateByTheDay(t *testing.T) {
	t.Chdir(t.TempDir())
	var b strings.Builder
	b.WriteString("depot,day,parcels\n")
	for i := range 80 {
		for k, depot := range []string{"Lyon", "Metz", "Nice"} {
			fmt.Fprintf(&b, "%s,%s,%d\n", depot, time.Date(2024, 1, 1+i, 0, 0, 0, 0, time.UTC).Format("02/01/2006"), 200*k+100+13*(i%7)+i*i%11)
		}
	}
	write(t, "old.csv", b.String())
	mustRun(t, "fit", "old.csv", "-m", "ets", "--horizon", "7", "--no-examine", "-o", "old.tsgen")
	for rows, want := range map[string]string{
		"depot,day,parcels\nLyon,21/03/2024,120\nMetz,21/03/2024,330\nNice,21/03/2024,540\n": "3 new rows, 0 series more, 0 values changed",
		"parcels,day,depot\n331,21/03/2024,Metz\n":                                           "1 new row, 0 series more, 0 values changed",
		"parcels,day,depot\n,21/03/2024,Metz\n":                                              "0 new rows, 0 series more, 0 values changed",
		"parcels,day,depot\n,21/03/2024,Metz\n540,21/03/2024,Nice\n":                         "2 new rows, 0 series more, 0 values changed",
	} {
		r := mustRun(t, "update", "old.tsgen", write(t, "new.csv", rows), "-o", "new.tsgen")
		if !strings.Contains(r.stderr, want) || strings.Contains(r.stderr, "nothing to learn") {
			t.Errorf("%q: %s", rows, r.stderr)
		}
	}
	if r := mustRun(t, "forecast", "new.tsgen", "--horizon", "1"); strings.Count(r.stdout, "/2024") != 3 {
		t.Errorf("the forecast is\n%s", r.stdout)
	}
	write(t, "new.csv", "depot,day,parcels\nLyon,21/03/2024,120\n")
	if r := tsgen("forecast", "old.tsgen", "new.csv"); !strings.Contains(r.stderr, "'tsgen update old.tsgen new.csv' adds them") {
		t.Errorf("the forecast from a single row says %s", r.stderr)
	}
	check(t, tsgen("update", "old.tsgen", write(t, "new.csv", "day,parcels\n21/03/2024,120\n")), exitMismatch, []string{`new.csv`, `no column "depot"`})
	check(t, tsgen("update", "old.tsgen", write(t, "new.csv", "depot,day\nLyon,21/03/2024\n")), exitMismatch, []string{`new.csv`, `column "parcels": no such column`})

	mustRun(t, "fit", write(t, "bare.csv", "y\n"+strings.Repeat("3\n5\n4\n", 10)), "-m", "naive", "--horizon", "2", "--no-examine", "-o", "bare.tsgen")
	check(t, tsgen("update", "bare.tsgen", write(t, "new.csv", "y\n7\n")), exitMismatch, []string{"new.csv", "fewer than the 30 of the model"})
}
