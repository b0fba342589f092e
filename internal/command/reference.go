package command

import (
	"context"
	"errors"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/series"
)

// reference returns a model of the kind fitted to head, calibrated if the model
// that it is compared with is to be; but not the ensemble, which would take
// several times as long.
func (j *fitJob) reference(ctx context.Context, k models.Kind, head *series.Panel) (forecast.Model, error) {
	build := models.StepBuilder(head, k.Default)
	m := build()
	if j.calibrate && k.Name != models.EnsembleName {
		m = &forecast.Calibrated{New: build, Alone: func(history *series.Panel) bool { return models.Alone(build(), history) }}
	}
	if rows := j.referenceRows(); rows > 0 {
		m = recent{m, rows}
	}
	err := forecast.Fit(ctx, m, head, forecast.FitOptions{Horizon: j.horizon, Outliers: j.limit, Seed: j.seed, Scratch: j.read.Scratch})
	if errors.Is(err, forecast.ErrMismatch) || errors.Is(err, forecast.ErrTooShort) {
		return refusing{k.Name, err}, nil
	}
	return m, err
}

// leastReference is the number of the last times of each series that references see at
// least: they also see so many horizons and longest seasons.
const (
	leastReference   = 2500
	referenceHorizon = 12
	referenceSeasons = 3
)

// referenceRows returns the number of the last times of long series that references see,
// zero if they see all.
func (j *fitJob) referenceRows() int {
	longest, most := 0, 0.0
	for _, s := range j.panel.Series {
		longest = max(longest, s.Len())
	}
	for _, m := range j.panel.SeasonsBeside(0) {
		most = max(most, m)
	}
	rows := max(leastReference, referenceHorizon*j.horizon, int(referenceSeasons*most))
	if rows >= longest {
		return 0
	}
	return rows
}

// A recent model sees no more than the last rows of series.
type recent struct {
	forecast.Model
	rows int
}

func (m recent) last(p *series.Panel) *series.Panel {
	ends := make([]*series.Series, len(p.Series))
	for i, s := range p.Series {
		ends[i] = s.Slice(max(0, s.Len()-m.rows), s.Len())
	}
	return p.With(ends)
}

func (m recent) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	return m.Model.Fit(ctx, m.last(train), opt)
}

func (m recent) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.Model.Forecast(ctx, m.last(history), opt)
}

// A refusing model stands for one that could not be fitted.
type refusing struct {
	name string
	err  error
}

func (r refusing) Name() string { return r.name }

func (r refusing) Fit(context.Context, *series.Panel, forecast.FitOptions) error { return r.err }

func (r refusing) Forecast(context.Context, *series.Panel, forecast.Options) (*forecast.Forecast, error) {
	return nil, r.err
}
