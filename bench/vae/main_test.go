//go:build unix

package main

import (
	"io"
	"slices"
	"strings"
	"testing"

	"tsgen/bench/internal/report"
	"tsgen/series"
)

// The last fifth of the rows is held back without the column that is skipped, and
// only a single series is taken.
func TestSplit(t *testing.T) {
	p := &series.Panel{Channels: []string{"a", "label", "b"}}
	s := &series.Series{}
	for i := range 10 {
		s.Times = append(s.Times, float64(i))
		s.Values = append(s.Values, float64(i), -1, float64(10*i))
	}
	p.Series = []*series.Series{s}
	train, test, err := split(p, "label")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(train.Channels, []string{"a", "b"}) || train.Series[0].Len() != 8 {
		t.Errorf("channels %v, %d rows", train.Channels, train.Series[0].Len())
	}
	if !slices.Equal(test.Series[0].Values, []float64{8, 80, 9, 90}) {
		t.Errorf("held back %v", test.Series[0].Values)
	}
	p.Series = append(p.Series, s)
	if _, _, err := split(p, "label"); err == nil {
		t.Error("two series pass")
	}
}

// A row holds the bounds and the times of both sides, each where the head says,
// and a side that prints anything else is refused.
func TestWriteRow(t *testing.T) {
	var b strings.Builder
	sides := "| 2 | tsgen | 24.17 | 1 | 2 | 23.54 | 0.020 |\n| 2 | PyTorch | 24.28 | 3 | 4 | 23.50 | 0.026 |\n"
	if err := writeRow(&b, task{latent: 2, seed: 3}, sides); err != nil {
		t.Fatal(err)
	}
	if want := "| 2 | 3 | 24.17 | 23.54 | 0.020 | 24.28 | 23.50 | 0.026 |\n"; b.String() != want {
		t.Errorf("row %q, want %q", b.String(), want)
	}
	if err := writeRow(&b, task{}, "| 2 | tsgen |\n"); err == nil {
		t.Error("two cells: no error")
	}
}

// The document has a place for every table that the command writes there.
func TestDocument(t *testing.T) {
	if _, err := report.New(io.Discard, "../../docs/benchmarks/vae.md", tableName); err != nil {
		t.Error(err)
	}
}
