package latentode

import (
	"context"
	"fmt"

	"tsgen/forecast"
	"tsgen/internal/option"
	"tsgen/internal/training"
	"tsgen/models/density"
	"tsgen/series"
)

// StochasticKind is the name of the latent SDE.
const StochasticKind = "latent-sde"

// A Stochastic is a latent SDE (Li et al. 2020): a latent ODE whose dynamics have noise of their own, and whose
// observations, read backwards, guide the paths that explain them. The zero value is ready to be fitted with the
// default options. It does all that a Model does, and may forecast concurrently.
type Stochastic struct {
	Options StochasticOptions
	Model
}

// StochasticOptions are the choices of a latent SDE. A zero field stands for the default that its tag names; those
// that Options has too mean the same.
type StochasticOptions struct {
	State      int            `json:"state" min:"1" default:"one a channel, 32 at most" help:"latent variables that move"`
	Static     int            `json:"static" min:"-1" default:"4 with a season, else none" help:"latent variables that stay as they are in a window; -1: none"`
	Encoder    Encoder        `json:"encoder" oneof:"gru ode-rnn gru-d" default:"gru" help:"what reads the observations"`
	Hidden     int            `json:"hidden" min:"1" max:"65536" default:"32" help:"width of the encoder and of the hidden layers"`
	Harmonics  int            `json:"harmonics" min:"-1" default:"half the season, 8 at most" help:"harmonics of the seasonal forcing; -1: none"`
	Context    int            `json:"context" min:"1" default:"3 seasons or 2 horizons" help:"observations that the encoder sees at most"`
	Level      Level          `json:"level" oneof:"window panel" default:"as the panel suggests" help:"whose level and scale are taken out of values"`
	Transform  Transform      `json:"transform" oneof:"none log" default:"as the likelihood of the values suggests" help:"what is done to positive values first"`
	Likelihood density.Family `json:"likelihood" oneof:"gaussian student-t log-normal poisson negative-binomial bernoulli" default:"gaussian" help:"distribution of an observation"`
	Noise      float64        `json:"noise" min:"0" default:"learned" help:"deviation of the noise of observations in the unit of the data, where it is known"`
	Companion  string         `json:"companion" oneof:"none pooled-gp modal" default:"pooled-gp for irregular series of few observations, else none" help:"model in closed form that has a say in predictions"`
	Free       float64        `json:"free" min:"0" default:"0" help:"nats of the divergence from the prior that are free for each latent variable"`

	// Step is the longest step of a path, in usual gaps between observations: the finer, the less
	// what happens within a gap is that of a straight line, and the longer a fit takes.
	Step float64 `json:"step" min:"0" default:"0.5" help:"longest step of a path, in usual gaps between observations"`

	Updates  int     `json:"updates" min:"1" default:"1000" help:"updates of the parameters at most"`
	Batch    int     `json:"batch" min:"1" default:"64" help:"windows in an update"`
	Rate     float64 `json:"rate" min:"0" default:"0.01" help:"learning rate at its highest"`
	Patience int     `json:"patience" min:"1" default:"16, or a quarter of the updates" help:"validations without a better score before training stops"`
}

// DefaultStep is the default of StochasticOptions.Step.
const DefaultStep = 0.5

// Validate says which option is out of its range, if any is.
func (o StochasticOptions) Validate() error { return option.Validate("latentode", o) }

// common returns the options in the form in which a config keeps them.
func (o StochasticOptions) common() Options {
	return Options{
		State: o.State, Static: o.Static, Encoder: o.Encoder, Hidden: o.Hidden, Harmonics: o.Harmonics, Context: o.Context,
		Level: o.Level, Transform: o.Transform, Likelihood: o.Likelihood, Noise: o.Noise, Companion: o.Companion, Free: o.Free,
		Updates: o.Updates, Batch: o.Batch, Rate: o.Rate, Patience: o.Patience,
	}
}

// options is the inverse of common, with the longest step of a path.
func (c *config) options() StochasticOptions {
	o := c.Options
	return StochasticOptions{
		State: o.State, Static: o.Static, Encoder: o.Encoder, Hidden: o.Hidden, Harmonics: o.Harmonics, Context: o.Context,
		Level: o.Level, Transform: o.Transform, Likelihood: o.Likelihood, Noise: o.Noise, Companion: o.Companion, Free: o.Free,
		Step: c.Stride, Updates: o.Updates, Batch: o.Batch, Rate: o.Rate, Patience: o.Patience,
	}
}

// Name returns StochasticKind.
func (m *Stochastic) Name() string { return StochasticKind }

// Fit trains the model on the panel, as that of a Model does.
func (m *Stochastic) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	if err := m.Options.Validate(); err != nil {
		return err
	}
	return m.fit(ctx, m.Options.common(), or(m.Options.Step, DefaultStep), train, opt)
}

// StochasticFromState returns the latent SDE that State stored. It fails, and allocates little
// before it does, if the state is not that of one.
func StochasticFromState(s *forecast.State) (*Stochastic, error) {
	c, f, err := training.FromState(s, StochasticKind, checkOf(StochasticKind), newFitted)
	if err != nil {
		return nil, fmt.Errorf("latentode: %w", err)
	}
	return &Stochastic{Options: c.options(), Model: Model{Options: c.Options, fitted: f}}, nil
}
