// Package boost forecasts by gradient boosting of trees: for each of a few quantiles a sum
// of trees that all series of a panel share, of features of the past and of the time that
// is forecast.
package boost

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/option"
	"tsgen/internal/training"
	"tsgen/models/trees"
	"tsgen/series"
)

// Kind is the name of the model.
const Kind = "boost"

// Options are the choices of a model, each described by its help. A zero field stands for
// the default.
type Options struct {
	Trees     int              `json:"trees" min:"1" max:"10000" default:"150" help:"trees of each quantile"`
	Leaves    int              `json:"leaves" min:"2" max:"1024" default:"15" help:"leaves of a tree at most"`
	Rate      float64          `json:"shrinkage" min:"0" max:"1" default:"0.08" help:"part by which a tree counts"`
	Rows      int              `json:"rows" min:"100" max:"10000000" default:"30000" help:"steps of pasts that are learned from at most"`
	Transform neural.Transform `json:"transform" oneof:"none log" default:"as the values suggest" help:"what is done to positive values first"`
}

// Validate says which option is out of its range, if any is.
func (o Options) Validate() error { return option.Validate(Kind, o) }

// A config is what a fit decides beside the trees.
type config struct {
	Options Options `json:"model"` // no field is left to a default
	neural.Frame
	Year float64 `json:"year,omitempty"` // steps in a year whose days are told apart, 0 for none

	// Wider are the factors by which quantiles are farther from the median than trees of few rows say, by level;
	// nil for none.
	Wider []float64 `json:"wider,omitempty"`
}

// levels are those of the quantiles.
func levels() []float64 { return []float64{0.025, 0.1, 0.3, 0.5, 0.7, 0.9, 0.975} }

// reading has all steps of a panel's grid read, less what covariates that are known ahead do in
// proportion: rows with a holiday are too few for trees, and values of the past that had one
// are no guide to days without. What else covariates do the trees learn.
var reading = neural.Reading{Grid: true, Effects: true, Less: true}

// A Model is a forecaster by boosted trees. Its zero value is ready to be fitted. A fitted
// model may be used concurrently.
//
// A row to learn from is a step of a horizon from an origin in the past. Its features are
// the values of the last seasons at the same place, the last values and the means of whole
// seasons before the origin, the number of the step, its place in the seasons and in the
// year, and the covariates that are known ahead. Values are in units of the mean absolute
// difference of a season, so that series of any size say the same. What is learned is first
// the distance from what the last seasons were at the same place, as a ridge regression on
// the values among the features, one for each quarter of the horizon: trees cannot go
// beyond what they have seen. The trees learn the quantiles of the rest, the same for all
// steps; nothing is forecast from forecasts.
type Model struct {
	Options Options

	config    *config
	lines     [][]float64      // by part of the horizon
	quantiles []*trees.Boosted // by level
}

// Name returns Kind.
func (m *Model) Name() string { return Kind }

// Forecast returns the quantiles of what continues every series of history. The error
// wraps forecast.ErrNotFitted before a fit, forecast.ErrMismatch if the panel is not of the
// kind that the model learned or a time is not a whole number of steps ahead,
// forecast.ErrTooShort if a series has no step, and series.ErrKnown if covariates do not
// reach.
func (m *Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	if m.config == nil {
		return nil, fmt.Errorf("%s: %w", Kind, forecast.ErrNotFitted)
	}
	f, err := m.config.Forecast(ctx, Kind, history, opt, func(i int, at []float64, _ int) (*forecast.Distribution, error) {
		return m.one(history, history.Series[i], at)
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Kind, err)
	}
	return f, nil
}

