package command

import (
	"strings"
	"testing"
)

// A forecast is written in the format that its ending names, and read again from it; an ending
// that is not known is refused before anything is computed, with those that are known.
func TestFormats(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "plan.csv", plan())
	mustRun(t, "fit", "plan.csv", "--known", "promotion", "-m", "naive", "--horizon", "4")
	want := mustRun(t, "forecast", "--horizon", "4").stdout
	for _, name := range []string{"f.csv", "f.tsv", "f.parquet", "f.arrow", "f.arrows", "f.jsonl", "f.json", "f.csv.gz"} {
		mustRun(t, "forecast", "--horizon", "4", "-o", name)
		if r := mustRun(t, "describe", name); !strings.Contains(r.stdout, "4 observations") || !strings.Contains(r.stdout, "60 to 63") {
			t.Errorf("%s: %q", name, r.stdout)
		}
	}
	mustRun(t, "future", "--horizon", "6", "-o", "future.parquet")
	if got := mustRun(t, "forecast", "--at", "future.parquet").stdout; !strings.HasPrefix(got, want) {
		t.Errorf("forecast at times in Parquet: %q, want %q first", got, want)
	}
	for _, args := range [][]string{
		{"forecast", "-o", "f.xlsx"}, {"future", "-o", "f.parquet.gz"}, {"simulate", "-o", "f.json5"}, {"backtest", "plan.csv", "-o", "f.xml"},
	} {
		check(t, tsgen(args...), exitUsage, []string{"--output", ".csv, .txt, .tsv, .tab, .parquet, .pq, .arrow", "--format"})
	}
	if r := mustRun(t, "forecast", "--horizon", "4", "-o", "f.xlsx", "--format", "csv"); r.stdout != "" {
		t.Errorf("--format csv to a file: %q", r.stdout)
	}
	if r := mustRun(t, "forecast", "--horizon", "1", "--format", "jsonl"); !strings.HasPrefix(r.stdout, `{"day":60,"naive":`) {
		t.Errorf("--format jsonl: %q", r.stdout)
	}
	if r := tsgen("forecast", "--json", "-o", "f.csv"); r.status != exitUsage || !strings.Contains(r.stderr, "--json") {
		t.Errorf("--json to f.csv: %d, %q", r.status, r.stderr)
	}
	check(t, tsgen("forecast", "--format", "xls"), exitUsage, []string{"--format", "parquet"})
}
