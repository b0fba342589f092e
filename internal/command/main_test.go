package command

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const (
	airpassengers = "../../testdata/airpassengers.csv"
	spirals       = "../../testdata/spirals.csv"
)

// A result is what a run of the command leaves.
type result struct {
	status         int
	stdout, stderr string
}

func tsgenWith(ctx context.Context, stdin io.Reader, args ...string) result {
	var stdout, stderr bytes.Buffer
	status := Run(ctx, args, stdin, &stdout, &stderr)
	return result{status, stdout.String(), stderr.String()}
}

func tsgen(args ...string) result {
	return tsgenWith(context.Background(), strings.NewReader(""), args...)
}

// mustRun runs the command, which has to succeed.
func mustRun(t *testing.T, args ...string) result {
	t.Helper()
	r := tsgen(args...)
	if r.status != exitDone {
		t.Fatalf("tsgen %s: status %d\n%s", strings.Join(args, " "), r.status, r.stderr)
	}
	return r
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// list returns the names of the files in a directory.
func list(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// parse reads a forecast: its header and its rows.
func parse(t *testing.T, text string) (header []string, rows [][]string) {
	t.Helper()
	all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[0], all[1:]
}

// numbers parses cells that must be finite numbers.
func numbers(t *testing.T, cells []string) []float64 {
	t.Helper()
	x := make([]float64, len(cells))
	for i, c := range cells {
		v, err := strconv.ParseFloat(c, 64)
		if err != nil || v-v != 0 {
			t.Fatalf("cell %q is not a finite number", c)
		}
		x[i] = v
	}
	return x
}

// months returns a CSV of n months with the given values.
func months(n int, value func(i int) string) string {
	var b strings.Builder
	b.WriteString("ds,y\n")
	for i := range n {
		b.WriteString(strconv.Itoa(2000+i/12) + "-" + "010203040506070809101112"[i%12*2:][:2] + "," + value(i) + "\n")
	}
	return b.String()
}

// small makes a model file quickly and returns its path.
func small(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "model.tsgen")
	mustRun(t, "fit", airpassengers, "-m", "ar", "-o", path)
	return path
}
