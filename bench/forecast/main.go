// Command forecast examines this project's models on public series by one fixed
// protocol, and prints the tables of docs/benchmarks/forecast.md as Markdown.
// With -write it replaces them there. See its README.md for the protocol and the
// data.
//
//	go run ./bench/forecast DATA
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"tsgen/bench/internal/chosen"
	"tsgen/bench/internal/report"
	"tsgen/bench/internal/unaided"
	"tsgen/forecast"
	"tsgen/series"
)

func main() {
	only := flag.String("tasks", "", "tasks to run, separated by commas (default all)")
	models := flag.String("models", "", "models to examine, separated by commas (default those in closed form)")
	calibrate := flag.Bool("calibrate", false, "correct the intervals by what was forecast before the first origin")
	coverage := flag.Bool("coverage", false, "what the intervals cover as they are and calibrated, of models in closed form")
	others := flag.Bool("others", false, "the tasks beside the protocol: other origins, other series")
	work := flag.Float64("work", 0, "work of auto, in seconds of a core (default that of the command)")
	long := flag.Bool("long", false, "the long horizons of ETTh1 instead")
	python := flag.String("boost", "", "the trees of boost beside LightGBM of this Python instead")
	peers := flag.String("peers", "", "statsforecast and LightGBM of this Python beside the models")
	limit := flag.Duration("time-limit", 0, "time that each training may take (default no limit)")
	said := flag.String("seasons", "", "periods that the series are said to have, such as 24,168, or task for the one of the task (default those found before the first origin)")
	document := flag.String("write", "", "document whose table to replace: docs/benchmarks/forecast.md")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: forecast [flags] DATA")
		flag.PrintDefaults()
		os.Exit(2)
	}
	r := runner{data: flag.Arg(0), calibrate: *calibrate, limit: *limit, others: *others, work: *work, python: *python, peers: *peers, coverage: *coverage}
	if r.told = *said == "task"; r.told {
		*said = ""
	}
	for _, word := range split(*said) {
		period, err := strconv.ParseFloat(word, 64)
		if err != nil || !(period >= 2) {
			fmt.Fprintf(os.Stderr, "forecast: -seasons has %q, want periods of 2 steps or more\n", word)
			os.Exit(2)
		}
		r.seasons = append(r.seasons, period)
	}
	err := r.report(os.Stdout, os.Stderr, split(*only), split(*models), *long, *document)
	if err != nil {
		fmt.Fprintln(os.Stderr, "forecast:", err)
		os.Exit(1)
	}
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

// A runner examines models on tasks.
type runner struct {
	data      string // directory
	calibrate bool
	limit     time.Duration
	others    bool      // the tasks beside the protocol
	work      float64   // of auto
	seasons   []float64 // of all panels, nil for those that are found
	told      bool      // the season of the task instead
	python    string    // with LightGBM, for the trees of boost beside it
	peers     string    // Python with what is to be beside the models
	coverage  bool      // as they are and calibrated
}

// report runs what is asked for and reports its table, which in the document has
// the name that tableName says.
func (r runner) report(w, log io.Writer, taskNames, modelNames []string, long bool, document string) error {
	if document != "" && len(taskNames) > 0 {
		return errors.New("-write wants the table of all tasks; leave out -tasks")
	}
	name := r.tableName(modelNames, long)
	rep, err := report.New(w, document, name)
	if err != nil {
		return err
	}
	if r.python != "" {
		return rep.Table(name, func(w io.Writer) error { return r.runBoost(w, log, r.python) })
	}
	if long {
		return rep.Table(name, func(w io.Writer) error { return r.runLong(w, log) })
	}
	if r.coverage {
		return rep.Table(name, func(w io.Writer) error { return r.runCoverage(w, log, taskNames, modelNames) })
	}
	outcomes, err := r.run(w, log, taskNames, modelNames)
	if err != nil {
		return err
	}
	return rep.Table(name, func(w io.Writer) error {
		coverage := r.peers != "" || len(modelNames) > 0 && !slices.Contains(modelNames, chosen.Name)
		if err := writeSummary(w, outcomes, coverage); err != nil || r.peers == "" {
			return err
		}
		return writeSeconds(w, outcomes)
	})
}

// tableName returns what the table is called in the document: "boost", "long", "peers", or
// "closed-form" or the names of the models, followed by "calibrated" if they are, by "coverage" if
// that is compared, and by "others" if the tasks are.
func (r runner) tableName(modelNames []string, long bool) string {
	name := strings.Join(modelNames, ",")
	switch {
	case r.python != "":
		return "boost"
	case long:
		return "long"
	case r.peers != "":
		name = "peers"
	case name == "":
		name = "closed-form"
	}
	if r.coverage {
		name += " coverage"
	}
	if r.calibrate {
		name += " calibrated"
	}
	if r.others {
		name += " others"
	}
	return name
}

