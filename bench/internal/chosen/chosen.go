// Package chosen has the model that the command's fit chooses with none named, for benchmarks.
package chosen

import (
	"context"
	"time"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/models/auto"
	"tsgen/series"
)

// Name is the name of the model.
const Name = "auto"

// A Model is the one that package auto chooses from all others, calibrated, as the command's fit
// does.
type Model struct {
	TimeLimit time.Duration // of the choice; zero means none
	Work      float64       // in seconds of a core; zero means auto's own

	model  forecast.Model
	choice *auto.Choice
}

// Name implements forecast.Model.
func (m *Model) Name() string { return Name }

// Fit implements forecast.Model.
func (m *Model) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) (err error) {
	m.choice, err = auto.Choose(ctx, train, models.Candidates(train), auto.Options{
		Horizon: opt.Horizon, Season: opt.Season, Seed: opt.Seed, Outliers: opt.Outliers, TimeLimit: m.TimeLimit, Work: m.Work,
	})
	if err != nil {
		return err
	}
	name, options := models.Chosen(m.choice)
	if m.model, err = models.New(name, options); err != nil {
		return err
	}
	build := func() forecast.Model {
		return models.ByStep(train, func() forecast.Model {
			own, err := models.New(name, options)
			if err != nil {
				panic(err) // it has been made before
			}
			return own
		})
	}
	m.model = build()
	if m.choice.Origins == 0 { // nothing was examined
		m.model = &forecast.Calibrated{New: build}
	}
	return forecast.Fit(ctx, m.model, train, opt)
}

// Forecast implements forecast.Model.
func (m *Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	f, err := forecast.Continue(ctx, m.model, history, opt)
	if err != nil {
		return nil, err
	}
	seen, _ := opt.Outliers.Seen(history, opt.Season)
	named := *m.choice.Calibration.Apply(f, seen)
	named.Notes = append([]string{m.choice.Reason}, f.Notes...)
	return &named, nil
}
