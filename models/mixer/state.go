package mixer

import (
	"fmt"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/internal/neural"
)

// State returns the fitted model, and its training if that was interrupted.
func (m *Model) State() (*forecast.State, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("mixer: %w", forecast.ErrNotFitted)
	}
	return neural.State(Kind, m.config, &m.Fitted)
}

// FromState returns the model that State stored. It fails, and allocates little
// before it does, if the state is not that of a mixer.
func FromState(s *forecast.State) (*Model, error) {
	c, err := neural.ReadPlan[config](s, Kind)
	if err != nil {
		return nil, fmt.Errorf("mixer: %w", err)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("mixer: the model's plan: %w", err)
	}
	f := newFitted(c, rand.New(rand.NewPCG(0, 0)))
	more, err := f.Restore(s)
	if err == nil {
		err = neural.NoMore(more)
	}
	if err != nil {
		return nil, fmt.Errorf("mixer: %w", err)
	}
	return &Model{Options: c.Options, fitted: f}, nil
}
