package main

import (
	"context"
	"time"

	"tsgen/forecast"
	"tsgen/models/auto"
	"tsgen/series"
)

// A chosen model is the one that package auto chooses from the entrants,
// calibrated, as the command's fit -m auto does.
type chosen struct {
	from  []entrant
	limit time.Duration // of the choice; zero means auto's own

	model  forecast.Model
	reason string
}

// Name implements forecast.Model.
func (m *chosen) Name() string { return "auto" }

// Fit implements forecast.Model.
func (m *chosen) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	var candidates []auto.Candidate
	build := make(map[string]entrant)
	for _, e := range m.from {
		candidates = append(candidates, auto.Candidate{
			Candidate: forecast.Candidate{Name: e.name, New: e.build}, Trained: e.trained, Safe: e.safe,
		})
		build[e.name] = e
	}
	choice, err := auto.Choose(ctx, train, candidates, auto.Options{
		Horizon: opt.Horizon, Season: opt.Season, Seed: opt.Seed, TimeLimit: m.limit,
	})
	if err != nil {
		return err
	}
	e := build[choice.Name]
	if choice.Blend != nil {
		e = blend(choice.Blend, build)
	}
	m.reason = choice.Reason
	m.model = &forecast.Calibrated{New: e.build}
	if e.trained {
		m.model = e.build()
	}
	return m.model.Fit(ctx, train, opt)
}

// blend returns the ensemble that auto blended of the entrants.
func blend(shares []auto.Share, of map[string]entrant) entrant {
	e := entrant{name: auto.BlendName}
	for _, s := range shares {
		e.trained = e.trained || of[s.Name].trained
	}
	e.build = func() forecast.Model {
		m := &forecast.Ensemble{}
		for _, s := range shares {
			m.Members, m.Weights = append(m.Members, of[s.Name].build()), append(m.Weights, s.Weight)
		}
		return m
	}
	return e
}

// Forecast implements forecast.Model.
func (m *chosen) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	f, err := m.model.Forecast(ctx, history, opt)
	if err != nil {
		return nil, err
	}
	named := *f
	named.Notes = append([]string{m.reason}, f.Notes...)
	return &named, nil
}
