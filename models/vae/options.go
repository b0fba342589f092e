package vae

import (
	"fmt"
	"math"
	"tsgen/internal/neural"
	"tsgen/models/density"
)

// Options are the choices of a window VAE. A zero field stands for the default
// that its comment names.
type Options struct {
	// Length is the number of steps of a window: by default the horizon and
	// before it two horizons or two seasons, whichever is longer, as far as the
	// series allow. With a length of 1 every row of a file is a window by
	// itself, such as an image with a column for each pixel, and the order of
	// the rows means nothing.
	Length int `json:"length"`

	// Latent is the number of latent variables, DefaultLatent by default, and
	// Hidden the width of the two hidden layers of encoder and decoder,
	// DefaultHidden by default.
	Latent int `json:"latent"`
	Hidden int `json:"hidden"`

	// Likelihood is the law of a step's values given the latent variables,
	// Gaussian by default. Steps are independent given them.
	Likelihood density.Family `json:"likelihood"`

	// Components is the number of components of a mixture; see
	// LikelihoodOptions.
	Components int `json:"components"`

	// Top is the value that counts as 1 where a likelihood is of binary values
	// and the shades between them: 255 for the pixels of many images. It is 1
	// by default and for other likelihoods.
	Top float64 `json:"top"`

	// Level says how real and positive values are brought to a common level and
	// scale: by default those of each window, and those of the panel for
	// windows of one step. Counts and binary values stay as they are.
	Level Level `json:"level"`

	// Tilt is the strength of the random trends that training adds to windows
	// with levels of their own, in deviations of the context over a window. It
	// is DefaultTilt by default for fewer than 20 series and else 0; negative
	// means none. Generated windows have such trends, too.
	Tilt float64 `json:"tilt"`

	// Beta is the weight of the divergence in the bound (Higgins et al. 2017),
	// 1 by default; Free is the nats of it that every latent variable has free.
	Beta float64 `json:"beta"`
	Free float64 `json:"free"`

	// Draws is the number of draws of the importance-weighted bound that is
	// trained on. The default, 1, is the evidence lower bound with the
	// divergence in closed form. Beta and Free are for the latter only.
	Draws int `json:"draws"`

	// Updates is the number of parameter updates at most, Batch the number of
	// windows in each, Rate the learning rate at its highest, and Patience the
	// number of validations without a better score after which training stops.
	// They have defaults of the same names.
	Updates  int     `json:"updates"`
	Batch    int     `json:"batch"`
	Rate     float64 `json:"rate"`
	Patience int     `json:"patience"`
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
	for _, f := range []struct {
		name        string
		value, most int
	}{
		{"length", o.Length, 1 << 16}, {"latent", o.Latent, 1 << 12}, {"hidden", o.Hidden, 1 << 14},
		{"components", o.Components, 1 << 10}, {"draws", o.Draws, 1 << 10}, {"updates", o.Updates, 1 << 30},
		{"batch", o.Batch, 1 << 20}, {"patience", o.Patience, 1 << 30},
	} {
		if f.value < 0 || f.value > f.most {
			return fmt.Errorf("vae: option %s is %d, want 1 to %d, or 0 for the default", f.name, f.value, f.most)
		}
	}
	for _, f := range []struct {
		name  string
		value float64
	}{{"top", o.Top}, {"beta", o.Beta}, {"free", o.Free}, {"rate", o.Rate}} {
		if !(f.value >= 0 && f.value < math.Inf(1)) {
			return fmt.Errorf("vae: option %s is %v, want a positive number", f.name, f.value)
		}
	}
	if math.IsNaN(o.Tilt - o.Tilt) {
		return fmt.Errorf("vae: option tilt is %v, want a number", o.Tilt)
	}
	switch o.Level {
	case LevelAuto, LevelWindow, LevelPanel:
	default:
		return fmt.Errorf("vae: option level is %q, want %q or %q", o.Level, LevelWindow, LevelPanel)
	}
	if o.Likelihood != "" {
		if err := o.Likelihood.Check(); err != nil {
			return err
		}
	}
	if o.Draws > 1 && (o.Free > 0 || o.Beta != 0 && o.Beta != 1) {
		return fmt.Errorf("vae: options beta and free are for draws=1, not for draws=%d", o.Draws)
	}
	return nil
}

// withDefaults fills in what does not depend on the data.
func (o Options) withDefaults() Options {
	o.Latent = or(o.Latent, DefaultLatent)
	o.Hidden = or(o.Hidden, DefaultHidden)
	o.Likelihood = or(o.Likelihood, density.Gaussian)
	o.Components = or(o.Components, 5)
	o.Top = or(o.Top, 1)
	if o.Likelihood.Domain() != density.Unit {
		o.Top = 1
	}
	o.Beta = or(o.Beta, 1)
	o.Draws = or(o.Draws, 1)
	o.Updates = or(o.Updates, DefaultUpdates)
	o.Batch = or(o.Batch, DefaultBatch)
	o.Rate = or(o.Rate, DefaultRate)
	o.Patience = or(o.Patience, DefaultPatience)
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