// An outcome holds the results of a task, in the order of the models.
type outcome struct {
	task    task
	results []timed
}

// run examines the models, writes a table of each task to w and the progress to
// log.
func (r runner) run(w, log io.Writer, taskNames, modelNames []string) ([]outcome, error) {
	todo, err := chooseTasks(taskNames, r.others)
	if err != nil {
		return nil, err
	}
	entrants, err := chooseModels(modelNames, chosen.Model{TimeLimit: r.limit, Work: r.work})
	if err != nil {
		return nil, err
	}
	if r.peers != "" {
		program, err := startPeers(r.peers, log)
		if err != nil {
			return nil, err
		}
		defer program.close()
		entrants = append(entrants, program.entrants()...)
	}
	var outcomes []outcome
	for _, t := range todo {
		results, err := r.examine(t, entrants, log)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
		outcomes = append(outcomes, outcome{t, results})
		if err := writeTask(w, t, slices.Clone(results)); err != nil {
			return nil, err
		}
	}
	return outcomes, nil
}

// runLong writes the errors at the long horizons of ETTh1 to w and the progress
// to log.
func (r runner) runLong(w, log io.Writer) error {
	todo, err := chooseTasks([]string{"etth1"}, false)
	if err != nil {
		return err
	}
	panel, err := todo[0].read(r.data)
	if err != nil {
		return err
	}
	return etth1Long().run(w, log, panel, "ETTh1")
}

// A timed result is one with the processor time that it took, in seconds of a core.
type timed struct {
	forecast.Result
	took float64
}

// setSeasons gives the panel of a task the seasons that the command line says, or those found
// in what comes before the first origin.
func (r runner) setSeasons(t task, panel *series.Panel, log io.Writer) error {
	switch {
	case r.told:
		return nil
	case r.seasons != nil:
		panel.Seasons = r.seasons
		return nil
	}
	origins, err := forecast.RollingOrigins(panel, t.horizon, t.windows, max(t.stride, 1))
	if err != nil {
		return err
	}
	unaided.Find(panel, origins, t.name, log)
	return nil
}

// examine backtests the models on a task, one after the other so that their
// times can be measured.
func (r runner) examine(t task, entrants []entrant, log io.Writer) ([]timed, error) {
	panel, err := t.read(r.data)
	if err != nil {
		return nil, err
	}
	if err := r.setSeasons(t, panel, log); err != nil {
		return nil, err
	}
	var results []timed
	for _, e := range entrants {
		build := e.build
		if r.calibrate && !e.trained {
			build = func() forecast.Model { return &forecast.Calibrated{New: e.build} }
		}
		if first := build; !r.told {
			build = func() forecast.Model { return unaided.Model{Model: first()} }
		}
		opt := forecast.BacktestOptions{Horizon: t.horizon, Windows: t.windows, Step: max(t.stride, 1), Season: t.season, Seed: 1, TimeLimit: r.limit,
			Refit: (r.calibrate || r.coverage) && !e.trained} // a calibration is as old as the fit
		if e.program != nil {
			opt.Outliers, opt.Domains = forecast.KeepOutliers, slices.Repeat([]forecast.Domain{forecast.Unbounded()}, panel.Width())
			build = e.build // is told the season
		}
		started := e.seconds()
		report, err := forecast.Backtest(context.Background(), panel, []forecast.Candidate{{Name: e.name, New: build}}, opt)
		took := e.seconds() - started
		switch {
		case errors.Is(err, forecast.ErrTooShort) || errors.Is(err, forecast.ErrMismatch):
			fmt.Fprintf(log, "%s: %s: %v\n", t.name, e.name, err)
			continue
		case err != nil:
			return nil, fmt.Errorf("%s: %w", e.name, err)
		}
		result := report.Results()[0]
		if result.Err != nil {
			fmt.Fprintf(log, "%s: %s: %v\n", t.name, e.name, result.Err)
			continue
		}
		fmt.Fprintf(log, "%s: %s: SQL %.4g in %.1f s\n", t.name, e.name, result.Scores.SQL, took)
		if notes := report.Models[0].Forecasts[0].Notes; e.name == "auto" {
			fmt.Fprintf(log, "%s: %s\n", t.name, notes[0])
		}
		results = append(results, timed{result, took})
	}
	return results, nil
}
