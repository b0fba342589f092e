package models

import (
	"cmp"

	"tsgen/forecast"
	"tsgen/models/boost"
)

func boostKind() Kind {
	return Kind{
		cost: boostCost,
		Name: boost.Kind, Irregular: "no", Missing: "yes", Channels: "one set of trees for all", Known: true, Distribution: "quantiles",
		Options: boost.Options{},
		About: "Gradient boosting of quantiles by trees that all series share, of the values of the last seasons, the calendar " +
			"and covariates that are known ahead.",
		build: func(options []byte) (forecast.Model, error) {
			m := &boost.Model{}
			err := decodeOptions(options, &m.Options)
			return m, cmp.Or(err, m.Options.Validate())
		},
		load: func(s *forecast.State) (forecast.Model, error) { return boost.FromState(s) },
	}
}
