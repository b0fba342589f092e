package flow

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/training"
	"tsgen/series"
)

// Kind is the name of the model.
const Kind = "flow"

// A Model is a rectified flow of windows. Its zero value is ready to be fitted. A fitted
// model may be used concurrently.
type Model struct {
	Options Options
	*fitted
}

// fitted is what a fit leaves: a config and the weights.
type fitted struct {
	training.Fitted
	config  *config
	network *network
}

func newFitted(c *config, rng *rand.Rand) *fitted {
	f := &fitted{config: c, Fitted: training.Fitted{Params: &nn.Params{}}}
	f.network = newNetwork(f.Params, c, rng)
	return f
}

// Name returns Kind.
func (m *Model) Name() string { return Kind }

// Curve returns the course of the last training: losses and scores are mean square errors
// of the velocities.
func (m *Model) Curve() []forecast.Point {
	if m.fitted == nil {
		return nil
	}
	return m.fitted.Curve()
}

// Forecast draws sample paths that continue every series of history, each the end of a
// window that is guided to the series' last steps; beyond a window's horizon a path goes
// on from its own values; covariates add what they do by a regression. Those of a series depend on its own observations, its ID and the
// seed alone. The error wraps forecast.ErrMismatch if the panel is not of the kind that
// the model learned or a time is not a whole number of steps ahead, and
// forecast.ErrTooShort if a series has no step.
func (m *Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("flow: %w", forecast.ErrNotFitted)
	}
	f, err := m.config.Forecast(ctx, Kind, history, opt, func(i int, at []float64, samples int) (*forecast.Distribution, error) {
		s := history.Series[i]
		return m.config.Paths(history, s, at, reading, func(r *neural.Record, first int) ([][]float64, error) {
			rng := neural.Source(s.ID, opt.Seed)
			n := min(m.config.Horizon, len(r.U)-first)
			paths, err := m.ahead(ctx, r, first, n, samples, rng)
			for k := 0; first+n < len(r.U) && k < len(paths) && err == nil; k += together {
				err = m.goOnFrom(ctx, r, first, paths[k:min(k+together, len(paths))], rng)
			}
			return paths, err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("flow: %w", err)
	}
	return f, nil
}

// goOnFrom has paths, of steps of r from first on, go on to its end.
func (f *fitted) goOnFrom(ctx context.Context, r *neural.Record, first int, paths [][]float64, rng *rand.Rand) error {
	c := len(f.config.Channels)
	all, noise := make([]neural.Record, len(paths)), make([]noises, len(paths))
	for k, path := range paths {
		all[k] = *r
		all[k].X = append(slices.Clone(r.X[:first*c]), path...)
		var drawn [][]float64
		for n := first + len(path)/c; n < len(r.U); n += f.config.Horizon {
			drawn = append(drawn, f.noise(rng))
		}
		noise[k] = func() (z []float64) {
			z, drawn = drawn[0], drawn[1:]
			return z
		}
	}
	err := f.goOn(ctx, all, noise)
	for k := range paths {
		paths[k] = all[k].X[first*c:]
	}
	return err
}

// noises returns the noise of one window after the other.
type noises func() []float64

// goOn appends draws of what follows to the values of each of some records, to its end.
func (f *fitted) goOn(ctx context.Context, all []neural.Record, noise []noises) error {
	c, k := f.config, len(f.config.Channels)
	var like *guide
	for {
		var asked []request
		var which []*neural.Record
		for i := range all {
			r := &all[i]
			n := len(r.X) / k
			if n >= len(r.U) {
				continue
			}
			x, _ := c.window(r, n-c.lookback())
			g, err := f.network.newGuide(f.Params.Values, x, like)
			if err != nil {
				return err
			}
			like = g
			which, asked = append(which, r), append(asked, request{c.place(r.U[n] - float64(c.lookback())), g, noise[i]()})
		}
		if len(asked) == 0 {
			return nil
		}
		windows, err := f.draw(ctx, asked)
		if err != nil {
			return err
		}
		for i, w := range windows {
			r := which[i]
			n := min(c.Horizon, len(r.U)-len(r.X)/k)
			r.X = append(r.X, c.restored(w[c.lookback()*k:(c.lookback()+n)*k])...)
		}
	}
}

// ahead draws n steps, up to the horizon, of r from the step first on, in the unit of
// records.
func (f *fitted) ahead(ctx context.Context, r *neural.Record, first, n, draws int, rng *rand.Rand) ([][]float64, error) {
	c, k := f.config, len(f.config.Channels)
	from := first - c.lookback()
	seen := *r
	seen.X = r.X[:first*k]
	x, _ := c.window(&seen, from)
	windows, err := f.guided(ctx, r.U[first]-float64(c.lookback()), x, draws, rng)
	for i, w := range windows {
		windows[i] = c.restored(w[c.lookback()*k : (c.lookback()+n)*k])
	}
	return windows, err
}

// guided draws windows that begin at the coordinate u, given what of x is there.
func (f *fitted) guided(ctx context.Context, u float64, x []float64, draws int, rng *rand.Rand) ([][]float64, error) {
	g, err := f.network.newGuide(f.Params.Values, x, nil)
	if err != nil {
		return nil, err
	}
	asked := make([]request, draws)
	for i := range asked {
		asked[i] = request{f.config.place(u), g, f.noise(rng)}
	}
	return f.draw(ctx, asked)
}

// restored returns values in the unit of records.
func (c *config) restored(x []float64) []float64 {
	k := len(c.Channels)
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = c.Center[i%k] + c.Scale[i%k]*v
		if c.Log[i%k] {
			y[i] = math.Min(y[i], maxLog)
		}
	}
	return y
}

// maxLog bounds logarithms so that values remain numbers.
const maxLog = 700

// Generate implements forecast.Generator: a window, and what is longer goes on as a
// forecast does. Series are as long as those of the data. Covariates that are known ahead add
// what they do by a regression: those of the options, or at their means.
func (m *Model) Generate(ctx context.Context, opt forecast.GenerateOptions) (*series.Panel, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("flow: %w", forecast.ErrNotFitted)
	}
	k := len(m.config.Channels)
	panel, err := m.config.GenerateTogether(ctx, opt, together, func(some []neural.Record, rngs []*rand.Rand) ([][]float64, error) {
		asked, noise := make([]request, len(some)), make([]noises, len(some))
		for i, r := range some {
			noise[i] = func() []float64 { return m.noise(rngs[i]) }
			asked[i] = request{place: m.config.place(r.U[0]), noise: noise[i]()}
		}
		windows, err := m.draw(ctx, asked)
		if err != nil {
			return nil, err
		}
		for i, w := range windows {
			w = m.config.restored(w)
			some[i].X = w[:min(len(w), len(some[i].U)*k)]
		}
		if err := m.goOn(ctx, some, noise); err != nil {
			return nil, err
		}
		all := make([][]float64, len(some))
		for i := range some {
			r := &some[i]
			for at, x := range r.X {
				all[i] = append(all[i], m.config.RestoreAt(r, r.U[at/k], at%k, x))
			}
		}
		return all, nil
	})
	if err != nil {
		return nil, fmt.Errorf("flow: %w", err)
	}
	return panel, nil
}

