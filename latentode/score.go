package latentode

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"

	"tsgen/forecast"
	"tsgen/internal/nn"
	"tsgen/series"
)

// LogLikelihood implements forecast.Scorer: for one draw the evidence lower
// bound, for K that of importance weighting, proposals coming from where those of
// forecasts do. A series longer than what a posterior is conditioned on is cut
// into windows of that length, which count as independent, from its beginning on.
// Counts and binary values have a probability, and no density.
//
// The error wraps forecast.ErrMismatch if windows have levels of their own, taken
// from the very values of which the density is asked, or if the panel is not of
// the kind that the model learned.
func (m *Model) LogLikelihood(ctx context.Context, panel *series.Panel, opt forecast.LikelihoodOptions) ([]forecast.Likelihood, error) {
	switch {
	case m.fitted == nil:
		return nil, fmt.Errorf("latentode: %w", forecast.ErrNotFitted)
	case m.plan.Options.Level == LevelWindow:
		return nil, fmt.Errorf("latentode: %w: windows have levels of their own, which leaves no density of their values; fit with the option level=%s",
			forecast.ErrMismatch, LevelPanel)
	case opt.Samples < 0:
		return nil, fmt.Errorf("latentode: %d samples", opt.Samples)
	}
	if err := m.plan.accepts(panel); err != nil {
		return nil, err
	}
	s, err := m.network.newShard()
	if err != nil {
		return nil, err
	}
	all := make([]forecast.Likelihood, len(panel.Series))
	for i, h := range panel.Series {
		if _, err := panel.KnownAt(h, h.Times); err != nil {
			return nil, fmt.Errorf("latentode: series %q: %w", h.ID, err)
		}
		r := m.plan.record(panel, h)
		l := forecast.Likelihood{ID: h.ID, Values: h.Observed()}
		rng := sourceOf(h.ID, opt.Seed)
		for from := 0; from < len(r.u); from += m.plan.reach() {
			to := min(len(r.u), from+m.plan.reach())
			bound, err := m.bound(ctx, s, window{record: &r, from: from, origin: to, to: to}, or(opt.Samples, 1), rng)
			if err != nil {
				return nil, fmt.Errorf("latentode: series %q: %w", h.ID, err)
			}
			l.Value += bound
		}
		for k, x := range r.x {
			if j := k % len(m.plan.Channels); !math.IsNaN(x) {
				l.Value -= math.Log(m.plan.Scale[j])
				if m.plan.Log[j] {
					l.Value -= x // the derivative of the logarithm is the inverse of the value
				}
			}
		}
		all[i] = l
	}
	return all, nil
}

// bound returns the importance-weighted bound of a window, in units of the model.
func (m *Model) bound(ctx context.Context, s *shard, w window, samples int, rng *rand.Rand) (float64, error) {
	if !w.seen(w.from, w.to) {
		return 0, nil
	}
	p := nn.Pass{Values: m.params.Values}
	var weights []float64
	for len(weights) < samples {
		p.Reset()
		s.fill([]window{w})
		draws := min(samples-len(weights), 1+maxRows/len(s.owner))
		proposed, err := m.proposals(ctx, &p, s, draws, rng)
		if err != nil {
			return 0, err
		}
		d, err := m.network.decode(ctx, &p, s, proposed.z0)
		if err != nil {
			return 0, err
		}
		fit := s.perTrajectory(&p, m.network.logDensity(&p, s.target, d)).Val
		for i, f := range fit {
			weights = append(weights, f+proposed.logRatio[i])
		}
	}
	b := floats.LogSumExp(weights) - math.Log(float64(len(weights)))
	if math.IsNaN(b - b) {
		return 0, fmt.Errorf("%w: the bound on the likelihood is %v", nn.ErrNonFinite, b)
	}
	return b, nil
}
