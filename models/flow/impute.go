package flow

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/series"
)

// Impute implements forecast.Imputer. Every time belongs to the window around it, which is guided to what was
// observed there; the paths of different windows are independent.
func (m *Model) Impute(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("flow: %w", forecast.ErrNotFitted)
	}
	f, err := m.config.Forecast(ctx, Kind, history, opt, func(i int, at []float64, samples int) (*forecast.Distribution, error) {
		s := history.Series[i]
		r, err := m.config.Record(history, s, reading)
		if err != nil {
			return nil, err
		}
		steps, err := history.StepsFrom(s.Times[0], at)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
		}
		if n := len(steps); n > 0 && (steps[0] < 0 || steps[n-1] >= len(r.U)) {
			return nil, fmt.Errorf("%w: times to impute must lie between the first and the last of the series; what is later is a forecast", forecast.ErrMismatch)
		}
		d := &forecast.Distribution{ID: s.ID, Times: slices.Clone(at)}
		if len(steps) > 0 {
			d.Paths, err = m.within(ctx, &r, steps, samples, neural.Source(s.ID, opt.Seed))
		}
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("flow: %w", err)
	}
	return f, nil
}

// within draws the values at steps of r, in the unit of the data.
func (f *fitted) within(ctx context.Context, r *neural.Record, steps []int, draws int, rng *rand.Rand) ([][]float64, error) {
	c, k := f.config, len(f.config.Channels)
	paths := make([][]float64, draws)
	length, n := c.Options.Length, len(r.U)
	for len(steps) > 0 {
		from, count := neural.Around(steps, length, n)
		x, _ := c.window(r, from)
		hidden, observed := slices.Clone(x), false
		for _, s := range steps[:count] {
			for at := (s - from) * k; at < (s-from+1)*k; at++ {
				observed = observed || !math.IsNaN(x[at])
				hidden[at] = math.NaN()
			}
		}
		windows, err := f.guided(ctx, r.U[from], x, draws, rng)
		again := windows
		if err == nil && observed { // of what was observed, another measurement
			again, err = f.guided(ctx, r.U[from], hidden, draws, rng)
		}
		if err != nil {
			return nil, err
		}
		for i := range paths {
			missing, seen := c.restored(windows[i]), c.restored(again[i])
			for _, s := range steps[:count] {
				for j := range k {
					at := (s-from)*k + j
					v := missing[at]
					if !math.IsNaN(x[at]) {
						v = seen[at]
					}
					paths[i] = append(paths[i], c.RestoreAt(r, r.U[s], j, v))
				}
			}
		}
		steps = steps[count:]
	}
	return paths, nil
}
