package gauss

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
	"tsgen/internal/support"
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
	s := &forecast.State{Kind: Name, Options: options, Tensors: []forecast.Tensor{
		f.levels("bank"),
		f.covariance("covariance"),
	}}
	for j, m := range f.margins {
		s.Tensors = append(s.Tensors, forecast.Tensor{
			Name: marginName(j), Shape: []int{2, len(m.x)}, Data: slices.Concat(m.x, m.z),
		})
	}
	if f.shapes != nil {
		s.Tensors = append(s.Tensors, f.shapes.tensors()...)
	}
	s.Tensors = append(s.Tensors, f.restTensors()...)
	return s, nil
}

// levels returns the levels of series as a tensor of the name.
func (f *fitted) levels(name string) forecast.Tensor {
	width := f.width()
	return forecast.Tensor{Name: name, Shape: []int{len(f.bank) / (2 * width), 2 * width}, Data: slices.Clone(f.bank)}
}

// covariance returns that of windows as a tensor of the name.
func (f *fitted) covariance(name string) forecast.Tensor {
	n := f.values()
	cov := make([]float64, 0, n*n)
	for i := range n {
		for j := range n {
			cov = append(cov, f.cov.At(i, j))
		}
	}
	return forecast.Tensor{Name: name, Shape: []int{n, n}, Data: cov}
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
		f.values() > 2*MostValues || f.Usual < 1 || f.Steps < 0 || !(f.Square >= 0) || math.IsNaN(f.Start-f.Start) {
		return nil, fmt.Errorf("gauss: a model of kind %q with %d channels, a lookback of %d and a horizon of %d", s.Kind, width, f.Lookback, f.Horizon)
	}
	if f.Logs != nil && (len(f.Logs) != width || f.Options.Copula) {
		return nil, fmt.Errorf("gauss: logarithms of %d channels of %d", len(f.Logs), width)
	}
	if err := cmp.Or(support.Check(f.Support, width), f.Lengths.Check(mostGenerated)); err != nil {
		return nil, fmt.Errorf("gauss: %w", err)
	}
	n := f.values()
	tensors := make(map[string]forecast.Tensor)
	for _, t := range s.Tensors {
		if _, twice := tensors[t.Name]; twice {
			return nil, fmt.Errorf("gauss: two tensors %s", t.Name)
		}
		if slices.ContainsFunc(t.Data, func(x float64) bool { return math.IsNaN(x - x) }) {
			return nil, fmt.Errorf("gauss: tensor %s is not finite", t.Name)
		}
		tensors[t.Name] = t
	}
	// take returns the values of a tensor of the model's, with cols columns and as many
	// rows as there are if rows is zero, in memory of their own.
	take := func(name string, rows, cols int) ([]float64, error) {
		t := tensors[name]
		delete(tensors, name)
		if len(t.Shape) != 2 || t.Shape[0] < 1 || rows > 0 && t.Shape[0] != rows || cols > 0 && t.Shape[1] != cols ||
			len(t.Data) != t.Shape[0]*t.Shape[1] {
			return nil, fmt.Errorf("gauss: tensor %s is missing, or of another shape: %v", name, t.Shape)
		}
		return slices.Clone(t.Data), nil
	}
	cov, err := take("covariance", n, n)
	if err != nil {
		return nil, err
	}
	f.cov = mat.NewSymDense(n, cov)
	if f.bank, err = take("bank", 0, 2*width); err != nil {
		return nil, err
	}
	if f.Options.Copula {
		for j := range width {
			data, err := take(marginName(j), 2, 0)
			if err != nil {
				return nil, err
			}
			k := len(data) / 2
			m := margin{data[:k:k], data[k:]}
			if len(m.x) < 2 || !rising(m.x) || !rising(m.z) {
				return nil, fmt.Errorf("gauss: the margin of channel %d does not rise", j+1)
			}
			f.margins = append(f.margins, m)
		}
	}
	if _, there := tensors[shapesOf[0]]; there {
		if f.shapes, err = shapesFrom(f.Usual, width, take); err != nil {
			return nil, err
		}
	}
	if err := f.restFrom(func(name string) bool { _, is := tensors[name]; return is }, take); err != nil {
		return nil, err
	}
	for name := range tensors {
		return nil, fmt.Errorf("gauss: a tensor %s that the model does not have", name)
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
