package models

import (
	"cmp"

	"tsgen/forecast"
	"tsgen/models/modal"
)

func modalKind() Kind {
	return Kind{
		Name: modal.Kind, Irregular: "yes", Missing: "yes", Channels: "jointly", Distribution: "quantiles",
		Options: modal.Options{},
		cost:    modalCost,
		About: "Damped oscillations: each series has frequencies and dampings of its own, whose prior a panel shares, and they are found in " +
			"closed form but for these.",
		build: func(options []byte) (forecast.Model, error) {
			m := &modal.Model{}
			err := decodeOptions(options, &m.Options)
			return m, cmp.Or(err, m.Options.Validate())
		},
		load: func(s *forecast.State) (forecast.Model, error) { return modal.FromState(s) },
	}
}
