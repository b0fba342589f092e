package command

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/series"
	"tsgen/serve"
)

// A query is what the verbs that ask a model file have in common: the file, the
// series that it is asked about and where the answer goes.
type query struct {
	output
	data  dataFlags
	model string
	rows  bool // write a JSON document

	update   bool   // the file has further rows of the series of the model
	path     string // of a new history; empty for the one in the model file
	stdin    io.Reader
	read     series.ReadOptions
	progress *progress
	bounded  serve.Bounds
}

func (q *query) registerModel(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&q.model, "model", "m", "model.tsgen", "model `file`; an argument that ends with .tsgen says it, too")
	if err := cmd.MarkFlagFilename("model", "tsgen"); err != nil {
		panic(err) // there is no such flag
	}
}

func (q *query) registerOutput(cmd *cobra.Command) {
	q.registerTable(cmd, "-", "`file` to write, such as f.csv, f.parquet, f.arrow or f.jsonl, - for standard output")
}

// modelAndFile accepts a model file, which ends with .tsgen, a FILE, or one after the other.
func modelAndFile(cmd *cobra.Command, args []string) error {
	if len(args) == 2 && isModelFile(args[0]) {
		return nil
	}
	return cobra.MaximumNArgs(1)(cmd, args)
}

func isModelFile(path string) bool { return filepath.Ext(path) == ".tsgen" }

// check checks the command line, and that the output can be written, which must
// not be the model file, FILE or another input. A model file among the arguments is taken
// as if --model named it.
func (q *query) check(cmd *cobra.Command, args []string, inputs ...string) (err error) {
	q.stdin, q.bounded = cmd.InOrStdin(), boundsOf(cmd.Context())
	if len(args) > 0 && isModelFile(args[0]) {
		if cmd.Flags().Changed("model") {
			return usagef("%s and --model name two models", args[0])
		}
		if err := cmd.Flags().Set("model", args[0]); err != nil {
			return err
		}
		args = args[1:]
	}
	if len(args) > 0 {
		q.path = args[0]
	}
	if q.read, err = q.data.options(); err != nil {
		return err
	}
	q.document = q.document || q.rows
	if err := q.settle(); err != nil {
		return err
	}
	if q.progress, err = newProgress("none", noteWriter(cmd)); err != nil {
		return err
	}
	if q.path == "" && strings.Join(inputs, "") == "" {
		q.noteUnread(cmd)
	}
	if q.out == "-" {
		return nil
	}
	return checkOutput(q.out, append(inputs, q.model, q.path)...)
}

// noteUnread says which flags say how a file is read, though none is.
func (q *query) noteUnread(cmd *cobra.Command) {
	var unread []string
	for _, name := range []string{"id", "time", "target", "known", "static", "step", "duplicates", "time-layout", "zone"} {
		if flag := cmd.Flags().Lookup(name); q.data.cmd != nil && flag != nil && flag.Changed {
			unread = append(unread, "--"+name)
		}
	}
	if len(unread) > 0 {
		q.progress.notef("%s: there is no FILE to read by that; the series are those of the model file, as they were fitted", strings.Join(unread, ", "))
	}
}

// history returns the series that a model is asked about: those that it was
// fitted to, or those of the file if there is one, by the same columns unless
// the flags say others.
func (q *query) history(fitted *series.Panel) (*series.Panel, error) {
	if q.path == "" {
		return fitted, nil
	}
	opt := q.read
	opt.Like, opt.MinRows = fitted, 1
	if isMusic(q.path) {
		opt.Time = fitted.TimeColumn
	}
	if q.update {
		opt.MinRows = 0
	}
	panel, found, err := readFound(q.path, q.stdin, opt, q.progress)
	var missing *series.ParseError
	if errors.Is(err, series.ErrNoColumn) && errors.As(err, &missing) {
		switch {
		case opt.Targets == nil && slices.Contains(fitted.Channels, missing.Column):
			return nil, fmt.Errorf("%w: it learned the channels %q: %w", forecast.ErrMismatch, fitted.Channels, err)
		case opt.Static == nil && isStatic(fitted, missing.Column):
			return nil, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
		}
	}
	if err == nil && q.update {
		err = goesOn(sourceName(q.path), fitted, panel, found.Time == "")
	}
	if err != nil {
		return nil, err
	}
	if err := admit(q.bounded, sourceName(q.path), panel); err != nil {
		return nil, err
	}
	if all, every := panel.Condensed(); every > 1 && all.Step.Same(fitted.Step) {
		q.progress.notef("%s: only one row in %d has a value: those between are left out, as they were of the model's series", sourceName(q.path), every)
		panel = all
	}
	if _, err := q.data.doctor.examine(q.path, panel, q.progress); err != nil {
		return nil, err
	}
	if !fitted.Step.Regular() {
		panel.Step = series.Step{} // few times, or those of few series, may look equally spaced
	}
	if panel.AdoptSteps(fitted) {
		q.progress.notef("%s: the steps are those of the model's series", q.path)
	}
	if !q.update && fitted.Step.Regular() && panel.Step.Regular() && !panel.Step.Same(fitted.Step) && !panel.Adopt(fitted.Step) {
		return nil, fmt.Errorf("%s: %w: its times are %s, those that the model learned from are %s", q.path, forecast.ErrMismatch,
			panel.Step.Describe(panel.Axis.Calendar()), fitted.Step.Describe(fitted.Axis.Calendar()))
	}
	if panel.Step.Regular() {
		panel.Seasons = fitted.Seasons
	}
	if !q.update && goesBeyond(fitted, panel) {
		q.progress.notef("%s: the rows come after those of the model, which sees of the series no more than them; 'tsgen update %s %s' adds them to its own", sourceName(q.path), q.model, q.path)
	}
	return panel.WithEvents(fitted.Events)
}

// goesBeyond reports whether all rows come after those that a model was fitted to, of the same series.
func goesBeyond(fitted, rows *series.Panel) bool {
	byID := fitted.ByID()
	return !slices.ContainsFunc(rows.Series, func(s *series.Series) bool {
		of := byID[s.ID]
		return of == nil || of.Len() == 0 || s.Len() == 0 || s.Times[0] <= of.Times[of.Len()-1]
	})
}

// isStatic reports whether a column has static covariates of the panel.
func isStatic(p *series.Panel, column string) bool {
	return slices.ContainsFunc(p.Static, func(name string) bool { return name == column || strings.HasPrefix(name, column+"=") })
}

// unfitted returns the series of the file, which no model was fitted to, with the seasons that
// are asked for or found.
func (q *query) unfitted(season seasonFlag) (*series.Panel, error) {
	panel, err := readPanel(q.path, q.stdin, q.read, q.progress)
	if err != nil {
		return nil, err
	}
	if err := admit(q.bounded, sourceName(q.path), panel); err != nil {
		return nil, err
	}
	if _, err := q.data.doctor.examine(q.path, panel, q.progress); err != nil {
		return nil, err
	}
	season.settle(panel, 1, func(int) *series.Panel { return panel }, q.progress)
	return panel, nil
}
