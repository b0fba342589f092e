package main

import (
	"context"
	"time"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/models/auto"
	"tsgen/series"
)

const autoName = "auto"

// A chosen model is the one that package auto chooses from all others,
// calibrated, as the command's fit -m auto does.
type chosen struct {
	limit time.Duration // of the choice; zero means auto's own

	model  forecast.Model
	reason string
}

// Name implements forecast.Model.
func (m *chosen) Name() string { return autoName }

// Fit implements forecast.Model.
func (m *chosen) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	choice, err := auto.Choose(ctx, train, models.Candidates(train), auto.Options{
		Horizon: opt.Horizon, Season: opt.Season, Seed: opt.Seed, TimeLimit: m.limit,
	})
	if err != nil {
		return err
	}
	m.reason = choice.Reason
	name, options := models.Chosen(choice)
	if m.model, err = models.New(name, options); err != nil {
		return err
	}
	if !models.IsTrained(m.model) {
		m.model = &forecast.Calibrated{New: func() forecast.Model {
			again, err := models.New(name, options)
			if err != nil {
				panic(err) // it has been made before
			}
			return again
		}}
	}
	return m.model.Fit(ctx, train, opt)
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
