// Command rnn measures VRNN and SRNN where the truth, or what others reach, is
// known.
//
//	go run ./bench/rnn -task oscillator -kind vrnn -seeds 1,2,3
//	go run ./bench/rnn -task music -data FILE.csv.gz -kind srnn
//	go run ./bench/rnn -task steps -python python3
//
// README.md says what the tasks are.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"tsgen/bench/internal/report"
	"tsgen/bench/internal/seeds"
	"tsgen/forecast"
	"tsgen/internal/clock"
	"tsgen/rnn"
	"tsgen/series"
)

func main() {
	var b bench
	name := flag.String("task", "oscillator", "oscillator, music or steps")
	data := flag.String("data", "", "file of the music")
	list := flag.String("seeds", "1", "seeds of the runs")
	options := flag.String("options", "", "options of the model in JSON, beside the task's own")
	flag.StringVar(&b.kind, "kind", rnn.VRNN, "vrnn or srnn")
	flag.BoolVar(&b.verbose, "v", false, "show the course of training")
	var steps contest
	flag.StringVar(&steps.torch, "python", "", "Python interpreter that has PyTorch, for the steps; none: without")
	flag.BoolVar(&steps.compiled, "compiled", false, "time PyTorch's steps behind torch.compile too")
	flag.StringVar(&steps.jax, "jax", "", "Python interpreter that has JAX, for the steps; none: without")
	flag.BoolVar(&steps.contended, "contended", false, "for the steps: beside a process that copies memory")
	flag.IntVar(&steps.rounds, "rounds", 3, "turns of the steps; the least time of each side and the median of the ratios count")
	document := flag.String("write", "", "for the steps: document whose table to replace, docs/benchmarks/rnn.md")
	flag.Parse()
	var err error
	if *name == "steps" {
		var r *report.Report
		if r, err = report.New(os.Stdout, *document, steps.table()); err == nil {
			err = r.Table(steps.table(), steps.run)
		}
	} else if *document != "" {
		err = fmt.Errorf("-write is for the task steps, not for %s", *name)
	} else if b.task, err = newTask(*name, *data); err == nil {
		err = b.set(*options, *list)
		if err == nil {
			err = b.run(context.Background(), os.Stdout)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "rnn:", err)
		os.Exit(1)
	}
}

func newTask(name, data string) (task, error) {
	switch name {
	case "oscillator":
		return oscillator(), nil
	case "music":
		return music(data)
	}
	return task{}, fmt.Errorf("-task is %q, want oscillator, music or steps", name)
}

// set reads options in JSON, which replace those of the task that they name, and
// seeds separated by commas.
func (b *bench) set(options, list string) error {
	if options != "" {
		if err := json.Unmarshal([]byte(options), &b.options); err != nil {
			return fmt.Errorf("-options: %w", err)
		}
	}
	var err error
	b.seeds, err = seeds.Parse(list)
	return err
}

// A task is what to learn from and what to be examined on.
type task struct {
	train, test *series.Panel
	options     rnn.Options
	horizon     int

	// ahead is the number of steps to forecast at the end of each test series;
	// 0 for none.
	ahead int
	exact string // what is known of the truth, in words
}

type bench struct {
	task
	kind    string
	seeds   []uint64
	verbose bool
}

const particles = 64 // of the bounds

// run fits and examines once for every seed and writes a table.
func (b *bench) run(ctx context.Context, w io.Writer) error {
	fmt.Fprintf(w, "%s %s\n\n", b.kind, b.exact)
	fmt.Fprintf(w, "| seed | ELBO, nats a step | IWAE-%d | FIVO-%d | KL | CRPS ahead | CPU s | s |\n|---|---|---|---|---|---|---|---|\n", particles, particles)
	for _, seed := range b.seeds {
		start := time.Now()
		before := clock.Processor()
		m := &rnn.Model{Kind: b.kind, Options: b.options}
		opt := forecast.FitOptions{Horizon: b.horizon, Season: 1, Seed: seed}
		if b.verbose {
			opt.Progress = func(p forecast.Progress) {
				if p.Update%200 == 0 {
					fmt.Fprintf(os.Stderr, "%d %.4f %.5f\n", p.Update, p.Loss, p.Valid)
				}
			}
		}
		if err := m.Fit(ctx, b.train, opt); err != nil {
			return err
		}
		spent := time.Since(start)
		used := clock.Processor() - before
		elbo, err := perStep(ctx, b.test, 1, seed, m.LogLikelihood)
		if err != nil {
			return err
		}
		weighted, err := perStep(ctx, b.test, particles, seed, m.LogLikelihood)
		if err != nil {
			return err
		}
		filtered, err := perStep(ctx, b.test, particles, seed, m.Filter)
		if err != nil {
			return err
		}
		crps := "-"
		if b.ahead > 0 {
			head, tail, err := b.test.SplitLast(b.ahead)
			if err != nil {
				return err
			}
			r, err := forecast.Examine(ctx, head, tail, []forecast.Model{m}, forecast.Options{Season: 1, Seed: seed})
			if err != nil {
				return err
			}
			crps = fmt.Sprintf("%.4f", r[0].Scores.CRPS)
		}
		fmt.Fprintf(w, "| %d | %.3f | %.3f | %.3f | %.3f | %s | %.0f | %.0f |\n",
			seed, elbo, weighted, filtered, m.Divergence(), crps, used.Seconds(), spent.Seconds())
	}
	return nil
}

// perStep returns a bound with its sign turned, by step over all series.
func perStep(ctx context.Context, p *series.Panel, k int, seed uint64,
	bound func(context.Context, *series.Panel, forecast.LikelihoodOptions) ([]forecast.Likelihood, error)) (float64, error) {
	ls, err := bound(ctx, p, forecast.LikelihoodOptions{Samples: k, Seed: seed})
	if err != nil {
		return 0, err
	}
	sum, steps := 0.0, 0
	for i, l := range ls {
		sum, steps = sum-l.Value, steps+p.Series[i].Len()
	}
	return sum / float64(steps), nil
}
