package beamtsgen

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"

	"tsgen/internal/shards"
	"tsgen/models"
	"tsgen/series/formats"
)

// Of every kind of model, trained ones with an update or two, the forecasts of a panel by shards are those
// of one machine, row by row: sample paths are drawn from the key of a series and not from its place.
func TestEveryKind(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "a.csv")
	write(t, in, []string{"unique_id", "ds", "y"}, panel(9))
	for _, k := range models.Kinds() {
		file := filepath.Join(dir, k.Name+".tsgen")
		args := []string{"fit", in, "-m", k.Name, "--horizon", "3", "--no-examine", "-o", file, "-q"}
		if slices.Contains(trained, k.Name) {
			args = append(args, "--updates", "2")
		}
		if k.Blend {
			args = append(args, "--set", "members=ets+ar+mixer:2,weights=0.5+0.3+0.2")
		}
		tsgen(t, args...)
		_, want := lines(t, tsgen(t, "forecast", in, "--model", file, "--samples", "50", "-q"))
		model, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(dir, k.Name)
		do(t, in, model, task{Job: Job{Verb: "forecast", Flags: []string{"--samples", "50"}, Shards: 4}, output: out})
		if _, got := lines(t, read(t, out+"/forecast-*.csv")...); !slices.Equal(got, want) {
			t.Errorf("%s: %d rows, one machine has %d", k.Name, len(got), len(want))
		}
	}
}

// trained are the kinds whose updates can be counted.
var trained = []string{"latent-ode", "latent-sde", "vrnn", "srnn", "vae", "mdn", "flow", "mixer"}

// A model that is fitted to each series by itself forecasts as the command does with a file of that series
// alone, and a series that it cannot be fitted to is dead and named.
func TestFitForecast(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	header, rows := []string{"unique_id", "ds", "y"}, panel(4)
	write(t, in("a.csv"), header, slices.Concat(rows, [][]string{{"short", "2024-01-01", "1"}}))
	var want []string
	flags := []string{"--horizon", "3", "--no-examine"}
	for len(rows) > 0 {
		n := 0
		for n < len(rows) && rows[n][0] == rows[0][0] {
			n++
		}
		write(t, in("one.csv"), header, rows[:n])
		tsgen(t, append([]string{"fit", in("one.csv"), "-m", "ets", "-o", in("one.tsgen"), "-q", "--id", "unique_id"}, flags...)...)
		_, one := lines(t, tsgen(t, "forecast", in("one.csv"), "--model", in("one.tsgen"), "-q", "--id", "unique_id"))
		want, rows = append(want, one...), rows[n:]
	}
	slices.Sort(want)
	counts := do(t, in("a.csv"), FitOptions{Kind: "ets", Series: -1, Flags: flags}, task{Job: Job{Shards: 2}, output: in("out")})
	if _, got := lines(t, read(t, in("out/forecast-*.csv"))...); !slices.Equal(got, want) {
		t.Errorf("%q, each by itself %q", got[0], want[0])
	}
	if dead := read(t, in("out/dead.csv"))[0]; counts["dead_rows"]+counts["dead_series"] != 1 || !strings.Contains(dead, ",short,\"too few rows") {
		t.Errorf("%v, dead letters:\n%s", counts, dead)
	}
}

