package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/bench/internal/kinetics"
	"tsgen/forecast"
	"tsgen/internal/clock"
	"tsgen/internal/moments"
	"tsgen/models/judge"
	"tsgen/series"
)

// An irregular is whole series at irregular times of a law that is known.
type irregular struct {
	name   string
	number int // of series in a half
	steps  int // observations of the windows that are judged
	panel  func(number int, seed uint64) *series.Panel
}

// mostWindows bounds the windows that are judged, of a half.
const mostWindows = 1600

// irregulars returns what -irregular generates.
func irregulars() []irregular {
	return []irregular{
		{"ou", 400, 16, wandering},
		{"kinetics", 1000, 12, func(number int, seed uint64) *series.Panel { return kinetics.Panel(number, 1, seed) }},
	}
}

// The Ornstein-Uhlenbeck processes of wandering have the rate and the deviation 1, about levels of their own, and are observed with
// noise, each at a pace of its own.
const (
	wanderLevel, wanderLevels = 10, 2 // mean and deviation of the levels
	wanderNoise               = 0.2
	wanderGap, wanderPaces    = 0.3, 0.4 // usual mean of the exponential gaps, and deviation of its logarithm
	wanderLeast, wanderMost   = 30, 60   // observations
)

// wandering returns a panel of Ornstein-Uhlenbeck processes.
func wandering(number int, seed uint64) *series.Panel {
	rng := rand.New(rand.NewPCG(seed, 91))
	p := &series.Panel{Channels: []string{"x"}, IDColumn: "id", TimeColumn: "time"}
	for i := range number {
		s := &series.Series{ID: fmt.Sprint(i)}
		level, pace := wanderLevel+wanderLevels*rng.NormFloat64(), wanderGap*math.Exp(wanderPaces*rng.NormFloat64())
		x, at := rng.NormFloat64(), 0.0
		for range wanderLeast + rng.IntN(wanderMost-wanderLeast+1) {
			gap := math.Ceil(100*pace*rng.ExpFloat64()) / 100
			kept := math.Exp(-gap)
			x, at = kept*x+math.Sqrt(1-kept*kept)*rng.NormFloat64(), at+gap
			s.Times, s.Values = append(s.Times, at), append(s.Values, level+x+wanderNoise*rng.NormFloat64())
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// runIrregular writes a row for every law and generator.
func runIrregular(ctx context.Context, w io.Writer, kinds []string, quick bool, seed uint64) error {
	fmt.Fprintln(w, "| data | generator | extra-trees | boosted | marginals | ACF | Fréchet | neighbours | levels | within | variogram | gaps | CPU s to fit |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|---|---|---|")
	for _, law := range irregulars() {
		learned, real := law.panel(law.number, 1), law.panel(law.number, 2)
		a, err := judge.Cut(withGaps(learned), law.steps, mostWindows)
		if err != nil {
			return err
		}
		b, err := judge.Cut(withGaps(real), law.steps, mostWindows)
		if err != nil {
			return err
		}
		for _, kind := range kinds {
			generated, used := learned, 0.0
			if kind == "blocks" {
				continue // there are none of many series
			}
			if kind != "real" {
				start := clock.Processor()
				m, err := fitted(ctx, kind, learned, seed)
				if errors.Is(err, forecast.ErrMismatch) {
					continue // it learns no irregular times
				}
				if err == nil {
					used = (clock.Processor() - start).Seconds()
					generated, err = m.Generate(ctx, forecast.GenerateOptions{Number: law.number, Seed: seed})
				}
				if err != nil {
					return fmt.Errorf("%s on %s: %w", kind, law.name, err)
				}
			}
			c, err := judge.Cut(withGaps(generated), law.steps, mostWindows)
			if err != nil {
				return err
			}
			report, err := judge.Compare(ctx, b, c, judge.Options{Train: a, Quick: quick, Seed: seed, Alone: true})
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "| %s | %s |", law.name, kind)
			for _, name := range []string{judge.ExtraTrees, judge.BoostedTrees, judge.Marginals, judge.Autocorrelations, judge.Frechet} {
				fmt.Fprintf(w, " %.3f |", report.Score(name).Synthetic)
			}
			of, to := summaryOf(generated), summaryOf(real)
			fmt.Fprintf(w, " %.2f | %.2f | %.2f | %.3f | %.3f | %.0f |\n", report.Copying.Ratio,
				of.levels/to.levels, of.within/to.within, of.variogramGap(to), distance(of.gaps, to.gaps), used)
		}
	}
	return nil
}

// withGaps returns the series as rows of an observation, with the time since the one before it, or since 0, as a further channel.
func withGaps(p *series.Panel) *series.Panel {
	g := &series.Panel{Channels: append(slices.Clone(p.Channels), "gap"), Step: series.Step{Width: 1}}
	for _, s := range p.Series {
		own, last := &series.Series{ID: s.ID}, 0.0
		for i, t := range s.Times {
			gap := math.Round((t-last)/written) * written // else trees would know times by how they were added up
			own.Times, own.Values = append(own.Times, float64(i)), append(append(own.Values, s.Row(i)...), gap)
			last = t
		}
		g.Series = append(g.Series, own)
	}
	return g
}

// written is the unit in which times are compared, a tenth of that of the data.
const written = 1e-3

// A summary is what a panel's law is like, of the first channel.
type summary struct {
	levels, within float64 // deviations of the means of series, and about these
	gaps           []float64
	pairs          []lagged
}

// lagged is half the square by which two observations of a series differ that are so far apart in time.
type lagged struct{ lag, half float64 }

// farthest is how many observations apart those are that variograms look at, at most.
const farthest = 8

func summaryOf(p *series.Panel) (s summary) {
	var levels, within moments.Moments
	for _, x := range p.Series {
		var own moments.Moments
		for i, t := range x.Times {
			v := x.Row(i)[0]
			if own.Add(v); i > 0 {
				s.gaps = append(s.gaps, t-x.Times[i-1])
			}
			for k := max(0, i-farthest); k < i; k++ {
				d := v - x.Row(k)[0]
				s.pairs = append(s.pairs, lagged{t - x.Times[k], d * d / 2})
			}
		}
		levels.Add(own.Mean)
		within.Add(own.Variance())
	}
	s.levels, s.within = math.Sqrt(levels.Variance()), math.Sqrt(within.Mean)
	slices.Sort(s.gaps)
	slices.SortFunc(s.pairs, func(a, b lagged) int { return cmp.Compare(a.lag, b.lag) })
	return s
}

// variogramGap returns the mean distance of the variograms of s and of real series, at the lags of tenths of
// the pairs of the latter, in units of the variance within these.
func (s summary) variogramGap(real summary) (gap float64) {
	const tenths = 10
	mean := func(of summary, from, to float64) float64 {
		var m moments.Moments
		for _, p := range of.pairs {
			if p.lag >= from && p.lag < to {
				m.Add(p.half)
			}
		}
		return m.Mean
	}
	for i := range tenths {
		from, to := real.pairs[i*len(real.pairs)/tenths].lag, math.Inf(1)
		if i+1 < tenths {
			to = real.pairs[(i+1)*len(real.pairs)/tenths].lag
		}
		gap += math.Abs(mean(s, from, to)-mean(real, from, to)) / (tenths * real.within * real.within)
	}
	return gap
}

// distance returns Wasserstein's of two sorted samples, in deviations of the second.
func distance(a, b []float64) (sum float64) {
	const levels = 200
	var m moments.Moments
	for _, v := range b {
		m.Add(v)
	}
	for i := range levels {
		p := (float64(i) + 0.5) / levels
		sum += math.Abs(a[int(p*float64(len(a)))]-b[int(p*float64(len(b)))]) / levels
	}
	return sum / math.Sqrt(m.Variance())
}
