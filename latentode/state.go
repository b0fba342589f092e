package latentode

import (
	"cmp"
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

// State returns the fitted model, and its training if that was interrupted.
func (m *Model) State() (*forecast.State, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("latentode: %w", forecast.ErrNotFitted)
	}
	options, err := json.Marshal(stored{m.plan})
	if err != nil {
		return nil, fmt.Errorf("latentode: %w", err)
	}
	s := &forecast.State{Kind: Kind, Options: options}
	m.params.Each(func(name string, rows, cols int, values []float64) {
		s.Tensors = append(s.Tensors, forecast.Tensor{Name: name, Shape: []int{rows, cols}, Data: slices.Clone(values)})
	})
	if m.unfinished != nil {
		s.Tensors = append(s.Tensors, checkpoint.Tensors(m.unfinished)...)
	}
	return s, nil
}

// FromState returns the model that State stored. It fails, and allocates little
// before it does, if the state is not that of a latent ODE.
func FromState(s *forecast.State) (*Model, error) {
	if s.Kind != Kind {
		return nil, fmt.Errorf("latentode: a model of kind %q, want %q", s.Kind, Kind)
	}
	var st stored
	if err := json.Unmarshal(s.Options, &st); err != nil {
		return nil, fmt.Errorf("latentode: the model's options: %w", err)
	}
	if st.Plan == nil {
		return nil, errors.New("latentode: the model has no plan")
	}
	if err := st.Plan.check(); err != nil {
		return nil, fmt.Errorf("latentode: the model's plan: %w", err)
	}
	f := &fitted{plan: st.Plan, params: &nn.Params{}}
	f.network = newNetwork(f.params, f.plan, rand.New(rand.NewPCG(0, 0)))
	n := 0
	f.params.Each(func(string, int, int, []float64) { n++ })
	weights, _ := checkpoint.Split(s.Tensors)
	if len(weights) != n {
		return nil, fmt.Errorf("latentode: %d tensors, want %d", len(weights), n)
	}
	for _, t := range weights {
		if len(t.Shape) != 2 {
			return nil, fmt.Errorf("latentode: tensor %s has %d dimensions, want 2", t.Name, len(t.Shape))
		}
		if err := f.params.Set(t.Name, t.Shape[0], t.Shape[1], t.Data); err != nil {
			return nil, fmt.Errorf("latentode: %w", err)
		}
	}
	return &Model{Options: f.plan.Options, fitted: f}, nil
}

// Bounds of the sizes that a stored plan may have.
const (
	maxWidth  = 1 << 12
	maxSeason = 1 << 20
)

// check says what is wrong with a plan that was read.
func (p *plan) check() error {
	o := p.Options
	c := len(p.Channels)
	switch {
	case c == 0 || c > maxWidth:
		return fmt.Errorf("%d channels", c)
	case o.State < 1 || o.State > maxWidth || o.Static > maxWidth || o.Hidden < 1 || o.Hidden > maxWidth || o.Harmonics > maxWidth:
		return fmt.Errorf("sizes out of range: state %d, static %d, hidden %d, harmonics %d", o.State, o.Static, o.Hidden, o.Harmonics)
	case o.Context < 1 || p.Horizon < 1 || p.Season < 0 || p.Season > maxSeason || p.harmonics() > 0 && p.Season < 2:
		return fmt.Errorf("context %d, horizon %d, season %d", o.Context, p.Horizon, p.Season)
	case cmp.Or(checkFamily(o.Likelihood), checkEncoder(o.Encoder)) != nil:
		return cmp.Or(checkFamily(o.Likelihood), checkEncoder(o.Encoder))
	case !p.real() && (o.Level != LevelPanel || slices.Contains(p.Log, true) || p.OwnNoise || p.Refine):
		return fmt.Errorf("a law of %v with level, logarithm, noise or modes of one of real numbers", p.family().Domain())
	case !(o.Noise >= 0) || math.IsInf(o.Noise, 1) || o.Noise > 0 && (o.Level != LevelPanel || !p.real()):
		return fmt.Errorf("noise %v at level %q", o.Noise, o.Level)
	case o.Level != LevelWindow && o.Level != LevelPanel:
		return fmt.Errorf("level %q", o.Level)
	case (p.KnownScaling != nil) != (len(p.Known) > 0) || len(p.Known) > maxWidth,
		p.KnownScaling != nil && (len(p.KnownScaling.Center) != len(p.Known) || len(p.KnownScaling.Scale) != len(p.Known)):
		return fmt.Errorf("%d known covariates, but other numbers of entries for them", len(p.Known))
	case p.Usual != nil && len(p.Usual) != c:
		return fmt.Errorf("%d channels, but the usual deviations of %d", c, len(p.Usual))
	case len(p.Log) != c || len(p.Center) != c || len(p.Scale) != c || len(p.Inflation) != c:
		return fmt.Errorf("%d channels, but %d, %d, %d and %d entries for them", c, len(p.Log), len(p.Center), len(p.Scale), len(p.Inflation))
	}
	if f := p.Form; f != nil && (f.Length < 1 || f.Length > maxRows || math.IsNaN(f.Start-f.Start)) {
		return fmt.Errorf("generated panels of %d times from %v", f.Length, f.Start)
	}
	scales := slices.Concat([]float64{p.Gap, p.Unit, o.Tolerance}, p.Scale, p.Inflation)
	if p.KnownScaling != nil {
		scales = append(scales, p.KnownScaling.Scale...)
	}
	for _, x := range scales {
		if !(x > 0) || math.IsInf(x, 1) {
			return fmt.Errorf("%v where a positive number is needed", x)
		}
	}
	return nil
}
