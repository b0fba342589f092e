package mixer

import (
	"context"
	"fmt"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/copula"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/training"
	"tsgen/series"
)

// Kind is the name of the model.
const Kind = "mixer"

// A Model is a direct forecaster. Its zero value is ready to be fitted. A fitted
// model may be used concurrently.
type Model struct {
	Options Options
	*fitted
}

// fitted is what a fit leaves: a config and the weights.
type fitted struct {
	training.Fitted
	config          *config
	members         [members]*network
	steps, channels nn.Param // of the copula
}

func newFitted(c *config, rng *rand.Rand) *fitted {
	f := &fitted{config: c, Fitted: training.Fitted{Params: &nn.Params{}}}
	for i := range f.members {
		f.members[i] = newNetwork(f.Params, c, i, rng)
	}
	f.steps = f.Params.Add("copula.steps", c.Horizon, c.Horizon)
	f.channels = f.Params.Add("copula.channels", len(c.Channels), len(c.Channels))
	return f
}

func (f *fitted) copula() copula.Gaussian {
	return copula.Gaussian{Steps: f.steps.In(f.Params.Values), Channels: f.channels.In(f.Params.Values)}
}

// quantiles returns the mean of the members' quantiles.
func (f *fitted) quantiles(p *nn.Pass, b *batch) *ad.Node {
	sum := f.members[0].quantiles(p, b)
	for _, n := range f.members[1:] {
		sum = p.Add(sum, n.quantiles(p, b))
	}
	return p.Scale(1.0/members, sum)
}

// Name returns Kind.
func (m *Model) Name() string { return Kind }

// Curve returns the course of the last training.
func (m *Model) Curve() []forecast.Point {
	if m.fitted == nil {
		return nil
	}
	return m.fitted.Curve()
}

// Forecast draws sample paths that continue every series of history; those of a
// series depend on its own observations, its ID and the seed alone. The error wraps
// forecast.ErrMismatch if the panel is not of the kind that the model learned or a
// time is not a whole number of steps ahead, forecast.ErrTooShort if a series has no
// step, and series.ErrKnown if covariates do not reach.
func (m *Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("mixer: %w", forecast.ErrNotFitted)
	}
	f, err := m.config.Forecast(ctx, Kind, history, opt, func(i int, at []float64, samples int) (*forecast.Distribution, error) {
		s := history.Series[i]
		return m.config.Paths(history, s, at, reading, func(r *neural.Record, first int) ([][]float64, error) {
			b, p := &batch{config: m.config}, &nn.Pass{Values: m.Params.Values}
			return m.config.DrawBlocks(ctx, r, first, m.config.Options.Context, samples, m.copula(), neural.Source(s.ID, opt.Seed),
				func(w neural.Window) func(t, j int, z float64) float64 { return m.block(p, b, w) })
		})
	})
	if err != nil {
		return nil, fmt.Errorf("mixer: %w", err)
	}
	return f, nil
}

// block returns the values of the horizon of w by their normal scores.
func (f *fitted) block(p *nn.Pass, b *batch, w neural.Window) func(t, j int, z float64) float64 {
	p.Reset()
	b.fill([]neural.Window{w})
	output := f.members[0].output
	q, n := f.quantiles(p, b).Val, output.Outputs()
	return func(t, j int, z float64) float64 {
		at := j*f.config.Horizon + t
		return b.base[at] + b.unit[j]*output.Value(q[at*n:(at+1)*n], z)
	}
}

// State returns the fitted model, and its training if that was interrupted.
func (m *Model) State() (*forecast.State, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("mixer: %w", forecast.ErrNotFitted)
	}
	return training.State(Kind, m.config, &m.Fitted)
}

// FromState returns the model that State stored. It fails, and allocates little
// before it does, if the state is not that of a mixer.
func FromState(s *forecast.State) (*Model, error) {
	c, f, err := training.FromState(s, Kind, (*config).check, newFitted)
	if err != nil {
		return nil, fmt.Errorf("mixer: %w", err)
	}
	return &Model{Options: c.Options, fitted: f}, nil
}
