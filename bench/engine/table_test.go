package main

import (
	"io"
	"strings"
	"testing"

	"tsgen/bench/internal/report"
)

// Of several runs the least time of each case is kept, whichever run it is from.
func TestLeast(t *testing.T) {
	var best result
	for _, r := range []result{
		{"a", map[string]float64{"x": 3, "y": 1}},
		{"b", map[string]float64{"x": 2, "y": 4}},
	} {
		best = best.least(r)
	}
	if best.version != "b" || best.seconds["x"] != 2 || best.seconds["y"] != 1 {
		t.Errorf("the least of two is %v", best)
	}
}

// A line of the table has times in fitting units and their ratios to ours, and a
// case without a time is an error.
func TestTable(t *testing.T) {
	var best []result
	for _, factor := range []float64{2, 1, 100, 3} {
		r := result{"v", map[string]float64{}}
		for _, c := range table {
			r.seconds[c.name] = factor * 12.34e-6
		}
		best = append(best, r)
	}
	contestants := []contestant{&goEngine{of: 0}, &goEngine{of: 1}, &peer{called: "A", of: 0}, &peer{called: "B", of: 1}}
	var b strings.Builder
	if err := writeTable(&b, contestants, best); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| work | tsgen float64 | tsgen float32 | A | ratio | B | ratio |\n",
		"| GRU step | 24.7 µs | 12.3 µs | 1.23 ms | 50.00 | 37 µs | 3.00 |\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s\nhas no line %s", b.String(), want)
		}
	}
	delete(best[1].seconds, "GRU step")
	if err := writeTable(&b, contestants, best); err == nil || !strings.Contains(err.Error(), "GRU step") {
		t.Errorf("a table without a time for the GRU step: %v", err)
	}
}

// The time of a benchmark is read from its output in seconds, and output
// without a positive one is an error.
func TestTimeOfRun(t *testing.T) {
	got, err := timeOfRun([]byte("goos: linux\nBenchmarkVRNN/series/shards=1  \t 10\t  20000000 ns/op\t 70.0 GFLOP/s\nPASS\n"))
	if err != nil || got != 0.02 {
		t.Errorf("%v s, %v; want 0.02", got, err)
	}
	for _, out := range []string{"PASS\n", "BenchmarkA 10 0 ns/op\n"} {
		if got, err := timeOfRun([]byte(out)); err == nil {
			t.Errorf("%q: %v and no error", out, got)
		}
	}
}

// The document has a place for every table that the command writes there.
func TestDocument(t *testing.T) {
	if _, err := report.New(io.Discard, "../../docs/benchmarks/engine.md", quiet, disturbed); err != nil {
		t.Error(err)
	}
}
