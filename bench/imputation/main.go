// Command imputation hides values of series in stretches, has models tell them, and prints the table
// of docs/benchmarks/imputation.md as Markdown. With -write it replaces the one there.
//
//	go run ./bench/imputation DATA
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tsgen/bench/internal/report"
	"tsgen/forecast"
	"tsgen/internal/clock"
	"tsgen/models"
	"tsgen/models/imputation"
	"tsgen/series"
	"tsgen/series/seasons"
)

func main() {
	document := flag.String("write", "", "document whose table to replace: docs/benchmarks/imputation.md")
	only := flag.String("tasks", "", "tasks to measure, by their files, separated by commas (default all)")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: imputation [flags] DATA")
		flag.PrintDefaults()
		os.Exit(2)
	}
	if err := run(os.Stdout, os.Stderr, flag.Arg(0), *only, *document); err != nil {
		fmt.Fprintln(os.Stderr, "imputation:", err)
		os.Exit(1)
	}
}

// A task is a file some of whose values are hidden.
type task struct {
	file, title string
	rows        int // the last of each series
	stretch     int // rows of each gap that is made, none for the gaps that the series have
	series      int
}

func tasks() []task {
	return []task{
		{"nn5_daily_train.csv", "NN5, 15 series, gaps as they have", 735, 0, 15},
		{"co2_weekly.csv", "CO2, weekly, gaps as it has", 2300, 0, 1},
		{"pbc_irregular.csv", "PBC, 7 channels, gaps as they have", 100, 0, 400},
		{"theoph_irregular.csv", "theophylline, single values", 100, 0, 12},
		{"airpassengers.csv", "AirPassengers, stretches of 6 months", 144, 6, 1},
		{"sunspots_monthly.csv", "sunspots, stretches of 24 months", 1200, 24, 1},
		{"nile.csv", "the Nile, single years", 100, 0, 1},
		{"ETTh1.csv", "ETTh1, 7 channels, stretches of 12 hours", 1500, 12, 1},
		{"vic_elec_2014.csv", "Victoria's demand, stretches of a day", 3000, 48, 1},
		{"m4_hourly_train.csv", "M4 hourly, 15 series, stretches of 8 hours", 700, 8, 15},
		{"exchange_rate.csv", "exchange rates, 8 channels, stretches of a week", 1500, 5, 1},
	}
}

const linear = "linear"

func run(w, log io.Writer, dir, only, document string) error {
	rep, err := report.New(w, document, "imputation")
	if err != nil {
		return err
	}
	return rep.Table("imputation", func(w io.Writer) error {
		names := []string{linear, "lgssm", "pooled-gp", "gauss", "modal", "zeroshot"}
		fmt.Fprintf(w, "| data | %s | chosen | of 80 %% | CPU s |\n|---|%s\n", strings.Join(names, " | "), strings.Repeat("---|", len(names)+3))
		for _, t := range tasks() {
			if only != "" && !slices.Contains(strings.Split(only, ","), t.file) {
				continue
			}
			if err := t.measure(w, log, dir, names); err != nil {
				return fmt.Errorf("%s: %w", t.file, err)
			}
		}
		return nil
	})
}

// panel reads the series of a task and makes its gaps.
func (t task) panel(dir string) (*series.Panel, error) {
	f, err := os.Open(filepath.Join(dir, t.file))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p, _, err := series.ReadCSV(f, series.ReadOptions{Name: t.file})
	if err != nil {
		return nil, err
	}
	p = p.Spread(t.series)
	var all []*series.Series
	for _, s := range p.Series {
		s = s.Slice(max(0, s.Len()-t.rows), s.Len())
		if t.stretch > 0 {
			s = gapped(s, p.Width(), t.stretch)
		}
		all = append(all, s)
	}
	p = p.With(all)
	found := seasons.OfSteps(p)
	found.Give(p)
	return p, nil
}

// gapped returns a series without every tenth stretch of rows.
func gapped(s *series.Series, width, stretch int) *series.Series {
	g := &series.Series{ID: s.ID}
	for r, at := range s.Times {
		if r/stretch%10 != 5 || r >= s.Len()-stretch {
			g.Times, g.Values = append(g.Times, at), append(g.Values, s.Values[r*width:(r+1)*width]...)
		}
	}
	return g
}

// measure writes what the models and the choice reach.
func (t task) measure(w, log io.Writer, dir string, names []string) error {
	p, err := t.panel(dir)
	if err != nil {
		return err
	}
	seen, hidden := imputation.Hide(p, 99)
	season := p.Season()
	reached := make(map[string]forecast.Scores)
	at := make([][]float64, len(hidden.Series))
	for i, s := range hidden.Series {
		at[i] = s.Times
	}
	if reached[linear], err = forecast.Score(seen, hidden, interpolated(seen, at), season); err != nil {
		return err
	}
	opt := imputation.Options{Horizon: forecast.DefaultHorizon(seen, max(1, season)), Season: season, Seed: 1}
	candidates := models.Imputers(seen)
	for _, c := range candidates {
		m := c.New()
		if err := forecast.Fit(context.Background(), m, seen, forecast.FitOptions{Horizon: opt.Horizon, Season: season, Seed: 1}); err != nil {
			fmt.Fprintf(log, "%s: %v\n", t.file, err)
			continue
		}
		f, err := forecast.Impute(context.Background(), m.(forecast.Imputer), seen, forecast.Options{At: at, Season: season, Domains: forecast.SeenDomains(seen), Seed: 1})
		if err != nil {
			fmt.Fprintf(log, "%s: %v\n", t.file, err)
			continue
		}
		if reached[c.Name], err = forecast.Score(seen, hidden, f, season); err != nil {
			return err
		}
	}
	started := clock.Processor().Seconds()
	choice, err := imputation.Choose(context.Background(), seen, candidates, opt)
	if err != nil {
		return err
	}
	took := clock.Processor().Seconds() - started
	fmt.Fprintf(w, "| %s |", t.title)
	for _, name := range names {
		if s, ok := reached[name]; ok {
			fmt.Fprintf(w, " %.3f |", s.SQL)
		} else {
			fmt.Fprint(w, " |")
		}
	}
	_, err = fmt.Fprintf(w, " %s %.3f | %.2f | %.1f |\n", choice.Name, reached[choice.Name].SQL, reached[choice.Name].Coverage80, took)
	return err
}

// interpolated returns straight lines between the values that are seen, as if they were certain.
func interpolated(p *series.Panel, at [][]float64) *forecast.Forecast {
	f := &forecast.Forecast{Channels: p.Channels}
	w := p.Width()
	for i, s := range p.Series {
		d := &forecast.Distribution{ID: s.ID, Times: at[i], Mean: make([]float64, len(at[i])*w), SD: make([]float64, len(at[i])*w)}
		for k, u := range at[i] {
			for c := range w {
				d.Mean[k*w+c] = between(s, c, u)
			}
		}
		f.Series = append(f.Series, d)
	}
	return f
}

// between returns the value of a channel on the line between its neighbours of a time.
func between(s *series.Series, c int, u float64) float64 {
	before, after := -1, -1
	for r, t := range s.Times {
		if math.IsNaN(s.Row(r)[c]) {
			continue
		}
		if t <= u {
			before = r
		} else if after < 0 {
			after = r
		}
	}
	switch {
	case before < 0 && after < 0:
		return 0
	case before < 0:
		return s.Row(after)[c]
	case after < 0:
		return s.Row(before)[c]
	}
	x := (u - s.Times[before]) / (s.Times[after] - s.Times[before])
	return s.Row(before)[c] + x*(s.Row(after)[c]-s.Row(before)[c])
}
