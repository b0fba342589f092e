package main

import (
	"tsgen/forecast"
	"tsgen/models/baseline"
)

func seasonalNaiveKind() kind {
	return baselineKind(baseline.SeasonalNaive{}, kind{
		yardstick: true,
		irregular: "last value", missing: "yes", channels: "one by one", law: "Gaussian",
		help: []string{"season  steps in a season (that of --season)"},
	})
}

func arKind() kind {
	return baselineKind(baseline.AR{}, kind{
		yardstick: true,
		irregular: "no", missing: "yes", channels: "one by one", law: "Gaussian",
		help: []string{
			"order   number of lags (twice the season and 1)",
			"season  steps in a season (that of --season)",
		},
	})
}

// baselineKind completes the kind of a model that is nothing but its options.
func baselineKind[M forecast.Model](zero M, k kind) kind {
	k.name, k.options = zero.Name(), zero
	k.build = func(options []byte) (forecast.Model, error) {
		m := zero
		err := decodeOptions(options, &m)
		return m, err
	}
	k.load = func(s *forecast.State) (forecast.Model, error) { return k.build(s.Options) }
	return k
}
