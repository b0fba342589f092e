package main

import (
	"cmp"

	"tsgen/forecast"
	"tsgen/models/gauss"
)

func gaussKind() kind {
	return kind{
		name: gauss.Name, irregular: "no", missing: "yes", channels: "jointly", law: "Gaussian or quantiles",
		options: gauss.Options{},
		about:   "The joint Gaussian distribution of windows, or a Gaussian copula: forecasts are conditional on the last steps.",
		build: func(options []byte) (forecast.Model, error) {
			m := &gauss.Model{}
			err := decodeOptions(options, &m.Options)
			return m, cmp.Or(err, m.Validate())
		},
		load: func(s *forecast.State) (forecast.Model, error) { return gauss.FromState(s) },
	}
}
