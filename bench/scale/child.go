package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/series"
)

// A shape is the size of a panel.
type shape struct{ series, channels, length, season, horizon int }

func (s shape) String() string {
	return fmt.Sprintf("%d × %d × %d", s.series, s.channels, s.length)
}

// text returns the shape as an argument of a child.
func (s shape) text() string {
	return fmt.Sprintf("%d,%d,%d,%d,%d", s.series, s.channels, s.length, s.season, s.horizon)
}

// parseShape reads what text returned.
func parseShape(text string) (s shape, err error) {
	_, err = fmt.Sscanf(text, "%d,%d,%d,%d,%d", &s.series, &s.channels, &s.length, &s.season, &s.horizon)
	return s, err
}

// panel returns waves with a level that wanders, and noise.
func (s shape) panel() *series.Panel {
	p := &series.Panel{IDColumn: "unique_id", TimeColumn: "ds", Step: series.Step{Width: 1}, Seasons: []float64{float64(s.season)}}
	for c := range s.channels {
		p.Channels = append(p.Channels, "y"+strconv.Itoa(c))
	}
	times := make([]float64, s.length)
	for t := range times {
		times[t] = float64(t)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	levels := make([]float64, s.channels)
	for i := range s.series {
		one := &series.Series{ID: "s" + strconv.Itoa(i), Times: times, Values: make([]float64, 0, s.length*s.channels)}
		clear(levels)
		for t := range s.length {
			for c := range levels {
				levels[c] += 0.1 * rng.NormFloat64()
				wave := 5 * math.Sin(2*math.Pi*float64(t)/float64(s.season)+float64(i+c))
				one.Values = append(one.Values, 50+levels[c]+wave+rng.NormFloat64())
			}
		}
		p.Series = append(p.Series, one)
	}
	return p
}

// updates are those of models that are trained step by step: what an update takes grows
// with the panel, how many it takes does not.
const updates = 20

// child fits a model, "fit KIND SHAPE MODEL", or forecasts from a file, "forecast MODEL SHAPE",
// and writes the most memory that it held, in MiB.
func child(w io.Writer, what string, args []string) error {
	var err error
	switch {
	case what == "fit" && len(args) == 3:
		err = fit(args[0], args[1], args[2])
	case what == "forecast" && len(args) == 2:
		err = ahead(args[0], args[1])
	default:
		err = fmt.Errorf("-one %s %q", what, args)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, most())
	return err
}

func fit(kind, size, path string) error {
	s, err := parseShape(size)
	if err != nil {
		return err
	}
	k, err := models.Lookup(kind)
	if err != nil {
		return err
	}
	m := k.Default()
	if k.Trained() {
		m = k.Brief(updates)
	}
	p, opt := s.panel(), forecast.FitOptions{Horizon: s.horizon, Season: s.season, Seed: 1}
	if err := m.Fit(context.Background(), p, opt); err != nil {
		return err
	}
	return models.Save(path, m, p, opt)
}

func ahead(path, size string) error {
	s, err := parseShape(size)
	if err != nil {
		return err
	}
	m, file, err := models.Load(path)
	if err != nil {
		return err
	}
	// As many paths as 'tsgen forecast' draws of so many series.
	samples := min(1000, max(200, 1_000_000/s.series))
	f, err := forecast.Continue(context.Background(), m, file.History, forecast.Options{Horizon: s.horizon, Season: s.season, Samples: samples, Seed: 1})
	if err != nil {
		return err
	}
	return forecast.CSVOptions{Levels: []float64{80, 95}}.Write(io.Discard, file.History, f)
}

// most returns the most memory that the process has held, in MiB; 0 where the system does not
// say.
func most() float64 {
	status, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer status.Close()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			if err != nil {
				return 0
			}
			return kib / 1024
		}
	}
	return 0
}
