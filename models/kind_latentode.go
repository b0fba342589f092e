package models

import (
	"cmp"

	"tsgen/forecast"
	"tsgen/latentode"
)

func latentODEKind() Kind {
	return Kind{
		cost: latentODECost,
		Name: latentode.Kind, Irregular: "yes", Missing: "yes", Channels: "jointly", Known: true, Distribution: "sample paths",
		Options: latentode.Options{},
		About: "A latent ODE (Rubanova et al. 2019): a variational autoencoder whose latent state moves in continuous time " +
			"by a neural differential equation, with a seasonal forcing.",
		build: func(options []byte) (forecast.Model, error) {
			m := &latentode.Model{}
			err := decodeOptions(options, &m.Options)
			return m, cmp.Or(err, m.Options.Validate())
		},
		load: func(s *forecast.State) (forecast.Model, error) { return latentode.FromState(s) },
	}
}
