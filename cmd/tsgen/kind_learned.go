package main

import (
	"cmp"

	"tsgen/forecast"
	"tsgen/models/baseline"
)

func linearMapKind() kind {
	return kind{
		name: baseline.LinearMapName, irregular: "no", missing: "yes", channels: "one map for all", law: "Gaussian",
		options: baseline.LinearMapOptions{},
		help: []string{
			"lookback  steps that a forecast is made from (chosen on held-back data)",
			"ridge     penalty on the coefficients (chosen on held-back data)",
			"season    steps in a season (that of --season)",
		},
		build: func(options []byte) (forecast.Model, error) {
			m := &baseline.LinearMap{}
			err := decodeOptions(options, &m.LinearMapOptions)
			return m, cmp.Or(err, m.Validate())
		},
		load: func(s *forecast.State) (forecast.Model, error) { return baseline.LinearMapFromState(s) },
	}
}
