// Package continuous is what closed forms share whose series are functions of time, at
// whatever times they are seen: a [Frame], the way from it to forecasts, and the state of
// a model file.
package continuous

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/decades"
	"tsgen/series"
)

// A Frame is what a model knows of the panel that it was fitted to, beside what it learned.
type Frame struct {
	Channels []string    `json:"channels"`
	Axis     series.Axis `json:"axis"`
	Step     series.Step `json:"step"`
	Unit     float64     `json:"unit"` // of time: the median distance of neighbouring times

	// Decades, if not nil, is the clock of series whose times are of many magnitudes.
	Decades *decades.Clock `json:"decades,omitempty"`
}

// NewFrame returns the frame of a panel. Its unit is 1 if no series has two times.
func NewFrame(train *series.Panel) Frame {
	f := Frame{Channels: slices.Clone(train.Channels), Axis: train.Axis, Step: train.Step, Unit: 1, Decades: decades.New(train)}
	var gaps []float64
	for _, s := range train.Series {
		for i := 1; i < s.Len(); i++ {
			gaps = append(gaps, f.Clock(train, s.Times[i])-f.Clock(train, s.Times[i-1]))
		}
	}
	if len(gaps) > 0 {
		slices.Sort(gaps)
		f.Unit = gaps[len(gaps)/2]
	}
	return f
}

// Clock returns the time of a stamp in steps of a regular panel, else as it is, or by the clock of decades.
func (f *Frame) Clock(p *series.Panel, t float64) float64 {
	if f.Step.Regular() {
		return p.Coordinate(t)
	}
	return f.Decades.At(t)
}

// Accepts says why a model of the frame cannot treat the panel: the error wraps
// forecast.ErrMismatch if it is of another kind.
func (f *Frame) Accepts(p *series.Panel) error {
	if err := p.Validate(); err != nil {
		return err
	}
	switch {
	case !slices.Equal(p.Channels, f.Channels):
		return fmt.Errorf("%w: it learned the channels %q, the data have %q", forecast.ErrMismatch, f.Channels, p.Channels)
	case p.Axis.Calendar() != f.Axis.Calendar(), f.Step.Regular() && !p.Step.Same(f.Step):
		return fmt.Errorf("%w: it learned times that are %s, those of the data are %s",
			forecast.ErrMismatch, f.Step.Describe(f.Axis.Calendar()), p.Step.Describe(p.Axis.Calendar()))
	}
	return nil
}

// Each returns the forecast of a model by the distribution of each series of history at
// the times asked for: after its last if onward, or any.
func (f *Frame) Each(ctx context.Context, kind string, history *series.Panel, opt forecast.Options, onward bool,
	one func(s *series.Series, at []float64) (*forecast.Distribution, error)) (*forecast.Forecast, error) {
	if err := f.Accepts(history); err != nil {
		return nil, err
	}
	opt, err := opt.Resolve(history)
	if err != nil {
		return nil, err
	}
	return forecast.BySeries(ctx, kind, history, func(i int) (*forecast.Distribution, error) {
		s, at := history.Series[i], opt.At[i]
		if n := s.Len(); onward && n > 0 && len(at) > 0 && !(at[0] > s.Times[n-1]) {
			return nil, errors.New("a time to forecast is not after the last observation")
		}
		return one(s, at)
	})
}

// stored is what a model file holds of a model.
type stored[O, F any] struct {
	Options O  `json:"options"`
	Fit     *F `json:"fit"`
}

// State returns the state of a model of the given kind with its options and what it
// learned. The error wraps forecast.ErrNotFitted if that is nil.
func State[O, F any](kind string, options O, fit *F) (*forecast.State, error) {
	if fit == nil {
		return nil, fmt.Errorf("%s: %w", kind, forecast.ErrNotFitted)
	}
	text, err := json.Marshal(stored[O, F]{options, fit})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", kind, err)
	}
	return &forecast.State{Kind: kind, Options: text}, nil
}

// FromState returns the options and what was learned of a state of that kind. check says
// what is wrong with them, and is given nil for what is missing.
func FromState[O interface{ Validate() error }, F any](s *forecast.State, kind string, check func(*F) error) (options O, fit *F, err error) {
	var st stored[O, F]
	err = json.Unmarshal(s.Options, &st)
	switch {
	case s.Kind != kind:
		err = fmt.Errorf("a model of kind %q", s.Kind)
	case err == nil && len(s.Tensors) > 0:
		err = fmt.Errorf("tensor %q, want none", s.Tensors[0].Name)
	case err == nil:
		err = errors.Join(st.Options.Validate(), check(st.Fit))
	}
	if err != nil {
		return st.Options, nil, fmt.Errorf("%s: %w", kind, err)
	}
	return st.Options, st.Fit, nil
}
