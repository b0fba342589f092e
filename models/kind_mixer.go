package models

import "tsgen/models/mixer"

func mixerKind() Kind {
	return optionKind(func(o mixer.Options) *mixer.Model { return &mixer.Model{Options: o} }, mixer.FromState, Kind{
		cost: trainedCost(1000, 2.2e-4, 2e-4),
		Name: mixer.Kind, Irregular: "no", Missing: "yes", Channels: "jointly", Known: true, Static: true, Distribution: "sample paths",
		About: "A perceptron of whole windows, in the spirit of N-BEATS, TiDE and TSMixer: it returns the quantiles of all steps " +
			"of the horizon at once, and a copula makes sample paths of them.",
	})
}
