package rnn

import (
	"fmt"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/internal/training"
)

// State returns the fitted model, and its training if that was interrupted.
func (m *Model) State() (*forecast.State, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("rnn: %w", forecast.ErrNotFitted)
	}
	return training.State(m.Kind, m.config, &m.Fitted)
}

// FromState returns the model that State stored. It fails, and allocates little
// before it does, if the state is not that of a VRNN or SRNN.
func FromState(s *forecast.State) (*Model, error) {
	m, err := fromState(s)
	if err != nil {
		return nil, fmt.Errorf("rnn: %w", err)
	}
	return m, nil
}

func fromState(s *forecast.State) (*Model, error) {
	c, err := training.ReadConfig[config](s, VRNN, SRNN)
	if err != nil {
		return nil, err
	}
	if s.Kind != c.Kind {
		return nil, fmt.Errorf("a model of kind %q whose configuration is of kind %q", s.Kind, c.Kind)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("the model's configuration: %w", err)
	}
	f, err := newFitted(c, rand.New(rand.NewPCG(0, 0)))
	if err != nil {
		return nil, err
	}
	more, err := f.Restore(s)
	if err == nil {
		err = training.NoMore(more)
	}
	return &Model{Kind: s.Kind, Options: c.Options, fitted: f}, err
}
