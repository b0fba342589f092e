package main

import (
	"cmp"

	"tsgen/forecast"
	"tsgen/rnn"
)

func vrnnKind() kind {
	return rnnKind(rnn.VRNN, "A variational recurrent neural network (Chung et al. 2015): a recurrent state carries the past, "+
		"and each step has latent variables of its own.")
}

func srnnKind() kind {
	return rnnKind(rnn.SRNN, "A stochastic recurrent neural network (Fraccaro et al. 2016): a deterministic recurrence below, "+
		"a chain of latent variables above it, whose posterior sees later values, too.")
}

func rnnKind(name, about string) kind {
	return kind{
		name: name, irregular: "yes", missing: "yes", channels: "jointly", known: true, law: "sample paths",
		options: rnn.Options{},
		about:   about,
		build: func(options []byte) (forecast.Model, error) {
			m := &rnn.Model{Kind: name}
			err := decodeOptions(options, &m.Options)
			return m, cmp.Or(err, m.Options.Validate())
		},
		load: func(s *forecast.State) (forecast.Model, error) { return rnn.FromState(s) },
	}
}
