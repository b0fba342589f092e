package beamtsgen

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	beamlog "github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"

	"tsgen/internal/command"
	"tsgen/series/formats"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	beamlog.SetLogger(mute{})
	beam.Init()
	os.Exit(m.Run())
}

type mute struct{}

// Log implements Beam's logger.
func (mute) Log(context.Context, beamlog.Severity, int, string) {}

const hostile = `=cmd|'/C calc'!A0, "quoted"`

// panel returns the rows of daily series with gaps, of unequal lengths, one with a hostile name.
func panel(n int) [][]string {
	rng := rand.New(rand.NewPCG(1, 2))
	var rows [][]string
	for k := range n {
		id := fmt.Sprintf("s%03d", k)
		if k == n/2 {
			id = hostile
		}
		level := 20 + 10*rng.Float64()
		for day := range 40 + rng.IntN(40) {
			if rng.Float64() < 0.05 {
				continue
			}
			y := level + 4*math.Sin(2*math.Pi*float64(day)/7) + rng.NormFloat64()
			rows = append(rows, []string{id, fmt.Sprintf("2024-%02d-%02d", 1+day/28, 1+day%28), fmt.Sprintf("%.3f", y)})
		}
	}
	return rows
}

func write(t *testing.T, name string, header []string, rows [][]string) {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write(header)
	w.WriteAll(rows)
	if filepath.Ext(name) == ".gz" {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		z.Write(b.Bytes())
		z.Close()
		b = packed
	}
	if err := os.WriteFile(name, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// tsgen runs the command on one machine.
func tsgen(t *testing.T, args ...string) string {
	t.Helper()
	var out, notes bytes.Buffer
	if status := command.Run(t.Context(), args, strings.NewReader(""), &out, &notes); status != 0 {
		t.Fatalf("tsgen %v: status %d, %s", args, status, notes.String())
	}
	return out.String()
}

// lines returns the rows of tables in order, and their header.
func lines(t *testing.T, tables ...string) (header string, rows []string) {
	t.Helper()
	for _, text := range tables {
		all := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if header != "" && all[0] != header {
			t.Fatalf("header %q after %q", all[0], header)
		}
		header, rows = all[0], append(rows, all[1:]...)
	}
	slices.Sort(rows)
	return header, rows
}

// read returns the files that match.
func read(t *testing.T, glob string) (texts []string) {
	t.Helper()
	names, err := filepath.Glob(glob)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return texts
}

// A task is a job and where it writes.
type task struct {
	Job
	output   string
	score    string // the forecasts to score
	format   formats.Format
	mostRows int
	span     int64 // rows of a table of BigQuery that are read at a time
}

// do runs a job on prism and returns its counters. The model is a file, or how to fit one: to each
// series if their number is negative. Without one it is a backtest, or a score.
func do(t *testing.T, glob string, model any, job task) map[string]int64 {
	t.Helper()
	table, err := Sniff(t.Context(), glob, "", "")
	if err != nil {
		t.Fatal(err)
	}
	p, s := beam.NewPipelineWithRoot()
	table.MostRows = job.mostRows
	var rows, unread beam.PCollection
	if job.span > 0 {
		rows, unread = readTable(s, glob, table, job.span)
	} else {
		rows, unread = Read(s, glob, table)
	}
	dead := []beam.PCollection{unread}
	var file, parts, failed beam.PCollection
	switch m := model.(type) {
	case nil:
		if job.score != "" {
			of, err := Sniff(t.Context(), job.score, strings.Join(table.ID, ","), table.Time)
			if err != nil {
				t.Fatal(err)
			}
			forecasts, unread := Read(s, job.score, of)
			dead = append(dead, unread)
			parts, failed = Score(s, forecasts, of, rows, table, job.Job)
			WriteScores(s, filepath.Join(job.output, "scores.json"), parts)
			break
		}
		parts, failed = Backtest(s, rows, table, 0, job.Job)
		WriteScores(s, filepath.Join(job.output, "scores.json"), parts)
	case []byte:
		file = beam.Create(s, m)
	case FitOptions:
		if m.Series < 0 {
			parts, failed = FitForecast(s, rows, table, m, job.Job)
			break
		}
		file, _ = Fit(s, rows, table, m)
		WriteModel(s, filepath.Join(job.output, "model.tsgen"), file)
	}
	if file.IsValid() {
		parts, failed = Each(s, rows, file, table, job.Job)
	}
	Write(s, job.output, job.format, table, parts)
	WriteDead(s, filepath.Join(job.output, "dead.csv"), append(dead, failed)...)
	result, err := beam.Run(t.Context(), "prism", p)
	if err != nil {
		t.Fatal(err)
	}
	counts := make(map[string]int64)
	for _, c := range result.Metrics().AllMetrics().Counters() {
		counts[c.Name()] += c.Result()
	}
	return counts
}

// Forecasts of 200 series in three files, rows of a series spread over them and out of order, are those of
// the one-machine command, row by row, for several numbers of shards; three bad rows go to the dead
// letters with file and line, and a job that is done twice leaves the same files.
func TestSameAsOneMachine(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	rows := panel(200)
	header := []string{"unique_id", "ds", "y"}
	write(t, in("all.csv"), header, rows)
	tsgen(t, "fit", in("all.csv"), "-m", "theta", "--horizon", "5", "-o", in("m.tsgen"), "-q")
	want := tsgen(t, "forecast", in("all.csv"), "--model", in("m.tsgen"), "-q")
	model, err := os.ReadFile(in("m.tsgen"))
	if err != nil {
		t.Fatal(err)
	}
	parts := make([][][]string, 3)
	rng := rand.New(rand.NewPCG(3, 4))
	for _, r := range rows {
		k := rng.IntN(3)
		parts[k] = append(parts[k], r)
	}
	rng.Shuffle(len(parts[1]), func(i, j int) { parts[1][i], parts[1][j] = parts[1][j], parts[1][i] })
	parts[0] = slices.Insert(parts[0], 1, []string{"s003", "much", "3"}) // where the columns are looked for
	parts[2] = slices.Insert(parts[2], 10, []string{"s001", "2024-01-99", "3"}, []string{"s002", "2023-12-31", "much"})
	write(t, in("part-0.csv"), header, parts[0])
	write(t, in("part-1.csv.gz"), header, parts[1])
	turned := [][]string{} // the columns in another order
	for _, r := range parts[2] {
		turned = append(turned, []string{r[2], r[0], r[1]})
	}
	write(t, in("part-2.csv"), []string{"y", "unique_id", "ds"}, turned)
	wantHeader, wantRows := lines(t, want)
	for _, shards := range []int{1, 7} {
		out := in(fmt.Sprintf("out%d", shards))
		var first []string
		for range 2 {
			counts := do(t, in("part-*"), model, task{Job: Job{Verb: "forecast", Shards: shards}, output: out})
			if counts["dead_rows"] != 3 || counts["dead_series"] != 0 || counts["series"] != 200 {
				t.Errorf("counts %v, want 3 dead rows and 200 series", counts)
			}
			tables := read(t, filepath.Join(out, "forecast-*.csv"))
			if first == nil {
				first = tables
			}
			if !slices.Equal(tables, first) {
				t.Errorf("%d shards: other files the second time", shards)
			}
			gotHeader, got := lines(t, tables...)
			if gotHeader != wantHeader || !slices.Equal(got, wantRows) {
				t.Fatalf("%d shards: %d rows, one machine has %d; the first %q, %q", shards, len(got), len(wantRows), got[0], wantRows[0])
			}
		}
		dead := read(t, filepath.Join(out, "dead.csv"))[0]
		for _, part := range []string{"part-0.csv,3,s003,", "part-2.csv,12,s001,", "2024-01-99", "part-2.csv,13,s002,", "much"} {
			if !strings.Contains(dead, part) {
				t.Errorf("dead letters without %q:\n%s", part, dead)
			}
		}
		if left, _ := filepath.Glob(filepath.Join(out, "*.part")); len(left) > 0 {
			t.Errorf("left %v", left)
		}
	}
}

// A model that is fitted to all series on one worker is the one that the command fits, and one that is
// fitted to a sample is the same in every run. A series that is too long, and one that the model cannot
// forecast, are dead and named; the others are forecast.
func TestFitAndDeadSeries(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	rows := panel(12)
	header := []string{"unique_id", "ds", "y"}
	slices.SortStableFunc(rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	write(t, in("a.csv"), header, rows)
	tsgen(t, "fit", in("a.csv"), "-m", "ar", "--horizon", "3", "-o", in("m.tsgen"), "-q")
	_, want := lines(t, tsgen(t, "forecast", in("a.csv"), "--model", in("m.tsgen"), "-q"))
	do(t, in("a.csv"), FitOptions{Kind: "ar", Flags: []string{"--horizon", "3"}}, task{Job: Job{Verb: "forecast", Shards: 3}, output: in("all")})
	if _, got := lines(t, read(t, in("all/forecast-*.csv"))...); !slices.Equal(got, want) {
		t.Errorf("forecasts of the model fitted by the job: %q, by the command %q", got[0], want[0])
	}
	longest, most := "", 0
	count := make(map[string]int)
	for _, r := range rows {
		if count[r[0]]++; count[r[0]] > most {
			longest, most = r[0], count[r[0]]
		}
	}
	write(t, in("b.csv"), header, [][]string{{"empty", "2024-01-01", "NA"}, {"empty", "2024-01-02", "NA"}})
	counts := do(t, in("?.csv"), FitOptions{Kind: "ar", Series: 6, Flags: []string{"--horizon", "3"}},
		task{Job: Job{Verb: "forecast", Shards: 2}, output: in("some"), mostRows: most - 1})
	dead := read(t, in("some/dead.csv"))[0]
	name, _, _ := strings.Cut(longest, ",")
	if !strings.Contains(dead, name) || !strings.Contains(dead, fmt.Sprintf("more than %d rows", most-1)) || counts["dead_series"] == 0 {
		t.Errorf("%v, dead letters:\n%s", counts, dead)
	}
	_, once := lines(t, read(t, in("some/forecast-*.csv"))...)
	if len(once) < 3*9 {
		t.Errorf("%d rows of forecasts, want those of the series that can be used", len(once))
	}
	model := read(t, in("some/model.tsgen"))
	do(t, in("?.csv"), FitOptions{Kind: "ar", Series: 6, Flags: []string{"--horizon", "3"}}, task{Job: Job{Verb: "forecast", Shards: 5}, output: in("some"), mostRows: most - 1})
	if again := read(t, in("some/model.tsgen")); !slices.Equal(again, model) {
		t.Error("another model of the same sample")
	}
}

// Files that are empty or have other columns, and rows that cannot be read, are no reason to know nothing of
// the others: what is wrong with them is said when they are read.
func TestSniffBad(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(in("a.csv"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	bad := make([][]string, 60)
	for i := range bad {
		bad[i] = []string{"", "2024-01-01", "1"}
	}
	header := []string{"unique_id", "ds", "y"}
	write(t, in("b.csv"), header, slices.Concat(bad, [][]string{{"s", "never", "1"}}, panel(4)))
	table, err := Sniff(t.Context(), in("*.csv"), "", "")
	if err != nil || !slices.Equal(table.Columns, header) || !slices.Equal(table.ID, header[:1]) || table.Time != "ds" {
		t.Errorf("%+v, %v", table, err)
	}
}

// A folder without files, and a file without a column that the table has, are said.
func TestSniffErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := Sniff(t.Context(), filepath.Join(dir, "*.csv"), "", ""); err == nil || !strings.Contains(err.Error(), "no file matches") {
		t.Errorf("no files: %v", err)
	}
	write(t, filepath.Join(dir, "a.csv"), []string{"store", "ds", "y"}, panel(2))
	if _, err := Sniff(t.Context(), filepath.Join(dir, "a.csv"), "shop", ""); err == nil || !strings.Contains(err.Error(), "shop") {
		t.Errorf("no such column: %v", err)
	}
}
