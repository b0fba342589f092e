package command

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"tsgen/internal/seriestest"
)

// TestGenerateConditioned protects what generate is told of series: which one they are to be
// like, and which they continue, by name or by file, and that it refuses what it cannot mean.
func TestGenerateConditioned(t *testing.T) {
	dir := t.TempDir()
	var rows, other strings.Builder
	rows.WriteString("store,day,sales\n")
	other.WriteString("store,day,sales\n")
	for i := range 60 {
		fmt.Fprintf(&rows, "north,%d,%d\nsouth,%d,%d\n", i, 100+i*i%7, i, 9000+50*(i*i%7))
		fmt.Fprintf(&other, "west,%d,%d\neast,%d,7\n", i, 500+i*i%7, i)
	}
	data, model := write(t, filepath.Join(dir, "sales.csv"), rows.String()), filepath.Join(dir, "gauss.tsgen")
	mustRun(t, "fit", data, "-m", "gauss", "--horizon", "4", "--season", "7", "--no-examine", "-o", model)
	mean := func(args ...string) float64 {
		t.Helper()
		_, rows := parse(t, mustRun(t, append([]string{"generate", "--model", model, "-n", "10", "--length", "21"}, args...)...).stdout)
		sum := 0.0
		for _, r := range rows {
			x, err := strconv.ParseFloat(r[len(r)-1], 64)
			if err != nil {
				t.Fatal(err)
			}
			sum += x / float64(len(rows))
		}
		return sum
	}
	if m := mean("--like", "south"); math.Abs(m-9100) > 20 {
		t.Errorf("series like one of 9100 have the mean %.0f", m)
	}
	if m := mean("--like", write(t, filepath.Join(dir, "new.csv"), other.String())); math.Abs(m-502) > 2 {
		t.Errorf("series like one of about 502 have the mean %.0f", m)
	}
	if _, rows := parse(t, mustRun(t, "generate", "--model", model, "-n", "3", "--start", "south", "--length", "2").stdout); len(rows) != 6 ||
		rows[0][0] != "south-1" || rows[0][1] != "60" || !strings.HasPrefix(rows[5][2], "9") {
		t.Errorf("scenarios %q", rows)
	}
	days := write(t, filepath.Join(dir, "days.csv"), "store,day\nsouth,60\nsouth,61\nsouth,62\n")
	if _, rows := parse(t, mustRun(t, "generate", "--model", model, "-n", "2", "--start", "south", "--times", days, "--length", "2").stdout); len(rows) != 4 || rows[1][1] != "61" {
		t.Errorf("scenarios at the first two times of a file %q", rows)
	}
	for _, c := range []struct {
		status int
		word   string
		args   []string
	}{
		{exitUsage, "days.csv has 3 times", []string{"--start", "south", "--times", days, "--length", "4"}},
		{exitUsage, "exclude each other", []string{"--like", "south", "--start", "south"}},
		{exitUsage, "--strength", []string{"--like", "south", "--strength", "2"}},
		{exitUsage, "of --like", []string{"--strength", "0.2"}},
		{exitFailed, "nor has the model a series of that name", []string{"--like", "west"}},
	} {
		r := tsgen(append([]string{"generate", "--model", model}, c.args...)...)
		if r.status != c.status || !strings.Contains(r.stderr, c.word) {
			t.Errorf("%v: status %d, %s", c.args, r.status, r.stderr)
		}
	}
}

// TestScenariosKeepTheGrid protects that what continues a series of one decimal has one, also
// where it leaves the range of the data.
func TestScenariosKeepTheGrid(t *testing.T) {
	dir := t.TempDir()
	var rows strings.Builder
	rows.WriteString("day,level\n")
	for i := range 60 {
		fmt.Fprintf(&rows, "%d,%.1f\n", i, float64(i)+float64(i*i%7)/10)
	}
	data, model := write(t, filepath.Join(dir, "level.csv"), rows.String()), filepath.Join(dir, "ar.tsgen")
	mustRun(t, "fit", data, "-m", "ar", "--horizon", "4", "--season", "1", "--no-examine", "-o", model)
	_, made := parse(t, mustRun(t, "generate", "--model", model, "-n", "3", "--start", data, "--length", "8").stdout)
	if len(made) != 24 {
		t.Fatalf("%d rows, want 24", len(made))
	}
	if _, named := parse(t, mustRun(t, "generate", "--model", model, "-n", "3", "--start", "level", "--length", "8").stdout); !reflect.DeepEqual(named, made) {
		t.Errorf("the only series by its column's name goes on as %v, by its file as %v", named, made)
	}
	for _, row := range made {
		if _, decimals, _ := strings.Cut(row[2], "."); len(decimals) > 1 || row[2] < "59" {
			t.Errorf("%s after 59.2", row[2])
		}
	}
}

// Generated series keep the grid of data whose level breaks, before which models do not see values of the grid.
func TestGenerateKeepsTheGridAcrossBreaks(t *testing.T) {
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(3, 3))
	var rows strings.Builder
	rows.WriteString("day,level\n")
	for i := range 120 {
		fmt.Fprintf(&rows, "%d,%.2f\n", i, float64(40+i/60*13)+rng.NormFloat64())
	}
	data, model := write(t, filepath.Join(dir, "level.csv"), rows.String()), filepath.Join(dir, "gauss.tsgen")
	if r := mustRun(t, "fit", data, "-m", "gauss", "--horizon", "4", "--season", "1", "--no-examine", "-o", model); !strings.Contains(r.stderr, "1 break of the level") {
		t.Fatalf("no break is told of:\n%s", r.stderr)
	}
	_, made := parse(t, mustRun(t, "generate", "--model", model, "-n", "3").stdout)
	for _, row := range made {
		if _, decimals, _ := strings.Cut(row[2], "."); len(decimals) > 2 {
			t.Errorf("%s, of values of two decimals", row[2])
		}
	}
}

// TestGenerateStandIn protects that series of the data's kind are drawn for the file of a model
// that does not generate, and that this is said.
func TestGenerateStandIn(t *testing.T) {
	seriestest.Long(t)
	dir := t.TempDir()
	var rows strings.Builder
	rows.WriteString("store,day,sold\n")
	for i := range 14 {
		fmt.Fprintf(&rows, "north,%d,%d\nsouth,%d,%d\n", i, 3+i*i%5, i, 5+i*i%7)
	}
	model := filepath.Join(dir, "naive.tsgen")
	mustRun(t, "fit", write(t, filepath.Join(dir, "sold.csv"), rows.String()), "-m", "naive", "--horizon", "2", "--season", "1", "--no-examine", "-o", model)
	r := mustRun(t, "generate", "--model", model, "-n", "6", "--length", "9")
	if want := "naive does not generate: mdn is fitted"; !strings.Contains(r.stderr, want) {
		t.Errorf("it says %q, want %q", r.stderr, want)
	}
	if !strings.Contains(r.stderr, "updates in") {
		t.Errorf("it says nothing of the training: %q", r.stderr)
	}
	header, made := parse(t, r.stdout)
	if len(made) != 54 || strings.Join(header, ",") != "store,day,sold" {
		t.Errorf("%d rows of %v, want 54", len(made), header)
	}
	for _, row := range made {
		if n, err := strconv.Atoi(row[2]); err != nil || n < 0 || n > 20 {
			t.Fatalf("%s sold, of counts from 3 to 11", row[2])
		}
	}
}
