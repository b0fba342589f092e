package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestInfer has a latent ODE fill in, encode and generate.
func TestInfer(t *testing.T) {
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

func TestInferMistakes(t *testing.T) {
	model := small(t, t.TempDir())
	for verb, ability := range map[string]string{"impute": "impute", "encode": "encode", "generate": "generate"} {
		check(t, tsgen(verb, "--model", model), exitMismatch, []string{"ar does not " + ability})
	}
	check(t, tsgen("generate", "--model", model, "-n", "0"), exitUsage, []string{"--number"})
	check(t, tsgen("generate", "--model", model, "--length", "-1"), exitUsage, []string{"--length"})
	check(t, tsgen("impute", "--model", model, "--level", "0"), exitUsage, []string{"--level"})
	check(t, tsgen("encode", "--model", model, "--samples", "0"), exitUsage, []string{"--samples"})
}
