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
	return training.State(Kind, m.config, &m.Fitted)
}

// FromState returns the model that State stored. It fails, and allocates little
// before it does, if the state is not that of a latent ODE.
func FromState(s *forecast.State) (*Model, error) {
	c, f, err := training.FromState(s, Kind, (*config).check, newFitted)
	if err != nil {
		return nil, fmt.Errorf("latentode: %w", err)
	}
	return &Model{Options: c.Options, fitted: f}, nil
}
