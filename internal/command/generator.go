package command

import (
	"context"
	"errors"

	"tsgen/forecast"
	"tsgen/latentode"
	"tsgen/models"
	"tsgen/models/gauss"
	"tsgen/models/mdn"
	"tsgen/models/modelfile"
)

// standInSteps bounds the horizon of a model that stands in where there is no season: its
// windows are some horizons long, and the time of its fit grows with them.
const standInSteps = 24

// generators returns the kinds of models that stand in for one that does not generate, the
// best first. signal says that series without noise are wanted.
func generators(signal bool) []string {
	if signal {
		return []string{latentode.Kind, mdn.Kind, gauss.Name}
	}
	return []string{mdn.Kind, gauss.Name, latentode.Kind}
}

// generator returns the model of the file if it generates, and else one that does, fitted to
// the series of the file, which it says. A service takes no such time: there the error is
// that of a model that cannot.
func (f *generateFlags) generator(ctx context.Context, file *modelfile.File, model forecast.Model) (forecast.Model, error) {
	if _, ok := model.(forecast.Generator); ok {
		return model, nil
	}
	if _, ok := ctx.Value(servedKey{}).(*served); ok || f.grid != "" { // a stand-in has no map of latent variables
		return nil, cannot(model, forecast.Generates)
	}
	why := cannot(model, forecast.Generates)
	for _, name := range generators(f.signal) {
		k, err := models.Lookup(name)
		if err != nil {
			return nil, err
		}
		if !k.Treats(file.History) {
			continue
		}
		m := k.Default()
		f.progress.notef("%s does not generate: %s is fitted to its series and does; 'tsgen fit FILE -m %s' keeps one", model.Name(), name, name)
		err = f.progress.during("fit", func(update func(forecast.Progress)) error {
			return forecast.Fit(ctx, m, file.History, forecast.FitOptions{
				Horizon: min(file.Horizon, max(file.Season, standInSteps)), Season: file.Season, Outliers: file.Outliers, Seed: file.Seed, Progress: update,
			})
		})
		if err == nil {
			return m, nil
		}
		if !errors.Is(err, forecast.ErrMismatch) && !errors.Is(err, forecast.ErrTooShort) {
			return nil, err
		}
		why = err
	}
	return nil, why
}
