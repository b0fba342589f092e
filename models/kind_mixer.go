package models

import (
	"cmp"

	"tsgen/forecast"
	"tsgen/models/mixer"
)

func mixerKind() Kind {
	return Kind{
		cost: trainedCost(1000, 2.2e-4, 2e-4),
		Name: mixer.Kind, Irregular: "no", Missing: "yes", Channels: "jointly", Known: true, Distribution: "sample paths",
		Options: mixer.Options{},
		About: "A perceptron of whole windows, in the spirit of N-BEATS, TiDE and TSMixer: it returns the quantiles of all steps " +
			"of the horizon at once, and a copula makes sample paths of them.",
		build: func(options []byte) (forecast.Model, error) {
			m := &mixer.Model{}
			err := decodeOptions(options, &m.Options)
			return m, cmp.Or(err, m.Options.Validate())
		},
		load: func(s *forecast.State) (forecast.Model, error) { return mixer.FromState(s) },
	}
}
