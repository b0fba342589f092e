package models

import (
	"cmp"
	"fmt"

	"tsgen/forecast"
	"tsgen/latentode"
)

func latentODEKind() Kind {
	return Kind{
		Name: latentode.Kind, Irregular: "yes", Missing: "yes", Channels: "jointly", Known: true, Distribution: "sample paths",
		Options: latentode.Options{},
		Help: []string{
			"state      latent variables that move (3 for one channel, else one a channel, 32 at most)",
			"static     latent variables that stay for a window (4 with a season; -1: none)",
			fmt.Sprintf("hidden     width of the hidden layers (%d)", latentode.DefaultHidden),
			"harmonics  of the seasonal forcing (half the season, at most 8; -1: none)",
			"context    observations that the encoder sees (3 seasons or 2 horizons)",
			"level      window or panel: whose level and scale are taken out",
			"transform  log or none: what is done to positive values first",
			"likelihood gaussian (the default), student-t, log-normal, poisson,",
			"           negative-binomial or bernoulli: the law of a value",
			"noise      deviation of values in their unit, if it is known (it is learned)",
			"encoder    gru (the default) or ode-rnn: what reads the context",
			"draws      of the importance-weighted bound; 1 is the ELBO (1)",
			"free       nats of the divergence that each latent variable has free (0)",
			"kinetic    weight of the latent state's mean square speed (0)",
			"path       weight of the length of the latent state's path (0)",
			fmt.Sprintf("tolerance  of the solver (%v)", latentode.DefaultTolerance),
			fmt.Sprintf("updates    of the parameters, at most (%d)", latentode.DefaultUpdates),
			fmt.Sprintf("batch      windows in an update (%d)", latentode.DefaultBatch),
			fmt.Sprintf("rate       of learning (%v)", latentode.DefaultRate),
			fmt.Sprintf("patience   validations without a better score before it stops (%d, or", latentode.DefaultPatience),
			"           those of a quarter of the updates where they are more)",
		},
		build: func(options []byte) (forecast.Model, error) {
			m := &latentode.Model{}
			err := decodeOptions(options, &m.Options)
			return m, cmp.Or(err, m.Options.Validate())
		},
		load: func(s *forecast.State) (forecast.Model, error) { return latentode.FromState(s) },
	}
}