// The columns of a forecast have the name of the kind that was asked for.
func TestNamed(t *testing.T) {
	got := named([]byte("ets,ds,seasonal-naive,seasonal-naive-lo-80\nets,1,2,3\n"), "auto")
	if want := "ets,ds,auto,auto-lo-80\nets,1,2,3\n"; string(got) != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// The forecasts of a backtest by shards are those of one machine, and so are the scores that are pooled of
// the shards, but for rounding.
func TestBacktest(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	write(t, in("a.csv"), []string{"unique_id", "ds", "y"}, panel(12))
	flags := []string{"--models", "naive,ar", "--windows", "2"}
	text := tsgen(t, append([]string{"backtest", in("a.csv"), "-o", in("rows.csv"), "--json", "-q"}, flags...)...)
	do(t, in("a.csv"), nil, task{Job: Job{Flags: flags, Shards: 3}, output: in("out")})
	_, want := lines(t, read(t, in("rows.csv"))...)
	if _, got := lines(t, read(t, in("out/backtest-*.csv"))...); !slices.Equal(got, want) {
		t.Errorf("%d rows, one machine has %d", len(got), len(want))
	}
	samePooled(t, text, in("out/scores.json"))
}

// Forecasts of another program beside actual values have the scores that the command has of them, for any
// number of shards. A bad row of them and a series without actual values are dead and named; forecasts of
// times that a series has not count for nothing.
func TestScore(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	header := []string{"unique_id", "ds", "y"}
	var made, rows [][]string // a forecast for the last five times of each series
	for i, r := range panel(12) {
		rows = append(rows, r)
		if day := i % 40; day < 5 && len(rows) > 5 && rows[len(rows)-5][0] == r[0] {
			level := 20 + float64(i%7)
			made = append(made, []string{r[0], r[1], fmt.Sprint(level), fmt.Sprint(level - 4), fmt.Sprint(level + 5)})
		}
	}
	of := []string{"unique_id", "ds", "theirs", "theirs-lo-80", "theirs-hi-80"}
	write(t, in("a.csv"), header, rows)
	write(t, in("f.csv"), of, made)
	text := tsgen(t, "score", in("f.csv"), in("a.csv"), "--json", "-q")
	odd := [][]string{{"s001", "2024-01-33", "1", "0", "2"}, {"nowhere", "2024-01-09", "1", "0", "2"}, {"s003", "2031-01-01", "1", "0", "2"}}
	kept := slices.DeleteFunc(slices.Clone(made), func(r []string) bool { return r[0] == "s003" })
	write(t, in("odd.csv"), of, slices.Concat(odd, kept))
	write(t, in("kept.csv"), of, kept)
	for _, shards := range []int{1, 4} {
		do(t, in("a.csv"), nil, task{Job: Job{Shards: shards}, output: in("out"), score: in("f.csv")})
		samePooled(t, text, in("out/scores.json"))
	}
	counts := do(t, in("a.csv"), nil, task{Job: Job{Shards: 3}, output: in("odd"), score: in("odd.csv")})
	samePooled(t, tsgen(t, "score", in("kept.csv"), in("a.csv"), "--json", "-q"), in("odd/scores.json"))
	dead := read(t, in("odd/dead.csv"))[0]
	for _, part := range []string{"odd.csv,2,s001,", "odd.csv,,nowhere,"} {
		if !strings.Contains(dead, part) {
			t.Errorf("dead letters without %q:\n%s", part, dead)
		}
	}
	if counts["dead_rows"] != 1 || counts["dead_series"] != 1 || strings.Contains(dead, "tsgen-shard-") {
		t.Errorf("%v, dead letters:\n%s", counts, dead)
	}
}

// samePooled holds the scores of a file to those that tsgen wrote as JSON, but for rounding.
func samePooled(t *testing.T, text, file string) {
	t.Helper()
	var one scored
	var all []*Pooled
	if err := json.Unmarshal([]byte(text), &one); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(read(t, file)[0]), &all); err != nil {
		t.Fatal(err)
	}
	for _, m := range one.Models {
		i := slices.IndexFunc(all, func(p *Pooled) bool { return p.Model == m.Model })
		if i < 0 || all[i].Values != m.Weights.Values || len(m.Scores) < 6 {
			t.Fatalf("%s: pooled %v, one machine %v", m.Model, all, m)
		}
		for name, want := range m.Scores {
			if got := all[i].Scores[name]; !(math.Abs(got-*want) <= 1e-9*math.Abs(*want)) {
				t.Errorf("%s: %s is %v, one machine has %v", m.Model, name, got, *want)
			}
		}
	}
}

