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
		about:   "One ridge regression for all series, from the last steps of a window, with its level and scale taken out, to the whole horizon.",
		build: func(options []byte) (forecast.Model, error) {
			m := &baseline.LinearMap{}
			err := decodeOptions(options, &m.LinearMapOptions)
			return m, cmp.Or(err, m.Validate())
		},
		load: func(s *forecast.State) (forecast.Model, error) { return baseline.LinearMapFromState(s) },
	}
}
