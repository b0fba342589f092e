package models

import (
	"cmp"

	"tsgen/forecast"
	"tsgen/models/pooled"
)

func pooledKind() Kind {
	return Kind{
		cost: pooledCost,
		Name: pooled.Kind, ReferenceIrregular: true, Irregular: "yes", Missing: "yes", Channels: "one by one", Distribution: "quantiles",
		Options: pooled.Options{},
		About: "Gaussian processes whose parameters all series of a panel share: a common mean over time, a level of each series' own, " +
			"a process that forgets, and noise.",
		build: func(options []byte) (forecast.Model, error) {
			m := &pooled.Model{}
			err := decodeOptions(options, &m.Options)
			return m, cmp.Or(err, m.Options.Validate())
		},
		load: func(s *forecast.State) (forecast.Model, error) { return pooled.FromState(s) },
	}
}
