package models

import "tsgen/latentode"

func latentODEKind() Kind {
	return optionKind(func(o latentode.Options) *latentode.Model { return &latentode.Model{Options: o} }, latentode.FromState, Kind{
		cost: latentODECost,
		Name: latentode.Kind, Irregular: "yes", Missing: "yes", Channels: "jointly", Known: true, Static: true, Distribution: "sample paths",
		About: "A latent ODE (Rubanova et al. 2019): a variational autoencoder whose latent state moves in continuous time " +
			"by a neural differential equation, with a seasonal forcing.",
	})
}
