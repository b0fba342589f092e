// Command latentode measures the latent ODE on synthetic tasks whose truth is
// known, spirals, damped oscillators and sine waves, and on stays in intensive
// care, and the latent SDE beside it on stochastic differential equations, what comes and what came before.
//
//	go run ./bench/latentode -data FOLDER -task spirals -observations 100 -seeds 1,2,3
//
// README.md says what the folder holds.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"tsgen/bench/internal/report"
	"tsgen/bench/internal/seeds"
	"tsgen/forecast"
	"tsgen/internal/clock"
	"tsgen/latentode"
	"tsgen/models"
)

func main() {
	var b bench
	data := flag.String("data", "", "folder of the tasks' files")
	name := flag.String("task", "spirals", "spirals, osc, periodic, pbc, theoph, icu, physionet, physionet-beyond, sde, its panels ou, well and volterra one by one, before, its panels ou-before, well-before and volterra-before, kinetics, its panels one-compartment and two-compartments, stiff, its panels two-scales, robertson and relaxation, oscillators, its panels spread, resonant, three-modes, four-modes and bursts, or iteration")
	flag.IntVar(&b.observations, "observations", 100, "observations of each spiral that are seen: 100, 50 or 30")
	list := flag.String("seeds", "1,2,3", "seeds of the runs")
	flag.StringVar(&b.model, "model", "", "kind of the model; by default latent-ode, and for panels that are simulated several in turn")
	options := flag.String("options", "{}", "options of the model in JSON")
	flag.IntVar(&b.horizon, "horizon", 0, "observations ahead to train for; 0: that of the task")
	iteration := iteration{size: 1000}
	flag.Float64Var(&iteration.tolerance, "tolerance", latentode.DefaultTolerance, "for the task iteration: relative and absolute tolerance of all solvers")
	flag.StringVar(&iteration.python, "python", "", "for the task iteration: an interpreter with PyTorch, to be timed in turns")
	flag.BoolVar(&iteration.compiled, "compiled", false, "for the task iteration: PyTorch behind torch.compile too")
	flag.StringVar(&iteration.jax, "jax", "", "for the task iteration: an interpreter with JAX and diffrax, to be timed in turns")
	flag.IntVar(&iteration.rounds, "rounds", 3, "for the task iteration: turns; the least time of each side counts")
	flag.BoolVar(&iteration.contended, "contended", false, "for the task iteration: beside a process that copies memory")
	flag.BoolVar(&b.verbose, "v", false, "show the course of training")
	document := flag.String("write", "", "document whose table to replace, docs/benchmarks/latentode.md; the table has the name of the task, as iteration, or spirals-100")
	flag.Parse()
	err := b.setOptions(*options)
	if err == nil {
		b.seeds, err = seeds.Parse(*list)
	}
	measure := b.run
	switch {
	case err != nil:
	case *name == "iteration":
		measure = iteration.run
	case len(simulations(*name)) > 0:
		measure = comparison{seeds: b.seeds, model: b.model, panels: simulations(*name), options: b.options}.run
	default:
		b.model = cmp.Or(b.model, latentode.Kind)
		b.task, err = loadTask(*name, *data, b.observations)
	}
	table := *name
	if table == "spirals" {
		table = fmt.Sprintf("spirals-%d", b.observations)
	}
	if iteration.contended {
		table += "-contended"
	}
	var r *report.Report
	if err == nil {
		r, err = report.New(os.Stdout, *document, table)
	}
	if err == nil {
		err = r.Table(table, func(w io.Writer) error { return measure(context.Background(), w) })
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "latentode:", err)
		os.Exit(1)
	}
}

type bench struct {
	*task
	observations, horizon int
	seeds                 []uint64
	model                 string
	options               map[string]string
	verbose               bool
}

// setOptions takes the options of the model, whatever their types in JSON.
func (b *bench) setOptions(text string) error {
	var values map[string]any
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		return fmt.Errorf("-options: %w", err)
	}
	b.options = map[string]string{}
	for name, v := range values {
		b.options[name] = fmt.Sprint(v)
	}
	return nil
}

// run fits and scores once for every seed and writes a table.
func (b *bench) run(ctx context.Context, w io.Writer) error {
	fmt.Fprintf(w, "| seed | %s | CPU s | wall s |\n", strings.Join(b.measure.names, " | "))
	fmt.Fprintf(w, "|---|%s---|---|\n", strings.Repeat("---|", len(b.measure.names)))
	horizon := b.task.horizon
	if b.horizon > 0 {
		horizon = b.horizon
	}
	for _, seed := range b.seeds {
		start, cpu := time.Now(), clock.Processor()
		m, err := models.New(b.model, b.options)
		if err != nil {
			return err
		}
		opt := forecast.FitOptions{Horizon: horizon, Season: 1, Seed: seed, Outliers: b.outliers}
		if b.verbose {
			opt.Progress = func(p forecast.Progress) {
				if p.Update%100 == 0 {
					fmt.Fprintf(os.Stderr, "%d %.4f %.5f %d\n", p.Update, p.Loss, p.Valid, p.Evaluations)
				}
			}
		}
		if err := forecast.Fit(ctx, m, b.train, opt); err != nil {
			return err
		}
		spent, elapsed := clock.Processor()-cpu, time.Since(start)
		f, err := b.task.forecast(ctx, m, seed)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "| %d |", seed)
		for _, x := range b.measure.of(b.task, f) {
			fmt.Fprintf(w, " %.3f |", x)
		}
		fmt.Fprintf(w, " %.0f | %.0f |\n", spent.Seconds(), elapsed.Seconds())
	}
	return nil
}
