package models

import "tsgen/models/pooled"

func pooledKind() Kind {
	return optionKind(func(o pooled.Options) *pooled.Model { return &pooled.Model{Options: o} }, pooled.FromState, Kind{
		cost: pooledCost,
		Name: pooled.Kind, ReferenceIrregular: true, Irregular: "yes", Missing: "yes", Channels: "one by one", Distribution: "quantiles",
		About: "Gaussian processes whose parameters all series of a panel share: a common mean over time, a level of each series' own, " +
			"a process that forgets, and noise.",
	})
}
