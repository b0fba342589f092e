package models

import "tsgen/models/vae"

func vaeKind() Kind {
	return optionKind(func(o vae.Options) *vae.Model { return &vae.Model{Options: o} }, vae.FromState, Kind{
		cost: trainedCost(vae.DefaultUpdates, 1.7e-4, 9e-4),
		Name: vae.Kind, Irregular: "no", Missing: "yes", Channels: "jointly", Distribution: "sample paths",
		About: "A variational autoencoder of windows (Kingma and Welling 2014): a window as a whole is drawn from a few latent variables, " +
			"and a forecast is its unseen part given the seen one.",
	})
}
