package command

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tsgen/models"
	"tsgen/series/doctor"
)

// absurdCSV returns a daily series about 80 whose fourth value from the end is 66000.
func absurdCSV(n int) string {
	rng := rand.New(rand.NewPCG(21, 21))
	var b strings.Builder
	b.WriteString("ds,y\n")
	for i := range n {
		v := fmt.Sprintf("%.2f", 80+5*rng.NormFloat64())
		if i == n-4 {
			v = "66000"
		}
		fmt.Fprintf(&b, "%s,%s\n", time.Date(2023, 1, 1+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), v)
	}
	return b.String()
}

// Models that are the same in the case at hand are said to forecast alike.
func TestAlike(t *testing.T) {
	data := write(t, filepath.Join(t.TempDir(), "data.csv"), absurdCSV(40))
	r := mustRun(t, "fit", data, "-m", "naive", "--season", "1", "--horizon", "5", "-o", filepath.Join(t.TempDir(), "m.tsgen"))
	if strings.Contains(r.stdout, "does not beat seasonal-naive") {
		t.Errorf("the output says\n%s", r.stdout)
	}
}

// An absurd value is told of with its line, by its stamp and in the JSON document, and
// does not move the forecast, unless it is to be kept, which the model file says on.
func TestOutliers(t *testing.T) {
	dir := t.TempDir()
	data := write(t, filepath.Join(dir, "data.csv"), absurdCSV(70))
	model := filepath.Join(dir, "m.tsgen")
	for _, how := range []string{"limit", "keep"} {
		r := mustRun(t, "fit", data, "-m", "ets", "--horizon", "5", "--outliers", how, "--json", "-o", model)
		var document struct {
			Findings []doctor.Finding `json:"findings"`
		}
		if err := json.Unmarshal([]byte(r.stdout), &document); err != nil {
			t.Fatal(err)
		}
		limited := how == "limit"
		if told := strings.Contains(r.stderr, "2023-03-08 (line 68) 66000"); told != limited {
			t.Errorf("--outliers %s says\n%s", how, r.stderr)
		}
		if limited {
			if f := document.Findings; len(f) != 1 || f[0].Code != "absurd-value" || f[0].Value != "66000" || !slices.Equal(f[0].Lines, []int{68}) {
				t.Errorf("findings %+v", f)
			}
		} else if document.Findings != nil {
			t.Errorf("%+v are kept and yet told of", document.Findings)
		}
		f := mustRun(t, "forecast", "--model", model)
		if told := strings.Contains(f.stderr, "66000"); told != limited {
			t.Errorf("forecast after --outliers %s says\n%s", how, f.stderr)
		}
		_, rows := parse(t, f.stdout)
		if x := numbers(t, rows[4][1:2])[0]; (x > 70 && x < 90) != limited {
			t.Errorf("--outliers %s: the forecast is %v", how, x)
		}
		_, file, err := models.Load(model)
		if err != nil {
			t.Fatal(err)
		}
		if got := file.History.Series[0].Values[66]; got != 66000 {
			t.Errorf("the model file has %v in its history", got)
		}
	}
	if r := tsgen("fit", data, "--outliers", "drop", "-o", model); r.status != exitUsage || !strings.Contains(r.stderr, "limit or keep") {
		t.Errorf("status %d, %s", r.status, r.stderr)
	}
	limit := mustRun(t, "backtest", data, "-m", "naive", "--horizon", "2", "--windows", "1")
	keep := mustRun(t, "backtest", data, "-m", "naive", "--horizon", "2", "--windows", "1", "--outliers", "keep")
	if limit.stdout == keep.stdout || !strings.Contains(limit.stderr, "(line 68)") {
		t.Errorf("backtest makes no difference of the flag:\n%s%s", limit.stdout, limit.stderr)
	}
}
