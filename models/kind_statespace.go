package models

import "tsgen/models/statespace"

func stateSpaceKind() Kind {
	return keptKind(statespace.Model{}, statespace.KeptFromState, Kind{
		cost:      stateSpaceCost,
		Irregular: "yes", Missing: "yes", Channels: "one by one", Distribution: "Gaussian or log-normal",
		About: "A linear-Gaussian state space model of trend, season and noise in continuous time, by the Kalman filter.",
	})
}

func regressionKind() Kind {
	return olderKind(statespace.Regression{}, statespace.Regression{Linear: true}, statespace.KeptFromState, Kind{
		cost:      regressionCost,
		Irregular: "no", Missing: "yes", Channels: "one by one", Known: true, Distribution: "Gaussian or log-normal",
		About: "A regression on trend, season and the covariates of --known, bent and with the season where that pays, with autoregressive errors.",
	})
}
