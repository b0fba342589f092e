package models

import "tsgen/models/gauss"

func gaussKind() Kind {
	return optionKind(func(o gauss.Options) *gauss.Model { return &gauss.Model{Options: o} }, gauss.FromState, Kind{
		cost: gaussCost,
		Name: gauss.Name, Irregular: "no", Missing: "yes", Channels: "jointly", Distribution: "Gaussian or quantiles",
		About: "The joint Gaussian distribution of windows, or a Gaussian copula: forecasts are conditional on the last steps.",
	})
}
