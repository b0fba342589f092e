//go:build unix

// Command generation fits generators to windows of 24 steps, as the papers do, or of
// -steps, and has what they draw judged by windows that they have not seen: the table of
// docs/benchmarks/generation.md, which -write replaces. With -irregular it does so of simulated series
// at irregular times, which are judged by their values and by the times between them, and needs no DIR.
//
//	GOMAXPROCS=1 go run ./bench/generation DIR
//	GOMAXPROCS=1 go run ./bench/generation -irregular -models real,mdn,latent-ode
//
// DIR holds google_stock.csv, ETTh1.csv and vic_elec_2014.csv. One half of the windows of
// each is to learn from, the other to judge by, at random, as is customary, or with -blocked
// those of every other block of time.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"tsgen/bench/internal/report"
	"tsgen/forecast"
	"tsgen/internal/clock"
	"tsgen/internal/neural"
	"tsgen/models"
	"tsgen/models/flow"
	"tsgen/models/judge"
	"tsgen/series"
	"tsgen/series/seasons"
)

func main() {
	names := flag.String("data", "stock,sines,etth1,energy", "data sets")
	kinds := flag.String("models", "real,blocks,gauss,mdn,flow,vae,latent-ode,vrnn,srnn", "kinds of models, real for the training half itself and blocks for real windows against those of other blocks of time; options follow as name:option=value")
	quick := flag.Bool("quick", false, "without the recurrent judges")
	seed := flag.Uint64("seed", 1, "seed of fits, draws and judges")
	flag.BoolVar(&blocked, "blocked", false, "learn from every other block of time and judge by the others")
	flag.IntVar(&steps, "steps", steps, "steps of a window")
	flag.IntVar(&sineWindows, "sines", sineWindows, "windows of sines, half of them to learn from")
	flag.IntVar(&every, "every", 0, "steps between windows of a series (default 4, of stock 1)")
	uneven := flag.Bool("irregular", false, "series at irregular times in place of windows")
	document := flag.String("write", "", "document whose table to replace: docs/benchmarks/generation.md")
	flag.Parse()
	table, arguments, ctx := "windows", 1, context.Background()
	if *uneven {
		table, arguments = "irregular", 0
	}
	r, err := report.New(os.Stdout, *document, table)
	if err == nil && (flag.NArg() != arguments || steps < 2 || sineWindows < 2) {
		err = errors.New("want one argument, the directory of the data, or none with -irregular, and 2 windows of 2 steps or more")
	}
	if err == nil {
		err = r.Table(table, func(w io.Writer) error {
			if *uneven {
				return runIrregular(ctx, w, strings.Split(*kinds, ","), *quick, *seed)
			}
			return run(ctx, w, flag.Arg(0), strings.Split(*names, ","), strings.Split(*kinds, ","), *quick, *seed)
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "generation:", err)
		os.Exit(1)
	}
}

// run writes a row for every data set and generator.
func run(ctx context.Context, w io.Writer, dir string, names, kinds []string, quick bool, seed uint64) error {
	all, err := tasks(dir, names)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "| data | generator | GRU | extra-trees | boosted | predictive | MMD | marginals | ACF | correlations | spectra | Fréchet | neighbours | CPU s to fit |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
	for _, t := range all {
		train, test := t.halves()
		learned := panel(train, t.width)
		a, err := judge.Cut(learned, steps, len(train))
		if err != nil {
			return err
		}
		b, err := judge.Cut(panel(test, t.width), steps, len(test))
		if err != nil {
			return err
		}
		for _, kind := range kinds {
			generated, used := a, 0.0
			if kind == "blocks" {
				if err := blocks(ctx, w, t, quick, seed); err != nil {
					return err
				}
				continue
			}
			if kind != "real" {
				start := clock.Processor()
				m, err := fitted(ctx, kind, learned, seed)
				if err != nil {
					return fmt.Errorf("%s on %s: %w", kind, t.name, err)
				}
				used = (clock.Processor() - start).Seconds()
				p, err := m.Generate(ctx, forecast.GenerateOptions{Number: len(test), Length: steps, Seed: seed})
				if err != nil {
					return fmt.Errorf("%s on %s: %w", kind, t.name, err)
				}
				if generated, err = judge.Cut(p, steps, len(test)); err != nil {
					return err
				}
			}
			report, err := judge.Compare(ctx, b, generated, judge.Options{Train: a, Quick: quick, Seed: seed, Alone: true})
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "| %s | %s |", t.name, kind)
			for _, name := range scores() {
				if s := report.Score(name); s != nil {
					fmt.Fprintf(w, " %.3f |", s.Synthetic)
				} else {
					fmt.Fprint(w, " |")
				}
			}
			fmt.Fprintf(w, " %.2f | %.0f |\n", report.Copying.Ratio, used)
		}
	}
	return nil
}

// scores returns the names of those in the table.
func scores() []string {
	return []string{judge.Recurrent, judge.ExtraTrees, judge.BoostedTrees, judge.Predictive, judge.Discrepancy,
		judge.Marginals, judge.Autocorrelations, judge.Correlations, judge.Spectra, judge.Frechet}
}

// blocks writes what real windows score against those of other blocks of time, if they are
// of one series.
func blocks(ctx context.Context, w io.Writer, t task, quick bool, seed uint64) error {
	if t.rows == nil {
		return nil
	}
	all, err := judge.Cut(t.whole(), steps, len(t.windows))
	if err != nil {
		return err
	}
	report, err := judge.Compare(ctx, all, all, judge.Options{Quick: quick, Seed: seed})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "| %s | blocks |", t.name)
	for _, name := range scores() {
		if s := report.Score(name); s != nil && s.Blocked != nil {
			fmt.Fprintf(w, " %.3f |", *s.Blocked)
		} else {
			fmt.Fprint(w, " |")
		}
	}
	fmt.Fprintln(w, " | |")
	return nil
}

// fitted returns a generator of the kind, fitted to the panel.
func fitted(ctx context.Context, kind string, train *series.Panel, seed uint64) (forecast.Generator, error) {
	name, list, _ := strings.Cut(kind, ":")
	options := make(map[string]string)
	for _, o := range strings.Split(list, ";") {
		if k, v, ok := strings.Cut(o, "="); ok {
			options[k] = v
		}
	}
	m, err := models.New(name, options)
	if err != nil {
		return nil, err
	}
	g, ok := m.(forecast.Generator)
	if !ok {
		return nil, errors.New("it does not generate")
	}
	horizon, season := usual(name, train)
	return g, g.Fit(ctx, train, forecast.FitOptions{Horizon: horizon, Season: season, Seed: seed})
}

// usual returns the horizon and the season with which a model of a kind learns windows: four steps and none where those are
// learned as wholes, and else what the command takes by itself.
func usual(kind string, train *series.Panel) (horizon, season int) {
	wholes := neural.ShortSeries
	if kind == flow.Kind {
		wholes = flow.ShortSeries
	}
	if steps <= wholes {
		return 4, 1
	}
	seasons.OfSteps(train).Give(train)
	return forecast.DefaultHorizon(train, train.Season()), train.Season()
}
