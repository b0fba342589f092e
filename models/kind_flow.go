package models

import (
	"cmp"

	"tsgen/forecast"
	"tsgen/models/flow"
)

func flowKind() Kind {
	return Kind{
		Name: flow.Kind, Irregular: "no", Missing: "yes", Channels: "jointly", Distribution: "sample paths",
		Options: flow.Options{},
		cost:    flowCost,
		About: "A rectified flow of windows (Liu et al. 2023, Lipman et al. 2023): a differential equation that takes noise to a window. " +
			"What is known of a window guides it, so that it forecasts, and its density is exact. It is for generating series.",
		build: func(options []byte) (forecast.Model, error) {
			m := &flow.Model{}
			err := decodeOptions(options, &m.Options)
			return m, cmp.Or(err, m.Options.Validate())
		},
		load: func(s *forecast.State) (forecast.Model, error) { return flow.FromState(s) },
	}
}
