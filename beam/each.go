package beamtsgen

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	register.DoFn3x0[string, Row, func(int64, Row)](&cutFn{})
	register.DoFn6x1[context.Context, int64, func(*Row) bool, []byte, func(string), func(Dead), error](&eachFn{})
	register.DoFn3x1[context.Context, int64, func(*Dead) bool, error](&deadFn{})
	register.Function1x2(toOne)
	register.Emitter1[string]()
	register.Iter1[Dead]()
}

// A Job is what to do with each shard of the series.
type Job struct {
	Verb   string   // of tsgen: forecast, impute, detect, likelihood and others that ask a model file
	Flags  []string // of the verb
	Output string   // folder of the tables, one a shard
	Shards int      // 0: 100
	// MostRows is the number of rows that a series may have; one with more is dead. 0: 10 million.
	MostRows int
}

func (j *Job) complete() {
	j.Shards = cmp.Or(j.Shards, 100)
	j.MostRows = cmp.Or(j.MostRows, 10_000_000)
}

// Each does the job with the model, a collection of one model file, for all series, and returns the
// names of the tables that it writes, and the rows and series that failed. A table is written whole
// or not at all, and again with the same bytes if a worker is asked twice.
func Each(s beam.Scope, rows, model beam.PCollection, table Table, job Job) (files, dead beam.PCollection) {
	s = s.Scope("tsgen." + job.Verb)
	job.complete()
	shards := beam.GroupByKey(s, beam.ParDo(s, &cutFn{Shards: job.Shards}, rows))
	return beam.ParDo2(s, &eachFn{Table: table, Job: job}, shards, beam.SideInput{Input: model})
}

// cutFn gives each series to a shard.
type cutFn struct {
	Shards int
}

// ProcessElement gives the row to its series' shard.
func (f *cutFn) ProcessElement(key string, row Row, emit func(int64, Row)) {
	emit(int64(hash(key)%uint64(f.Shards)), row)
}

// eachFn does a job with a shard.
type eachFn struct {
	Table Table
	Job   Job
}

// ProcessElement does the job and writes the table.
func (f *eachFn) ProcessElement(ctx context.Context, number int64, next func(*Row) bool, model []byte, emit func(string), dead func(Dead)) error {
	r, err := newRunner(ctx, dead)
	if err != nil {
		return err
	}
	text, n, err := f.run(r, next, model)
	if err = errors.Join(err, r.close()); err != nil || len(text) == 0 {
		return err
	}
	seriesDone.Inc(ctx, int64(n))
	name := path.Join(f.Job.Output, fmt.Sprintf("%s-%05d-of-%05d.csv", f.Job.Verb, number, f.Job.Shards))
	if err := writeFile(ctx, name, text); err != nil {
		return err
	}
	emit(name)
	return nil
}

func (f *eachFn) run(r *runner, next func(*Row) bool, model []byte) (text []byte, series int, err error) {
	x := &shard{table: &f.Table}
	rows := make(map[string]int)
	for row := (Row{}); next(&row); row = (Row{}) {
		if rows[row.Key]++; rows[row.Key] <= f.Job.MostRows {
			x.rows = append(x.rows, row)
		}
	}
	x.rows = slices.DeleteFunc(x.rows, func(row Row) bool {
		n := rows[row.Key]
		if n > f.Job.MostRows {
			r.lose(row, fmt.Sprintf("%d rows, more than the %d that a series may have", n, f.Job.MostRows))
			rows[row.Key] = -1
		}
		return n > f.Job.MostRows || n < 0
	})
	x.sort()
	path, err := r.file("model.tsgen", model)
	if err != nil {
		return nil, 0, err
	}
	args := append([]string{f.Job.Verb, "-", "--model", path, "--quiet"}, f.Table.flags()...)
	text, err = r.answer(x, append(args, f.Job.Flags...))
	return text, len(x.series()), err
}

// writeFile writes a file, whole or not at all where its file system can rename.
func writeFile(ctx context.Context, name string, text []byte) error {
	fs, err := filesystem.New(ctx, name)
	if err != nil {
		return err
	}
	defer fs.Close()
	mover, ok := fs.(filesystem.Renamer)
	part := name
	if ok {
		part += ".part"
	}
	w, err := fs.OpenWrite(ctx, part)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, bytes.NewReader(text))
	if err = errors.Join(err, w.Close()); err == nil && ok {
		err = mover.Rename(ctx, part, name)
	}
	return err
}

// WriteDead writes the table of the rows and series that failed, if there are any: file, line,
// series and reason, in order.
func WriteDead(s beam.Scope, name string, dead ...beam.PCollection) {
	s = s.Scope("tsgen.WriteDead")
	all := beam.ParDo(s, toOne, beam.Flatten(s, dead...))
	beam.ParDo0(s, &deadFn{Name: name}, beam.GroupByKey(s, all))
}

func toOne(d Dead) (int64, Dead) { return 0, d }

type deadFn struct {
	Name string
}

// ProcessElement writes the table.
func (f *deadFn) ProcessElement(ctx context.Context, _ int64, next func(*Dead) bool) error {
	var all []Dead
	for d := (Dead{}); next(&d); d = (Dead{}) {
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b Dead) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Reason, b.Reason))
	})
	all = slices.Compact(all)
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write([]string{"file", "line", "series", "reason"})
	for _, d := range all {
		line := ""
		if d.Line > 0 {
			line = strconv.FormatInt(d.Line, 10)
		}
		w.Write([]string{d.File, line, d.Key, d.Reason})
	}
	w.Flush()
	return writeFile(ctx, f.Name, b.Bytes())
}
