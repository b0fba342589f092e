package main

import (
	"cmp"

	"tsgen/forecast"
	"tsgen/latentode"
)

func latentODEKind() kind {
	return kind{
		name: latentode.Kind, irregular: "yes", missing: "yes", channels: "jointly", known: true, law: "sample paths",
		options: latentode.Options{},
		about: "A latent ODE (Rubanova et al. 2019): a variational autoencoder whose latent state moves in continuous time " +
			"by a neural differential equation, with a seasonal forcing.",
		build: func(options []byte) (forecast.Model, error) {
			m := &latentode.Model{}
			err := decodeOptions(options, &m.Options)
			return m, cmp.Or(err, m.Options.Validate())
		},
		load: func(s *forecast.State) (forecast.Model, error) { return latentode.FromState(s) },
	}
}
