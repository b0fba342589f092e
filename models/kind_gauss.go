package models

import (
	"cmp"

	"tsgen/forecast"
	"tsgen/models/gauss"
)

func gaussKind() Kind {
	return Kind{
		cost: gaussCost,
		Name: gauss.Name, Irregular: "no", Missing: "yes", Channels: "jointly", Distribution: "Gaussian or quantiles",
		Options: gauss.Options{},
		About:   "The joint Gaussian distribution of windows, or a Gaussian copula: forecasts are conditional on the last steps.",
		build: func(options []byte) (forecast.Model, error) {
			m := &gauss.Model{}
			err := decodeOptions(options, &m.Options)
			return m, cmp.Or(err, m.Validate())
		},
		load: func(s *forecast.State) (forecast.Model, error) { return gauss.FromState(s) },
	}
}
