// Command robust has models forecast simulated series that are clean, and the same
// with what real data have in them: absurd values, breaks, spikes that return, and
// too few values. It prints the tables of docs/benchmarks/robust.md as Markdown,
// which -write replaces there.
//
//	go run ./bench/robust
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"tsgen/bench/internal/chosen"
	"tsgen/bench/internal/report"
	"tsgen/bench/internal/seeds"
	"tsgen/forecast"
	"tsgen/models"
)

func main() {
	list := flag.String("models", "", "models to examine, separated by commas (default those in closed form)")
	of := flag.String("seeds", "1,2", "seeds, each of which gives a series of every kind")
	which := flag.String("kinds", "", "only the kinds of disturbance whose names have this in them")
	work := flag.Float64("work", 0, "work of auto, in seconds of a core (default that of the command)")
	short := flag.Bool("short", false, "short series instead")
	others := flag.Bool("others", false, "with -short: other seasons, steps and levels, which tell whether what the table says holds elsewhere")
	alone := flag.Bool("alone", false, "with -short: each series by itself, not as one panel")
	plain := flag.Bool("plain", false, "intervals as they are, without calibration")
	detection := flag.Bool("detect", false, "anomalies of known place instead")
	save := flag.String("save", "", "with -detect: a CSV file to write the series to, for bench/peers/detect.py")
	document := flag.String("write", "", "document whose table to replace: docs/benchmarks/robust.md")
	flag.Parse()
	if err := run(os.Stdout, task{*list, *of, *which, *short, *others, *alone, *plain, *detection, *save, *work}, *document); err != nil {
		fmt.Fprintln(os.Stderr, "robust:", err)
		os.Exit(1)
	}
}

// A task is what the command line asks for.
type task struct {
	models, seeds, kinds string
	short, others, alone bool
	plain, detect        bool
	save                 string
	work                 float64
}

func run(w io.Writer, t task, document string) error {
	drawn, err := seeds.Parse(t.seeds)
	if err != nil {
		return err
	}
	entrants, err := choose(t.models, t.plain, t.work)
	if err != nil {
		return err
	}
	if document != "" && t.kinds != "" {
		return errors.New("-write wants all kinds; leave out -kinds")
	}
	name := strings.TrimSpace("disturbed " + t.models)
	table := func(w io.Writer) error { return disturbed(w, entrants, drawn, t.kinds) }
	if t.short {
		name = "short"
		if t.others {
			name = "short, others"
		}
		see := entrant.seeAll
		if t.alone {
			name += ", alone"
			see = entrant.seeEach
		}
		name = strings.TrimSpace(name + " " + t.models)
		table = func(w io.Writer) error {
			for i, in := range worlds(t.others) {
				if i > 0 {
					fmt.Fprintln(w)
				}
				if err := writeShort(w, entrants, in, drawn[0], see); err != nil {
					return err
				}
			}
			return nil
		}
	}
	if t.detect {
		const rate = 0.001
		name = "anomalies"
		panels := plantedPanels(drawn[0])
		if t.save != "" {
			if err := saveDetection(t.save, panels); err != nil {
				return err
			}
		}
		table = func(w io.Writer) error { return writeDetection(w, panels, rate) }
	}
	r, err := report.New(w, document, name)
	if err != nil {
		return err
	}
	return r.Table(name, table)
}

// An entrant is a model with its default options, fitted as the command fits it.
type entrant struct {
	name string
	new  func() forecast.Model
	seen map[string]*sight // of clean series, which many kinds of disturbance share
}

// choose returns the models of the list, or those in closed form. Among them may be auto, which
// has so much work, the command's if that is zero.
func choose(list string, plain bool, work float64) ([]entrant, error) {
	var all []entrant
	add := func(k models.Kind) {
		e := entrant{k.Name, k.Default, make(map[string]*sight)}
		if !plain && !k.Trained() {
			e.new = func() forecast.Model { return &forecast.Calibrated{New: k.Default} }
		}
		all = append(all, e)
	}
	names := models.ClosedForm()
	if list != "" {
		names = strings.Split(list, ",")
	}
	for _, name := range names {
		if name == "auto" {
			all = append(all, entrant{name, func() forecast.Model { return &chosen.Model{Work: work} }, make(map[string]*sight)})
			continue
		}
		k, err := models.Lookup(name)
		if err != nil {
			return nil, err
		}
		add(k)
	}
	return all, nil
}

// A sight is what a model makes of a series: the median, and the bounds of the
// intervals of 80 and 95 %.
type sight struct {
	median, lo80, hi80, lo95, hi95 []float64
}

// see returns what the model forecasts of the panel's only series, nil if it refuses.
func (e entrant) see(s simulated) (*sight, error) {
	all, err := e.seeAll([]simulated{s})
	if err != nil || all == nil {
		return nil, err
	}
	return &all[0], nil
}

// usually is see for a clean series.
func (e entrant) usually(s simulated) (*sight, error) {
	key := fmt.Sprint(s.past)
	if known, ok := e.seen[key]; ok {
		return known, nil
	}
	x, err := e.see(s)
	e.seen[key] = x
	return x, err
}

// seeEach returns what the model forecasts of each series alone, nil if it refuses one.
func (e entrant) seeEach(all []simulated) ([]sight, error) {
	sights := make([]sight, len(all))
	for i, s := range all {
		x, err := e.see(s)
		if err != nil || x == nil {
			return nil, err
		}
		sights[i] = *x
	}
	return sights, nil
}

// seeAll returns what the model forecasts of all series as one panel, nil if it
// refuses.
func (e entrant) seeAll(all []simulated) ([]sight, error) {
	ctx, m, p := context.Background(), e.new(), panel(all)
	horizon, season := len(all[0].future), all[0].season
	err := forecast.Fit(ctx, m, p, forecast.FitOptions{Horizon: horizon, Season: season, Seed: 1})
	var f *forecast.Forecast
	if err == nil {
		f, err = forecast.Continue(ctx, m, p, forecast.Options{Horizon: horizon, Season: season, Samples: 500, Seed: 1})
	}
	if errors.Is(err, forecast.ErrTooShort) || errors.Is(err, forecast.ErrMismatch) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.name, err)
	}
	sights := make([]sight, len(all))
	for i, d := range f.Series {
		q := d.Quantiles(0.5, 0.1, 0.9, 0.025, 0.975)
		sights[i] = sight{q[0], q[1], q[2], q[3], q[4]}
	}
	return sights, nil
}
