package latentode

import (
	"fmt"

	"tsgen/forecast"
	"tsgen/internal/training"
)

// State returns the fitted model, and its training if that was interrupted.
func (m *Model) State() (*forecast.State, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("latentode: %w", forecast.ErrNotFitted)
	}
	return training.State(m.config.kind(), m.config, &m.Fitted)
}

// checkOf returns what says what is wrong with a config that was read as that of a model of a kind.
func checkOf(kind string) func(*config) error {
	return func(c *config) error {
		if c.kind() != kind {
			return fmt.Errorf("a model of kind %q, want %q", c.kind(), kind)
		}
		return c.check()
	}
}

// FromState returns the model that State stored. It fails, and allocates little
// before it does, if the state is not that of a latent ODE.
func FromState(s *forecast.State) (*Model, error) {
	c, f, err := training.FromState(s, Kind, checkOf(Kind), newFitted)
	if err != nil {
		return nil, fmt.Errorf("latentode: %w", err)
	}
	return &Model{Options: c.Options, fitted: f}, nil
}
