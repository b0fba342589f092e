// Command rnn measures VRNN and SRNN where the truth, or what others reach, is
// known.
//
//	go run ./bench/rnn -task oscillator -kind vrnn -seeds 1,2,3
//	go run ./bench/rnn -task music -data FILE.csv.gz -kind srnn
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
	"strconv"
	"strings"
	"time"

	"tsgen/forecast"
	"tsgen/rnn"
	"tsgen/series"
)

func main() {
	var b bench
	name := flag.String("task", "oscillator", "oscillator or music")
	data := flag.String("data", "", "file of the music")
	seeds := flag.String("seeds", "1", "seeds of the runs")
	options := flag.String("options", "", "options of the model in JSON, in place of the task's own")
	flag.StringVar(&b.kind, "kind", rnn.VRNN, "vrnn or srnn")
	flag.BoolVar(&b.verbose, "v", false, "show the course of training")
	flag.Parse()
	var err error
	switch *name {
	case "oscillator":
		b.task = oscillator()
	case "music":
		b.task, err = music(*data)
	default:
		err = fmt.Errorf("-task is %q, want oscillator or music", *name)
	}
	if err == nil && *options != "" {
		err = json.Unmarshal([]byte(*options), &b.options)
	}
	for _, s := range strings.Split(*seeds, ",") {
		seed, e := strconv.ParseUint(s, 10, 64)
		if e != nil {
			err = fmt.Errorf("-seeds: %w", e)
		}
		b.seeds = append(b.seeds, seed)
	}
	if err == nil {
		err = b.run(context.Background(), os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "rnn:", err)
		os.Exit(1)
	}
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
	fmt.Fprintf(w, "| seed | ELBO, nats a step | IWAE-%d | FIVO-%d | CRPS ahead | s |\n|---|---|---|---|---|---|\n", particles, particles)
	for _, seed := range b.seeds {
		start := time.Now()
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
		fmt.Fprintf(w, "| %d | %.4f | %.4f | %.4f | %s | %.0f |\n", seed, elbo, weighted, filtered, crps, spent.Seconds())
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
