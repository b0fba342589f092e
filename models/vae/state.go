package vae

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/training"
)

// bankName is the name of the tensor of the levels of training windows.
const bankName = "levels"

// statesName is the name of the tensor of the latent variables of training windows.
const statesName = "states"

// State returns the fitted model, and its training if that was interrupted.
func (m *Model) State() (*forecast.State, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("vae: %w", forecast.ErrNotFitted)
	}
	var bank []forecast.Tensor
	if n, l := len(m.states), m.config.Options.Latent; n > 0 {
		bank = append(bank, forecast.Tensor{Name: statesName, Shape: []int{n, l}, Data: slices.Concat(m.states...)})
	}
	if c := 2 * len(m.config.Channels); len(m.bank) > 0 {
		bank = append(bank, forecast.Tensor{Name: bankName, Shape: []int{len(m.bank) / c, c}, Data: slices.Clone(m.bank)})
	}
	return training.State(Kind, m.config, &m.Fitted, bank...)
}

// FromState returns the model that State stored. It fails, and allocates little
// before it does, if the state is not that of a window VAE.
func FromState(s *forecast.State) (*Model, error) {
	c, err := training.ReadConfig[config](s, Kind)
	if err != nil {
		return nil, fmt.Errorf("vae: %w", err)
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	total := 0
	for _, t := range s.Tensors {
		total += len(t.Data)
	}
	if need := c.weights(); need > float64(total) {
		return nil, fmt.Errorf("vae: the model has %d weights, its configuration asks for %.0f", total, need)
	}
	f := &fitted{config: c, Fitted: training.Fitted{Params: &nn.Params{}}}
	if f.network, err = newNetwork(f.Params, c, rand.New(rand.NewPCG(0, 0))); err != nil {
		return nil, err
	}
	more, err := f.Restore(s)
	if err != nil {
		return nil, fmt.Errorf("vae: %w", err)
	}
	more, err = f.setOwn(more)
	if err != nil {
		return nil, err
	}
	if err := training.NoMore(more); err != nil {
		return nil, fmt.Errorf("vae: %w", err)
	}
	if c.Options.Level == LevelWindow && len(f.bank) == 0 {
		return nil, errors.New("vae: the levels of training windows are missing")
	}
	return &Model{Options: c.Options, fitted: f}, nil
}

// setOwn takes the tensors beside the weights, in any order, and returns what
// is left.
func (f *fitted) setOwn(tensors []forecast.Tensor) (left []forecast.Tensor, err error) {
	for _, t := range tensors {
		switch {
		case t.Name == statesName && f.states == nil:
			err = f.setStates(t)
		case t.Name == bankName && f.bank == nil:
			err = f.setBank(t)
		default:
			left = append(left, t)
		}
		if err != nil {
			return nil, err
		}
	}
	if n := len(f.bank) / (2 * len(f.config.Channels)); n > 0 && len(f.states) > 0 && len(f.states) != n {
		return nil, fmt.Errorf("vae: %d levels of windows, the latent variables of %d", n, len(f.states))
	}
	return left, nil
}

// weights returns the number of weights that the configuration asks for but for biases:
// a file must hold as many.
func (c *config) weights() float64 {
	h, l := float64(c.Options.Hidden), float64(c.Options.Latent)
	outputs, shared := c.Options.Likelihood.Size(len(c.Channels), c.Options.Components)
	return h*float64(c.width()+c.Options.Length*outputs) + 2*h*h + 3*l*h + float64(shared)
}

func (f *fitted) setBank(t forecast.Tensor) error {
	c := 2 * len(f.config.Channels)
	if f.config.Options.Level != LevelWindow || len(t.Shape) != 2 || t.Shape[0] < 1 || t.Shape[1] != c || len(t.Data) != t.Shape[0]*c {
		return fmt.Errorf("vae: the tensor %s has the shape %v with %d values", t.Name, t.Shape, len(t.Data))
	}
	for k, v := range t.Data {
		if math.IsNaN(v-v) || k%c >= c/2 && !(v > 0) {
			return fmt.Errorf("vae: the tensor %s has the value %v", t.Name, v)
		}
	}
	f.bank = slices.Clone(t.Data)
	return nil
}

func (f *fitted) setStates(t forecast.Tensor) error {
	l := f.config.Options.Latent
	if len(t.Shape) != 2 || t.Shape[0] < 1 || t.Shape[1] != l || len(t.Data) != t.Shape[0]*l {
		return fmt.Errorf("vae: the tensor %s has the shape %v with %d values", t.Name, t.Shape, len(t.Data))
	}
	if err := neural.Finite(t.Data...); err != nil {
		return fmt.Errorf("vae: the tensor %s: %w", t.Name, err)
	}
	for z := range slices.Chunk(slices.Clone(t.Data), l) {
		f.states = append(f.states, z)
	}
	return nil
}
