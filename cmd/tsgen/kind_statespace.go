package main

import (
	"fmt"

	"tsgen/models/statespace"
)

func stateSpaceKind() kind {
	return checkedKind(statespace.Model{}, kind{
		irregular: "yes", missing: "yes", channels: "one by one", law: "Gaussian or log-normal",
		help: []string{
			fmt.Sprintf("harmonics  of the season (half of its steps, at most %d)", statespace.MostHarmonics),
			"plain      true: positive values are never modelled by their logarithm (where that suits them)",
			seasonHelp,
		},
	})
}

func regressionKind() kind {
	return checkedKind(statespace.Regression{}, kind{
		irregular: "no", missing: "yes", channels: "one by one", known: true, law: "Gaussian or log-normal",
		help: []string{
			fmt.Sprintf("lags       of the errors (that of the least AICc, at most %d)", statespace.MostLags),
			"plain      true: positive values are never modelled by their logarithm (where that suits them)",
			seasonHelp,
		},
	})
}
