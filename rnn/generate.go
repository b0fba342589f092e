package rnn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/models/density"
	"tsgen/series"
)

// Generate implements forecast.Generator: all is drawn from the prior, the first
// step by the distribution that training learned of windows without a past. The length for
// which the model was fitted is the usual one of the series. Where windows have
// levels and scales of their own, a generated window is brought to those of a
// training window, drawn for each series, and what is longer goes on as a forecast
// does, from a level that returns to the usual one as far as those of the data do. Rows of several binary channels, such as chords, are held as often as those of the
// data are. Covariates that are known ahead are those of the options, or at their means.
func (m *Model) Generate(ctx context.Context, opt forecast.GenerateOptions) (*series.Panel, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("rnn: %w", forecast.ErrNotFitted)
	}
	panel, err := m.config.Generate(ctx, opt, func(r neural.Record, rng *rand.Rand) ([]float64, error) {
		return m.generate(ctx, r, rng)
	})
	if err != nil {
		return nil, fmt.Errorf("rnn: %w", err)
	}
	return panel, nil
}

// generate returns the values of a series at the times of r.
func (f *fitted) generate(ctx context.Context, r neural.Record, rng *rand.Rand) ([]float64, error) {
	u := r.U
	c, context, all := len(f.config.Channels), f.config.Options.Context, len(u)
	if f.config.Options.Level == LevelPanel {
		context = all
	}
	for len(u) < context {
		u = append(u[:len(u):len(u)], u[len(u)-1]+f.config.Gap)
	}
	values, err := f.continued(ctx, r, u[:context], nil, 0, rng)
	if err != nil {
		return nil, err
	}
	if len(f.config.Bank) > 0 {
		f.config.Standardise(u[:context], values)
		means, scales, _ := f.config.DrawLevel(rng)
		for k := range values {
			values[k] = means[k%c] + scales[k%c]*values[k]
		}
	}
	for n := context; n < all; n = len(values) / c {
		next, err := f.continued(ctx, r, u[:min(n+f.config.Horizon, all)], f.config.Returned(u, values), context, rng)
		if err != nil {
			return nil, err
		}
		f.config.Settle(u, values, next[len(values):])
		values = append(values, next[len(values):]...)
	}
	values = values[:all*c]
	for k, x := range values {
		values[k] = f.config.RestoreAt(&r, r.U[k/c], k%c, x)
	}
	return values, nil
}

// continued returns values, those of the first coordinates of u, with a draw of what
// follows at the others, given a number of steps of them and the covariates of a record.
func (f *fitted) continued(ctx context.Context, of neural.Record, u, values []float64, context int, rng *rand.Rand) ([]float64, error) {
	c := len(f.config.Channels)
	origin := len(values) / c
	r := &neural.Record{U: u, X: values, Known: of.Known, KnownU: of.KnownU}
	for len(r.X) < len(u)*c {
		r.X = append(r.X, math.NaN())
	}
	paths, err := f.paths(ctx, neural.Window{Record: r, From: max(0, origin-context), Origin: origin, To: len(u)}, 1, 1, f.config.Holds, rng)
	if err != nil {
		return nil, err
	}
	copy(r.X[origin*c:], paths[0])
	return r.X, nil
}

const (
	heldSeries = 32 // by which it is known how often what is drawn repeats by itself
	heldSteps  = 64 // of these at most
)

// learnHolds sets the probability by which rows of several binary channels are held, so
// that generated ones repeat as often as the data's: draws that are independent given the
// state hardly ever agree in all channels.
func (o *objective) learnHolds(ctx context.Context) error {
	c := o.config
	if c.Holds = 0; c.Options.Likelihood.Domain() != density.Unit || len(c.Channels) < 2 {
		return nil
	}
	var real, drawn repeats
	for i := range o.records {
		real.count(o.records[i].X, len(c.Channels))
	}
	if real.share() == 0 {
		return nil
	}
	for i := range heldSeries {
		of := o.records[i%len(o.records)]
		r := neural.Record{U: of.U[:min(len(of.U), heldSteps)], Known: of.Known, KnownU: of.KnownU}
		values, err := o.generate(ctx, r, rand.New(rand.NewPCG(o.seed, math.MaxUint64-uint64(i))))
		if err != nil {
			return err
		}
		drawn.count(values, len(c.Channels))
	}
	if own := drawn.share(); own < 1 {
		c.Holds = max(0, (real.share()-own)/(1-own))
	}
	return nil
}

// repeats counts rows that are those before again.
type repeats struct{ same, rows int }

func (r *repeats) count(x []float64, channels int) {
	for k := channels; k < len(x); k += channels {
		if r.rows++; slices.Equal(x[k-channels:k], x[k:k+channels]) {
			r.same++
		}
	}
}

func (r *repeats) share() float64 { return float64(r.same) / float64(max(1, r.rows)) }
