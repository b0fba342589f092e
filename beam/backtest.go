package beamtsgen

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"tsgen/forecast"
	"tsgen/internal/shards"
)

func init() {
	// Those of whole shards have few elements, for which reflection is quick enough; functions for six
	// parameters would take minutes to compile.
	beam.RegisterType(reflect.TypeFor[backtestFn]())
	beam.RegisterType(reflect.TypeFor[settleFn]())
	beam.RegisterType(reflect.TypeFor[scoreFn]())
	register.DoFn3x1[context.Context, int64, func(*[]byte) bool, error](&poolFn{})
	register.Function1x2(scoresOf)
	register.Emitter1[[]string]()
}

// Backtest has models forecast the series from several moments of their past, as tsgen backtest does
// with the flags, and returns the forecasts beside the actual values of each shard, and its scores.
// The seasons and the horizon that the flags do not say are found in a sample of that many series (0:
// a thousand), for all. Kinds that learn from all series learn here from those of their shard.
func Backtest(s beam.Scope, rows beam.PCollection, table Table, sample int, job Job) (parts, dead beam.PCollection) {
	s = s.Scope("tsgen.backtest")
	job.Verb = "backtest"
	job.Shards = cmp.Or(job.Shards, shards.Count(table.Bytes, ownBytes))
	sample = cmp.Or(sample, 1000)
	settled, unfit := beam.ParDo2(s, &settleFn{Table: table, Sample: sample, Flags: job.Flags}, beam.GroupByKey(s, pick(s, rows, sample)))
	_ = unfit // dead in their shards, too
	shards := beam.GroupByKey(s, cut(s, rows, job.Shards))
	return beam.ParDo2(s, &backtestFn{Table: table, Job: job}, shards, beam.SideInput{Input: settled})
}

// settleFn finds the seasons and the horizon of a sample.
type settleFn struct {
	Table  Table
	Sample int // of series
	Flags  []string
}

// ProcessElement returns them as flags.
func (f *settleFn) ProcessElement(ctx context.Context, _ int64, next func(*[]byte) bool, emit func([]string), dead func(Dead)) error {
	r, err := newRunner(ctx)
	if err != nil {
		return err
	}
	x, err := gatherSample(&f.Table, shards.NewSample(f.Sample), next, r.lose)
	if err != nil {
		return errors.Join(err, r.close(func(Dead) {}))
	}
	args := slices.Concat([]string{"backtest", "-", "--json", "--quiet"}, f.Table.flags(), without(f.Flags, "--models"), []string{"--models", "naive"})
	text, reason, err := r.verb(args)(x)
	err = errors.Join(err, r.close(func(Dead) {}))
	switch {
	case err != nil:
		return err
	case reason != "" || len(text) == 0: // each shard says what is wrong
		emit(nil)
		return nil
	}
	var found struct {
		Horizon int
		Season  int
		Seasons []struct {
			Period float64
			Status string
		}
	}
	if err := json.Unmarshal(text, &found); err != nil {
		return err
	}
	flags := []string{"--horizon", strconv.Itoa(found.Horizon)}
	if len(without(f.Flags, "--season")) == len(f.Flags) {
		var periods []string
		for _, s := range found.Seasons {
			if s.Status == "shown" || s.Status == "assumed" {
				periods = append(periods, strconv.FormatFloat(s.Period, 'g', -1, 64))
			}
		}
		flags = append(flags, "--season", cmp.Or(strings.Join(periods, ","), "none"))
	}
	emit(flags)
	return nil
}

// without returns flags without the one of that name, which may have its value in a word of its own.
func without(flags []string, name string) (rest []string) {
	for i := 0; i < len(flags); i++ {
		switch {
		case flags[i] == name:
			i++
		case !strings.HasPrefix(flags[i], name+"="):
			rest = append(rest, flags[i])
		}
	}
	return rest
}

// backtestFn does the backtest of a shard.
type backtestFn struct {
	Table Table
	Job   Job
}

