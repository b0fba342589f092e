package beamtsgen

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"os"
	"path/filepath"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/transforms/filter"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/transforms/stats"
)

func init() {
	register.DoFn4x0[string, Row, int, func(int64, Row)](&sampleFn{})
	register.DoFn5x1[context.Context, int64, func(*Row) bool, func([]byte), func(Dead), error](&fitFn{})
	register.DoFn2x1[context.Context, []byte, error](&modelFn{})
	register.Emitter2[int64, Row]()
	register.Emitter1[[]byte]()
	register.Iter1[Row]()
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
	count := stats.CountElms(s, filter.Distinct(s, beam.DropValue(s, rows)))
	sample := beam.ParDo(s, &sampleFn{Series: opt.Series}, rows, beam.SideInput{Input: count})
	return beam.ParDo2(s, &fitFn{Table: table, Options: opt}, beam.GroupByKey(s, sample))
}

// sampleFn sends the rows of a sample of the series to one place.
type sampleFn struct {
	Series int
}

// ProcessElement passes the row on if its series is one of the sample.
func (f *sampleFn) ProcessElement(key string, row Row, series int, emit func(int64, Row)) {
	if f.Series == 0 || series <= f.Series || float64(hash(key)) < float64(f.Series)/float64(series)*math.MaxUint64 {
		emit(0, row)
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
func (f *fitFn) ProcessElement(ctx context.Context, _ int64, next func(*Row) bool, emit func([]byte), dead func(Dead)) error {
	r, err := newRunner(ctx, dead)
	if err != nil {
		return err
	}
	model, err := f.fit(r, next)
	if err = errors.Join(err, r.close()); err == nil {
		emit(model)
	}
	return err
}

func (f *fitFn) fit(r *runner, next func(*Row) bool) ([]byte, error) {
	x := &shard{table: &f.Table}
	for row := (Row{}); next(&row); row = (Row{}) {
		x.rows = append(x.rows, row)
	}
	x.sort()
	path := filepath.Join(r.dir, "model.tsgen")
	args := append([]string{"fit", "-", "-m", f.Options.Kind, "-o", path, "--progress", "none"}, f.Table.flags()...)
	_, reason, err := r.run(x, append(args, f.Options.Flags...))
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

// WriteModel writes the model file of a collection of one.
func WriteModel(s beam.Scope, name string, model beam.PCollection) {
	beam.ParDo0(s.Scope("tsgen.WriteModel"), &modelFn{Name: name}, model)
}

type modelFn struct {
	Name string
}

// ProcessElement writes the file.
func (f *modelFn) ProcessElement(ctx context.Context, model []byte) error {
	return writeFile(ctx, f.Name, model)
}
