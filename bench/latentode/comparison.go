package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"tsgen/forecast"
	"tsgen/internal/clock"
	"tsgen/latentode"
	"tsgen/models"
	"tsgen/models/modal"
	"tsgen/models/pooled"
	"tsgen/models/zeroshot"
)

// A simulated is a kind of panels, one a seed, that are made and not measured.
type simulated struct {
	task, name string
	measure    measure
	kinds      []string // of models, in turn
	panel      func(seed uint64) (*task, error)
	oracle     func(t *task, seed uint64) *forecast.Forecast // what one who knows the law says, nil for no one
}

// simulations returns those of a task, or the ones of a name, none if there are no such.
func simulations(name string) []simulated {
	var all []simulated
	kinds := []string{latentode.StochasticKind, latentode.Kind, pooled.Kind}
	for _, n := range noisies() {
		all = append(all,
			simulated{"sde", n.name, byQuantiles, append(kinds[:3:3], oracle), n.task, n.oracle},
			simulated{"before", n.name + "-before", byQuantiles, kinds, n.before, nil})
	}
	for i, name := range []string{"one-compartment", "two-compartments"} {
		all = append(all, simulated{"kinetics", name, byQuantiles, kinds, func(seed uint64) (*task, error) { return concentrations(1+i, seed) }, nil})
	}
	for _, o := range oscillators() {
		all = append(all, simulated{"oscillators", o.name, againstTruth, []string{latentode.Kind, modal.Kind}, o.task, nil})
	}
	for _, k := range stiffs() {
		all = append(all, simulated{"stiff", k.name, byQuantiles, append(kinds[:3:3], zeroshot.Name), k.task, nil})
	}
	return slices.DeleteFunc(all, func(s simulated) bool { return s.task != name && s.name != name })
}

const oracle = "oracle"

// A comparison is of models on panels that are simulated.
type comparison struct {
	seeds   []uint64
	model   string // empty: several in turn
	panels  []simulated
	options map[string]string
}

// run writes a table.
func (c comparison) run(ctx context.Context, w io.Writer) error {
	names := c.panels[0].measure.names
	fmt.Fprintf(w, "| panel | seed | model | %s | CPU s |\n", strings.Join(names, " | "))
	fmt.Fprintf(w, "|---|---|---|%s---|\n", strings.Repeat("---|", len(names)))
	for _, s := range c.panels {
		kinds := s.kinds
		if c.model != "" {
			kinds = []string{c.model}
		}
		for _, seed := range c.seeds {
			t, err := s.panel(seed)
			if err != nil {
				return err
			}
			for _, kind := range kinds {
				start := clock.Processor()
				f, err := c.forecast(ctx, s, t, kind, seed)
				if err != nil {
					return err
				}
				spent := clock.Processor() - start
				fmt.Fprintf(w, "| %s | %d | %s |", s.name, seed, kind)
				for _, x := range s.measure.of(t, f) {
					fmt.Fprintf(w, " %.3f |", x)
				}
				fmt.Fprintf(w, " %.0f |\n", spent.Seconds())
			}
		}
	}
	return nil
}

// forecast returns what a model of a kind, fitted by the options, or the oracle says of what comes.
func (c comparison) forecast(ctx context.Context, s simulated, t *task, kind string, seed uint64) (*forecast.Forecast, error) {
	if kind == oracle {
		return s.oracle(t, seed), nil
	}
	m, err := models.New(kind, c.options)
	if err != nil {
		return nil, err
	}
	if err := forecast.Fit(ctx, m, t.train, forecast.FitOptions{Horizon: t.horizon, Season: 1, Seed: seed}); err != nil {
		return nil, err
	}
	return t.forecast(ctx, m, seed)
}
