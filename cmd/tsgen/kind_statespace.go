package main

import "tsgen/models/statespace"

func stateSpaceKind() kind {
	return checkedKind(statespace.Model{}, kind{
		irregular: "yes", missing: "yes", channels: "one by one", law: "Gaussian or log-normal",
		about: "A linear-Gaussian state space model of trend, season and noise in continuous time, by the Kalman filter.",
	})
}

func regressionKind() kind {
	return checkedKind(statespace.Regression{}, kind{
		irregular: "no", missing: "yes", channels: "one by one", known: true, law: "Gaussian or log-normal",
		about: "A regression on trend, season and the covariates of --known, with autoregressive errors.",
	})
}
