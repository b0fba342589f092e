package beamtsgen

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"os"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/transforms/filter"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/transforms/stats"
)

func init() {
	register.DoFn4x0[string, Block, int, func(string, Block)](&sampleFn{})
	// Those of whole shards have few elements, for which reflection is quick enough; functions for six
	// parameters would take minutes to compile.
	beam.RegisterType(reflect.TypeFor[fitFn]())
	register.Emitter1[[]byte]()
}

// FitOptions are those of Fit.
type FitOptions struct {
	Kind   string   // of model, as tsgen fit -m takes it
	Series int      // the size of the sample, about; 0: all series
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

// pick brings the rows of a sample of about so many series to one place.
func pick(s beam.Scope, rows beam.PCollection, series int) beam.PCollection {
	count := stats.CountElms(s, filter.Distinct(s, beam.DropValue(s, rows)))
	return cut(s, beam.ParDo(s, &sampleFn{Series: series}, rows, beam.SideInput{Input: count}), 1)
}

// sampleFn passes on the rows of a sample of the series.
type sampleFn struct {
	Series int
}

// ProcessElement passes the rows on if their series is one of the sample.
func (f *sampleFn) ProcessElement(key string, rows Block, series int, emit func(string, Block)) {
	if f.Series == 0 || series <= f.Series || float64(hash(key)) < float64(f.Series)/float64(series)*math.MaxUint64 {
		emit(key, rows)
	}
}

// hash spreads keys evenly.
func hash(key string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(key))
	x := h.Sum64() // whose high bits are poor: the finaliser of MurmurHash3
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
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
	x, err := gather(&f.Table, next, r.lose)
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
