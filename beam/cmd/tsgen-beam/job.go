package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"

	beamtsgen "tsgen/beam"
	"tsgen/forecast"
	"tsgen/series/formats"
)

// run runs the job and returns how many rows and series were not used.
func (o *options) run(ctx context.Context) (dead int, err error) {
	table, err := beamtsgen.Sniff(ctx, o.input, o.id, o.time)
	if err != nil {
		return 0, err
	}
	table.MostRows = o.mostRows
	var loader *beamtsgen.Loader
	if o.table != "" {
		if loader, err = beamtsgen.NewLoader(ctx, o.table); err != nil {
			return 0, err
		}
	}
	if !strings.Contains(o.output, "://") {
		if err := os.MkdirAll(o.output, 0o777); err != nil {
			return 0, err
		}
	}
	if err := o.clear(ctx); err != nil {
		return 0, err
	}
	p, s := beam.NewPipelineWithRoot()
	rows, unread := beamtsgen.Read(s, o.input, table)
	lost := []beam.PCollection{unread}
	job := beamtsgen.Job{Verb: o.verb, Flags: o.flags, Shards: o.shards}
	fit := beamtsgen.FitOptions{Kind: o.model, Series: o.sample, Flags: o.fit}
	format, err := formats.Named(o.format)
	if err != nil {
		return 0, err
	}
	var parts, failed beam.PCollection
	switch {
	case o.verb == "fit":
		model, failed := beamtsgen.Fit(s, rows, table, fit)
		beamtsgen.WriteModel(s, o.in("model.tsgen"), model)
		lost = append(lost, failed)
	case o.verb == "score":
		of, err := beamtsgen.Sniff(ctx, o.forecasts, strings.Join(table.ID, ","), table.Time)
		if err != nil {
			return 0, err
		}
		of.MostRows = o.mostRows
		forecasts, unread := beamtsgen.Read(s, o.forecasts, of)
		parts, failed = beamtsgen.Score(s, forecasts, of, rows, table, job)
		lost = append(lost, unread)
	case o.verb == "backtest":
		if o.model != "auto" {
			job.Flags = append(job.Flags, "--models="+o.model)
		}
		parts, failed = beamtsgen.Backtest(s, rows, table, o.sample, job)
	case o.perSeries:
		parts, failed = beamtsgen.FitEach(s, rows, table, fit, job)
	default:
		model, err := o.modelOf(s, rows, table, fit)
		if err != nil {
			return 0, err
		}
		parts, failed = beamtsgen.Each(s, rows, model, table, job)
	}
	if parts.IsValid() {
		beamtsgen.Write(s, o.output, format, table, parts)
		lost = append(lost, failed)
	}
	scored := o.verb == "score" || o.verb == "backtest"
	if scored {
		beamtsgen.WriteScores(s, o.in("scores.json"), parts)
	}
	beamtsgen.WriteDead(s, o.in("dead.csv"), lost...)
	if _, err := beam.Run(ctx, o.runner, p); err != nil {
		return 0, err
	}
	if loader != nil {
		if err := loader.Load(ctx, o.output, o.verb, table.ID); err != nil {
			return 0, err
		}
	}
	if scored {
		if err := o.show(ctx, os.Stdout); err != nil {
			return 0, err
		}
	}
	return o.dead(ctx)
}

// modelOf returns the model: a file, or one that is fitted to a sample.
func (o *options) modelOf(s beam.Scope, rows beam.PCollection, table beamtsgen.Table, fit beamtsgen.FitOptions) (model beam.PCollection, err error) {
	if path.Ext(o.model) == ".tsgen" {
		bytes, err := os.ReadFile(o.model)
		if err != nil {
			return model, err
		}
		return beam.Create(s, bytes), nil
	}
	model, _ = beamtsgen.Fit(s, rows, table, fit) // what it cannot use is dead in its shard, too
	beamtsgen.WriteModel(s, o.in("model.tsgen"), model)
	return model, nil
}

// clear takes away what an earlier job left that this one may not write again.
func (o *options) clear(ctx context.Context) error {
	fs, err := filesystem.New(ctx, o.output)
	if err != nil {
		return err
	}
	defer fs.Close()
	tables, err := fs.List(ctx, o.in(o.verb+"-*-of-*"))
	if err != nil {
		return err
	}
	for _, name := range slices.Concat(tables, []string{o.in("dead.csv"), o.in("scores.json")}) {
		if _, err := fs.Size(ctx, name); err != nil {
			continue // it is not there
		}
		remover, ok := fs.(filesystem.Remover)
		if !ok {
			return usagef("%s is of an earlier job; write to another folder", name)
		}
		if err := remover.Remove(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// dead counts the rows of the table of what could not be used. Runners may count a bundle twice that
// was done twice; the table has each once.
func (o *options) dead(ctx context.Context) (n int, err error) {
	in, err := o.open(ctx, "dead.csv")
	if in == nil || err != nil {
		return 0, err
	}
	defer in.Close()
	rows := csv.NewReader(in)
	for {
		switch _, err := rows.Read(); {
		case errors.Is(err, io.EOF):
			return n - 1, nil // but the header
		case err != nil:
			return 0, err
		}
		n++
	}
}

// show writes the table of scores.
func (o *options) show(ctx context.Context, w io.Writer) error {
	in, err := o.open(ctx, "scores.json")
	if err != nil {
		return err
	}
	if in == nil {
		return fmt.Errorf("no series could be used: %s says why", o.in("dead.csv"))
	}
	defer in.Close()
	var pooled []*beamtsgen.Pooled
	if err := json.NewDecoder(in).Decode(&pooled); err != nil {
		return err
	}
	return forecast.WriteTable(w, beamtsgen.Results(pooled))
}

// open opens a file of the output, nil if it is not there.
func (o *options) open(ctx context.Context, name string) (io.ReadCloser, error) {
	fs, err := filesystem.New(ctx, o.output)
	if err != nil {
		return nil, err
	}
	defer fs.Close()
	if found, err := fs.List(ctx, o.in(name)); err != nil || len(found) == 0 {
		return nil, err
	}
	return fs.OpenRead(ctx, o.in(name))
}
