package beamtsgen

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"tsgen/internal/shards"
)

func init() {
	// Those of whole shards have few elements, for which reflection is quick enough; functions for six
	// parameters would take minutes to compile.
	beam.RegisterType(reflect.TypeFor[eachFn]())
	beam.RegisterType(reflect.TypeFor[ownFn]())
	register.Emitter1[Part]()
	beam.RegisterCoder(reflect.TypeFor[Part](), encodePart, decodePart)
}

// A Job is what to do with each shard of the series.
type Job struct {
	Verb   string   // of tsgen; Forecast and the like set it
	Flags  []string // of the verb
	Shards int      // 0: as many as there are pieces of 4 MB in the files
}

// A Part is what a job has to say of a shard.
type Part struct {
	Verb       string
	Number, Of int    // of the shard, and how many shards there are
	Table      []byte // as CSV
	Scores     []byte // of backtests and scores: JSON documents, one a line
}

func encodePart(p Part) []byte {
	var out []byte
	for _, n := range []int{p.Number, p.Of, len(p.Verb), len(p.Table)} {
		out = binary.AppendUvarint(out, uint64(n))
	}
	out = append(out, p.Verb...)
	out = append(out, p.Table...)
	return append(out, p.Scores...)
}

func decodePart(in []byte) (Part, error) {
	var n [4]uint64
	for i := range n {
		x, size := binary.Uvarint(in)
		if size <= 0 {
			return Part{}, errBlock
		}
		n[i], in = x, in[size:]
	}
	verb, table := n[2], n[2]+n[3]
	if uint64(len(in)) < table || table < verb {
		return Part{}, errBlock
	}
	return Part{string(in[:verb]), int(n[0]), int(n[1]), in[verb:table:table], in[table:]}, nil
}

const (
	shardBytes = 4 << 20   // of a shard, about
	ownBytes   = 256 << 10 // of one whose series are fitted each by itself, which takes longer
)

// Each does the job with the model, a collection of one model file, for all series, and returns
// what comes of each shard, and the rows and series that failed.
func Each(s beam.Scope, rows, model beam.PCollection, table Table, job Job) (parts, dead beam.PCollection) {
	s = s.Scope("tsgen." + job.Verb)
	job.Shards = cmp.Or(job.Shards, shards.Count(table.Bytes, shardBytes))
	shards := beam.GroupByKey(s, cut(s, rows, job.Shards))
	return beam.ParDo2(s, &eachFn{Table: table, Job: job}, shards, beam.SideInput{Input: model})
}

// Forecast forecasts all series with the model.
func Forecast(s beam.Scope, rows, model beam.PCollection, table Table, job Job) (parts, dead beam.PCollection) {
	job.Verb = "forecast"
	return Each(s, rows, model, table, job)
}

// Impute fills the gaps of all series with the model.
func Impute(s beam.Scope, rows, model beam.PCollection, table Table, job Job) (parts, dead beam.PCollection) {
	job.Verb = "impute"
	return Each(s, rows, model, table, job)
}

// FitEach fits a model to each series by itself and does the job with it, as tsgen fit and the verb do
// with a file of that series alone.
func FitEach(s beam.Scope, rows beam.PCollection, table Table, opt FitOptions, job Job) (parts, dead beam.PCollection) {
	s = s.Scope("tsgen.fit-" + job.Verb)
	job.Shards = cmp.Or(job.Shards, shards.Count(table.Bytes, ownBytes))
	shards := beam.GroupByKey(s, cut(s, rows, job.Shards))
	return beam.ParDo2(s, &ownFn{Table: table, Fit: opt, Job: job}, shards)
}

// FitForecast fits a model to each series by itself and forecasts with it.
func FitForecast(s beam.Scope, rows beam.PCollection, table Table, opt FitOptions, job Job) (parts, dead beam.PCollection) {
	job.Verb = "forecast"
	return FitEach(s, rows, table, opt, job)
}

// do gathers a shard, has it worked on and passes on what comes of it.
func (j *Job) do(ctx context.Context, number int64, table *Table, next func(*[]byte) bool, emit func(Part), dead func(Dead), work func(*runner, *shard, *Part) error) error {
	r, err := newRunner(ctx)
	if err != nil {
		return err
	}
	part := Part{Verb: j.Verb, Number: int(number), Of: j.Shards}
	x, err := gather(table, next, r.lose)
	if err == nil {
		n, lost := len(x.series()), len(r.lost)
		if err = work(r, x, &part); err == nil {
			seriesDone.Inc(ctx, int64(n-len(r.lost)+lost))
		}
	}
	if err = errors.Join(err, r.close(dead)); err == nil && len(part.Table)+len(part.Scores) > 0 {
		emit(part)
	}
	return err
}

// eachFn does a job with a shard and a model.
type eachFn struct {
	Table Table
	Job   Job
}

// ProcessElement does the job.
func (f *eachFn) ProcessElement(ctx context.Context, number int64, next func(*[]byte) bool, model []byte, emit func(Part), dead func(Dead)) error {
	return f.Job.do(ctx, number, &f.Table, next, emit, dead, func(r *runner, x *shard, part *Part) error {
		path, err := r.file("model.tsgen", model)
		if err != nil {
			return err
		}
		part.Table, err = r.all(x, r.verb(f.Job.args(&f.Table, path)))
		return err
	})
}

// args returns the command line of the verb with a model file.
func (j *Job) args(t *Table, model string) []string {
	args := append([]string{j.Verb, "-", "--model", model, "--quiet"}, t.flags()...)
	return append(args, j.Flags...)
}

// ownFn fits a model to each series of a shard and does a job with it.
type ownFn struct {
	Table Table
	Fit   FitOptions
	Job   Job
}

// ProcessElement does the job.
func (f *ownFn) ProcessElement(ctx context.Context, number int64, next func(*[]byte) bool, emit func(Part), dead func(Dead)) error {
	return f.Job.do(ctx, number, &f.Table, next, emit, dead, func(r *runner, x *shard, part *Part) error {
		one := x.series()
		answers := make([][]byte, len(one))
		err := r.forSeries(len(one), func(i int, r *runner) (err error) {
			answers[i], err = r.all(one[i], f.step(r, fmt.Sprintf("%d.tsgen", i)))
			return err
		})
		for _, a := range answers {
			part.Table = appendTable(part.Table, a)
		}
		return err
	})
}

// step returns the step that fits and does the job.
func (f *ownFn) step(r *runner, name string) step {
	return func(x *shard) ([]byte, string, error) {
		path := r.path(name)
		if _, reason, err := r.verb(f.Fit.args(&f.Table, path))(x); err != nil || reason != "" || len(x.rows) == 0 {
			return nil, reason, err
		}
		answer, reason, err := r.verb(f.Job.args(&f.Table, path))(x)
		return named(answer, f.Fit.Kind), reason, errors.Join(err, os.Remove(path))
	}
}