// A table in Parquet is forecast as the same table in CSV, and the forecast is written in Parquet with
// the same values.
func TestParquet(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	write(t, in("a.csv"), []string{"unique_id", "ds", "y"}, panel(6))
	text, err := os.ReadFile(in("a.csv"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(in("b.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	if err := formats.Write(file, formats.Parquet, false, text, nil); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	fit := FitOptions{Kind: "ar", Flags: []string{"--horizon", "3", "--no-examine"}}
	job := Job{Verb: "forecast", Shards: 1}
	do(t, in("a.csv"), fit, task{Job: job, output: in("csv")})
	do(t, in("b.parquet"), fit, task{Job: job, output: in("parquet"), format: formats.Parquet})
	want := read(t, in("csv/forecast-*.csv"))[0]
	name := in("parquet/forecast-00000-of-00001.parquet")
	whole, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer whole.Close()
	info, err := whole.Stat()
	if err != nil {
		t.Fatal(err)
	}
	columns, err := formats.Columns(whole, info.Size(), name)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(columns, ",") + "\n"
	err = formats.Rows(whole, info.Size(), name, func(cells []string) error {
		if cells[0] == hostile {
			cells[0] = `"` + strings.ReplaceAll(hostile, `"`, `""`) + `"`
		}
		got += strings.Join(cells, ",") + "\n"
		return nil
	})
	if err != nil || got != want {
		t.Errorf("%v, in Parquet\n%s\nin CSV\n%s", err, got[:min(len(got), 300)], want[:300])
	}
}

// Blocks, packs and parts are read as they were written, and one that is cut is an error.
func TestCoders(t *testing.T) {
	b := Block{File: "a.csv", Key: "s\x00t", Lines: []int64{7, 3, 900}, Cells: []string{"s", "", "é", "x", "y", "z"}}
	text := encodeBlock(b)
	if got, err := decodeBlock(text); err != nil || !reflect.DeepEqual(got, b) {
		t.Errorf("%v, %v", got, err)
	}
	for n := range text {
		if _, err := decodeBlock(text[:n]); err == nil {
			t.Errorf("no error of %d of %d bytes", n, len(text))
		}
	}
	cut := &cutFn{Shards: 2}
	if err := cut.Setup(); err != nil {
		t.Fatal(err)
	}
	packs := make(map[int64][][]byte)
	earliest := mtime.MinTimestamp.Add(time.Hour)
	emit := func(at beam.EventTime, shard int64, pack []byte) {
		packs[shard] = append(packs[shard], pack)
		if at != earliest {
			t.Errorf("a pack at %v, its earliest rows at %v", at, earliest)
		}
	}
	cut.StartBundle(emit)
	cut.ProcessElement(mtime.MinTimestamp, "left by a bundle that failed", b, emit)
	cut.StartBundle(emit)
	for i := range 100 {
		cut.ProcessElement(earliest.Add(time.Duration(i)*time.Minute), fmt.Sprint(i), Block{Key: fmt.Sprint(i), Lines: []int64{1}, Cells: []string{"a"}}, emit)
	}
	cut.FinishBundle(emit)
	seen := make(map[string]int64)
	for shard, all := range packs {
		next := func(pack *[]byte) bool {
			if len(all) == 0 {
				return false
			}
			*pack, all = all[0], all[1:]
			return true
		}
		if err := unpack(next, func(b *Block) { seen[b.Key] = shard }); err != nil {
			t.Error(err)
		}
		whole := packs[shard][0]
		all = [][]byte{whole[:len(whole)-1]}
		if err := unpack(next, func(*Block) {}); err == nil {
			t.Error("no error of a pack that ends early")
		}
	}
	for i := range 100 {
		key := fmt.Sprint(i)
		if shard, ok := seen[key]; !ok || shard != int64(shards.Of(key, 2)) || len(seen) != 100 {
			t.Fatalf("%d series, %s in shard %d", len(seen), key, shard)
		}
	}
	p := Part{"score", 3, 7, []byte("a,b\n"), []byte("{}\n")}
	if got, err := decodePart(encodePart(p)); err != nil || !reflect.DeepEqual(got, p) {
		t.Errorf("%v, %v", got, err)
	}
}
