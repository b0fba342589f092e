package rnn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/series"
)

// LogLikelihood implements forecast.Scorer. For one sample the bound is the
// evidence lower bound, for K that of importance weighting, both by rolling
// particles through the whole series without resampling. Filter gives the
// tighter one with it.
//
// The error wraps forecast.ErrMismatch if windows have levels of their own,
// taken from the very values of which the density is asked.
func (m *Model) LogLikelihood(ctx context.Context, panel *series.Panel, opt forecast.LikelihoodOptions) ([]forecast.Likelihood, error) {
	return m.likelihood(ctx, panel, opt, true)
}

// Filter returns the bound of the filtering variational objective (FIVO;
// Maddison et al. 2017) with opt.Samples particles, which are resampled where
// their effective number falls below half of it. It is otherwise as
// LogLikelihood.
func (m *Model) Filter(ctx context.Context, panel *series.Panel, opt forecast.LikelihoodOptions) ([]forecast.Likelihood, error) {
	return m.likelihood(ctx, panel, opt, false)
}

func (m *Model) likelihood(ctx context.Context, panel *series.Panel, opt forecast.LikelihoodOptions, never bool) ([]forecast.Likelihood, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("rnn: %w", forecast.ErrNotFitted)
	}
	if m.plan.Options.Level == LevelWindow {
		return nil, fmt.Errorf("rnn: %w: each window has a level of its own; fit with level=panel to know likelihoods", forecast.ErrMismatch)
	}
	if err := m.plan.accepts(panel); err != nil {
		return nil, err
	}
	particles := max(1, opt.Samples)
	all := make([]forecast.Likelihood, len(panel.Series))
	return all, each(len(all), func(i int) error {
		r, err := m.plan.record(panel, panel.Series[i])
		if err != nil {
			return fmt.Errorf("rnn: series %q: %w", panel.Series[i].ID, err)
		}
		roll := roll{
			network: m.network, values: m.params.Values, particles: particles, paths: particles, never: never,
			rng: rand.New(rand.NewPCG(opt.Seed, uint64(i))),
		}
		l := forecast.Likelihood{ID: r.id}
		if len(r.u) > 0 {
			n := len(r.u)
			if l.Value, err = roll.run(ctx, window{record: &r, from: 0, origin: n, to: n}); err != nil {
				return fmt.Errorf("rnn: series %q: %w", r.id, err)
			}
		}
		for k, x := range r.x {
			if math.IsNaN(x) {
				continue
			}
			l.Values++
			j := k % len(m.plan.Channels)
			l.Value -= math.Log(m.plan.Scale[j])
			if m.plan.Log[j] {
				l.Value -= x // the logarithm of the value, whose derivative is its inverse
			}
		}
		all[i] = l
		return nil
	})
}
