package beamtsgen

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"tsgen/internal/shards"
)

func init() {
	register.DoFn3x0[string, Block, func(string, Block)](&sampleFn{})
	// Those of whole shards have few elements, for which reflection is quick enough; functions for six
	// parameters would take minutes to compile.
	beam.RegisterType(reflect.TypeFor[fitFn]())
	register.Emitter1[[]byte]()
}

// FitOptions are those of Fit.
type FitOptions struct {
	Kind   string   // of model, as tsgen fit -m takes it
	Series int      // the size of the sample; 0: all series
	Flags  []string // further ones of tsgen fit
}

// Fit returns the model file that tsgen fit makes of a sample of the series on one worker, which must
// hold the sample: a collection of one. The sample is of those whose keys have the least hashes, which
// is the same in any order, and of all series if there are no more than asked for. Rows that cannot be
// read are left out.
func Fit(s beam.Scope, rows beam.PCollection, table Table, opt FitOptions) (model, dead beam.PCollection) {
	s = s.Scope("tsgen.Fit")
	return beam.ParDo2(s, &fitFn{Table: table, Options: opt}, beam.GroupByKey(s, pick(s, rows, opt.Series)))
}

// pick brings the rows of a sample of so many series, 0 for all, and of some more to one place.
func pick(s beam.Scope, rows beam.PCollection, series int) beam.PCollection {
	return cut(s, beam.ParDo(s, &sampleFn{Series: series}, rows), 1)
}

// sampleFn passes on the rows of series that may be in the sample, as far as a worker can tell by those
// that it has seen: of n series and a sample of k some k·(1+log(n/k)). What is not in it after all, who
// gathers the rows leaves out. So no row waits until all series are known.
type sampleFn struct {
	Series int

	sample *shards.Sample
}

// Setup begins the sample of what a worker sees.
func (f *sampleFn) Setup() { f.sample = shards.NewSample(f.Series) }

// ProcessElement passes the rows on if their series may be one of the sample.
func (f *sampleFn) ProcessElement(key string, rows Block, emit func(string, Block)) {
	if f.sample.Admit(key) {
		emit(key, rows)
	}
}

// fitFn fits a model to all rows of a group.
type fitFn struct {
	Table   Table
	Options FitOptions
}

// ProcessElement fits the model.
func (f *fitFn) ProcessElement(ctx context.Context, _ int64, next func(*[]byte) bool, emit func([]byte), dead func(Dead)) error {
	r, err := newRunner(ctx)
	if err != nil {
		return err
	}
	model, err := f.fit(r, next)
	if err = errors.Join(err, r.close(dead)); err == nil {
		emit(model)
	}
	return err
}

func (f *fitFn) fit(r *runner, next func(*[]byte) bool) ([]byte, error) {
	x, err := gatherSample(&f.Table, shards.NewSample(f.Options.Series), next, r.lose)
	if err != nil {
		return nil, err
	}
	path := r.path("model.tsgen")
	_, reason, err := r.verb(f.Options.args(&f.Table, path))(x)
	switch {
	case err != nil:
		return nil, err
	case reason != "":
		return nil, fmt.Errorf("no %s can be fitted to the sample: %s", f.Options.Kind, reason)
	case len(x.rows) == 0:
		return nil, fmt.Errorf("no %s can be fitted: the sample has no row that can be read", f.Options.Kind)
	}
	return os.ReadFile(path)
}

// args returns the command line of the fit.
func (o *FitOptions) args(t *Table, model string) []string {
	args := append([]string{"fit", "-", "-m", o.Kind, "-o", model, "--progress", "none"}, t.flags()...)
	return append(args, o.Flags...)
}