// ProcessElement does it with the settled flags.
func (f *backtestFn) ProcessElement(ctx context.Context, number int64, next func(*[]byte) bool, settled []string, emit func(Part), dead func(Dead)) error {
	return f.Job.do(ctx, number, &f.Table, next, emit, dead, func(r *runner, x *shard, part *Part) error {
		out := r.path("rows.csv")
		args := slices.Concat([]string{"backtest", "-", "--json", "--quiet", "-o", out}, f.Table.flags(), f.Job.Flags, settled)
		run := r.verb(args)
		var err error
		part.Table, err = r.all(x, func(x *shard) ([]byte, string, error) {
			scores, reason, err := run(x)
			if err != nil || reason != "" || len(x.rows) == 0 {
				return nil, reason, err
			}
			if part.Scores, err = appendJSON(part.Scores, scores); err != nil {
				return nil, "", err
			}
			rows, err := os.ReadFile(out)
			return rows, "", err
		})
		return err
	})
}

// appendJSON appends a document as one line.
func appendJSON(lines, document []byte) ([]byte, error) {
	var b bytes.Buffer
	if err := json.Compact(&b, document); err != nil {
		return nil, err
	}
	return append(append(lines, b.Bytes()...), '\n'), nil
}

// Score compares forecasts of any tool, rows that were read as table of, with the actual values, as
// tsgen score does, and returns the scores of each shard.
func Score(s beam.Scope, forecasts beam.PCollection, of Table, rows beam.PCollection, table Table, job Job) (parts, dead beam.PCollection) {
	s = s.Scope("tsgen.score")
	job.Verb = "score"
	job.Shards = cmp.Or(job.Shards, shards.Count(table.Bytes, shardBytes))
	both := beam.CoGroupByKey(s, cut(s, forecasts, job.Shards), cut(s, rows, job.Shards))
	return beam.ParDo2(s, &scoreFn{Forecasts: of, Table: table, Job: job}, both)
}

// scoreFn scores the forecasts of a shard.
type scoreFn struct {
	Forecasts, Table Table
	Job              Job
}

// ProcessElement does it.
func (f *scoreFn) ProcessElement(ctx context.Context, number int64, forecasts, actual func(*[]byte) bool, emit func(Part), dead func(Dead)) error {
	return f.Job.do(ctx, number, &f.Table, actual, emit, dead, func(r *runner, x *shard, part *Part) error {
		made, err := gather(&f.Forecasts, forecasts, r.lose)
		if err != nil {
			return err
		}
		r.clean(made, 1)
		own := make(map[string][]row)
		for _, row := range made.rows {
			own[row.key] = append(own[row.key], row)
		}
		if len(own) == 0 {
			return nil
		}
		r.clean(x, 1) // score reads files, whose lines are not told apart here
		seen := make(map[string]bool)
		for _, row := range x.rows {
			seen[row.key] = true
		}
		for _, key := range slices.Sorted(maps.Keys(own)) {
			if !seen[key] {
				r.unknown = append(r.unknown, Dead{File: own[key][0].file, Key: readable(key), Reason: "it has forecasts, and no actual values"})
			}
		}
		x.rows = slices.DeleteFunc(x.rows, func(row row) bool { return own[row.key] == nil })
		_, err = r.all(x, func(x *shard) ([]byte, string, error) {
			y := &shard{table: &f.Forecasts}
			for _, one := range x.series() {
				y.rows = append(y.rows, own[one.rows[0].key]...)
			}
			save := func(name string, x *shard) (string, error) {
				text, _ := x.csv()
				return r.file(name, text)
			}
			forecasts, err := save("forecasts.csv", y)
			if err != nil {
				return nil, "", err
			}
			actual, err := save("actual.csv", x)
			if err != nil {
				return nil, "", err
			}
			args := slices.Concat([]string{"score", forecasts, actual, "--json", "--quiet"}, without(f.Table.flags(), "--delimiter"), f.Job.Flags)
			scores, reason, err := r.verb(args)(x)
			if err == nil && reason == "" {
				part.Scores, err = appendJSON(part.Scores, scores)
			}
			return nil, strings.NewReplacer(forecasts+": ", "", actual, "the files").Replace(reason), err
		})
		return err
	})
}

// scored is what tsgen says as JSON of the scores of models.
type scored struct {
	Models []struct {
		Model   string
		Scores  map[string]*float64
		Error   string
		Weights struct {
			Values, Series, Scaled int
			Magnitude              float64
		}
	}
}

