package fits

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"tsgen/forecast"
	"tsgen/series"
)

// Fits are estimates of the series of a panel whose seasons have these periods.
type Fits struct {
	Estimates *Table
	Seasons   []float64
}

// Table returns the estimates for seasons of these periods; nil if there are none.
func (f *Fits) Table(seasons []float64) *Table {
	if f == nil || !slices.Equal(f.Seasons, seasons) {
		return nil
	}
	return f.Estimates
}

// A Learner is a model that estimates what it needs when it forecasts, and what it takes to
// keep that.
type Learner struct {
	Model forecast.Model

	// Estimate returns the estimates of the series of a panel, for forecasts of
	// opt.Horizon steps and the season of opt.Season. Those that hold stay as they are.
	Estimate func(ctx context.Context, history *series.Panel, opt forecast.FitOptions, known *Fits) (*Fits, error)

	// Forecast is that of the model, by the estimates where they hold: if joined, as sample
	// paths (forecast.PathForecaster).
	Forecast func(ctx context.Context, history *series.Panel, opt forecast.Options, known *Fits, joined bool) (*forecast.Forecast, error)

	// Check says what is wrong with the numbers of a channel in a panel of such seasons.
	Check func(seasons, numbers []float64) error
}

// A Model is a model with what it has estimated of the series of a panel. Those, and series
// that begin with them, are forecast by these estimates: a state is brought up to date with
// the values that came since, and parameters stay as they are. Other series are estimated
// when they are forecast, and so are those whose estimates do not hold for as many steps
// ahead as are asked for.
type Model struct {
	learner Learner
	fits    *Fits
	ahead   int
}

// Keep returns the model of the learner with its estimates of the series of the panel.
func Keep(ctx context.Context, l Learner, history *series.Panel, opt forecast.FitOptions) (*Model, error) {
	f, err := l.Estimate(ctx, history, opt, nil)
	if err != nil {
		return nil, err
	}
	return &Model{l, f, opt.Horizon}, nil
}

// Keep implements forecast.Keeper. Estimates that hold for series of the panel stay as they
// are.
func (m *Model) Keep(ctx context.Context, history *series.Panel, opt forecast.FitOptions) (forecast.Model, error) {
	return m.Renew(ctx, history, opt)
}

// Renew is Keep.
func (m *Model) Renew(ctx context.Context, history *series.Panel, opt forecast.FitOptions) (*Model, error) {
	var known *Fits
	if opt.Horizon <= m.ahead {
		known = m.fits
	}
	f, err := m.learner.Estimate(ctx, history, opt, known)
	if err != nil {
		return nil, err
	}
	return &Model{m.learner, f, opt.Horizon}, nil
}

// Extend adds the estimates of further series of the same panel. No one else may use the model by then.
func (m *Model) Extend(more *Fits) {
	m.fits.Estimates.extend(more.Estimates.batches...)
}

// Name returns the name of the model.
func (m *Model) Name() string { return m.learner.Model.Name() }

// Unwrap returns the model without estimates.
func (m *Model) Unwrap() forecast.Model { return m.learner.Model }

// Fits returns the estimates.
func (m *Model) Fits() *Fits { return m.fits }

// Fit implements forecast.Model: it estimates anew.
func (m *Model) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	f, err := m.learner.Estimate(ctx, train, opt, nil)
	if err != nil {
		return err
	}
	m.fits, m.ahead = f, opt.Horizon
	return nil
}

// Forecast implements forecast.Model. The error is as that of the model.
func (m *Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.forecast(ctx, history, opt, false)
}

// ForecastPaths implements forecast.PathForecaster.
func (m *Model) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.forecast(ctx, history, opt, true)
}

func (m *Model) forecast(ctx context.Context, history *series.Panel, opt forecast.Options, joined bool) (*forecast.Forecast, error) {
	f, err := m.learner.Forecast(ctx, history, opt, m.fits, joined)
	if err != nil {
		return nil, err
	}
	if n := m.fits.Estimates.unknown(history); n > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("%s: %d of %d series do not begin with the values of the fit and are estimated anew", m.Name(), n, len(history.Series)))
	}
	return f, nil
}

// state is what a model file holds beside the numbers.
type state struct {
	Options json.RawMessage `json:"options"`
	Seasons []float64       `json:"seasons"`
	Ahead   int             `json:"ahead"` // steps that the estimates were made for
}

// State implements forecast.Stater.
func (m *Model) State() (*forecast.State, error) {
	own, err := json.Marshal(m.learner.Model)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.Name(), err)
	}
	options, err := json.Marshal(state{own, m.fits.Seasons, m.ahead})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.Name(), err)
	}
	return &forecast.State{Kind: m.Name(), Options: options, Tensors: m.fits.Estimates.Tensors()}, nil
}

// longest bounds the periods of seasons.
const longest = 1 << 24

// FromState returns the model that was stored; learner returns that of some options.
func FromState(s *forecast.State, learner func(options []byte) (Learner, error)) (*Model, error) {
	var st state
	if err := json.Unmarshal(s.Options, &st); err != nil {
		return nil, fmt.Errorf("the model's options: %w", err)
	}
	l, err := learner(st.Options)
	if err != nil {
		return nil, err
	}
	for i, p := range st.Seasons {
		if !(p > 1 && p <= longest) || i > 0 && p <= st.Seasons[i-1] {
			return nil, fmt.Errorf("seasons of %v steps", st.Seasons)
		}
	}
	table, err := FromTensors(s.Tensors, func(numbers []float64) error { return l.Check(st.Seasons, numbers) })
	if err != nil {
		return nil, err
	}
	return &Model{l, &Fits{table, st.Seasons}, st.Ahead}, nil
}
