package rnn

import (
	"tsgen/internal/neural"
	"tsgen/internal/option"
	"tsgen/models/density"
)

// Options are the choices of a model. A zero field stands for the default that
// its comment names.
type Options struct {
	// Hidden is the width of the recurrences and of all layers: by default 8 for
	// fewer than 500 values to learn from, 16, 32 and 64 for more. Latent is the
	// number of latent variables, DefaultLatent by default.
	Hidden int `json:"hidden" min:"1" max:"65536" default:"8 to 64 by the number of values" help:"width of the recurrences and of all layers"`
	Latent int `json:"latent" min:"1" max:"65536" default:"8" help:"latent variables"`

	// Cell is the kind of the recurrent units, GRU by default.
	Cell Cell `json:"cell" oneof:"gru lstm" default:"gru" help:"kind of the recurrent units"`

	// Residual has the mean of the VRNN's posterior be relative to the prior's;
	// that of the SRNN always is.
	Residual bool `json:"residual" default:"false" help:"whether the VRNN's posterior mean is relative to the prior's; the SRNN's always is"`

	// Filter has the SRNN's posterior of a step see the observations up to
	// that step, and not of those after it (Fraccaro et al. 2016, section 3.3). The
	// VRNN's never sees these.
	Filter bool `json:"filter" default:"false" help:"whether the SRNN's posterior sees the past alone; the VRNN's always does"`

	// Likelihood is the distribution of the observations, by default density.Gaussian, or
	// density.ChainBernoulli (of one channel density.Bernoulli) if all are zeros and ones.
	Likelihood density.Family `json:"likelihood" oneof:"gaussian gaussian-shared student-t log-normal mixture poisson negative-binomial bernoulli bernoulli-chain" default:"gaussian, of zeros and ones bernoulli-chain" help:"distribution of an observation"`

	// Context is the number of steps that a forecast is conditioned on at most:
	// by default three seasons or two horizons, whichever is longer, as far as
	// the series allow.
	Context int `json:"context" min:"1" default:"3 seasons or 2 horizons" help:"steps that a forecast is conditioned on at most"`

	// Level says how values are brought to a common level and scale; by default
	// by the window, and of many short series without a season, which are then learned as a
	// whole, by the panel where they are alike. It has no meaning for counts and binary values, which stay
	// as they are.
	Level Level `json:"level" oneof:"window panel" default:"window; panel for many short series that are alike" help:"whose level and scale are taken out of values"`

	// Transform says whether positive values are modelled by their logarithm;
	// by default as their likelihood suggests.
	Transform Transform `json:"transform" oneof:"none log" default:"as the likelihood of the values suggests" help:"what is done to positive values first"`

	// Updates is the number of parameter updates at most, Batch the number of
	// windows in each, Rate the learning rate at its highest, and Patience the
	// number of validations, one every 50 updates, without a better score after
	// which training stops. They have defaults of the same names.
	Updates  int     `json:"updates" min:"1" default:"1200" help:"updates of the parameters at most"`
	Batch    int     `json:"batch" min:"1" default:"32" help:"windows in an update"`
	Rate     float64 `json:"rate" min:"0" default:"0.002" help:"learning rate at its highest"`
	Patience int     `json:"patience" min:"1" default:"10" help:"validations without a better score before training stops"`

	// Precision is the width in which the network is computed in training and where
	// paths are drawn. Float32, the default on amd64, takes about half the time of
	// training, and the less of forecasts the larger Hidden is. On other architectures,
	// for which there is no assembly, it is the slower and Float64 the default.
	// Parameters, their updates and likelihoods are float64 with either.
	Precision Precision `json:"precision,omitempty" oneof:"float64 float32" default:"float32 on amd64, else float64" help:"width of the numbers in training and sampling"`

	// Dropout is the probability with which an activation is dropped in training:
	// of what the recurrences see of values and of what the decoder sees.
	Dropout float64 `json:"dropout" min:"0" below:"1" default:"0" help:"probability with which an activation is dropped in training"`

	// Free is the nats of the divergence from the prior that every latent variable
	// has free at a step, on average over a batch (Kingma et al. 2016, appendix
	// C.8), which keeps variables from being given up before they are used.
	Free float64 `json:"free" min:"0" default:"0" help:"nats of the divergence from the prior that are free for each latent variable at a step"`

	// Teacher has the model see true values in training ("teacher forcing").
	// By default noise is added to real ones, so that a model that is fed with
	// its own draws in a forecast has met with errors.
	Teacher bool `json:"teacher" default:"false" help:"whether inputs in training are the true values, without noise"`

	// Sampling is the part of the inputs in training that are the model's own
	// draws from the middle of training on ("scheduled sampling"; Bengio et al.
	// 2015); it rises to that from 0. It teaches a model to mistrust its inputs
	// (Huszár 2015): with many series forecasts became wider and worse, the more so
	// the larger it was; on a single one a quarter did no harm.
	Sampling float64 `json:"sampling" min:"0" max:"1" default:"0" help:"part of the inputs in training that become the model's own draws"`

	// Particles is the number of particles by which the latent variables of an
	// observed part are inferred, DefaultParticles by default.
	Particles int `json:"particles" min:"1" default:"32" help:"particles that infer the latent variables of the observed part"`
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

// A Precision is the width of numbers.
type Precision = neural.Precision

// The precisions of training and sampling.
const (
	Float64 = neural.Float64
	Float32 = neural.Float32
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
func (o Options) Validate() error { return option.Validate("rnn", o) }
