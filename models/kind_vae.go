package models

import (
	"cmp"

	"tsgen/forecast"
	"tsgen/models/vae"
)

func vaeKind() Kind {
	return Kind{
		cost: trainedCost(vae.DefaultUpdates, 1.7e-4, 9e-4),
		Name: vae.Kind, Irregular: "no", Missing: "yes", Channels: "jointly", Distribution: "sample paths",
		Options: vae.Options{},
		About: "A variational autoencoder of windows (Kingma and Welling 2014): a window as a whole is drawn from a few latent variables, " +
			"and a forecast is its unseen part given the seen one.",
		build: func(options []byte) (forecast.Model, error) {
			m := &vae.Model{}
			err := decodeOptions(options, &m.Options)
			return m, cmp.Or(err, m.Options.Validate())
		},
		load: func(s *forecast.State) (forecast.Model, error) { return vae.FromState(s) },
	}
}
