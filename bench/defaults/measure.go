package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"tsgen/bench/internal/chosen"
	"tsgen/bench/internal/unaided"
	"tsgen/forecast"
	"tsgen/internal/clock"
	"tsgen/models"
	"tsgen/series"
)

// allowance is how far above the figure of the right seasons the choice may be.
const allowance = 1.03

// measure writes what the models reach on a row.
func (r runner) measure(w, log io.Writer, t row) error {
	panel, err := t.read(r.dirs)
	if err != nil {
		return err
	}
	stride := cmp.Or(t.stride, t.horizon)
	origins, err := forecast.RollingOrigins(panel, t.horizon, t.windows, stride)
	if err != nil {
		return err
	}
	unaided.Find(panel, origins, t.name, log)
	cells := []string{t.label() + " " + periods(panel)}
	verdict := ""
	for i, name := range r.models {
		build := func() forecast.Model { return &chosen.Model{} }
		if name != chosen.Name {
			kind, err := models.Lookup(name)
			if err != nil {
				return err
			}
			build = kind.Default
		}
		started := clock.Processor().Seconds()
		rep, err := forecast.Backtest(context.Background(), panel, []forecast.Candidate{{Name: name, New: func() forecast.Model { return unaided.Model{Model: build()} }}},
			forecast.BacktestOptions{Horizon: t.horizon, Windows: t.windows, Step: stride, Season: t.lag, Seed: 1})
		if err != nil {
			return err
		}
		result := rep.Results()[0]
		if result.Err != nil {
			return result.Err
		}
		reached := t.figure(result.Scores)
		fmt.Fprintf(log, "%s: %s: %s %.4g in %.0f s\n", t.name, name, t.score, reached, clock.Processor().Seconds()-started)
		if notes := rep.Models[0].Forecasts[0].Notes; name == chosen.Name && len(notes) > 0 {
			fmt.Fprintf(log, "%s: %s\n", t.name, notes[0])
		}
		cells = append(cells, fmt.Sprintf("%.4g", reached))
		if i == 0 {
			verdict = t.verdict(reached)
		}
	}
	cells = append(cells, t.cells()...)
	_, err = fmt.Fprintf(w, "%s | %s |\n", strings.Join(cells, " | "), verdict)
	return err
}

// cells returns what a row is measured against.
func (t row) cells() []string {
	if t.right == 0 {
		return []string{"", "", ""}
	}
	return []string{fmt.Sprintf("%.3g", allowance*t.right), t.peer, fmt.Sprintf("%.3g", t.least)}
}

// verdict says whether a figure is within the bounds of the row.
func (t row) verdict(reached float64) string {
	switch {
	case t.right == 0:
		return ""
	case reached <= t.least:
		return "met"
	case reached <= allowance*t.right:
		return "within 3 % of the right seasons, **target missed**"
	}
	return "**missed**"
}

// periods says the seasons of a panel in steps.
func periods(p *series.Panel) string {
	var words []string
	for _, m := range p.SeasonsBeside(0) {
		words = append(words, fmt.Sprintf("%.6g", m))
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}
