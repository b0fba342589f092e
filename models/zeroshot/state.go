package zeroshot

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"tsgen/forecast"
)

// stored is what a model file holds beside weights.
type stored struct {
	Options
	Weights string   `json:",omitempty"` // digest of those of the program
	Outcome *Outcome `json:",omitempty"`
}

// tensorName is the name of the weights of a tuned model in its state.
const tensorName = "weights"

// State returns the options, and the weights if they are the model's own.
func (m *Model) State() (*forecast.State, error) {
	if m.Options.Tune && m.outcome == nil {
		return nil, fmt.Errorf("zeroshot: %w", forecast.ErrNotFitted)
	}
	options, err := json.Marshal(stored{m.Options, digest(), m.outcome})
	if err != nil {
		return nil, fmt.Errorf("zeroshot: %w", err)
	}
	s := &forecast.State{Kind: Name, Options: options}
	if m.tuned != nil {
		s.Tensors = []forecast.Tensor{{Name: tensorName, Shape: []int{len(m.values)}, Data: append([]float64(nil), m.values...)}}
	}
	return s, nil
}

// FromState returns the model that State stored. Weights of its own are as they were; a
// model without forecasts by those of this program, and notes it in its forecasts if it was
// stored with others. The error wraps forecast.ErrMismatch if the weights are of another
// network.
func FromState(s *forecast.State) (*Model, error) {
	x := stored{Options: Options{Bare: true}} // as older files do not say
	if err := json.Unmarshal(s.Options, &x); err != nil {
		return nil, fmt.Errorf("zeroshot: the model's options: %w", err)
	}
	if err := x.Options.Validate(); err != nil {
		return nil, err
	}
	m := &Model{Options: x.Options, outcome: x.Outcome}
	own := m.outcome != nil && m.outcome.Kept
	switch {
	case s.Kind != Name:
		return nil, fmt.Errorf("zeroshot: a model of kind %q", s.Kind)
	case m.Options.Tune != (m.outcome != nil):
		return nil, errors.New("zeroshot: a tuned model without its tuning, or the reverse")
	case own != (len(s.Tensors) == 1) || len(s.Tensors) > 1:
		return nil, fmt.Errorf("zeroshot: %d tensors", len(s.Tensors))
	case !own:
		m.foreign = x.Weights != digest()
		return m, nil
	}
	t := s.Tensors[0]
	if t.Name != tensorName || len(t.Shape) != 1 || t.Shape[0] != len(t.Data) {
		return nil, fmt.Errorf("zeroshot: a tensor %s of the shape %v", t.Name, t.Shape)
	}
	if len(t.Data) != len(weights)/4 {
		return nil, fmt.Errorf("zeroshot: %w: %d tuned weights, the network of this version has %d; tune it again", forecast.ErrMismatch, len(t.Data), len(weights)/4)
	}
	for i, v := range t.Data {
		if math.IsNaN(v - v) {
			return nil, fmt.Errorf("zeroshot: weight %d is %v", i, v)
		}
	}
	m.use(append([]float64(nil), t.Data...))
	return m, nil
}
