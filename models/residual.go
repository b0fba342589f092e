package models

import (
	"context"
	"strings"

	"tsgen/forecast"
	"tsgen/internal/effects"
	"tsgen/internal/neural"
	"tsgen/series"
)

// residualPrefix begins the names of the kinds of models that learn what a regression leaves.
const residualPrefix = "residual-"

// A residual model is a trained one of what a regression on trend and seasons leaves of each series. It forecasts,
// and does nothing else that the trained one alone may do.
type residual struct{ of trainedState }

// A trainedState is a trained model that can be stored.
type trainedState interface {
	Trained
	forecast.Stater
}

func (m *residual) Name() string { return residualPrefix + m.of.Name() }

func (m *residual) Curve() []forecast.Point { return m.of.Curve() }

func (m *residual) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	if err := train.Validate(); err != nil {
		return err
	}
	left, err := effects.WithoutCourse(ctx, train, train.SeasonsBeside(opt.Season))
	if err != nil {
		return err
	}
	opt.Resume, opt.From = inner(opt.Resume), inner(opt.From)
	if checkpoint := opt.Checkpoint; checkpoint != nil {
		opt.Checkpoint = func(done bool, state func() (*forecast.State, error)) {
			checkpoint(done, func() (*forecast.State, error) { return outer(state()) })
		}
	}
	return m.of.Fit(ctx, left, opt)
}

func (m *residual) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	if err := history.Validate(); err != nil {
		return nil, err
	}
	f, err := effects.OverCourse(ctx, history, history.SeasonsBeside(opt.Season), func(left *series.Panel) (*forecast.Forecast, error) {
		return m.of.Forecast(ctx, left, opt)
	})
	if err != nil {
		return nil, err
	}
	f.Model = m.Name()
	return f, nil
}

func (m *residual) State() (*forecast.State, error) { return outer(m.of.State()) }

// outer returns the state of a residual model by that of the trained one in it.
func outer(s *forecast.State, err error) (*forecast.State, error) {
	if err != nil {
		return nil, err
	}
	own := *s
	own.Kind = residualPrefix + s.Kind
	return &own, nil
}

// inner returns the state of the trained model in a residual one, of whose state s is, if any.
func inner(s *forecast.State) *forecast.State {
	if s == nil {
		return nil
	}
	own := *s
	own.Kind = strings.TrimPrefix(s.Kind, residualPrefix)
	return &own
}

// residualKind returns the kind of the residual models of trained ones of a kind.
func residualKind(k Kind) Kind {
	build, load := k.build, k.load
	wrap := func(m forecast.Model, err error) (forecast.Model, error) {
		if err != nil {
			return nil, err
		}
		return &residual{m.(trainedState)}, nil
	}
	k.build = func(options []byte) (forecast.Model, error) { return wrap(build(options)) }
	k.load = func(s *forecast.State) (forecast.Model, error) { return wrap(load(inner(s))) }
	k.About = "A " + k.Name + " of what a regression on trend and seasons leaves of each series, for panels of many."
	k.Name, k.Residual = residualPrefix+k.Name, k.Name
	k.Suits = suitsResidual
	return k
}

// byName returns the kind as one that no choice of a model tries.
func (k Kind) byName() Kind {
	k.ByName = true
	return k
}

// suitsResidual reports whether a choice of a model tries residual ones.
func suitsResidual(p *series.Panel) bool {
	return p.Step.Regular() && len(p.Series) >= neural.ManySeries
}
