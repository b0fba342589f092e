package vae

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/checkpoint"
	"tsgen/internal/nn"
)

// stored is the part of a fitted model that is not weights.
type stored struct {
	Plan *plan `json:"plan"`
}

// bankName is the name of the tensor of the levels of training windows.
const bankName = "levels"

// State returns the fitted model, and its training if that was interrupted.
func (m *Model) State() (*forecast.State, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("vae: %w", forecast.ErrNotFitted)
	}
	options, err := json.Marshal(stored{m.plan})
	if err != nil {
		return nil, fmt.Errorf("vae: %w", err)
	}
	s := &forecast.State{Kind: Kind, Options: options}
	m.params.Each(func(name string, rows, cols int, values []float64) {
		s.Tensors = append(s.Tensors, forecast.Tensor{Name: name, Shape: []int{rows, cols}, Data: slices.Clone(values)})
	})
	if c := 2 * len(m.plan.Channels); len(m.bank) > 0 {
		s.Tensors = append(s.Tensors, forecast.Tensor{Name: bankName, Shape: []int{len(m.bank) / c, c}, Data: slices.Clone(m.bank)})
	}
	if m.unfinished != nil {
		s.Tensors = append(s.Tensors, checkpoint.Tensors(m.unfinished)...)
	}
	return s, nil
}

// FromState returns the model that State stored. It fails, and allocates little
// before it does, if the state is not that of a window VAE.
func FromState(s *forecast.State) (*Model, error) {
	if s.Kind != Kind {
		return nil, fmt.Errorf("vae: a model of kind %q, want %q", s.Kind, Kind)
	}
	var st stored
	if err := json.Unmarshal(s.Options, &st); err != nil {
		return nil, fmt.Errorf("vae: the model's options: %w", err)
	}
	if st.Plan == nil {
		return nil, errors.New("vae: the model has no plan")
	}
	if err := st.Plan.check(); err != nil {
		return nil, err
	}
	weights, _ := checkpoint.Split(s.Tensors)
	total := 0
	for _, t := range weights {
		total += len(t.Data)
	}
	if need := st.Plan.weights(); need > float64(total) {
		return nil, fmt.Errorf("vae: the model has %d weights, its plan asks for %.0f", total, need)
	}
	f := &fitted{plan: st.Plan, params: &nn.Params{}}
	var err error
	if f.network, err = newNetwork(f.params, f.plan, rand.New(rand.NewPCG(0, 0))); err != nil {
		return nil, err
	}
	names := make(map[string]bool)
	f.params.Each(func(name string, _, _ int, _ []float64) { names[name] = true })
	for _, t := range weights {
		if t.Name == bankName {
			if err := f.setBank(t); err != nil {
				return nil, err
			}
			continue
		}
		if len(t.Shape) != 2 || !names[t.Name] {
			return nil, fmt.Errorf("vae: a tensor %s of the shape %v that the model does not have, or twice", t.Name, t.Shape)
		}
		delete(names, t.Name)
		if err := f.params.Set(t.Name, t.Shape[0], t.Shape[1], t.Data); err != nil {
			return nil, fmt.Errorf("vae: %w", err)
		}
	}
	if len(names) > 0 {
		return nil, fmt.Errorf("vae: %d of the model's tensors are missing", len(names))
	}
	if f.plan.Options.Level == LevelWindow && len(f.bank) == 0 {
		return nil, errors.New("vae: the levels of training windows are missing")
	}
	return &Model{Options: f.plan.Options, fitted: f}, nil
}

// weights returns the number of weights that the plan asks for but for biases:
// a file must hold as many.
func (p *plan) weights() float64 {
	h, l := float64(p.Options.Hidden), float64(p.Options.Latent)
	outputs, shared := p.Options.Likelihood.Size(len(p.Channels), p.Options.Components)
	return h*float64(p.width()+p.Options.Length*outputs) + 2*h*h + 3*l*h + float64(shared)
}

func (f *fitted) setBank(t forecast.Tensor) error {
	c := 2 * len(f.plan.Channels)
	if f.plan.Options.Level != LevelWindow || len(t.Shape) != 2 || t.Shape[0] < 1 || t.Shape[1] != c || len(t.Data) != t.Shape[0]*c || f.bank != nil {
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
