package vae

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/series"
)

// Impute implements forecast.Imputer. Every time belongs to the window around
// it, and has draws from the distribution of that window given its values; the paths of
// different windows are independent. The distribution of a step does not depend on its
// own other channels but through the latent variables.
func (m *Model) Impute(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, func(r record, s *series.Series, at []float64, samples int, rng *rand.Rand) (*forecast.Distribution, error) {
		steps, err := m.place(history, s, at)
		if err != nil {
			return nil, err
		}
		n := r.steps(len(m.config.Channels))
		if len(steps) > 0 && (steps[0] < 0 || steps[len(steps)-1] >= n) {
			return nil, fmt.Errorf("%w: times to impute must lie between the first and the last of the series; what is later is a forecast", forecast.ErrMismatch)
		}
		d := &forecast.Distribution{ID: s.ID, Times: slices.Clone(at)}
		if len(steps) > 0 {
			d.Paths, err = m.impute(ctx, r, n, steps, samples, rng)
		}
		return d, err
	})
}

// impute returns sample paths of the given steps of a record of n.
func (f *fitted) impute(ctx context.Context, r record, n int, steps []int, samples int, rng *rand.Rand) ([][]float64, error) {
	c, d, length := len(f.config.Channels), f.config.width(), f.config.Options.Length
	paths := make([][]float64, samples)
	x, level := make([]float64, d), make([]float64, 2*c)
	for len(steps) > 0 {
		from, count := neural.Around(steps, length, n)
		hide(x)
		copy(x, r.values[from*c:min(n, from+length)*c])
		center, scale := f.scaled(x, x, level)
		z, err := f.posterior(ctx, x, 1, samples, rng)
		if err != nil {
			return nil, err
		}
		err = f.sample(ctx, z, rng, func(i int, y []float64) error {
			for _, s := range steps[:count] {
				for j := range c {
					v, err := restored(y[(s-from)*c+j], center[j], scale[j])
					if err != nil {
						return err
					}
					paths[i] = append(paths[i], f.config.Options.Top*v)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		steps = steps[count:]
	}
	return paths, nil
}
