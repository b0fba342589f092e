package models

import "tsgen/models/modal"

func modalKind() Kind {
	return optionKind(func(o modal.Options) *modal.Model { return &modal.Model{Options: o} }, modal.FromState, Kind{
		Name: modal.Kind, Irregular: "yes", Missing: "yes", Channels: "jointly", Distribution: "quantiles",
		cost: modalCost,
		About: "Damped oscillations: each series has frequencies and dampings of its own, whose prior a panel shares, and they are found in " +
			"closed form but for these.",
	})
}
