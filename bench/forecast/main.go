// Command forecast examines this project's models on public series by one fixed
// protocol, and prints the tables of docs/benchmarks.md as Markdown. See its
// README.md for the protocol and the data.
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
	"strings"
	"time"

	"tsgen/forecast"
)

func main() {
	only := flag.String("tasks", "", "tasks to run, separated by commas (default all)")
	models := flag.String("models", "", "models to examine, separated by commas (default those in closed form)")
	calibrate := flag.Bool("calibrate", false, "correct the intervals by what was forecast before the first origin")
	long := flag.Bool("long", false, "the long horizons of ETTh1 instead")
	limit := flag.Duration("time-limit", 0, "time that each training may take (default no limit)")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: forecast [flags] DATA")
		flag.PrintDefaults()
		os.Exit(2)
	}
	r := runner{data: flag.Arg(0), calibrate: *calibrate, limit: *limit}
	err := error(nil)
	if *long {
		err = r.runLong(os.Stdout)
	} else {
		err = r.run(os.Stdout, os.Stderr, split(*only), split(*models))
	}
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
}

// run writes the tables to w and the progress to log.
func (r runner) run(w, log io.Writer, taskNames, modelNames []string) error {
	todo, err := chooseTasks(taskNames)
	if err != nil {
		return err
	}
	entrants, err := chooseModels(modelNames, r.limit)
	if err != nil {
		return err
	}
	for _, t := range todo {
		results, err := r.examine(t, entrants, log)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		if err := writeTask(w, t, results); err != nil {
			return err
		}
	}
	return nil
}

// runLong writes the errors at the long horizons of ETTh1.
func (r runner) runLong(w io.Writer) error {
	todo, err := chooseTasks([]string{"etth1"})
	if err != nil {
		return err
	}
	panel, err := todo[0].read(r.data)
	if err != nil {
		return err
	}
	return etth1Long().run(w, panel, "ETTh1")
}

// A timed result is one with the time that it took.
type timed struct {
	forecast.Result
	took time.Duration
}

// examine backtests the models on a task, one after the other so that their
// times can be told.
func (r runner) examine(t task, entrants []entrant, log io.Writer) ([]timed, error) {
	panel, err := t.read(r.data)
	if err != nil {
		return nil, err
	}
	var results []timed
	for _, e := range entrants {
		build := e.build
		if r.calibrate && !e.trained {
			build = func() forecast.Model { return &forecast.Calibrated{New: e.build} }
		}
		started := time.Now()
		report, err := forecast.Backtest(context.Background(), panel, []forecast.Candidate{{Name: e.name, New: build}},
			forecast.BacktestOptions{Horizon: t.horizon, Windows: t.windows, Step: max(t.stride, 1), Season: t.season, Seed: 1, TimeLimit: r.limit})
		took := time.Since(started)
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
		fmt.Fprintf(log, "%s: %s: SQL %.4g in %.1f s\n", t.name, e.name, result.Scores.SQL, took.Seconds())
		if notes := report.Models[0].Forecasts[0].Notes; e.name == "auto" {
			fmt.Fprintf(log, "%s: %s\n", t.name, notes[0])
		}
		results = append(results, timed{result, took})
	}
	return results, nil
}
