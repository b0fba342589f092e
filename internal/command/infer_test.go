package command

import (
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"tsgen/internal/seriestest"
)

// TestInfer has a latent ODE fill in, encode and generate.
func TestInfer(t *testing.T) {
	seriestest.Long(t)
	dir := t.TempDir()
	model := filepath.Join(dir, "model.tsgen")
	mustRun(t, append([]string{"fit", airpassengers, "-q", "-o", model}, quick...)...)
	lines := strings.SplitAfter(string(read(t, airpassengers)), "\n")
	lines[10] = lines[10][:strings.Index(lines[10], ",")+1] + "\n"   // the cell of 1949-10
	gapped := strings.Join(append(lines[:20:20], lines[21:]...), "") // the row of 1950-08
	in := write(t, filepath.Join(dir, "gapped.csv"), gapped)

	r := mustRun(t, "impute", "-q", "--model", model, in)
	if r.stderr != "" {
		t.Errorf("with --quiet standard error has %q", r.stderr)
	}
	header, rows := parse(t, r.stdout)
	if got := strings.Join(header, ","); got != "ds,y,y-imputed,y-lo-80,y-hi-80" {
		t.Errorf("header %s", got)
	}
	if len(rows) != 144 {
		t.Fatalf("%d rows, want 144", len(rows))
	}
	for i, row := range rows {
		if row[0] != "1949-10-01" && row[0] != "1950-08-01" {
			if row[2] != "0" || row[3] != "" || i == 0 && row[1] != "112" {
				t.Errorf("an observed row: %v", row)
			}
			continue
		}
		if x := numbers(t, row[1:]); row[2] != "1" || !(x[2] < x[0] && x[0] < x[3]) {
			t.Errorf("an imputed row: %v", row)
		}
	}

	header, rows = parse(t, mustRun(t, "encode", "--model", model, in, "--level", "80").stdout)
	if len(rows) != 143 || header[1] != "latent-ode-z1" || header[2] != "latent-ode-z1-lo-80" {
		t.Errorf("%d rows of states, header %v", len(rows), header)
	}

	few := write(t, filepath.Join(dir, "few.csv"), "ds,y\n1950-01,\n1950-02,9\n1950-03,\n1950-04,\n")
	if r := mustRun(t, "impute", "--model", model, few); !strings.Contains(r.stderr, "fewer than two values") {
		t.Errorf("no note of a series with one value: %s", r.stderr)
	}

	dirty := write(t, filepath.Join(dir, "at.csv"), "ds\n1950-01-15\n1950-08-20\n1961-03-01\n")
	_, rows = parse(t, mustRun(t, "impute", "--model", model, in, "--at", dirty).stdout)
	if len(rows) != 147 {
		t.Errorf("%d rows imputed with three times more, want 147", len(rows))
	}
	_, signal := parse(t, mustRun(t, "impute", "--model", model, in, "--at", dirty, "--signal").stdout)
	for i, row := range rows {
		if row[2] != "1" {
			continue
		}
		if all, without := numbers(t, row[1:]), numbers(t, signal[i][1:]); without[3]-without[2] >= all[3]-all[2] {
			t.Errorf("%s: without noise the interval %v is not narrower than %v", row[0], without, all)
		}
	}

	check(t, tsgen("impute", "--model", model, "--at", "absent.csv"), exitFailed, []string{"absent.csv"})

	picture := filepath.Join(dir, "states.png")
	_, rows = parse(t, mustRun(t, "encode", "--model", model, in, "--horizon", "6", "--plot", picture).stdout)
	if len(rows) != 149 || len(read(t, picture)) < 1000 {
		t.Errorf("%d rows of states, 6 of them ahead; want 149 and a picture", len(rows))
	}

	vae := filepath.Join(dir, "vae.tsgen")
	mustRun(t, "fit", airpassengers, "-q", "-m", "vae", "--set", "hidden=16,level=panel,updates=50", "--horizon", "6", "-o", vae)
	header, rows = parse(t, mustRun(t, "likelihood", "--model", vae).stdout)
	if strings.Join(header, ",") != "log-likelihood,values,per-value,exact" || len(rows) != 1 || rows[0][1] != "144" || rows[0][3] != "false" {
		t.Errorf("likelihood: %v %v", header, rows)
	}

	args := []string{"generate", "--model", model, "-n", "3", "--length", "7"}
	one := mustRun(t, args...).stdout
	if header, rows := parse(t, one); len(rows) != 21 || strings.Join(header, ",") != "unique_id,ds,y" {
		t.Errorf("%d rows generated, header %v", len(rows), header)
	}
	if mustRun(t, args...).stdout != one {
		t.Error("the same seed generates something else")
	}
	if mustRun(t, append(args, "--seed", "2")...).stdout == one {
		t.Error("another seed generates the same")
	}
}

