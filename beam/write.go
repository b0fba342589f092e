package beamtsgen

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"tsgen/series/formats"
)

func init() {
	register.DoFn3x1[context.Context, Part, func(string), error](&partFn{})
	register.DoFn2x1[context.Context, []byte, error](&modelFn{})
	register.DoFn3x1[context.Context, int64, func(*Dead) bool, error](&deadFn{})
	register.Function1x2(toOne)
	register.Emitter1[string]()
	register.Iter1[Dead]()
}

// Write writes the table of each part to the folder, as VERB-00007-of-00100.csv, and returns the
// names. A table is written whole or not at all, and again with the same bytes if a worker is asked
// twice. The format is csv or another that package formats can write; in one with types the
// identifiers of the table that was read are texts, so that all tables have the same.
func Write(s beam.Scope, folder string, format formats.Format, table Table, parts beam.PCollection) (files beam.PCollection) {
	return beam.ParDo(s.Scope("tsgen.Write"), &partFn{Folder: folder, Format: format, ID: table.ID}, parts)
}

type partFn struct {
	Folder string
	Format formats.Format
	ID     []string
}

// ProcessElement writes the table.
func (f *partFn) ProcessElement(ctx context.Context, p Part, emit func(string)) error {
	if len(p.Table) == 0 {
		return nil
	}
	var table bytes.Buffer
	if err := formats.WritePart(&table, f.Format, p.Table, f.ID); err != nil {
		return err
	}
	name := InFolder(f.Folder, fmt.Sprintf("%s-%05d-of-%05d.%s", p.Verb, p.Number, p.Of, cmp.Or(f.Format, formats.CSV)))
	if err := writeFile(ctx, name, table.Bytes()); err != nil {
		return err
	}
	emit(name)
	return nil
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

// writeFile writes a file, whole or not at all: under a name of its own that is renamed, or as an
// object, which is there once it is complete.
func writeFile(ctx context.Context, name string, text []byte) error {
	fs, err := filesystem.New(ctx, name)
	if err != nil {
		return err
	}
	defer fs.Close()
	mover, ok := fs.(filesystem.Renamer)
	ok = ok && !strings.Contains(name, "://")
	part := name
	if ok {
		part += fmt.Sprintf(".%08x.part", rand.Uint32()) // two workers may write the same table
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
// series and reason, in order. Of more than a million it holds the first.
func WriteDead(s beam.Scope, name string, dead ...beam.PCollection) {
	s = s.Scope("tsgen.WriteDead")
	all := beam.ParDo(s, toOne, beam.Flatten(s, dead...))
	beam.ParDo0(s, &deadFn{Name: name}, beam.GroupByKey(s, all))
}

func toOne(d Dead) (int64, Dead) { return 0, d }

type deadFn struct {
	Name string
}

// mostDead is the number of rows that the table of the dead has.
const mostDead = 1_000_000

// ProcessElement writes the table.
func (f *deadFn) ProcessElement(ctx context.Context, _ int64, next func(*Dead) bool) error {
	var all []Dead
	more := 0
	first := func() {
		slices.SortFunc(all, func(a, b Dead) int {
			return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Reason, b.Reason))
		})
		all = slices.Compact(all)
		if n := len(all) - mostDead; n > 0 {
			more += n
			all = all[:mostDead]
		}
	}
	for d := (Dead{}); next(&d); d = (Dead{}) {
		if all = append(all, d); len(all) == 2*mostDead {
			first()
		}
	}
	first()
	if more > 0 {
		all = append(all, Dead{Reason: fmt.Sprintf("%d more", more)})
	}
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
