package models

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"tsgen/forecast"
	"tsgen/internal/checkpoint"
	"tsgen/series"
)

// ByStep returns a model to be fitted to a panel: build's own, or if the series of the panel have
// different steps, one that fits a model of build's to the series of each step, which
// know the seasons of their own step and nothing of the others.
func ByStep(p *series.Panel, build func() forecast.Model) forecast.Model {
	return StepBuilder(p, build)()
}

// StepBuilder returns what makes such models. It looks at the steps of the panel once.
func StepBuilder(p *series.Panel, build func() forecast.Model) func() forecast.Model {
	parts, _ := p.ByStep()
	if len(parts) == 0 || len(parts) == 1 && parts[0].Step == p.Step {
		return build
	}
	return func() forecast.Model { return &stepwise{build: build} }
}

// ByStepSuffix ends the kind of a model file whose series have different steps, after the
// kind of the models of each.
const ByStepSuffix = " by step"

// Single returns the kind of the models of each step, if the kind is one of such, else itself.
func Single(kind string) string { return strings.TrimSuffix(kind, ByStepSuffix) }

// A stepwise model is one of a kind for each step that series have.
type stepwise struct {
	build func() forecast.Model
	parts []stepPart // nil before a fit
}

// A stepPart is the model of the series of one step.
type stepPart struct {
	step    series.Step
	model   forecast.Model
	refused error // of the fit
}

// Name returns the name of the kind of the models.
func (m *stepwise) Name() string { return m.build().Name() }

// Fit fits a model to the series of each step. What is left of a time limit is shared
// evenly among those that are left. Trainings are neither resumed nor begun with other weights. The
// error is that of the models only if all of them refuse the data; what one refuses, the naive
// forecast goes on with, and the notes of the forecast say so.
func (m *stepwise) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	if opt.Resume != nil || opt.From != nil {
		return fmt.Errorf("%s: %w: the series have different steps, and trainings of each cannot go on from another; fit them without --resume and --from, or each step by itself",
			m.Name(), forecast.ErrMismatch)
	}
	opt.Checkpoint = nil
	deadline := time.Now().Add(opt.TimeLimit)
	panels, _ := train.ByStep()
	m.parts = make([]stepPart, len(panels))
	refused := make([]error, len(panels))
	for i, p := range panels {
		own := opt
		own.Season = seasonBeside(train, p, opt.Season)
		if opt.TimeLimit > 0 {
			own.TimeLimit = max(time.Until(deadline)/time.Duration(len(panels)-i), 1)
		}
		model := m.build()
		err := model.Fit(ctx, p, own)
		if err != nil && !refuses(err) {
			return err
		}
		refused[i] = err
		m.parts[i] = stepPart{p.Step, model, err}
	}
	if err := allRefused(refused); err != nil {
		m.parts = nil
		return err
	}
	return nil
}

// seasonBeside returns the season that options say of a panel for its part of one step, of
// which they say nothing if it is not the panel's.
func seasonBeside(whole, part *series.Panel, season int) int {
	if part.Step != whole.Step {
		return 0
	}
	return season
}

// of returns the model of a step: that of the first part if there is none of the step, as
// of series that came after the fit.
func (m *stepwise) of(step series.Step) stepPart {
	for _, p := range m.parts {
		if p.step.Same(step) {
			return p
		}
	}
	return m.parts[0]
}

// each calls do with the model, the series and the options of each step, and puts together
// what it returns.
func (m *stepwise) each(history *series.Panel, opt forecast.Options,
	do func(model forecast.Model, p *series.Panel, opt forecast.Options) (*forecast.Forecast, error)) (*forecast.Forecast, error) {
	if m.parts == nil {
		return nil, forecast.ErrNotFitted
	}
	opt, err := opt.Resolve(history)
	if err != nil {
		return nil, err
	}
	f := &forecast.Forecast{Model: m.Name(), Series: make([]*forecast.Distribution, len(history.Series))}
	panels, places := history.ByStep()
	for i, p := range panels {
		own, part := opt, m.of(p.Step)
		own.Season, own.At = seasonBeside(history, p, opt.Season), make([][]float64, len(places[i]))
		for k, at := range places[i] {
			own.At[k] = opt.At[at]
		}
		name := p.Step.Describe(p.Axis.Calendar())
		if part.refused != nil {
			f.Notes = append(f.Notes, fmt.Sprintf("%s: %s series are continued by the naive forecast: %v", m.Name(), name, part.refused))
			if part.model, err = New("naive", nil); err != nil {
				return nil, err
			}
		}
		g, err := do(part.model, p, own)
		if err != nil {
			return nil, fmt.Errorf("%s series: %w", name, err)
		}
		f.Channels = g.Channels
		for k, at := range places[i] {
			f.Series[at] = g.Series[k]
		}
		for _, note := range g.Notes {
			f.Notes = append(f.Notes, name+": "+note)
		}
	}
	return f, nil
}

// Forecast implements forecast.Model.
func (m *stepwise) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.each(history, opt, func(model forecast.Model, p *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
		return model.Forecast(ctx, p, opt)
	})
}

