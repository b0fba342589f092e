package vae

import (
	"fmt"

	"tsgen/internal/neural"
	"tsgen/internal/option"
	"tsgen/models/density"
)

// Options are the choices of a window VAE. A zero field stands for the default
// that its comment names.
type Options struct {
	// Length is the number of steps of a window: by default the horizon and
	// before it two horizons or two seasons, whichever is longer, as far as the
	// series allow; of 1000 series or more of up to 128 steps, that of these. With a length of 1 every row of a file is a window by
	// itself, such as an image with a column for each pixel, and the order of
	// the rows means nothing.
	Length int `json:"length" min:"1" default:"the horizon, and 2 horizons or 2 seasons before it; all of many short series" help:"steps of a window; 1: every row is one, such as an image"`

	// Latent is the number of latent variables, DefaultLatent by default, and
	// Hidden the width of the two hidden layers of encoder and decoder,
	// DefaultHidden by default.
	Latent int `json:"latent" min:"1" max:"65536" default:"8" help:"latent variables"`
	Hidden int `json:"hidden" min:"1" max:"65536" default:"128" help:"width of the two hidden layers"`

	// Likelihood is the distribution of a step's values given the latent variables,
	// Gaussian by default. Steps are independent given them.
	Likelihood density.Family `json:"likelihood" oneof:"gaussian gaussian-shared student-t log-normal mixture poisson negative-binomial bernoulli bernoulli-chain" default:"gaussian" help:"distribution of an observation"`

	// Components is the number of components of a mixture; see
	// LikelihoodOptions.
	Components int `json:"components" min:"1" default:"5" help:"components of a mixture"`

	// Top is the value that counts as 1 where a likelihood is of binary values
	// and the shades between them: 255 for the pixels of many images. It is 1
	// by default and for other likelihoods.
	Top float64 `json:"top" min:"0" default:"1" help:"value that counts as 1 for bernoulli: 255 for pixels"`

	// Level says how real and positive values are brought to a common level and
	// scale: by default those of each window, and those of the panel for
	// windows of one step and for many short series whose levels tell their shapes. Counts and binary values stay as they are.
	Level Level `json:"level" oneof:"window panel" default:"window, or panel for windows of one step and many short series whose levels tell their shapes" help:"whose level and scale are taken out of values"`

	// Tilt is the strength of the random trends that training adds to windows
	// with levels of their own, in deviations of the context over a window. It
	// is DefaultTilt by default for fewer than 20 series and else 0; negative
	// means none. Generated windows have such trends, too.
	Tilt float64 `json:"tilt" default:"1.5 for fewer than 20 series, else none" help:"strength of the random trends added in training; -1: none"`

	// Beta is the weight of the divergence in the bound (Higgins et al. 2017),
	// 1 by default; Free is the nats of it that every latent variable has free.
	Beta float64 `json:"beta" min:"0" default:"1" help:"weight of the divergence from the prior"`
	Free float64 `json:"free" min:"0" default:"0" help:"nats of the divergence from the prior that are free for each latent variable"`

	// Draws is the number of draws of the importance-weighted bound that is
	// trained on. The default, 1, is the evidence lower bound with the
	// divergence in closed form. Beta and Free are for the latter only.
	Draws int `json:"draws" min:"1" default:"1" help:"draws of the importance-weighted bound; 1 is the evidence lower bound"`

	// Updates is the number of parameter updates at most, Batch the number of
	// windows in each, Rate the learning rate at its highest, and Patience the
	// number of validations without a better score after which training stops.
	// They have defaults of the same names.
	Updates  int     `json:"updates" min:"1" default:"2500" help:"updates of the parameters at most"`
	Batch    int     `json:"batch" min:"1" default:"128" help:"windows in an update"`
	Rate     float64 `json:"rate" min:"0" default:"0.002" help:"learning rate at its highest"`
	Patience int     `json:"patience" min:"1" default:"20" help:"validations without a better score before training stops"`

	// Precision is the width in which encoder and decoder are computed in training, by
	// default float32 on amd64 and else float64.
	Precision neural.Precision `json:"precision,omitempty" oneof:"float64 float32" default:"float32 on amd64, else float64" help:"width of the numbers in training"`
}

// Defaults of the options that do not depend on the data.
const (
	DefaultLatent   = 8
	DefaultHidden   = 128
	DefaultUpdates  = 2500
	DefaultBatch    = 128
	DefaultRate     = 0.002
	DefaultPatience = 20
	DefaultTilt     = 1.5
)

// A Level is a way to bring values to a common level and scale.
type Level = neural.Level

// The ways to bring values to a common level and scale.
const (
	LevelAuto   = neural.LevelAuto
	LevelWindow = neural.LevelWindow // those of each window before its horizon are taken out and put back
	LevelPanel  = neural.LevelPanel  // those of the whole training panel
)

// Validate says which option is out of its range, if any is.
func (o Options) Validate() error {
	if err := option.Validate("vae", o); err != nil {
		return err
	}
	if o.Draws > 1 && (o.Free > 0 || o.Beta != 0 && o.Beta != 1) {
		return fmt.Errorf("vae: options beta and free are for draws=1, not for draws=%d", o.Draws)
	}
	return nil
}

// withDefaults fills in what does not depend on the data.
func (o Options) withDefaults() Options {
	option.Defaults(&o)
	if o.Likelihood.Domain() != density.Unit {
		o.Top = 1
	}
	return o
}

// or returns v, or the default d if v is zero.
func or[T comparable](v, d T) T {
	var zero T
	if v == zero {
		return d
	}
	return v
}