// one returns the quantiles of s at the times at.
func (m *Model) one(history *series.Panel, s *series.Series, at []float64) (*forecast.Distribution, error) {
	c := m.config
	r, err := c.Record(history, s, reading)
	if err != nil {
		return nil, err
	}
	origin, width := len(r.U), len(c.Channels)
	wanted, err := c.Extend(history, s, &r, at)
	if err != nil {
		return nil, err
	}
	d := &forecast.Distribution{ID: s.ID, Times: slices.Clone(at), Probs: levels()}
	for range d.Probs {
		d.Values = append(d.Values, make([]float64, len(at)*width))
	}
	row := make([]float64, 0, c.features())
	for j := range width {
		v := c.view(&r, origin, j)
		bases, all := make([]float64, c.spreadOver(len(wanted))), make([][]float64, c.spreadOver(len(wanted)))
		for i := range all {
			row = v.features(row[:0], i+1)
			base, _ := v.base(i + 1)
			bases[i] = base + v.unit*c.line(m.lines, row, i+1)
			all[i] = make([]float64, len(d.Probs))
			for l, b := range m.quantiles {
				all[i][l] = b.Predict(row)
			}
		}
		c.spread(all)
		k := 0
		for i, want := range wanted {
			if !want {
				continue
			}
			for l, z := range all[i] {
				d.Values[l][k*width+j] = c.RestoreAt(&r, r.U[origin-1]+float64(i+1), j, bases[i]+v.unit*z)
			}
			k++
		}
	}
	return d, d.Validate()
}

// State returns the fitted model.
func (m *Model) State() (*forecast.State, error) {
	if m.config == nil {
		return nil, fmt.Errorf("%s: %w", Kind, forecast.ErrNotFitted)
	}
	all := []forecast.Tensor{{Name: linesName, Shape: []int{blocks, m.config.proportional()}, Data: slices.Concat(m.lines...)}}
	for l, b := range m.quantiles {
		flat := b.Flat()
		all = append(all, forecast.Tensor{Name: tensorName(l), Shape: []int{len(flat)}, Data: flat})
	}
	s, err := training.ConfigState(Kind, m.config, all...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Kind, err)
	}
	return s, nil
}

const linesName = "lines"

// tensorName returns the name of the tensor of a level's trees.
func tensorName(l int) string { return fmt.Sprintf("trees.%d", l) }

// FromState returns the model that State stored. It fails if the state is not that of a
// boost.
func FromState(s *forecast.State) (*Model, error) {
	c, err := training.ReadConfig[config](s, Kind)
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: the model's configuration: %w", Kind, err)
	}
	m := &Model{Options: c.Options, config: c}
	if len(s.Tensors) != 1+len(levels()) {
		return nil, fmt.Errorf("%s: %d tensors, want %d", Kind, len(s.Tensors), 1+len(levels()))
	}
	// A tensor of one axis may have any length.
	tensor := func(name string, shape ...int) ([]float64, error) {
		i := slices.IndexFunc(s.Tensors, func(t forecast.Tensor) bool { return t.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no tensor %s", name)
		}
		t := s.Tensors[i]
		if shape == nil {
			shape = []int{len(t.Data)}
		}
		size := 1
		for _, n := range shape {
			size *= n
		}
		if !slices.Equal(t.Shape, shape) || len(t.Data) != size {
			return nil, fmt.Errorf("tensor %s has shape %v and %d numbers, want shape %v", name, t.Shape, len(t.Data), shape)
		}
		return t.Data, neural.Finite(t.Data...)
	}
	lines, err := tensor(linesName, blocks, c.proportional())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Kind, err)
	}
	for own := range slices.Chunk(lines, c.proportional()) {
		m.lines = append(m.lines, slices.Clone(own))
	}
	for l := range levels() {
		flat, err := tensor(tensorName(l))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", Kind, err)
		}
		b, err := trees.FromFlat(flat, c.features())
		if err != nil {
			return nil, fmt.Errorf("%s: tensor %s: %w", Kind, tensorName(l), err)
		}
		m.quantiles = append(m.quantiles, b)
	}
	return m, nil
}

// check says what is wrong with a config that was read.
func (c *config) check() error {
	err := cmp.Or(c.Options.Validate(), c.Frame.Check())
	if o := c.Options; err == nil && (min(o.Trees, o.Leaves, o.Rows, c.Season) < 1 || !(o.Rate > 0) || !(c.Year >= 0 && c.Year < 1e9)) {
		err = errors.New("an option or a season is out of its range")
	}
	if err == nil && c.Wider != nil && (len(c.Wider) != len(levels()) || slices.ContainsFunc(c.Wider, func(f float64) bool { return !(f >= 1) || math.IsInf(f, 1) })) {
		err = fmt.Errorf("quantiles are %v times as far from the median as trees say", c.Wider)
	}
	return err
}
