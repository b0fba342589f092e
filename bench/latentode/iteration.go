package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"tsgen/bench/internal/neighbour"
	"tsgen/forecast"
	"tsgen/internal/clock"
	"tsgen/latentode"
	"tsgen/series"
)

// An iteration compares one update of the parameters with that of the latent ODE
// in PyTorch of bench/peers/latentode.py and in JAX of latentode_jax.py: 1000 spirals of
// 100 points, 4 latent variables, a field with two hidden layers of 20, Dopri5 at one relative and absolute tolerance.
type iteration struct {
	python, jax         string // interpreters; empty: without
	compiled, contended bool   // PyTorch behind torch.compile too; beside a process that copies memory
	tolerance           float64
	rounds              int
	size                int // spirals; the peers always have 1000
}

// A side is a program that is timed: it returns the seconds of an update.
type side struct {
	name string
	time func(context.Context) (float64, error)
}

// sides returns tsgen and the peers.
func (i iteration) sides() []side {
	all := []side{{"tsgen", func(ctx context.Context) (float64, error) { return i.update(ctx) }}}
	peer := func(name, python, program string, args ...string) {
		if python != "" {
			all = append(all, side{name, func(ctx context.Context) (float64, error) { return i.peerTime(ctx, python, program, args...) }})
		}
	}
	peer("PyTorch float32", i.python, "latentode.py")
	if i.compiled {
		peer("PyTorch float32, compiled", i.python, "latentode.py", "--compile")
	}
	peer("PyTorch float64", i.python, "latentode.py", "--float64")
	peer("JAX float32", i.jax, "latentode_jax.py")
	peer("JAX float64", i.jax, "latentode_jax.py", "--float64")
	return all
}

// run writes a table of the least median processor time over some rounds, in
// which the programs take turns.
func (i iteration) run(ctx context.Context, w io.Writer) error {
	stop, err := neighbour.Start(i.contended)
	if err != nil {
		return err
	}
	defer stop()
	sides := i.sides()
	names, least := make([]string, len(sides)), make([]float64, len(sides))
	for k, s := range sides {
		names[k], least[k] = s.name, math.Inf(1)
	}
	for range i.rounds {
		for k, s := range sides {
			t, err := s.time(ctx)
			if err != nil {
				return err
			}
			least[k] = min(least[k], t)
		}
	}
	fmt.Fprintf(w, "| %s |\n|%s\n|", strings.Join(names, " | "), strings.Repeat("---|", len(names)))
	for _, t := range least {
		fmt.Fprintf(w, " %.1f ms (%.1f) |", 1000*t, t/least[0])
	}
	_, err = fmt.Fprintln(w)
	return err
}

// update returns the median processor time of an update in seconds.
func (i iteration) update(ctx context.Context) (float64, error) {
	const updates, warmUp = 40, 15 // windows grow in the first quarter
	m := &latentode.Model{Options: latentode.Options{
		State: 4, Hidden: 20, Batch: i.size, Context: 70, Tolerance: i.tolerance, Updates: updates, Level: latentode.LevelPanel,
	}}
	var each []float64
	var before time.Duration
	opt := forecast.FitOptions{Horizon: 30, Season: 1, Seed: 1, Progress: func(p forecast.Progress) {
		now := clock.Processor()
		if p.Update > warmUp {
			each = append(each, (now - before).Seconds())
		}
		before = now
	}}
	if err := m.Fit(ctx, manySpirals(i.size), opt); err != nil {
		return 0, err
	}
	slices.Sort(each)
	return each[len(each)/2], nil
}

// peerTime returns what a program of bench/peers says.
func (i iteration) peerTime(ctx context.Context, python, program string, args ...string) (float64, error) {
	program = filepath.Join("bench", "peers", program)
	tolerance := strconv.FormatFloat(i.tolerance, 'g', -1, 64)
	args = append([]string{program, "--iterations", "20", "--rtol", tolerance, "--atol", tolerance}, args...)
	out, err := exec.CommandContext(ctx, python, args...).Output()
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", python, program, err)
	}
	first, _, _ := strings.Cut(string(out), " ")
	return strconv.ParseFloat(first, 64)
}

// manySpirals returns n noisy two-way spirals of 100 points.
func manySpirals(n int) *series.Panel {
	const step = 6 * math.Pi / 499
	rng := rand.New(rand.NewPCG(1, 2))
	p := &series.Panel{Channels: []string{"x", "y"}, IDColumn: "series", TimeColumn: "time"}
	for i := range n {
		s := &series.Series{ID: strconv.Itoa(i)}
		start := step * (100 + 250*rng.Float64())
		for k := range 100 {
			t := start + step*float64(k)
			radius, angle, center := 0.3*t, t, 5.0
			if i%2 == 0 {
				angle = 6*math.Pi + 1 - t
				radius, center = 15/angle, -5
			}
			s.Times = append(s.Times, step*float64(k))
			s.Values = append(s.Values, radius*math.Cos(angle)+center+0.3*rng.NormFloat64(), radius*math.Sin(angle)+0.3*rng.NormFloat64())
		}
		p.Series = append(p.Series, s)
	}
	return p
}
