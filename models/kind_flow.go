package models

import "tsgen/models/flow"

func flowKind() Kind {
	return optionKind(func(o flow.Options) *flow.Model { return &flow.Model{Options: o} }, flow.FromState, Kind{
		Name: flow.Kind, Irregular: "no", Missing: "yes", Channels: "jointly", Known: true, Distribution: "sample paths",
		cost: flowCost,
		About: "A rectified flow of windows (Liu et al. 2023, Lipman et al. 2023): a differential equation that takes noise to a window. " +
			"What is known of a window guides it, so that it forecasts and imputes, and its density is exact. It is for generating series.",
	})
}
