package models

import (
	"fmt"

	"tsgen/models/statespace"
)

func stateSpaceKind() Kind {
	return plainKind(statespace.Model{}, Kind{
		Irregular: "yes", Missing: "yes", Channels: "one by one", Distribution: "Gaussian or log-normal",
		Help: []string{
			fmt.Sprintf("harmonics  of the season (half of its steps, at most %d)", statespace.MostHarmonics),
			"plain      true: positive values are never modelled by their logarithm (where that suits them)",
			seasonHelp,
		},
	})
}

func regressionKind() Kind {
	return plainKind(statespace.Regression{}, Kind{
		Irregular: "no", Missing: "yes", Channels: "one by one", Known: true, Distribution: "Gaussian or log-normal",
		Help: []string{
			fmt.Sprintf("lags       of the errors (that of the least AICc, at most %d)", statespace.MostLags),
			"plain      true: positive values are never modelled by their logarithm (where that suits them)",
			seasonHelp,
		},
	})
}
