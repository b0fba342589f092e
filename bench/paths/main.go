// Command paths measures how often the sum of what comes lies within the intervals that are
// forecast of it, on simulated series: from sample paths, and from the same marginals if
// steps are taken to be independent, or to move as one. It prints the table of
// docs/benchmarks/paths.md as Markdown, which -write replaces there.
//
//	go run ./bench/paths
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"

	"tsgen/bench/internal/report"
	"tsgen/forecast"
	"tsgen/models"
	"tsgen/series"
)

func main() {
	number := flag.Int("series", 100, "simulated series of each kind")
	list := flag.String("models", strings.Join(models.ClosedForm(), ","), "models, separated by commas")
	document := flag.String("write", "", "document whose table to replace: docs/benchmarks/paths.md")
	flag.Parse()
	r, err := report.New(os.Stdout, *document, "sums")
	if err == nil {
		err = r.Table("sums", func(w io.Writer) error { return sums(w, strings.Split(*list, ","), *number) })
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "paths:", err)
		os.Exit(1)
	}
}

const (
	length, horizon, season = 96, 12, 12
	samples                 = 1000
)

// makings are the kinds of series that are simulated: each returns the next noise.
var makings = []struct {
	name string
	next func(rng *rand.Rand, level *float64) float64
}{
	{"a walk", func(rng *rand.Rand, level *float64) float64 {
		*level += rng.NormFloat64()
		return *level + 0.5*rng.NormFloat64()
	}},
	{"persistent", func(rng *rand.Rand, level *float64) float64 {
		*level = 0.8**level + rng.NormFloat64()
		return *level
	}},
	{"noise", func(rng *rand.Rand, _ *float64) float64 { return rng.NormFloat64() }},
}

// simulate returns series of a kind, monthly with a season, and what comes.
func simulate(kind, number int) (past, future *series.Panel) {
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", Step: series.Step{Width: 1}, Seasons: []float64{season}}
	for i := range number {
		rng := rand.New(rand.NewPCG(uint64(kind), uint64(i)))
		s := &series.Series{ID: strconv.Itoa(i)}
		level := 0.0
		for range 50 { // until it no longer begins
			makings[kind].next(rng, &level)
		}
		for k := range length + horizon {
			s.Times = append(s.Times, float64(k))
			s.Values = append(s.Values, 100+3*math.Sin(2*math.Pi*float64(k)/season)+makings[kind].next(rng, &level))
		}
		p.Series = append(p.Series, s)
	}
	past, future, err := p.SplitLast(horizon)
	if err != nil {
		panic(err) // all are longer
	}
	return past, future
}

// sums writes the table.
func sums(w io.Writer, names []string, number int) error {
	fmt.Fprintln(w, "| model | series | steps, 80 | sum, 80 | sum, 95 | independent, 80 | as one, 80 |\n|---|---|---|---|---|---|---|")
	for _, name := range names {
		for kind, making := range makings {
			c, err := cover(name, kind, number)
			if errors.Is(err, forecast.ErrMismatch) || errors.Is(err, forecast.ErrTooShort) {
				continue
			}
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			fmt.Fprintf(w, "| %s | %s | %.2f | %.2f | %.2f | %.2f | %.2f |\n", name, making.name, c[0], c[1], c[2], c[3], c[4])
		}
	}
	return nil
}

// cover returns the coverage of steps, and of sums by paths at two levels, by independent
// steps and by steps that move as one.
func cover(name string, kind, number int) (c [5]float64, err error) {
	ctx := context.Background()
	k, err := models.Lookup(name)
	if err != nil {
		return c, err
	}
	past, future := simulate(kind, number)
	m := &forecast.Calibrated{New: k.Default}
	if err := forecast.Fit(ctx, m, past, forecast.FitOptions{Horizon: horizon, Seed: 1}); err != nil {
		return c, err
	}
	f, err := forecast.Paths(ctx, m, past, forecast.Options{Horizon: horizon, Samples: samples, Seed: 1})
	if err != nil {
		return c, err
	}
	rng := rand.New(rand.NewPCG(9, 9))
	for i, d := range f.Series {
		independent, one := make([][]float64, samples), make([][]float64, samples)
		for n := range independent {
			independent[n], one[n] = make([]float64, horizon), make([]float64, horizon)
			u := rng.NormFloat64()
			for h := range horizon {
				independent[n][h], one[n][h] = rng.NormFloat64(), u
			}
		}
		actual := future.Series[i].Values
		lo, hi := d.Interval(nil, nil, 80)
		total := 0.0
		for h, y := range actual {
			total += y
			c[0] += inside(y, lo[h], hi[h]) / horizon
		}
		add := func(at int, d *forecast.Distribution, level float64) {
			sum := &forecast.Distribution{Times: d.Times[:1]}
			for _, path := range d.Paths {
				s := 0.0
				for _, x := range path {
					s += x
				}
				sum.Paths = append(sum.Paths, []float64{s})
			}
			lo, hi := sum.Interval(nil, nil, level)
			c[at] += inside(total, lo[0], hi[0])
		}
		add(1, d, 80)
		add(2, d, 95)
		add(3, forecast.Join(d, independent), 80)
		add(4, forecast.Join(d, one), 80)
	}
	for i := range c {
		c[i] /= float64(number)
	}
	return c, nil
}

func inside(x, lo, hi float64) float64 {
	if lo <= x && x <= hi {
		return 1
	}
	return 0
}
