package main

import (
	"io"
	"strings"
	"testing"

	"tsgen/bench/internal/report"
)

// The table has a row for each size of panels, and the document a place for it.
func TestRun(t *testing.T) {
	var out strings.Builder
	if err := run(&out, io.Discard, []string{"theta"}, ""); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "| theta, "); n != len(shapes()) {
		t.Errorf("%d rows:\n%s", n, out.String())
	}
	if err := run(&out, io.Discard, []string{"theta"}, "../../docs/benchmarks/effort.md"); err == nil || !strings.Contains(err.Error(), "-models") {
		t.Errorf("a part of the table is written: %v", err)
	}
	if _, err := report.New(io.Discard, "../../docs/benchmarks/effort.md", "costs"); err != nil {
		t.Error(err)
	}
}
