package models

import "tsgen/models/zeroshot"

func zeroshotKind() Kind {
	return optionKind(func(o zeroshot.Options) *zeroshot.Model { return &zeroshot.Model{Options: o} }, zeroshot.FromState, Kind{
		cost: withEffects(zeroshotCost),
		Name: zeroshot.Name, Irregular: "on a grid", Missing: "yes", Channels: "one by one", Known: true, Distribution: "quantiles",
		About: "A network that was trained once, on simulated series alone, and comes with the program: nothing is fitted, so that it forecasts at once, or is tuned to the series with --set tune=true.",
	})
}
