package vae

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"

	"gonum.org/v1/gonum/stat/distuv"

	"tsgen/forecast"
	"tsgen/internal/bootstrap"
	"tsgen/internal/support"
	"tsgen/models/density"
	"tsgen/series"
)

// Generate implements forecast.Generator. A series is a window, the length for which
// the model was fitted being that of a window; what is longer goes on as a forecast
// does. The latent variables are drawn from the density that those of training
// windows have, which the prior stands for in training alone; where windows have
// levels of their own, that of a generated one is the level of the training window
// about whose latent variables it is drawn. Of rows that are windows by themselves a
// series has as many as its length, drawn from the prior. Values are brought to the
// support of their channels, and shades, of which Bernoulli variables are no draws,
// are means.
func (m *Model) Generate(ctx context.Context, opt forecast.GenerateOptions) (*series.Panel, error) {
	switch {
	case m.fitted == nil:
		return nil, fmt.Errorf("vae: %w", forecast.ErrNotFitted)
	case opt.Number < 0 || opt.Length < 0 || max(opt.Length, len(opt.Times)) > maxSteps:
		return nil, fmt.Errorf("vae: %d series of the length %d asked for, want 0 to %d steps", opt.Number, max(opt.Length, len(opt.Times)), maxSteps)
	}
	if err := opt.Unknown(); err != nil {
		return nil, fmt.Errorf("vae: %w", err)
	}
	g := generation{fitted: m.fitted, signal: opt.Signal || m.config.Shades}
	var err error
	if m.states != nil {
		if g.density, err = bootstrap.New(m.states); err != nil {
			return nil, fmt.Errorf("vae: %w", err)
		}
	}
	panel := &series.Panel{
		Channels: m.config.Channels, Axis: m.config.Axis, Step: m.config.Step,
		TimeColumn: m.config.TimeColumn, IDColumn: or(m.config.IDColumn, "unique_id"),
	}
	if g.times, err = m.config.Lengths.Times(panel, m.config.Start, m.config.Options.Length, opt); err != nil {
		return nil, fmt.Errorf("vae: %w", err)
	}
	if opt.Times != nil && m.config.Season > 1 && panel.Step.Regular() {
		steps, err := m.steps(panel, m.config.Start, opt.Times[:1])
		if err != nil {
			return nil, fmt.Errorf("vae: %w", err)
		}
		g.skip = (steps[0]%m.config.Season + m.config.Season) % m.config.Season
	}
	near := true
	for _, t := range g.times {
		near = near && len(t) <= max(m.config.Options.Length, m.config.Median, m.config.Lengths.Longest())
	}
	all, err := support.Draw(ctx, m.config.Support, or(opt.Number, 1), opt.Seed, near, near, g.one)
	if err != nil {
		return nil, fmt.Errorf("vae: %w", err)
	}
	for i, values := range all {
		panel.Series = append(panel.Series, &series.Series{ID: strconv.Itoa(i + 1), Times: g.times[i], Values: values})
	}
	return panel, nil
}

// A generation is that of series at some times, of means if they are signals.
type generation struct {
	*fitted
	times   [][]float64
	skip    int // steps from the place of the season at which windows begin to the first time
	signal  bool
	density *bootstrap.Smoothed // nil: the prior
}

// one returns the values of the i-th series.
func (g *generation) one(ctx context.Context, i int, rng *rand.Rand) ([]float64, error) {
	f, length := g.fitted, g.skip+len(g.times[max(i, 0)])
	c, size := len(f.config.Channels), f.config.Options.Length
	windows := 1
	if size == 1 {
		windows = length
	}
	z := make([]float64, windows*f.config.Options.Latent)
	center, scale, at := f.config.Center, f.config.Scale, 0
	if n := max(len(f.bank)/(2*c), len(f.states)); n > 0 {
		at = rng.IntN(n)
	}
	if len(f.bank) > 0 {
		level := f.bank[2*c*at:]
		center, scale = level[:c], level[c:2*c]
	}
	if g.density != nil {
		g.density.Draw(z, at, rng)
	} else {
		for i := range z {
			z[i] = rng.NormFloat64()
		}
	}
	var values []float64
	use := func(x []float64) error {
		for k, v := range x {
			v, err := restored(v, center[k%c], scale[k%c])
			if err != nil {
				return err
			}
			values = append(values, v)
		}
		return nil
	}
	var err error
	if g.signal {
		err = f.means(ctx, z, use)
	} else {
		err = f.sample(ctx, z, rng, func(_ int, x []float64) error { return use(x) })
	}
	if err != nil {
		return nil, err
	}
	if length > size && size > 1 {
		paths, err := f.extend(ctx, values, length-size, 1, rng)
		if err != nil {
			return nil, err
		}
		values = append(values, paths[0]...)
	}
	values = values[g.skip*c : length*c]
	for k := range values {
		values[k] *= f.config.Options.Top
	}
	return values, nil
}

// A LatentGrid is a map of what the latent variables mean: the means of windows
// over a grid of two of them.
type LatentGrid struct {
	// Windows holds Side·Side windows of Length·Channels values, row by row. In
	// a row the first latent variable rises from left to right, and the second
	// rises from the last row to the first.
	Windows [][]float64

	Side, Length, Channels int

	// Shades says that the values are from 0 to Top, and black or white or
	// between them.
	Shades bool
	Top    float64
}

// LatentGrid decodes a grid of the first two latent variables, the others being
// zero. The lines of the grid are at the quantiles (i+½)/side of the standard
// normal prior, so that all tiles stand for the same part of it (Kingma &
// Welling 2014, appendix A). Where windows have levels of their own, all are at
// the level and scale of the panel.
//
// The error wraps forecast.ErrMismatch if the model has but one latent variable.
func (m *Model) LatentGrid(ctx context.Context, side int) (*LatentGrid, error) {
	switch {
	case m.fitted == nil:
		return nil, fmt.Errorf("vae: %w", forecast.ErrNotFitted)
	case side < 1 || side > 1000:
		return nil, fmt.Errorf("vae: a grid of %d by %d windows, want 1 to 1000", side, side)
	case m.config.Options.Latent < 2:
		return nil, fmt.Errorf("vae: %w: a grid needs two latent variables, and it has one", forecast.ErrMismatch)
	}
	latent, c := m.config.Options.Latent, len(m.config.Channels)
	z := make([]float64, side*side*latent)
	for i := range side {
		for j := range side {
			at := (i*side + j) * latent
			z[at] = distuv.UnitNormal.Quantile((float64(j) + 0.5) / float64(side))
			z[at+1] = -distuv.UnitNormal.Quantile((float64(i) + 0.5) / float64(side))
		}
	}
	g := &LatentGrid{
		Side: side, Length: m.config.Options.Length, Channels: c,
		Shades: m.config.Options.Likelihood.Domain() == density.Unit, Top: m.config.Options.Top,
	}
	err := m.means(ctx, z, func(x []float64) error {
		w := make([]float64, len(x))
		for k, v := range x {
			v, err := restored(v, m.config.Center[k%c], m.config.Scale[k%c])
			if err != nil {
				return err
			}
			w[k] = m.config.Options.Top * v
		}
		g.Windows = append(g.Windows, w)
		return nil
	})
	return g, err
}

// means calls use with the mean of every window that z stands for, in units of
// the model.
func (f *fitted) means(ctx context.Context, z []float64, use func(x []float64) error) error {
	return f.heads(ctx, z, func(_ int, dst, head []float64) {
		f.network.likelihood.Mean(f.Params.Values, dst, head)
	}, func(_ int, x []float64) error { return use(x) })
}
