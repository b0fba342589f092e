package baseline

import (
	"context"
	"fmt"

	"tsgen/forecast"
	"tsgen/internal/effects"
	"tsgen/internal/fits"
	"tsgen/internal/magnitude"
	"tsgen/series"
)

// continued continues x by the estimate with these numbers, or by a new one if there is
// none or it does not hold.
func (c continuation) continued(x channel, numbers []float64) (prospect, remark) {
	numbers, logged := unlogged(numbers)
	if len(numbers) > 0 && c.read != nil && logged == x.logged {
		r := fits.NewReader(numbers)
		e := c.read(r)
		if r.End() == nil {
			if p, why, ok := e.continued(x); ok {
				return p, why
			}
		}
	}
	p, why, _ := c.estimate(x).continued(x)
	return p, why
}

// estimates returns what the model estimates of the series of a panel, for a forecast of
// so many steps. The error is as that of a forecast.
func (l localModel) estimates(ctx context.Context, history *series.Panel, opt forecast.FitOptions, known *fits.Fits) (*fits.Fits, error) {
	asked := forecast.Options{Season: opt.Season, Horizon: opt.Horizon}
	err := history.Validate()
	if err == nil {
		asked, err = asked.Resolve(history)
	}
	if err == nil {
		err = l.check(history)
	}
	if err == nil {
		err = check(history, l.season, asked)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.Name(), err)
	}
	history, _ = magnitude.Rescale(history)
	periods := seasons(l.season, opt.Season, history)
	next, old := l.continued(history, periods), known.Table(periods)
	found, less := old.In(history), history
	if l.covaried {
		if less, err = effects.Without(ctx, history, periods); err != nil {
			return nil, fmt.Errorf("%s: %w", l.Name(), err)
		}
	}
	logs, err := l.logarithms(ctx, less, periods, found)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.Name(), err)
	}
	channels, err := channelsOf(ctx, logs, true)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.Name(), err)
	}
	width := history.Width()
	numbers := make([][]float64, len(channels))
	err = forecast.EachSeries(ctx, len(history.Series), func(i int) error {
		if found(i) != nil {
			return nil
		}
		for c := range width {
			x := channels[i*width+c]
			x.lead = opt.Horizon
			var w fits.Writer
			if x.logged {
				w.Int(loggedEstimate)
			}
			before := len(w.Numbers)
			next.estimate(x).write(&w)
			if len(w.Numbers) > before && w.Finite() {
				numbers[i*width+c] = w.Numbers
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.Name(), err)
	}
	return &fits.Fits{Estimates: fits.New(history, numbers, old), Seasons: periods}, nil
}

// A keepable model is one that estimates what it needs when it forecasts.
type keepable interface {
	forecast.Model
	local() localModel

	// by makes the forecast, if joined as sample paths, by the local model that is the model's
	// own or that has estimates as well.
	by(ctx context.Context, l localModel, history *series.Panel, opt forecast.Options, joined bool) (*forecast.Forecast, error)
}

// learner returns what it takes to keep the estimates of the model. By a local model, its own
// or that with estimates, the model forecasts.
func learner(m keepable) fits.Learner {
	return fits.Learner{
		Model:    m,
		Estimate: m.local().estimates,
		Forecast: func(ctx context.Context, history *series.Panel, opt forecast.Options, known *fits.Fits, joined bool) (*forecast.Forecast, error) {
			l := m.local()
			l.kept = known
			return m.by(ctx, l, history, opt, joined)
		},
		Check: func(seasons, numbers []float64) error { return m.local().continued(nil, seasons).check(numbers) },
	}
}

// SharesEffects reports whether a model of this package, with estimates or without, takes what series of a
// panel have in common of the effects of known covariates.
func SharesEffects(m forecast.Model) bool {
	if kept, ok := m.(*fits.Model); ok {
		m = kept.Unwrap()
	}
	k, ok := m.(keepable)
	return ok && k.local().covaried
}

// KeptFromState returns the model with estimates that was stored; build returns the model of
// some options. The error says what is wrong with the state.
func KeptFromState(s *forecast.State, build func(options []byte) (forecast.Model, error)) (forecast.Model, error) {
	m, err := fits.FromState(s, func(options []byte) (l fits.Learner, err error) {
		m, err := build(options)
		if err != nil {
			return l, err
		}
		k, ok := m.(keepable)
		if !ok {
			return l, fmt.Errorf("%s keeps no estimates", m.Name())
		}
		return learner(k), nil
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}
