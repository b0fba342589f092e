package latentode

import (
	"context"
	"fmt"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/series"
)

// Impute implements forecast.Imputer. Times after the series' last are
// forecast. A series longer than what a posterior is conditioned on is covered
// by windows that overlap by half, and a time belongs to the window in whose
// middle it lies: draws of times that belong to different windows are
// independent.
func (m *Model) Impute(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	if opt.Signal {
		return m.within(ctx, history, opt, m.signal)
	}
	return m.within(ctx, history, opt, m.observation)
}

// Encode implements forecast.Encoder: the state variables that move are the
// channels z1, z2 ..., those that stay s1, s2 ... What Impute says of windows
// holds.
func (m *Model) Encode(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	f, err := m.within(ctx, history, opt, m.state)
	if err != nil {
		return nil, err
	}
	f.Channels = nil
	for i := range m.config.Options.State {
		f.Channels = append(f.Channels, fmt.Sprintf("z%d", i+1))
	}
	for i := range m.config.static() {
		f.Channels = append(f.Channels, fmt.Sprintf("s%d", i+1))
	}
	return f, nil
}

// within draws what read reads at times within and after a series.
func (m *Model) within(ctx context.Context, history *series.Panel, opt forecast.Options, read reading) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, func(s *workspace, h *series.Series, at []float64, samples int) (*forecast.Distribution, error) {
		r, asked, err := m.asked(history, h, at)
		if err != nil {
			return nil, err
		}
		if len(asked) > 0 && asked[0] < r.U[0] {
			return nil, fmt.Errorf("%w: time %s lies before the first observation", forecast.ErrMismatch, history.Axis.Stamp(at[0]))
		}
		d := &forecast.Distribution{ID: h.ID, Times: slices.Clone(at), Paths: make([][]float64, samples)}
		rng := neural.Source(h.ID, opt.Seed)
		for _, w := range cover(r, m.config.reach(), asked) {
			paths, err := m.paths(ctx, s, history, w, len(d.Paths), rng, read)
			if err != nil {
				return nil, err
			}
			for k, p := range paths {
				d.Paths[k] = append(d.Paths[k], p...)
			}
		}
		return d, nil
	})
}

// cover returns the windows of at most reach observations that asked, in
// increasing order, belong to, those to which none belongs left out.
func cover(r *neural.Record, reach int, asked []float64) []window {
	n := len(r.U)
	var windows []window
	for from := 0; len(asked) > 0; from += max(1, reach/2) {
		w := window{Window: neural.Window{Record: r, From: max(0, min(from, n-reach)), Origin: min(from+reach, n)}}
		w.To = w.Origin
		mine := len(asked)
		if w.Origin < n {
			end := r.U[from+max(1, 3*reach/4)]
			mine, _ = slices.BinarySearch(asked, end)
		}
		w.asked, asked = asked[:mine], asked[mine:]
		if mine > 0 {
			windows = append(windows, w)
		}
	}
	return windows
}
