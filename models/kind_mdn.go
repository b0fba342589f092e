package models

import "tsgen/models/mdn"

func mdnKind() Kind {
	return optionKind(func(o mdn.Options) *mdn.Model { return &mdn.Model{Options: o} }, mdn.FromState, Kind{
		Name: mdn.Kind, Irregular: "yes", Missing: "yes", Channels: "jointly", Known: true, Distribution: "sample paths",
		cost: trainedCost(1500, 6e-4, 1e-3),
		About: "A recurrent network with mixture density outputs (Bishop 1994, Graves 2013): each value given all before it, with an exact " +
			"likelihood and probabilities of values that repeat, of grids and of zeros. It is for generating series.",
	})
}
