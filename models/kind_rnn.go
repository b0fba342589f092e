package models

import "tsgen/rnn"

func vrnnKind() Kind {
	return rnnKind(rnn.VRNN, "A variational recurrent neural network (Chung et al. 2015): a recurrent state carries the past, "+
		"and each step has latent variables of its own.")
}

func srnnKind() Kind {
	return rnnKind(rnn.SRNN, "A stochastic recurrent neural network (Fraccaro et al. 2016): a deterministic recurrence below, "+
		"a chain of latent variables above it, whose posterior sees later values, too.")
}

func rnnKind(name, about string) Kind {
	return optionKind(func(o rnn.Options) *rnn.Model { return &rnn.Model{Kind: name, Options: o} }, rnn.FromState, Kind{
		cost: trainedCost(rnn.DefaultUpdates, 5e-4, 1.5e-3),
		Name: name, Irregular: "yes", Missing: "yes", Channels: "jointly", Known: true, Static: true, Distribution: "sample paths",
		About: about,
	})
}
