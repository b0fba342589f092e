package models

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"tsgen/forecast"
	"tsgen/internal/effects"
	"tsgen/internal/neural"
	"tsgen/internal/option"
	"tsgen/models/baseline"
	"tsgen/series"
)

// residualPrefix begins the names of the kinds of models that learn what a base leaves.
const residualPrefix = "residual-"

// The bases, which leave of a series what a network learns.
const (
	baseOption     = "base"
	baseRegression = "regression" // on trend and seasons, of which errors are left
	baseAR         = "ar"         // an autoregression, of which innovations are left
	baseNone       = "none"       // leaves all
)

// baseField is the option of residual models beside those of their networks.
type baseField struct {
	Base string `json:"base" oneof:"regression ar" default:"what forecast held-back horizons best, or neither; regression in auto and blends" help:"what is taken from series before the network learns the rest"`
}

// A residual model is a trained one of what a base leaves of each series. It forecasts, and does nothing else that the
// trained one alone may do.
type residual struct {
	plain   Kind              // of the network
	options map[string]string // of the network
	taken
	of trainedState
}

// A trainedState is a trained model that can be stored.
type trainedState interface {
	Trained
	forecast.Stater
}

// newResidual returns a model of some options.
func newResidual(plain Kind, options map[string]string) (*residual, error) {
	m := &residual{plain: plain, options: maps.Clone(options), taken: taken{Base: options[baseOption]}}
	delete(m.options, baseOption)
	return m, m.build()
}

// build makes the network. Innovations are alike in level and scale, which their windows need not have of their own.
func (m *residual) build() error {
	options := maps.Clone(m.options)
	if all := m.plain.OptionList(); m.Base == baseAR && options[levelOption] == "" && slices.ContainsFunc(all, func(o Option) bool { return o.Name == levelOption }) {
		options[levelOption] = string(neural.LevelPanel)
	}
	of, err := m.plain.New(options)
	if err == nil {
		m.of = of.(trainedState)
	}
	return err
}

const levelOption = "level"

// Unaided returns the network of a residual model that learned the series themselves, and why it did; of others the model
// itself.
func Unaided(m forecast.Model) (of forecast.Model, why string) {
	if r, ok := m.(*residual); ok && r.Base == baseNone {
		return r.of, r.Name() + ": " + r.note()
	}
	return m, ""
}

func (m *residual) Name() string { return residualPrefix + m.plain.Name }

func (m *residual) Curve() []forecast.Point { return m.of.Curve() }

// Fit implements forecast.Model. The first fit takes a base if the options name none, and later ones keep it.
func (m *residual) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	if err := train.Validate(); err != nil {
		return err
	}
	if opt.Horizon < 0 || opt.Season < 0 {
		return m.of.Fit(ctx, train, opt) // which refuses them
	}
	if m.Base == "" {
		started := time.Now()
		if err := m.settle(ctx, train, opt); err != nil {
			return err
		}
		if opt.TimeLimit > 0 {
			opt.TimeLimit = max(opt.TimeLimit-time.Since(started), 1)
		}
	}
	left, err := m.without(ctx, train, opt)
	if err != nil {
		return err
	}
	opt.Resume, opt.From = inner(opt.Resume), inner(opt.From)
	if checkpoint := opt.Checkpoint; checkpoint != nil {
		opt.Checkpoint = func(done bool, state func() (*forecast.State, error)) {
			checkpoint(done, func() (*forecast.State, error) { return m.outer(state()) })
		}
	}
	return m.of.Fit(ctx, left, opt)
}

// settle takes the base of a training to go on from, or chooses one.
func (m *residual) settle(ctx context.Context, train *series.Panel, opt forecast.FitOptions) (err error) {
	if begun := cmp.Or(opt.Resume, opt.From); begun != nil {
		m.taken, err = takenBy(begun)
	} else {
		m.taken, err = m.choose(ctx, train, opt)
	}
	return cmp.Or(err, m.build())
}

// without returns what the base leaves of a panel.
func (m *residual) without(ctx context.Context, train *series.Panel, opt forecast.FitOptions) (*series.Panel, error) {
	switch m.Base {
	case baseAR:
		return baseline.Innovations(ctx, train, opt)
	case baseNone:
		return train, nil
	}
	return effects.WithoutCourse(ctx, train, train.SeasonsBeside(opt.Season))
}

// Forecast implements forecast.Model.
func (m *residual) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (f *forecast.Forecast, err error) {
	if err := history.Validate(); err != nil {
		return nil, err
	}
	switch m.Base {
	case baseAR:
		f, err = baseline.OverInnovations(ctx, history, opt, func(left *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
			if of, ok := m.of.(forecast.PathForecaster); ok {
				return of.ForecastPaths(ctx, left, opt)
			}
			return m.of.Forecast(ctx, left, opt)
		})
	case baseNone:
		f, err = m.of.Forecast(ctx, history, opt)
	default:
		f, err = effects.OverCourse(ctx, history, history.SeasonsBeside(opt.Season), func(left *series.Panel) (*forecast.Forecast, error) {
			return m.of.Forecast(ctx, left, opt)
		})
	}
	if err != nil {
		return nil, err
	}
	f.Model = m.Name()
	if note := m.note(); note != "" {
		f.Notes = append([]string{m.Name() + ": " + note}, f.Notes...)
	}
	return f, nil
}

func (m *residual) State() (*forecast.State, error) { return m.outer(m.of.State()) }

// outer returns the state of the model by that of the trained one in it.
func (m *residual) outer(s *forecast.State, err error) (*forecast.State, error) {
	if err != nil {
		return nil, err
	}
	own := *s
	own.Kind = residualPrefix + s.Kind
	own.Options, err = m.addTo(s.Options)
	return &own, err
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
func residualKind(plain Kind) Kind {
	k := plain
	fields := []reflect.StructField{reflect.TypeFor[baseField]().Field(0)}
	for i, t := 0, reflect.TypeOf(plain.Options); i < t.NumField(); i++ {
		fields = append(fields, t.Field(i))
	}
	options := reflect.StructOf(fields)
	k.Options = reflect.Zero(options).Interface()
	k.build = func(encoded []byte) (forecast.Model, error) {
		o := reflect.New(options).Interface()
		if err := cmp.Or(decodeOptions(encoded, o), option.Validate("", o)); err != nil {
			return nil, err
		}
		return newResidual(plain, option.Texts(o))
	}
	k.load = func(s *forecast.State) (forecast.Model, error) {
		was, err := takenBy(s)
		if err != nil {
			return nil, err
		}
		m, err := plain.load(inner(s))
		if err != nil {
			return nil, err
		}
		return &residual{plain: plain, taken: was, of: m.(trainedState)}, nil
	}
	k.About = fmt.Sprintf("A %s of what a regression on trend and seasons, or an autoregression, leaves of each series, for panels of many.", k.Name)
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
