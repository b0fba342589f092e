package main

import (
	"context"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/models/auto"
	"tsgen/series"
)

// A chosen model is the one that package auto chooses, calibrated, as the command's fit does with no
// model named.
type chosen struct {
	work float64 // zero means auto's own

	model  forecast.Model
	choice *auto.Choice
}

// Name implements forecast.Model.
func (m *chosen) Name() string { return "auto" }

// Fit implements forecast.Model.
func (m *chosen) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) (err error) {
	m.choice, err = auto.Choose(ctx, train, models.Candidates(train), auto.Options{
		Horizon: opt.Horizon, Season: opt.Season, Seed: opt.Seed, Outliers: opt.Outliers, Work: m.work,
	})
	if err != nil {
		return err
	}
	name, options := models.Chosen(m.choice)
	if m.model, err = models.New(name, options); err != nil {
		return err
	}
	return forecast.Fit(ctx, m.model, train, opt)
}

// Forecast implements forecast.Model.
func (m *chosen) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	f, err := forecast.Continue(ctx, m.model, history, opt)
	if err != nil {
		return nil, err
	}
	seen, _ := opt.Outliers.Seen(history, opt.Season)
	return m.choice.Calibration.Apply(f, seen), nil
}
