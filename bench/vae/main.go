//go:build unix

// Command vae trains the window VAE on the rows of a CSV file of binary values
// or shades, and PyTorch's on the same rows if an interpreter is named, and
// prints the bounds on the likelihood of held-back rows and the processor time
// of an epoch: the table of docs/benchmarks/vae.md, which -write replaces.
//
//	go run ./bench/vae -data digits.csv -top 16 -python python3
//
// The last fifth of the rows is held back. It is run from the root of the
// repository. See bench/peers/README.md for what PyTorch needs.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"tsgen/bench/internal/report"
	"tsgen/bench/internal/seeds"
	"tsgen/forecast"
	"tsgen/internal/clock"
	"tsgen/models/density"
	"tsgen/models/vae"
	"tsgen/series"
)

// A task is what both sides are given.
type task struct {
	data           string
	skip           string // column that is not a value
	top            float64
	hidden, latent int
	batch, epochs  int
	rate           float64
	seed           uint64
}

func main() {
	var t task
	flag.StringVar(&t.data, "data", "", "CSV file with a row for each image")
	flag.StringVar(&t.skip, "skip", "label", "column that is not a value")
	flag.Float64Var(&t.top, "top", 1, "value that counts as 1")
	flag.IntVar(&t.hidden, "hidden", 256, "width of the hidden layers")
	flag.IntVar(&t.batch, "batch", 128, "rows of an update")
	flag.IntVar(&t.epochs, "epochs", 200, "passes through the rows")
	flag.Float64Var(&t.rate, "rate", vae.DefaultRate, "learning rate")
	list := flag.String("seeds", "1", "seeds of the runs")
	latents := flag.String("latent", "2,10", "numbers of latent variables")
	python := flag.String("python", "", "Python interpreter that has PyTorch; none: ours alone")
	document := flag.String("write", "", "document whose table to replace: docs/benchmarks/vae.md")
	flag.Parse()
	r, err := report.New(os.Stdout, *document, tableName)
	if err == nil {
		err = r.Table(tableName, func(w io.Writer) error {
			return run(w, os.Stderr, t, strings.Split(*latents, ","), *list, *python)
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "vae:", err)
		os.Exit(1)
	}
}

const tableName = "digits" // in the document

// run trains for every number of latent variables and every seed, writes a table
// of both sides to w, and each side's line to log as it comes.
func run(w, log io.Writer, t task, latents []string, list, python string) error {
	all, err := seeds.Parse(list)
	if err != nil {
		return err
	}
	head, rule := "| latents | seed | -ELBO, tsgen | -IWAE-500, tsgen | CPU s an epoch, tsgen |", "|---|---|---|---|---|"
	if python != "" {
		head, rule = head+" -ELBO, PyTorch | -IWAE-500, PyTorch | CPU s an epoch, PyTorch |", rule+"---|---|---|"
	}
	fmt.Fprintf(w, "%s\n%s\n", head, rule)
	fmt.Fprintln(log, "| latents | side | -ELBO | fit | divergence | -IWAE-500 | CPU s/epoch |\n|---|---|---|---|---|---|---|")
	for _, l := range latents {
		if t.latent, err = strconv.Atoi(l); err != nil {
			return fmt.Errorf("-latent: %w", err)
		}
		for _, t.seed = range all {
			var lines bytes.Buffer
			if err := ours(io.MultiWriter(log, &lines), t); err != nil {
				return err
			}
			if python != "" {
				if err := peer(io.MultiWriter(log, &lines), t, python); err != nil {
					return err
				}
			}
			if err := writeRow(w, t, lines.String()); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeRow writes the row of the table that the lines of the sides make.
func writeRow(w io.Writer, t task, lines string) error {
	row := fmt.Sprintf("| %d | %d |", t.latent, t.seed)
	for line := range strings.Lines(lines) {
		cells := strings.Split(line, "|")
		if len(cells) != 9 {
			return fmt.Errorf("line %q has not the seven cells of a side", line)
		}
		row += fmt.Sprintf("%s|%s|%s|", cells[3], cells[6], cells[7])
	}
	_, err := fmt.Fprintln(w, row)
	return err
}

// ours trains this repository's model and prints its line.
func ours(w io.Writer, t task) error {
	panel, _, err := series.ReadFile(t.data, series.ReadOptions{})
	if err != nil {
		return err
	}
	train, test, err := split(panel, t.skip)
	if err != nil {
		return err
	}
	n := train.Series[0].Len()
	m := &vae.Model{Options: vae.Options{
		Length: 1, Latent: t.latent, Hidden: t.hidden, Likelihood: density.Bernoulli, Top: t.top,
		Batch: t.batch, Rate: t.rate, Updates: t.epochs * n / t.batch, Patience: 1 << 20,
	}}
	ctx := context.Background()
	start := clock.Processor()
	if err := m.Fit(ctx, train, forecast.FitOptions{Seed: t.seed}); err != nil {
		return err
	}
	used := clock.Processor() - start
	rep, err := m.Examine(ctx, test, 20, t.seed)
	if err != nil {
		return err
	}
	l, err := m.LogLikelihood(ctx, test, forecast.LikelihoodOptions{Samples: 500, Seed: t.seed})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "| %d | tsgen | %.2f | %.2f | %.2f | %.2f | %.3f |\n", t.latent,
		-rep.Bound, -rep.Fit, rep.Divergence, -l[0].Value/float64(rep.Windows), used.Seconds()/float64(t.epochs))
	return err
}

// split returns the first four fifths of the rows of the panel's only series,
// and the others, without the column that is skipped.
func split(p *series.Panel, skip string) (train, test *series.Panel, err error) {
	if len(p.Series) != 1 {
		return nil, nil, errors.New("the file has a column of identifiers; its rows should be images")
	}
	s, q := p.Series[0], *p
	q.Channels = nil
	all := &series.Series{Times: s.Times}
	for i := range s.Len() {
		for j, v := range s.Row(i) {
			if p.Channels[j] == skip {
				continue
			}
			all.Values = append(all.Values, v)
			if i == 0 {
				q.Channels = append(q.Channels, p.Channels[j])
			}
		}
	}
	n := s.Len() * 4 / 5
	return q.With([]*series.Series{all.Slice(0, n)}), q.With([]*series.Series{all.Slice(n, s.Len())}), nil
}

// peer has PyTorch train its model and prints its line.
func peer(w io.Writer, t task, python string) error {
	cmd := exec.Command(python, "bench/peers/vae.py",
		"--data", t.data, "--skip", t.skip, "--top", fmt.Sprint(t.top), "--hidden", fmt.Sprint(t.hidden),
		"--latent", fmt.Sprint(t.latent), "--batch", fmt.Sprint(t.batch), "--epochs", fmt.Sprint(t.epochs),
		"--rate", fmt.Sprint(t.rate), "--seed", fmt.Sprint(t.seed))
	cmd.Stdout, cmd.Stderr = w, os.Stderr
	return cmd.Run()
}
