package models

import (
	"cmp"
	"fmt"

	"tsgen/forecast"
	"tsgen/rnn"
)

func vrnnKind() Kind {
	k := rnnKind(rnn.VRNN)
	k.Help = append(k.Help,
		"residual   true: the posterior's mean is relative to the prior's (false)",
		"filter     the posterior is told of the past alone in any case")
	return k
}

func srnnKind() Kind {
	k := rnnKind(rnn.SRNN)
	k.Help = append(k.Help,
		"residual   the posterior's mean is always relative to the prior's",
		"filter     true: the posterior is told of the past alone, not of later values (false)")
	return k
}

func rnnKind(name string) Kind {
	return Kind{
		Name: name, Irregular: "yes", Missing: "yes", Channels: "jointly", Known: true, Distribution: "sample paths",
		Options: rnn.Options{},
		Help: []string{
			"hidden     width of recurrences and layers (8 to 64 by the number of values)",
			fmt.Sprintf("latent     latent variables (%d)", rnn.DefaultLatent),
			"cell       gru or lstm: the kind of the recurrent units (gru)",
			"likelihood of a value, as those of vae but for top and components",
			"context    steps that a forecast is conditioned on (3 seasons or 2 horizons)",
			"level      window or panel: whose level and scale are taken out",
			"transform  log or none: what is done to positive values first",
			"dropout    part of the activations that is dropped in training (0)",
			"free       nats of the divergence that each latent variable has free at a step (0)",
			"teacher    true: told true values in training, without noise (false)",
			"sampling   part of the values told in training that become its own draws (0)",
			fmt.Sprintf("particles  that infer the latent variables of a forecast's context (%d)", rnn.DefaultParticles),
			fmt.Sprintf("updates    of the parameters, at most (%d)", rnn.DefaultUpdates),
			fmt.Sprintf("batch      windows in an update (%d)", rnn.DefaultBatch),
			fmt.Sprintf("rate       of learning (%v)", rnn.DefaultRate),
			fmt.Sprintf("patience   validations without a better score before it stops (%d)", rnn.DefaultPatience),
		},
		build: func(options []byte) (forecast.Model, error) {
			m := &rnn.Model{Kind: name}
			err := decodeOptions(options, &m.Options)
			return m, cmp.Or(err, m.Options.Validate())
		},
		load: func(s *forecast.State) (forecast.Model, error) { return rnn.FromState(s) },
	}
}
