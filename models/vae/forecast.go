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

// Forecast continues every series of history: the end of a window whose context
// is the series' last steps is filled with draws from its distribution given the
// context. Beyond a window's horizon every path goes on from its own values.
// Rows that are windows by themselves have independent draws from the prior.
//
// The paths of a series depend on its own observations, its ID and the seed
// alone. The error wraps forecast.ErrMismatch if the panel is not of the kind
// that the model learned or a time is not a whole number of steps ahead.
func (m *Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, func(r record, s *series.Series, at []float64, samples int, rng *rand.Rand) (*forecast.Distribution, error) {
		steps, err := m.stepsAfter(history, s, at)
		if err != nil {
			return nil, err
		}
		d := &forecast.Distribution{ID: s.ID, Times: slices.Clone(at)}
		c := len(m.config.Channels)
		if len(at) == 0 {
			return d, nil
		}
		all, err := m.extend(ctx, r.values, steps[len(steps)-1], samples, rng)
		if err != nil {
			return nil, err
		}
		for _, values := range all {
			path := make([]float64, 0, len(steps)*c)
			for _, k := range steps {
				for _, v := range values[(k-1)*c : k*c] {
					path = append(path, m.config.Options.Top*v)
				}
			}
			d.Paths = append(d.Paths, path)
		}
		return d, nil
	})
}

// each treats every series of the panel by itself, on all processors.
func (m *Model) each(ctx context.Context, panel *series.Panel, opt forecast.Options,
	one func(r record, s *series.Series, at []float64, samples int, rng *rand.Rand) (*forecast.Distribution, error)) (*forecast.Forecast, error) {
	records, err := m.read(panel)
	if err != nil {
		return nil, err
	}
	opt, err = opt.Resolve(panel)
	if err != nil {
		return nil, fmt.Errorf("vae: %w", err)
	}
	f, err := forecast.BySeries(ctx, Kind, panel, func(i int) (*forecast.Distribution, error) {
		s := panel.Series[i]
		return one(records[i], s, opt.At[i], or(opt.Samples, neural.DefaultSamples), neural.Source(s.ID, opt.Seed))
	})
	if err != nil {
		return nil, fmt.Errorf("vae: %w", err)
	}
	if m.config.Active == 0 {
		f.Notes = append(f.Notes, "vae: no latent variable is in use, so that the steps of a window are independent; fit with free=0.1 or more, or with more windows")
	}
	return f, nil
}

// read returns the series of a panel that the model is asked about.
func (m *Model) read(panel *series.Panel) ([]record, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("vae: %w", forecast.ErrNotFitted)
	}
	if err := m.config.accepts(panel); err != nil {
		return nil, err
	}
	for _, s := range panel.Series {
		if s.Len() == 0 {
			return nil, fmt.Errorf("vae: %w: %s is empty", forecast.ErrTooShort, forecast.Describe(s.ID))
		}
	}
	return m.config.records(panel)
}

// place returns the places of the times within s, which begins at its first
// one: steps, or of rows that are windows by themselves the rows at these very
// times.
func (m *Model) place(panel *series.Panel, s *series.Series, at []float64) ([]int, error) {
	if m.config.Options.Length > 1 {
		return m.steps(panel, s.Times[0], at)
	}
	rows := make([]int, len(at))
	for i, t := range at {
		row, ok := slices.BinarySearch(s.Times, t)
		if !ok {
			return nil, fmt.Errorf("%w: there is no row at %s", forecast.ErrMismatch, panel.Axis.Stamp(t))
		}
		rows[i] = row
	}
	return rows, nil
}

// stepsAfter returns how many steps after the last of s the times lie, which
// increase.
func (m *Model) stepsAfter(panel *series.Panel, s *series.Series, at []float64) ([]int, error) {
	if m.config.Options.Length == 1 {
		steps := make([]int, len(at))
		for i := range at {
			steps[i] = i + 1
		}
		return steps, nil
	}
	steps, err := m.steps(panel, s.Times[s.Len()-1], at)
	if err != nil {
		return nil, err
	}
	if len(steps) > 0 && steps[0] < 1 {
		return nil, fmt.Errorf("time %v is not after the last observation", at[0])
	}
	return steps, nil
}

// steps returns the steps from the time since to the times, which increase.
func (m *Model) steps(panel *series.Panel, since float64, at []float64) ([]int, error) {
	steps, err := panel.StepsFrom(since, at)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
	}
	for i, k := range steps {
		if k > maxSteps || k < -maxSteps {
			return nil, fmt.Errorf("%w: time %s is %d steps from %s, at most %d can be treated",
				forecast.ErrMismatch, panel.Axis.Stamp(at[i]), k, panel.Axis.Stamp(since), maxSteps)
		}
	}
	return steps, nil
}

// maxSteps bounds how far ahead a forecast may reach.
const maxSteps = 1 << 20

// extend returns sample paths of the n steps that follow the given values of a
// record.
func (f *fitted) extend(ctx context.Context, values []float64, n, samples int, rng *rand.Rand) ([][]float64, error) {
	c, d := len(f.config.Channels), f.config.width()
	seen := f.config.context() * c
	paths := make([][]float64, samples)
	for i := range paths {
		paths[i] = make([]float64, 0, n*c)
	}
	windows, levels := make([]float64, samples*d), make([]float64, samples*2*c)
	for done := 0; done < n; done += f.config.Horizon {
		rows := samples
		if done == 0 || seen == 0 { // all paths have one context
			rows = 1
		}
		for i := range rows {
			w := windows[i*d : (i+1)*d]
			fillEnd(w[:seen], values, paths[i])
			hide(w[seen:])
			f.scaled(w, w, levels[i*2*c:(i+1)*2*c])
		}
		z, err := f.posterior(ctx, windows[:rows*d], rows, samples/rows, rng)
		if err != nil {
			return nil, err
		}
		err = f.sample(ctx, z, rng, func(i int, x []float64) error {
			level := levels[i*rows/samples*2*c:]
			for k := seen; k < d && len(paths[i]) < n*c; k++ {
				v, err := restored(x[k], level[k%c], level[c+k%c])
				if err != nil {
					return err
				}
				paths[i] = append(paths[i], v)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return paths, nil
}

// fillEnd sets dst to the end of a followed by b, with NaN before where they
// are shorter.
func fillEnd(dst, a, b []float64) {
	if n := len(b) - len(dst); n > 0 {
		b = b[n:]
	}
	at := len(dst) - len(b)
	copy(dst[at:], b)
	if n := len(a) - at; n > 0 {
		a = a[n:]
	}
	copy(dst[at-len(a):], a)
	hide(dst[:at-len(a)])
}
