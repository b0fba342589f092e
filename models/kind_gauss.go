package models

import (
	"cmp"

	"tsgen/forecast"
	"tsgen/models/gauss"
)

func gaussKind() Kind {
	return Kind{
		Name: gauss.Name, Irregular: "no", Missing: "yes", Channels: "jointly", Distribution: "Gaussian or quantiles",
		Options: gauss.Options{},
		Help: []string{
			"lookback   steps that a forecast is conditioned on (2 seasons or 2 horizons)",
			"copula     true: every channel has the law of its own values (false: a Gaussian)",
		},
		build: func(options []byte) (forecast.Model, error) {
			m := &gauss.Model{}
			err := decodeOptions(options, &m.Options)
			return m, cmp.Or(err, m.Validate())
		},
		load: func(s *forecast.State) (forecast.Model, error) { return gauss.FromState(s) },
	}
}
