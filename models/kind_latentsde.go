package models

import "tsgen/latentode"

func latentSDEKind() Kind {
	return optionKind(func(o latentode.StochasticOptions) *latentode.Stochastic {
		return &latentode.Stochastic{Options: o}
	}, latentode.StochasticFromState, Kind{
		cost: latentSDECost, ByName: true,
		Name: latentode.StochasticKind, Irregular: "yes", Missing: "yes", Channels: "jointly", Known: true, Static: true, Distribution: "sample paths",
		About: "A latent SDE (Li et al. 2020): a latent ODE whose dynamics have noise of their own, for what is driven by chance " +
			"and not merely observed with errors.",
	})
}
