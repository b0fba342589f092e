package models

import (
	"cmp"
	"fmt"
	"strings"

	"tsgen/forecast"
	"tsgen/models/density"
	"tsgen/models/vae"
)

func vaeKind() Kind {
	var families []string
	for _, f := range density.Families() {
		families = append(families, string(f))
	}
	half := len(families) / 2
	return Kind{
		Name: vae.Kind, Irregular: "no", Missing: "yes", Channels: "jointly", Distribution: "sample paths",
		Options: vae.Options{},
		Help: []string{
			"length     steps of a window (horizon and two horizons or seasons before);",
			"           1: each row is a window, such as an image",
			fmt.Sprintf("latent     latent variables (%d)", vae.DefaultLatent),
			fmt.Sprintf("hidden     width of the two hidden layers (%d)", vae.DefaultHidden),
			"likelihood of a value: " + strings.Join(families[:half], ", ") + ",",
			"           " + strings.Join(families[half:], ", "),
			"components of a mixture (5)",
			"top        value that counts as 1 for bernoulli: 255 for pixels (1)",
			"level      window or panel: whose level and scale are taken out",
			fmt.Sprintf("tilt       strength of random trends added in training (%v for fewer than", vae.DefaultTilt),
			"           20 series; -1: none)",
			"beta       weight of the divergence (1)",
			"free       nats of it that each latent variable has free (0)",
			"draws      of the importance-weighted bound trained on (1: the ELBO)",
			fmt.Sprintf("updates    of the parameters, at most (%d)", vae.DefaultUpdates),
			fmt.Sprintf("batch      windows in an update (%d)", vae.DefaultBatch),
			fmt.Sprintf("rate       of learning (%v)", vae.DefaultRate),
			fmt.Sprintf("patience   validations without a better score before it stops (%d)", vae.DefaultPatience),
		},
		build: func(options []byte) (forecast.Model, error) {
			m := &vae.Model{}
			err := decodeOptions(options, &m.Options)
			return m, cmp.Or(err, m.Options.Validate())
		},
		load: func(s *forecast.State) (forecast.Model, error) { return vae.FromState(s) },
	}
}
