package rnn

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/training"
	"tsgen/models/density"
	"tsgen/series"
)

// A Model is a VRNN or an SRNN. It is ready to be fitted with the default
// options once Kind is set. A fitted model may be used concurrently.
type Model struct {
	Kind    string // VRNN or SRNN
	Options Options
	*fitted
}

// fitted is what a fit leaves: a config and the weights.
type fitted struct {
	training.Fitted
	config  *config
	network *network[float64]
	single  *network[float32] // the same in float32, if training and paths are to be computed so
}

// newFitted returns the networks of cfg with weights that are drawn.
func newFitted(cfg *config, rng *rand.Rand) (f *fitted, err error) {
	f = &fitted{config: cfg, Fitted: training.Fitted{Params: &nn.Params{}}}
	if f.network, err = newNetwork[float64](f.Params, cfg, rng); err == nil && cfg.Options.Precision == Float32 {
		f.single, err = newNetwork[float32](&nn.Params{}, cfg, rng)
	}
	return f, err
}

// Name returns the kind.
func (m *Model) Name() string { return m.Kind }

func (m *Model) check() error {
	if m.Kind != VRNN && m.Kind != SRNN {
		return fmt.Errorf("rnn: a model of kind %q, want %q or %q", m.Kind, VRNN, SRNN)
	}
	return m.Options.Validate()
}

// ByDensity implements forecast.Density: binary values are judged by it.
func (m *Model) ByDensity(train *series.Panel) (yes, binary bool) {
	unit := cmp.Or(m.Options.Likelihood, likelihoodOf(train)).Domain() == density.Unit
	return unit, unit
}

// Curve returns the course of the last training: for every validation the
// update, the mean loss since the one before, in nats per value, and the score.
// The score is NaN where nothing was held back.
func (m *Model) Curve() []forecast.Point {
	if m.fitted == nil {
		return nil
	}
	return m.fitted.Curve()
}

// Divergence returns the mean divergence KL(q ‖ prior) of the latent variables
// a step, in nats, on windows that the fit held back, or on the ends of the
// series where nothing was. Near 0 the latent variables are not in use
// ("posterior collapse"), and the model is a plain recurrent network. It is NaN
// before a fit.
func (m *Model) Divergence() float64 {
	if m.fitted == nil {
		return math.NaN()
	}
	return m.config.Divergence
}

// Forecast continues every series of history: particles infer the latent
// variables of its last steps, as many as the context holds, and beyond them all
// is drawn from the prior.
//
// The paths of a series depend on its own observations, its ID and the seed
// alone. The error wraps forecast.ErrMismatch if the panel is not of the kind
// that the model learned or a time is not a whole number of steps ahead,
// forecast.ErrTooShort if a series has no step, and series.ErrKnown if the
// covariates that the model knows ahead do not reach. Where a series has fewer than
// two values the panel's level and scale stand for its own, and the notes say so.
func (m *Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("rnn: %w", forecast.ErrNotFitted)
	}
	f, err := m.config.Forecast(ctx, m.Kind, history, opt, func(i int, at []float64, samples int) (*forecast.Distribution, error) {
		s := history.Series[i]
		return m.config.Paths(history, s, at, m.config.reading(), func(r *neural.Record, first int) ([][]float64, error) {
			w := neural.Window{Record: r, From: max(0, first-m.config.Options.Context), Origin: first, To: len(r.U)}
			return m.paths(ctx, w, m.config.Options.Particles, samples, 0, neural.Source(s.ID, opt.Seed))
		})
	})
	if err != nil {
		return nil, fmt.Errorf("rnn: %w", err)
	}
	if m.config.Divergence < collapsed {
		f.Notes = slices.Insert(f.Notes, 0, fmt.Sprintf(
			"%s: its latent variables are hardly in use (%.2g nats a step): it is a plain recurrent network", m.Kind, m.config.Divergence))
	}
	return f, nil
}

// paths draws what follows the origin of w, in the model's terms, of which rows are held
// with a probability.
func (f *fitted) paths(ctx context.Context, w neural.Window, particles, samples int, hold float64, rng *rand.Rand) ([][]float64, error) {
	c := len(f.config.Channels)
	paths, length := make([][]float64, samples), (w.To-w.Origin)*c
	room := make([]float64, samples*length)
	for k := range paths {
		paths[k] = room[k*length : (k+1)*length : (k+1)*length]
	}
	_, err := f.filter(ctx, w, filtering{
		values: f.Params.Values, particles: particles, paths: samples, rng: rng, hold: hold,
		visit: func(b *batch, t int, y []float64) {
			for i, v := range y {
				k, j := i/c, i%c
				room[k*length+t*c+j] = b.windowMean[j] + b.windowScale[j]*v
			}
		},
	})
	return paths, err
}

// LogLikelihood implements forecast.Scorer. For one sample the bound is the
// evidence lower bound, for K that of importance weighting, both by taking
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
	all, err := m.config.LogLikelihoods(ctx, panel, opt, m.config.Options.Level, m.config.reading(),
		func(r *neural.Record, particles int, rng *rand.Rand) (float64, error) {
			n := len(r.U)
			if n == 0 {
				return 0, nil
			}
			p := particleFilter[float64]{network: m.network, filtering: filtering{
				values: m.Params.Values, particles: particles, paths: particles, never: never, rng: rng,
			}}
			return p.run(ctx, neural.Window{Record: r, From: 0, Origin: n, To: n})
		})
	if err != nil {
		return nil, fmt.Errorf("rnn: %w", err)
	}
	return all, nil
}
