package models

import (
	"cmp"

	"tsgen/forecast"
	"tsgen/models/mdn"
)

func mdnKind() Kind {
	return Kind{
		Name: mdn.Kind, Irregular: "yes", Missing: "yes", Channels: "jointly", Known: true, Distribution: "sample paths",
		Options: mdn.Options{},
		cost:    trainedCost(1500, 6e-4, 1e-3),
		About: "A recurrent network with mixture density outputs (Bishop 1994, Graves 2013): each value given all before it, with an exact " +
			"likelihood and probabilities of values that repeat, of grids and of zeros. It is for generating series.",
		build: func(options []byte) (forecast.Model, error) {
			m := &mdn.Model{}
			err := decodeOptions(options, &m.Options)
			return m, cmp.Or(err, m.Options.Validate())
		},
		load: func(s *forecast.State) (forecast.Model, error) { return mdn.FromState(s) },
	}
}