// A model without an ability is refused as a mismatch by the verb that needs it, and
// values out of range are named by their flag.
func TestInferMistakes(t *testing.T) {
	model := small(t, t.TempDir())
	for verb, ability := range map[string]string{"likelihood": "tell a likelihood", "encode": "encode"} {
		check(t, tsgen(verb, "--model", model), exitMismatch, []string{"ar does not " + ability})
	}
	check(t, tsgen("generate", "--model", model, "-n", "0"), exitUsage, []string{"--number"})
	check(t, tsgen("generate", "--model", model, "--length", "-1"), exitUsage, []string{"--length"})
	check(t, tsgen("impute", "--model", model, "--level", "0"), exitUsage, []string{"--level"})
	check(t, tsgen("encode", "--model", model, "--samples", "0"), exitUsage, []string{"--samples"})
	check(t, tsgen("encode", "--model", model, "--horizon", "-1"), exitUsage, []string{"--horizon is -1"})
	check(t, tsgen("encode", "--model", model, "--plot", "states.bmp"), exitUsage, []string{"states.bmp"})
	check(t, tsgen("likelihood", "--model", model, "--samples", "0"), exitUsage, []string{"--samples"})
}

// TestImputeWithoutModel holds that gaps are filled by a model that can where the model of the file
// cannot, or where there is none, that it is said, and that both are the same.
func TestImputeWithoutModel(t *testing.T) {
	seriestest.Long(t)
	dir := t.TempDir()
	t.Chdir(dir)
	var rows strings.Builder
	rows.WriteString("month,y\n")
	for i := range 96 {
		cell := fmt.Sprintf("%.3f", 50+10*math.Sin(2*math.Pi*float64(i)/12)+float64(i*i%7))
		if i%17 == 8 || i > 60 && i < 64 {
			cell = ""
		}
		fmt.Fprintf(&rows, "%d-%02d,%s\n", 2000+i/12, 1+i%12, cell)
	}
	in := write(t, "gappy.csv", rows.String())
	alone := mustRun(t, "impute", in)
	if !strings.Contains(alone.stderr, "gaps are filled by ") || !strings.Contains(alone.stderr, "hidden values (SQL lgssm ") {
		t.Errorf("it says %q", alone.stderr)
	}
	mustRun(t, "fit", in, "-m", "naive", "--no-examine", "-o", "naive.tsgen")
	of := mustRun(t, "impute", "naive.tsgen")
	if !strings.Contains(of.stderr, "naive does not impute: gaps are filled by ") {
		t.Errorf("it says %q", of.stderr)
	}
	if of.stdout != alone.stdout {
		t.Errorf("the file is filled by\n%s\nthe model file's series by\n%s", alone.stdout, of.stdout)
	}
	other := write(t, "other.csv", strings.ReplaceAll(rows.String(), "month,y", "month,z"))
	mustRun(t, "fit", other, "-m", "naive", "--no-examine") // to model.tsgen
	if again := mustRun(t, "impute", in); again.stdout != alone.stdout {
		t.Errorf("beside a model file that is not named it is filled by\n%s\nwithout by\n%s", again.stdout, alone.stdout)
	}
	check(t, tsgen("impute", "naive.tsgen", "--season", "4"), exitUsage, []string{"--season goes with a FILE"})
	header, filled := parse(t, alone.stdout)
	if got := strings.Join(header, ","); got != "month,y,y-imputed,y-lo-80,y-hi-80" {
		t.Fatalf("the columns are %s", got)
	}
	count := 0
	for i, row := range filled {
		if row[2] != "1" {
			continue
		}
		count++
		v, err := strconv.ParseFloat(row[1], 64)
		if truth := 50 + 10*math.Sin(2*math.Pi*float64(i)/12) + 2; err != nil || math.Abs(v-truth) > 5 {
			t.Errorf("%s is filled by %s", row[0], row[1])
		}
	}
	if count != 9 {
		t.Errorf("%d values are filled in, want 9", count)
	}
}

// TestImputeEmptyEnd holds that all rows of a file are filled in, those at its end in which no series has a value, too:
// without a model, and by one of a file.
func TestImputeEmptyEnd(t *testing.T) {
	t.Chdir(t.TempDir())
	const n, from = 60, 55 // rows, and the first of those that are empty
	write(t, "y.csv", months(n, func(i int) string {
		if i >= from {
			return ""
		}
		return fmt.Sprintf("%.2f", 50+9*math.Sin(2*math.Pi*float64(i)/12)+float64(i*i%7))
	}))
	mustRun(t, "fit", "y.csv", "-m", "lgssm", "-o", "y.tsgen")
	for _, args := range [][]string{{"impute", "y.csv"}, {"impute", "y.tsgen", "y.csv"}} {
		_, rows := parse(t, mustRun(t, args...).stdout)
		if len(rows) != n {
			t.Errorf("%s: %d rows, want %d", strings.Join(args, " "), len(rows), n)
			continue
		}
		for i, row := range rows {
			if v, err := strconv.ParseFloat(row[1], 64); err != nil || math.Abs(v-50) > 30 || (row[2] == "1") != (i >= from) {
				t.Errorf("%s: row %d is %v", strings.Join(args, " "), i, row)
			}
		}
	}
}