// WriteScores pools the scores of all parts and writes them as JSON: for each model the scores that
// tsgen has of all series at once, but for rounding.
func WriteScores(s beam.Scope, name string, parts beam.PCollection) {
	s = s.Scope("tsgen.WriteScores")
	beam.ParDo0(s, &poolFn{Name: name}, beam.GroupByKey(s, beam.ParDo(s, scoresOf, parts)))
}

func scoresOf(p Part) (int64, []byte) { return 0, p.Scores }

type poolFn struct {
	Name string
}

// ProcessElement pools and writes.
func (f *poolFn) ProcessElement(ctx context.Context, _ int64, next func(*[]byte) bool) error {
	var all [][]byte
	for lines := ([]byte)(nil); next(&lines); lines = nil {
		all = append(all, bytes.Split(bytes.TrimSpace(lines), []byte("\n"))...)
	}
	slices.SortFunc(all, bytes.Compare) // sums do not depend on the order
	results, err := pool(all)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(ctx, f.Name, append(text, '\n'))
}

// A Pooled is the scores of a model over all parts of a job.
type Pooled struct {
	Model  string             `json:"model"`
	Scores map[string]float64 `json:"scores"`
	Values int                `json:"values"`           // compared
	Series int                `json:"series"`           // of all origins, with a value to compare
	Scaled int                `json:"scaled"`           // of these, with a scale
	Failed int                `json:"failed,omitempty"` // parts that it could not forecast
	Error  string             `json:"error,omitempty"`  // of the first of them
}

// pool brings scores together that were made apart: each is a mean of its own kind.
func pool(documents [][]byte) ([]*Pooled, error) {
	var all []*Pooled
	models := make(map[string]*Pooled)
	sums, weights := make(map[string]map[string]float64), make(map[string]map[string]float64)
	for _, text := range documents {
		if len(text) == 0 {
			continue
		}
		var part scored
		if err := json.Unmarshal(text, &part); err != nil {
			return nil, err
		}
		for _, m := range part.Models {
			p := models[m.Model]
			if p == nil {
				p = &Pooled{Model: m.Model, Scores: make(map[string]float64)}
				models[m.Model], all = p, append(all, p)
				sums[m.Model], weights[m.Model] = make(map[string]float64), make(map[string]float64)
			}
			if m.Error != "" {
				p.Failed++
				p.Error = cmp.Or(p.Error, m.Error)
				continue
			}
			p.Values, p.Series, p.Scaled = p.Values+m.Weights.Values, p.Series+m.Weights.Series, p.Scaled+m.Weights.Scaled
			for name, x := range m.Scores {
				var w float64
				switch name {
				case "MASE", "SQL", "MSIS":
					w = float64(m.Weights.Scaled)
				case "sMAPE":
					w = float64(m.Weights.Series)
				case "WQL":
					w = m.Weights.Magnitude
				default:
					w = float64(m.Weights.Values)
				}
				if x != nil && w > 0 {
					sums[m.Model][name] += w * *x
					weights[m.Model][name] += w
				}
			}
		}
	}
	for _, p := range all {
		for name, sum := range sums[p.Model] {
			p.Scores[name] = sum / weights[p.Model][name]
		}
	}
	slices.SortFunc(all, func(a, b *Pooled) int {
		return cmp.Or(cmp.Compare(a.score("SQL"), b.score("SQL")), cmp.Compare(a.score("CRPS"), b.score("CRPS")), strings.Compare(a.Model, b.Model))
	})
	return all, nil
}

func (p *Pooled) score(name string) float64 {
	if x, ok := p.Scores[name]; ok {
		return x
	}
	return math.Inf(1)
}

// Results returns the scores as package forecast writes them in a table.
func Results(pooled []*Pooled) []forecast.Result {
	var all []forecast.Result
	for _, p := range pooled {
		r := forecast.Result{Model: p.Model}
		get := func(name string) float64 {
			if x, ok := p.Scores[name]; ok {
				return x
			}
			return math.NaN()
		}
		r.Scores = forecast.Scores{
			MASE: get("MASE"), SMAPE: get("sMAPE"), CRPS: get("CRPS"), SQL: get("SQL"), WQL: get("WQL"), MSIS: get("MSIS"),
			Coverage80: get("cov 80"), Coverage95: get("cov 95"), Values: p.Values, Series: p.Series, Unscaled: p.Series - p.Scaled,
		}
		if p.Values == 0 {
			r.Err = errors.New(p.Error)
		}
		all = append(all, r)
	}
	return all
}
