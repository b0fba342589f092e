package models

import "tsgen/models/boost"

func boostKind() Kind {
	return optionKind(func(o boost.Options) *boost.Model { return &boost.Model{Options: o} }, boost.FromState, Kind{
		cost: boostCost,
		Name: boost.Kind, Irregular: "no", Missing: "yes", Channels: "one set of trees for all", Known: true, Static: true, Distribution: "quantiles",
		About: "Gradient boosting of quantiles by trees that all series share, of the values of the last seasons, the calendar " +
			"and covariates that are known ahead.",
	})
}
