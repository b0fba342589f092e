// Command effort holds what models are estimated to cost against the processor time that
// they take, on panels of several sizes, and prints the table of docs/benchmarks/effort.md
// as Markdown. With -write it replaces it there.
//
//	go run ./bench/effort
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"tsgen/bench/internal/report"
	"tsgen/forecast"
	"tsgen/internal/clock"
	"tsgen/models"
	"tsgen/series"
)

func main() {
	only := flag.String("models", "", "models to measure, separated by commas (default all)")
	document := flag.String("write", "", "document whose table to replace: docs/benchmarks/effort.md")
	flag.Parse()
	if err := run(os.Stdout, os.Stderr, strings.FieldsFunc(*only, func(r rune) bool { return r == ',' }), *document); err != nil {
		fmt.Fprintln(os.Stderr, "effort:", err)
		os.Exit(1)
	}
}

// A shape is the size of a panel.
type shape struct {
	series, channels, length int
	seasons                  []float64
	horizon                  int
	known                    int // covariates that are known ahead
}

func (s shape) String() string {
	seasons := "no season"
	for i, m := range s.seasons {
		if i == 0 {
			seasons = fmt.Sprint("season ", m)
		} else {
			seasons += fmt.Sprint(" and ", m)
		}
	}
	if s.known > 0 {
		seasons += fmt.Sprintf(", %d known", s.known)
	}
	return fmt.Sprintf("%d × %d × %d, %s, %d ahead", s.series, s.channels, s.length, seasons, s.horizon)
}

func shapes() []shape {
	return []shape{
		{20, 1, 120, []float64{12}, 18, 0},
		{4, 1, 1000, []float64{24}, 48, 0},
		{1, 4, 2000, []float64{24}, 24, 0},
		{1, 1, 300, []float64{}, 20, 0},
		{1, 1, 2500, []float64{7, 365.25}, 365, 0},
		{8, 1, 1000, []float64{24, 168}, 24, 0},
		{20, 1, 120, []float64{12}, 18, 1},
		{2, 1, 4000, []float64{24, 168}, 24, 3},
	}
}

// panel returns waves with noise: those of the seasons, or without one of 12 steps. What is
// known of a covariate, a wave with noise too, reaches to the horizon, where it is zero, and its square counts.
func (s shape) panel() *series.Panel {
	p := &series.Panel{IDColumn: "unique_id", Step: series.Step{Width: 1}, Seasons: s.seasons}
	waves := s.seasons
	if len(waves) == 0 {
		waves = []float64{12}
	}
	for c := range s.channels {
		p.Channels = append(p.Channels, fmt.Sprint("y", c))
	}
	for k := range s.known {
		p.Known = append(p.Known, fmt.Sprint("x", k))
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range s.series {
		one := &series.Series{ID: fmt.Sprint(i)}
		level := 0.0
		for t := range s.length {
			one.Times = append(one.Times, float64(t))
			level += 0.1 * rng.NormFloat64()
			effect := 0.0
			for range s.known {
				x := math.Sin(2*math.Pi*float64(t)/waves[0]) + rng.NormFloat64()
				one.Known.Values = append(one.Known.Values, x)
				effect += x * x
			}
			for c := range s.channels {
				y := 50 + level + effect + rng.NormFloat64()
				for _, m := range waves {
					y += 5 * math.Sin(2*math.Pi*float64(t)/m+float64(c))
				}
				one.Values = append(one.Values, y)
			}
		}
		if s.known > 0 {
			one.Known.Times = slices.Clone(one.Times)
			for h := range s.horizon {
				one.Known.Times = append(one.Known.Times, float64(s.length+h))
				one.Known.Values = append(one.Known.Values, slices.Repeat([]float64{0}, s.known)...)
			}
		}
		p.Series = append(p.Series, one)
	}
	return p
}

func run(w, log io.Writer, names []string, document string) error {
	const name = "costs"
	rep, err := report.New(w, document, name)
	if err != nil {
		return err
	}
	if document != "" && len(names) > 0 {
		return fmt.Errorf("-write wants the table of all models; leave out -models")
	}
	return rep.Table(name, func(w io.Writer) error {
		fmt.Fprint(w, "| model, panel | fit | estimate | forecast | estimate |\n|---|---|---|---|---|\n")
		for _, k := range models.Kinds() {
			if k.Blend || k.Name == models.EnsembleName || len(names) > 0 && !slices.Contains(names, k.Name) {
				continue
			}
			for _, s := range shapes() {
				if err := measure(w, k, s); err != nil {
					return err
				}
				fmt.Fprintln(log, k.Name, s)
			}
		}
		return nil
	})
}

// updates are those of the models that are trained step by step.
const updates = 20

// measure writes the row of a kind of models and a size of panels.
func measure(w io.Writer, k models.Kind, s shape) error {
	p := s.panel()
	cost := k.Cost(p, s.horizon)
	m := k.Default()
	estimate := cost.Fit
	if k.Trained() {
		m = k.Brief(updates)
		estimate += updates * cost.Update
	}
	begin := clock.Processor().Seconds()
	err := m.Fit(context.Background(), p, forecast.FitOptions{Horizon: s.horizon, Seed: 1})
	fitted := clock.Processor().Seconds()
	if err != nil {
		return fmt.Errorf("%s, %v: %w", k.Name, s, err)
	}
	if _, err := m.Forecast(context.Background(), p, forecast.Options{Horizon: s.horizon, Samples: 300, Seed: 1}); err != nil {
		return fmt.Errorf("%s, %v: %w", k.Name, s, err)
	}
	_, err = fmt.Fprintf(w, "| %s, %v | %.3f | %.3f | %.3f | %.3f |\n", k.Name, s, fitted-begin, estimate, clock.Processor().Seconds()-fitted, cost.Forecast)
	return err
}
