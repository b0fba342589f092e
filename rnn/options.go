package rnn

import (
	"cmp"
	"fmt"
	"math"

	"tsgen/internal/neural"
	"tsgen/models/density"
)

// Options are the choices of a model. A zero field stands for the default that
// its comment names.
type Options struct {
	// Hidden is the width of the recurrences and of all layers: by default 8 for
	// fewer than 500 values to learn from, 16, 32 and 64 for more. Latent is the
	// number of latent variables, DefaultLatent by default.
	Hidden int `json:"hidden"`
	Latent int `json:"latent"`

	// Cell is the kind of the recurrent units, GRU by default.
	Cell Cell `json:"cell"`

	// Residual has the mean of the VRNN's posterior be relative to the prior's;
	// that of the SRNN always is.
	Residual bool `json:"residual"`

	// Filter has the SRNN's posterior of a step be told of the observations up to
	// that step, and not of those after it (Fraccaro et al. 2016, section 3.3). The
	// VRNN's never is told of these.
	Filter bool `json:"filter"`

	// Likelihood is the distribution of the observations, density.Gaussian by default.
	Likelihood density.Family `json:"likelihood"`

	// Context is the number of steps that a forecast is conditioned on at most:
	// by default three seasons or two horizons, whichever is longer, as far as
	// the series allow.
	Context int `json:"context"`

	// Level says how values are brought to a common level and scale; by default
	// by the window. It has no meaning for counts and binary values, which stay
	// as they are.
	Level Level `json:"level"`

	// Transform says whether positive values are modelled by their logarithm;
	// by default as their likelihood suggests.
	Transform Transform `json:"transform"`

	// Updates is the number of parameter updates at most, Batch the number of
	// windows in each, Rate the learning rate at its highest, and Patience the
	// number of validations, one every 50 updates, without a better score after
	// which training stops. They have defaults of the same names.
	Updates  int     `json:"updates"`
	Batch    int     `json:"batch"`
	Rate     float64 `json:"rate"`
	Patience int     `json:"patience"`

	// Dropout is the probability with which an activation is dropped in training:
	// of what the recurrences see of values and of what the decoder is told.
	Dropout float64 `json:"dropout"`

	// Free is the nats of the divergence from the prior that every latent variable
	// has free at a step, on average over a batch (Kingma et al. 2016, appendix
	// C.8), which keeps variables from being given up before they are used.
	Free float64 `json:"free"`

	// Teacher has the model be told true values in training ("teacher forcing").
	// By default noise is added to real ones, so that a model that is fed with
	// its own draws in a forecast has met with errors.
	Teacher bool `json:"teacher"`

	// Sampling is the part of the values told in training that are the model's own
	// draws from the middle of training on ("scheduled sampling"; Bengio et al.
	// 2015); it rises to that from 0. It teaches a model to mistrust what it is told
	// (Huszár 2015): with many series forecasts became wider and worse, the more so
	// the larger it was; on a single one a quarter did no harm.
	Sampling float64 `json:"sampling"`

	// Particles is the number of particles by which the latent variables of an
	// observed part are inferred, DefaultParticles by default.
	Particles int `json:"particles"`
}

// Defaults of the options that do not depend on the data.
const (
	DefaultLatent    = 8
	DefaultUpdates   = 1200
	DefaultBatch     = 32
	DefaultRate      = 0.002
	DefaultPatience  = 10
	DefaultParticles = 32
)

// A Level is a way to bring values to a common level and scale.
type Level = neural.Level

// The ways to bring values to a common level and scale.
const (
	LevelWindow = neural.LevelWindow // each window's own mean and deviation are taken out and put back
	LevelPanel  = neural.LevelPanel  // those of the whole training panel
)

// A Transform is what is done to values before all else.
type Transform = neural.Transform

// The transforms.
const (
	TransformAuto = neural.TransformAuto
	TransformNone = neural.TransformNone
	TransformLog  = neural.TransformLog
)

// Validate says which option is out of its range, if any is.
func (o Options) Validate() error {
	for _, f := range []struct {
		name  string
		value int
	}{
		{"hidden", o.Hidden}, {"latent", o.Latent}, {"context", o.Context}, {"updates", o.Updates},
		{"batch", o.Batch}, {"patience", o.Patience}, {"particles", o.Particles},
	} {
		if f.value < 0 || f.value > maxOption {
			return fmt.Errorf("rnn: option %s is %d, want 0 to %d", f.name, f.value, maxOption)
		}
	}
	for _, f := range []struct {
		name  string
		value float64
	}{{"rate", o.Rate}, {"free", o.Free}} {
		if !(f.value >= 0 && f.value < math.Inf(1)) {
			return fmt.Errorf("rnn: option %s is %v, want a positive number", f.name, f.value)
		}
	}
	if !(o.Dropout >= 0 && o.Dropout < 1) {
		return fmt.Errorf("rnn: option dropout is %v, want 0 or more and less than 1", o.Dropout)
	}
	if !(o.Sampling >= 0 && o.Sampling <= 1) {
		return fmt.Errorf("rnn: option sampling is %v, want 0 to 1", o.Sampling)
	}
	if err := cmp.Or(o.Likelihood, density.Gaussian).Check(); err != nil {
		return fmt.Errorf("rnn: option likelihood: %w", err)
	}
	switch o.Cell {
	case "", GRU, LSTM:
	default:
		return fmt.Errorf("rnn: option cell is %q, want %q or %q", o.Cell, GRU, LSTM)
	}
	switch o.Level {
	case "", LevelWindow, LevelPanel:
	default:
		return fmt.Errorf("rnn: option level is %q, want %q or %q", o.Level, LevelWindow, LevelPanel)
	}
	switch o.Transform {
	case TransformAuto, TransformNone, TransformLog:
	default:
		return fmt.Errorf("rnn: option transform is %q, want %q or %q", o.Transform, TransformNone, TransformLog)
	}
	return nil
}

// maxOption bounds the whole numbers among the options.
const maxOption = 1 << 16
