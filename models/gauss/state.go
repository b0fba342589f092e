package gauss

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
)

// State implements forecast.Stater.
func (m *Model) State() (*forecast.State, error) {
	f := m.fit
	if f == nil {
		return nil, fmt.Errorf("gauss: %w", forecast.ErrNotFitted)
	}
	options, err := json.Marshal(f.config)
	if err != nil {
		return nil, fmt.Errorf("gauss: %w", err)
	}
	n, width := f.values(), f.width()
	cov := make([]float64, 0, n*n)
	for i := range n {
		for j := range n {
			cov = append(cov, f.cov.At(i, j))
		}
	}
	s := &forecast.State{Kind: Name, Options: options, Tensors: []forecast.Tensor{
		{Name: "bank", Shape: []int{len(f.bank) / (2 * width), 2 * width}, Data: slices.Clone(f.bank)},
		{Name: "covariance", Shape: []int{n, n}, Data: cov},
	}}
	for j, m := range f.margins {
		s.Tensors = append(s.Tensors, forecast.Tensor{
			Name: marginName(j), Shape: []int{2, len(m.x)}, Data: slices.Concat(m.x, m.z),
		})
	}
	return s, nil
}

func marginName(j int) string { return fmt.Sprintf("margin.%d", j+1) }

// FromState returns the model that State stored.
func FromState(s *forecast.State) (*Model, error) {
	f := &fitted{}
	if err := json.Unmarshal(s.Options, &f.config); err != nil {
		return nil, fmt.Errorf("gauss: the model's options: %w", err)
	}
	width := f.width()
	if s.Kind != Name || width == 0 || f.Lookback < 1 || f.Horizon < 1 || f.Lookback > MostValues || f.Horizon > MostValues ||
		f.values() > 2*MostValues || f.Usual < 1 || math.IsNaN(f.Start-f.Start) {
		return nil, fmt.Errorf("gauss: a model of kind %q with %d channels, a lookback of %d and a horizon of %d", s.Kind, width, f.Lookback, f.Horizon)
	}
	n := f.values()
	tensors := make(map[string]forecast.Tensor)
	for _, t := range s.Tensors {
		if slices.ContainsFunc(t.Data, func(x float64) bool { return math.IsNaN(x - x) }) {
			return nil, fmt.Errorf("gauss: tensor %s is not finite", t.Name)
		}
		tensors[t.Name] = t
	}
	cov, bank := tensors["covariance"].Data, tensors["bank"].Data
	if len(cov) != n*n || len(bank) == 0 || len(bank)%(2*width) != 0 {
		return nil, errors.New("gauss: the covariance or the levels are missing, or of another size")
	}
	f.cov, f.bank = mat.NewSymDense(n, slices.Clone(cov)), slices.Clone(bank)
	if f.Options.Copula {
		for j := range width {
			t := tensors[marginName(j)]
			k := len(t.Data) / 2
			m := margin{slices.Clone(t.Data[:k]), slices.Clone(t.Data[k:])}
			if len(m.x) < 2 || len(m.x) != len(m.z) || !rising(m.x) || !rising(m.z) {
				return nil, fmt.Errorf("gauss: the margin of channel %d is missing or does not rise", j+1)
			}
			f.margins = append(f.margins, m)
		}
	}
	if err := f.prepare(); err != nil {
		return nil, err
	}
	return &Model{Options: f.Options, fit: f}, nil
}

func rising(x []float64) bool {
	for i := 1; i < len(x); i++ {
		if !(x[i] > x[i-1]) {
			return false
		}
	}
	return true
}