// ForecastPaths implements forecast.PathForecaster.
func (m *stepwise) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.each(history, opt, func(model forecast.Model, p *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
		if own, ok := model.(forecast.PathForecaster); ok { // forecast.Paths corrects those of all
			opt.Samples = cmp.Or(opt.Samples, forecast.DefaultPaths)
			return own.ForecastPaths(ctx, p, opt)
		}
		return forecast.Paths(ctx, model, p, opt)
	})
}

// Impute implements forecast.Imputer, if the models do.
func (m *stepwise) Impute(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.each(history, opt, func(model forecast.Model, p *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
		if own, ok := model.(forecast.Imputer); ok {
			return own.Impute(ctx, p, opt)
		}
		return nil, fmt.Errorf("%w: %s does not impute", forecast.ErrMismatch, model.Name())
	})
}

// Components implements forecast.Decomposer, if the models do.
func (m *stepwise) Components(ctx context.Context, history *series.Panel, opt forecast.Options) ([]*forecast.Components, error) {
	all := make([]*forecast.Components, len(history.Series))
	panels, places := history.ByStep()
	for i, p := range panels {
		model := m.build()
		if m.parts != nil {
			model = m.of(p.Step).model
		}
		if kept, ok := model.(interface{ Unwrap() forecast.Model }); ok {
			model = kept.Unwrap() // estimates of forecasts are none of components
		}
		own, ok := model.(forecast.Decomposer)
		if !ok {
			return nil, fmt.Errorf("%w: %s has no components", forecast.ErrMismatch, model.Name())
		}
		part := opt
		part.Season = seasonBeside(history, p, opt.Season)
		split, err := own.Components(ctx, p, part)
		if err != nil {
			return nil, err
		}
		for k, at := range places[i] {
			all[at] = split[k]
		}
	}
	return all, nil
}

// keep returns the model with what those of each step estimate.
func (m *stepwise) keep(ctx context.Context, seen *series.Panel, opt forecast.FitOptions) (forecast.Model, error) {
	kept := &stepwise{build: m.build, parts: append([]stepPart(nil), m.parts...)}
	panels, _ := seen.ByStep()
	for _, p := range panels {
		for i := range kept.parts {
			part := &kept.parts[i]
			if part.step != p.Step || part.refused != nil {
				continue
			}
			own := opt
			own.Season = seasonBeside(seen, p, opt.Season)
			model, err := keep(ctx, part.model, p, own)
			if err != nil {
				return nil, err
			}
			part.model = model
		}
	}
	return kept, nil
}

// storedPart is what a model file holds of the model of a step beside its tensors, whose names
// begin with the part's place.
type storedPart struct {
	Step    series.Step     `json:"step"`
	Options json.RawMessage `json:"options,omitempty"`
	Refusal string          `json:"refusal,omitempty"` // why it could not be fitted
}

// State implements forecast.Stater.
func (m *stepwise) State() (*forecast.State, error) {
	if m.parts == nil {
		return nil, forecast.ErrNotFitted
	}
	s := &forecast.State{Kind: m.Name() + ByStepSuffix}
	stored := make([]storedPart, len(m.parts))
	for i, p := range m.parts {
		stored[i].Step = p.step
		if p.refused != nil {
			stored[i].Refusal = p.refused.Error()
			continue
		}
		own, err := State(p.model)
		if err != nil {
			return nil, err
		}
		stored[i].Options = own.Options
		weights, _ := checkpoint.Split(own.Tensors)
		for _, t := range weights {
			t.Name = stepPrefix(i) + t.Name
			s.Tensors = append(s.Tensors, t)
		}
	}
	var err error
	s.Options, err = json.Marshal(stored)
	return s, err
}

func stepPrefix(i int) string { return fmt.Sprintf("step%d.", i+1) }

// byStep returns the kind whose models are the kind's for each step that series have.
func (k Kind) byStep() Kind {
	single := k
	k.Name += ByStepSuffix
	k.build = func([]byte) (forecast.Model, error) {
		return nil, fmt.Errorf("models of each step are made by a fit to series of several; name %s", single.Name)
	}
	k.load = func(s *forecast.State) (forecast.Model, error) {
		var stored []storedPart
		if err := json.Unmarshal(s.Options, &stored); err != nil {
			return nil, err
		}
		m := &stepwise{build: single.Default}
		taken := 0
		for i, p := range stored {
			if p.Refusal != "" {
				m.parts = append(m.parts, stepPart{p.Step, nil, storedRefusal(p.Refusal)})
				continue
			}
			own := &forecast.State{Kind: single.Name, Options: p.Options}
			for _, t := range s.Tensors {
				if rest, ok := strings.CutPrefix(t.Name, stepPrefix(i)); ok {
					t.Name = rest
					own.Tensors = append(own.Tensors, t)
				}
			}
			taken += len(own.Tensors)
			model, err := single.load(own)
			if err != nil {
				return nil, fmt.Errorf("step %d: %w", i+1, err)
			}
			m.parts = append(m.parts, stepPart{p.Step, model, nil})
		}
		if len(m.parts) == 0 || taken < len(s.Tensors) {
			return nil, errors.New("the models of the steps and the tensors do not agree")
		}
		return m, nil
	}
	return k
}
