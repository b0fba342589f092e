package main

import (
	"tsgen/forecast"
	"tsgen/models/baseline"
)

func seasonalNaiveKind() kind {
	return checkedKind(baseline.SeasonalNaive{}, kind{
		yardstick: true,
		irregular: "last value", missing: "yes", channels: "one by one", law: "Gaussian",
		about: "The value a season before, with the intervals of a seasonal random walk: what every model is held against.",
	})
}

func arKind() kind {
	return checkedKind(baseline.AR{}, kind{
		yardstick: true,
		irregular: "no", missing: "yes", channels: "one by one", law: "Gaussian",
		about: "An autoregression of each series, estimated by maximum likelihood, with lags over two seasons.",
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