// LogLikelihood implements forecast.Scorer: the density is exact, but for the solver's
// tolerance, with respect to the directions in which windows vary. The error wraps
// forecast.ErrMismatch if a series has not as many steps as a window, or a value is
// missing.
func (m *Model) LogLikelihood(ctx context.Context, panel *series.Panel, opt forecast.LikelihoodOptions) ([]forecast.Likelihood, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("flow: %w", forecast.ErrNotFitted)
	}
	all, err := m.config.LogLikelihoods(ctx, panel, opt, neural.LevelPanel, reading, func(r *neural.Record, _ int, _ *rand.Rand) (float64, error) {
		x, whole := m.config.window(r, 0)
		if len(r.U) != m.config.Options.Length || !whole {
			return 0, fmt.Errorf("%w: a density is that of whole windows of %d steps, the series has %d", forecast.ErrMismatch, m.config.Options.Length, len(r.U))
		}
		z := m.network.whiten(m.Params.Values, x)
		slopes := 0.0
		for k := range m.config.Scores {
			if s := &m.config.Scores[k]; s.Values != nil {
				slopes += math.Log(s.Slope(z[k]))
			}
		}
		m.config.scored(z)
		l, err := m.logDensity(ctx, m.config.place(r.U[0]), z)
		l += slopes
		for _, sd := range m.network.deviation.In(m.Params.Values) {
			l -= math.Log(sd)
		}
		return l, err
	})
	if err != nil {
		return nil, fmt.Errorf("flow: %w", err)
	}
	for i := range all {
		all[i].Exact = true
	}
	return all, nil
}

// State returns the fitted model, and its training if that was interrupted.
func (m *Model) State() (*forecast.State, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("flow: %w", forecast.ErrNotFitted)
	}
	return training.State(Kind, m.config, &m.Fitted)
}

// FromState returns the model that State stored. It fails, and allocates little
// before it does, if the state is not that of a flow.
func FromState(s *forecast.State) (*Model, error) {
	c, f, err := training.FromState(s, Kind, (*config).check, newFitted)
	if err == nil {
		err = neural.Positive(f.network.deviation.In(f.Params.Values)...)
	}
	if err != nil {
		return nil, fmt.Errorf("flow: %w", err)
	}
	return &Model{Options: c.Options, fitted: f}, nil
}
