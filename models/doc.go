// Package models finds models by their names: it lists the kinds of models and
// what each can do, makes models with options, stores them in files and loads
// them. The Ensemble combines several.
//
//	m, err := models.New("latent-ode", map[string]string{"hidden": "16"})
//	err = m.Fit(ctx, panel, forecast.FitOptions{Horizon: 12})
//	err = models.Save("sales.tsgen", m, panel, forecast.FitOptions{Horizon: 12})
//	m, file, err := models.Load("sales.tsgen")
//	f, err := m.Forecast(ctx, file.History, forecast.Options{Horizon: 12})
//
// The packages below this one hold the models themselves, package auto chooses
// among them, and package modelfile is the format of their files.
package models
