package latentode

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/series"
)

// LogLikelihood implements forecast.Scorer: for one draw the evidence lower
// bound, for K that of importance weighting, proposals coming from where those of
// forecasts do; of dynamics with noise it is the mean of the former over the draws. A series longer than what a posterior is conditioned on is cut
// into windows of that length, which count as independent, from its beginning on.
// Counts and binary values have a probability, and no density.
//
// The error wraps forecast.ErrMismatch if windows have levels of their own, taken
// from the very values of which the density is asked, or if the panel is not of
// the kind that the model learned.
func (m *Model) LogLikelihood(ctx context.Context, panel *series.Panel, opt forecast.LikelihoodOptions) ([]forecast.Likelihood, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("latentode: %w", forecast.ErrNotFitted)
	}
	all, err := m.config.LogLikelihoods(ctx, panel, opt, m.config.anyLevel(), m.config.reading(),
		func(r *neural.Record, samples int, rng *rand.Rand) (sum float64, err error) {
			s, err := m.borrow()
			if err != nil {
				return 0, err
			}
			defer m.idle.Put(s)
			s.seeds = rng
			for from := 0; from < len(r.U); from += m.config.reach() {
				to := min(len(r.U), from+m.config.reach())
				bound, err := m.bound(ctx, s, window{Window: neural.Window{Record: r, From: from, Origin: to, To: to}}, samples, rng)
				if err != nil {
					return 0, err
				}
				sum += bound
			}
			return sum, nil
		})
	if err != nil {
		return nil, fmt.Errorf("latentode: %w", err)
	}
	return all, nil
}

// bound returns the importance-weighted bound of a window, in units of the model.
func (m *Model) bound(ctx context.Context, s *workspace, w window, samples int, rng *rand.Rand) (float64, error) {
	if !w.Observed(w.From, w.To) {
		return 0, nil
	}
	p := nn.Pass{Values: m.Params.Values}
	var weights []float64
	err := m.decodeDraws(ctx, &p, s, w, samples, rng.NormFloat64, func(d decoded, drawn proposal, _ int) error {
		fit := s.perTrajectory(&p, m.network.logDensity(&p, s.target, d)).Val
		for i, f := range fit {
			weights = append(weights, f+drawn.logRatio[i])
		}
		if d.paths != nil {
			floats.Sub(weights[len(weights)-len(fit):], d.paths.Val)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	b := floats.LogSumExp(weights) - math.Log(float64(len(weights)))
	if m.config.stochastic() {
		b = stat.Mean(weights, nil)
	}
	if math.IsNaN(b - b) {
		return 0, fmt.Errorf("%w: the bound on the likelihood is %v", nn.ErrNonFinite, b)
	}
	return b, nil
}

// anyLevel returns LevelWindow if windows have levels of their own in any channel.
func (c *config) anyLevel() Level {
	if c.OwnLevel != nil {
		return LevelWindow
	}
	return c.Options.Level
}
