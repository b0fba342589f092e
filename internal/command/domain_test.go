package command

import (
	"encoding/csv"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"tsgen/internal/seriestest"
)

// cellsOf returns all cells of a CSV that are numbers, but for those of the named columns.
func cellsOf(t *testing.T, text string, but ...string) []float64 {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []float64
	for _, row := range rows[1:] {
		for i, cell := range row {
			if v, err := strconv.ParseFloat(cell, 64); err == nil && rows[0][i] != "unique_id" && (len(but) == 0 || rows[0][i] != but[0]) {
				all = append(all, v)
			}
		}
	}
	return all
}

// Forecasts, calibrated and not, of models of every form of distribution, and imputed and generated
// values are whole numbers from 0 up of counts; --min and --max bound others, and what lies
// beyond them is an error that names its line.
func TestDomains(t *testing.T) {
	seriestest.Long(t)
	dir := t.TempDir()
	sales := write(t, filepath.Join(dir, "sales.csv"), months(60, func(i int) string {
		if i == 31 {
			return ""
		}
		return fmt.Sprint(math.Max(0, math.Round(4*math.Sin(float64(i*i))-1)))
	}))
	model := filepath.Join(dir, "m.tsgen")
	whole := func(what string, all []float64) {
		if len(all) == 0 {
			t.Errorf("%s: no numbers", what)
		}
		for _, v := range all {
			if v < 0 || v != math.Trunc(v) {
				t.Errorf("%s: %v", what, v)
				return
			}
		}
	}
	for _, kind := range []string{"theta", "ets", "gauss", "ensemble", "intermittent"} {
		r := mustRun(t, "fit", sales, "-m", kind, "--horizon", "4", "-o", model)
		if !strings.Contains(r.stderr, "forecasts of y are whole numbers from 0 up, as the values are") {
			t.Errorf("%s does not say what it keeps to:\n%s", kind, r.stderr)
		}
		whole(kind, cellsOf(t, mustRun(t, "forecast", "-m", model).stdout))
		whole(kind+" as is", cellsOf(t, mustRun(t, "forecast", "-m", model, "--calibrate=false").stdout))
		if kind != "gauss" {
			continue
		}
		whole("impute", cellsOf(t, mustRun(t, "impute", "-m", model).stdout, "y-imputed"))
		whole("generate", cellsOf(t, mustRun(t, "generate", "-m", model, "-n", "5").stdout))
	}
	free := cellsOf(t, mustRun(t, "forecast", "-m", model, "--min", "none").stdout)
	bounded := cellsOf(t, mustRun(t, "forecast", "-m", model, "--min", "none", "--max", "4").stdout)
	some := false
	for i, v := range bounded {
		some = some || v < free[i]
		if v > 4 {
			t.Errorf("%v, where --max is 4", v)
		}
	}
	if !some {
		t.Error("--max 4 changes nothing")
	}
	check(t, tsgen("fit", sales, "-m", "theta", "--min", "1", "-o", model), exitMismatch, []string{"sales.csv:2", `"y"`, "--min 1", "none"})
	check(t, tsgen("fit", sales, "-m", "theta", "--min", "low", "-o", model), exitUsage, []string{"--min", `"low"`})
	check(t, tsgen("fit", sales, "-m", "theta", "--max", "z=1", "-o", model), exitUsage, []string{"--max", `"z"`, "y"})
	check(t, tsgen("fit", sales, "-m", "theta", "--min", "5", "--max", "4", "-o", model), exitUsage, []string{"--min", "--max", "y"})
}

// TestFewNegative protects the note on counts of which hardly any is negative: it says where the first is, and what
// makes counts of them again.
func TestFewNegative(t *testing.T) {
	dir := t.TempDir()
	fit := func(negative map[int]string, flags ...string) string {
		sales := write(t, filepath.Join(dir, "sales.csv"), months(120, func(i int) string {
			if v := negative[i]; v != "" {
				return v
			}
			return fmt.Sprint(i * i % 7)
		}))
		return mustRun(t, append([]string{"fit", sales, "-m", "naive", "--no-examine", "-o", filepath.Join(dir, "m.tsgen")}, flags...)...).stderr
	}
	for _, tt := range []struct {
		negative map[int]string
		flags    []string
		said     string
	}{
		{map[int]string{40: "-1"}, nil, "y is negative in 1 of 120 values (-1, line 42), so that forecasts may be; if those are mistakes, --na=-1 takes them for missing"},
		{map[int]string{40: "-1", 70: "-2"}, nil, "y is negative in 2 of 120 values (-1, line 42), so that forecasts may be; if those are mistakes, leave them empty"},
		{map[int]string{40: "-1"}, []string{"--na=-1"}, "forecasts of y are whole numbers from 0 up"},
		{map[int]string{40: "-1"}, []string{"--min", "-5"}, "forecasts of y are numbers from -5 up, as is said"},
	} {
		said := fit(tt.negative, tt.flags...)
		if !strings.Contains(said, tt.said) {
			t.Errorf("%v %v: want %q in\n%s", tt.negative, tt.flags, tt.said, said)
		}
		if want := strings.Contains(tt.said, "is negative"); strings.Contains(said, "is negative") != want {
			t.Errorf("%v %v: whether values are negative is said, want %v:\n%s", tt.negative, tt.flags, want, said)
		}
	}
	if said := fit(map[int]string{4: "-3", 17: "-2", 60: "-4"}); strings.Contains(said, "is negative") {
		t.Errorf("negative by habit:\n%s", said)
	}
}
