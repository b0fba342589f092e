package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"tsgen/bench/internal/report"
)

// TestMain is the child that a process of the benchmark starts.
func TestMain(m *testing.M) {
	if os.Getenv(environment) == "" {
		os.Exit(m.Run())
	}
	if err := child(os.Stdout, os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

// Rows are measured as far as the budget goes, those beyond are computed and say so, a model
// that cannot be fitted says why, and the document has a place for every table.
func TestTable(t *testing.T) {
	s := sweep{"series", []shape{{2, 1, 60, 12, 12}, {20, 1, 60, 12, 12}}, []string{"theta", "gauss"}}
	for budget, computed := range map[float64]bool{1000: false, 0: true} {
		var out strings.Builder
		if err := (config{budget: budget}).table(&out, s, t.TempDir()); err != nil {
			t.Fatal(err)
		}
		rows := strings.Split(strings.TrimSpace(out.String()), "\n")[2:]
		if len(rows) != 4 {
			t.Fatalf("budget %v:\n%s", budget, out.String())
		}
		for i, row := range rows {
			if strings.Count(row, "|") != 6 {
				t.Errorf("row %q", row)
			}
			if marked := strings.Contains(row, "("); marked != (computed && i%2 == 1) {
				t.Errorf("budget %v: row %q", budget, row)
			}
		}
	}
	var out strings.Builder
	s = sweep{"series", []shape{{1, 1, 3, 2, 2}}, []string{"gauss"}}
	if err := (config{budget: 1}).table(&out, s, t.TempDir()); err != nil || !strings.Contains(out.String(), "too few observations") {
		t.Errorf("a model that cannot be fitted: %v\n%s", err, out.String())
	}
	for _, s := range sweeps() {
		if _, err := report.New(io.Discard, "../../docs/benchmarks/scale.md", s.name); err != nil {
			t.Error(err)
		}
	}
}
