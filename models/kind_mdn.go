package models

import (
	"tsgen/models/auto"
	"tsgen/models/mdn"
	"tsgen/series"
)

func mdnKind() Kind {
	return optionKind(func(o mdn.Options) *mdn.Model { return &mdn.Model{Options: o} }, mdn.FromState, Kind{
		Name: mdn.Kind, Irregular: "yes", Missing: "yes", Channels: "jointly", Known: true, Static: true, Distribution: "sample paths",
		cost: mdnCost,
		About: "A recurrent network with mixture density outputs (Bishop 1994, Graves 2013): each value given all before it, with an exact " +
			"likelihood and probabilities of values that repeat, of grids and of zeros. It is for generating series.",
	})
}

// mdnCost is that of a training, whose updates have fewer windows where these are long.
func mdnCost(p *series.Panel, horizon int) auto.Cost {
	const update = 6e-4
	c := trainedCost(1500, update, 1e-3)(p, horizon)
	c.Update = min(c.Update, update*mdn.LongWindow)
	return c
}
