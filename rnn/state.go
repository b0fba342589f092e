package rnn

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
	"tsgen/series"
)

// stored is the part of a fitted model that is not weights.
type stored struct {
	Plan *plan `json:"plan"`
}

// State returns the fitted model, and its training if that was interrupted.
func (m *Model) State() (*forecast.State, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("rnn: %w", forecast.ErrNotFitted)
	}
	options, err := json.Marshal(stored{m.plan})
	if err != nil {
		return nil, fmt.Errorf("rnn: %w", err)
	}
	s := &forecast.State{Kind: m.Kind, Options: options}
	m.params.Each(func(name string, rows, cols int, values []float64) {
		s.Tensors = append(s.Tensors, forecast.Tensor{Name: name, Shape: []int{rows, cols}, Data: slices.Clone(values)})
	})
	if m.unfinished != nil {
		s.Tensors = append(s.Tensors, checkpoint.Tensors(m.unfinished)...)
	}
	return s, nil
}

// FromState returns the model that State stored. It fails, and allocates little
// before it does, if the state is not that of a VRNN or SRNN.
func FromState(s *forecast.State) (*Model, error) {
	var st stored
	if err := json.Unmarshal(s.Options, &st); err != nil {
		return nil, fmt.Errorf("rnn: the model's options: %w", err)
	}
	if st.Plan == nil {
		return nil, errors.New("rnn: the model has no plan")
	}
	if s.Kind != st.Plan.Kind || s.Kind != VRNN && s.Kind != SRNN {
		return nil, fmt.Errorf("rnn: a model of kind %q whose plan is of kind %q", s.Kind, st.Plan.Kind)
	}
	if err := st.Plan.check(); err != nil {
		return nil, fmt.Errorf("rnn: the model's plan: %w", err)
	}
	f := &fitted{plan: st.Plan, params: &nn.Params{}}
	var err error
	if f.network, err = newNetwork(f.params, f.plan, rand.New(rand.NewPCG(0, 0))); err != nil {
		return nil, err
	}
	n := 0
	f.params.Each(func(string, int, int, []float64) { n++ })
	weights, _ := checkpoint.Split(s.Tensors)
	if len(weights) != n {
		return nil, fmt.Errorf("rnn: %d tensors, want %d", len(weights), n)
	}
	for _, t := range weights {
		if len(t.Shape) != 2 {
			return nil, fmt.Errorf("rnn: tensor %s has %d dimensions, want 2", t.Name, len(t.Shape))
		}
		if err := f.params.Set(t.Name, t.Shape[0], t.Shape[1], t.Data); err != nil {
			return nil, fmt.Errorf("rnn: %w", err)
		}
	}
	return &Model{Kind: s.Kind, Options: f.plan.Options, fitted: f}, nil
}

// Bounds of the sizes that a stored plan may have.
const (
	maxWidth  = 1 << 12
	maxSeason = 1 << 20
)

// check says what is wrong with a plan that was read.
func (p *plan) check() error {
	if err := p.Options.Validate(); err != nil {
		return err
	}
	o, c := p.Options, len(p.Channels)
	switch {
	case c == 0 || c > maxWidth:
		return fmt.Errorf("%d channels", c)
	case o.Hidden < 1 || o.Hidden > maxWidth || o.Latent < 1 || o.Latent > maxWidth:
		return fmt.Errorf("sizes out of range: hidden %d, latent %d", o.Hidden, o.Latent)
	case o.Context < 1 || o.Particles < 1 || p.Horizon < 1 || p.Season < 1 || p.Season > maxSeason || p.Long < 0 || p.Long > maxSeason || p.Length < 1 || p.Length > maxSteps:
		return fmt.Errorf("context %d, particles %d, horizon %d, season %d, length %d", o.Context, o.Particles, p.Horizon, p.Season, p.Length)
	case o.Level != LevelWindow && o.Level != LevelPanel:
		return fmt.Errorf("level %q", o.Level)
	case o.Likelihood == "":
		return errors.New("no likelihood")
	case (p.KnownScaling != nil) != (len(p.Known) > 0) || len(p.Known) > maxWidth,
		p.KnownScaling != nil && (len(p.KnownScaling.Center) != len(p.Known) || len(p.KnownScaling.Scale) != len(p.Known)):
		return fmt.Errorf("%d known covariates, but other numbers of entries for them", len(p.Known))
	case p.Usual != nil && len(p.Usual) != c:
		return fmt.Errorf("%d channels, but the usual deviations of %d", c, len(p.Usual))
	case len(p.Log) != c || len(p.Center) != c || len(p.Scale) != c:
		return fmt.Errorf("%d channels, but %d, %d and %d entries for them", c, len(p.Log), len(p.Center), len(p.Scale))
	}
	known := series.Scaling{}
	if p.KnownScaling != nil {
		known = *p.KnownScaling
	}
	for _, x := range slices.Concat([]float64{p.Gap}, p.Scale, known.Scale) {
		if !(x > 0) || math.IsInf(x, 1) {
			return fmt.Errorf("%v where a positive number is needed", x)
		}
	}
	for _, x := range slices.Concat([]float64{p.Start, p.Divergence}, p.Center, known.Center) {
		if math.IsNaN(x - x) {
			return fmt.Errorf("%v where a number is needed", x)
		}
	}
	return nil
}
