package latentode

import (
	"cmp"
	"fmt"

	"tsgen/internal/neural"
	"tsgen/internal/option"
	"tsgen/models/density"
)

// Options are the choices of a latent ODE. A zero field stands for the default
// that its comment names.
type Options struct {
	// State is the number of latent variables that move, and Static of those
	// that stay as they are for the whole of a window: what tells one series
	// from another. State is by default 3 for one channel and else the number
	// of channels, or two a channel and 3 at least of series that are learned as wholes (see
	// Context), for where each is and where it goes; Static is 4 where there is a season or series
	// are learned as wholes, and else 0. Negative means none for Static. Of many irregular series,
	// and of such that are learned as wholes, the static part sets a linear part of the dynamics too,
	// such as the frequency of each.
	State  int `json:"state" min:"1" default:"3 for one channel, else one a channel, two of many short series and of few that oscillate, 32 at most" help:"latent variables that move"`
	Static int `json:"static" min:"-1" default:"4 with a season, of many short series or of few that oscillate, else none" help:"latent variables that stay as they are in a window; -1: none"`

	// Encoder reads the context: EncoderGRU, the default, EncoderODERNN or EncoderGRUD.
	Encoder Encoder `json:"encoder" oneof:"gru ode-rnn gru-d" default:"gru" help:"what reads the context"`

	// Hidden is the width of the encoder and of the dynamics' two hidden
	// layers: by default DefaultHidden, and twice that for many series at the
	// level of the panel, irregular ones of at least 1,024 values.
	Hidden int `json:"hidden" min:"1" max:"65536" default:"32, or 64 for many series of many values" help:"width of the encoder and of the hidden layers"`

	// Harmonics is the number of harmonics of the seasonal forcing: by default
	// half the season, at most 8; negative means none.
	Harmonics int `json:"harmonics" min:"-1" default:"half the season, 8 at most" help:"harmonics of the seasonal forcing; -1: none"`

	// Context is the number of observations that the encoder sees at most. The
	// default is three seasons or two horizons, whichever is longer, as far as
	// the series allow, and all but a horizon of many series of up to neural.ShortSeries steps
	// that have no season and share a level: they are learned as wholes.
	Context int `json:"context" min:"1" default:"3 seasons or 2 horizons, 64 of few series that oscillate, all of many short series" help:"observations that the encoder sees at most"`

	// Level says how values are brought to a common level and scale: by the
	// window, by the panel, or, by default, as the panel suggests.
	Level Level `json:"level" oneof:"window panel" default:"as the panel suggests" help:"whose level and scale are taken out of values"`

	// Transform says whether positive values are modelled by their logarithm;
	// by default as their likelihood suggests.
	Transform Transform `json:"transform" oneof:"none log" default:"as the likelihood of the values suggests" help:"what is done to positive values first"`

	// Likelihood is the distribution of the observations given the latent state:
	// density.Gaussian, the default, and density.StudentT of real values, density.LogNormal
	// of positive ones, which is a Gaussian of the logarithm and no other
	// transform, density.Poisson and density.NegativeBinomial of counts, and
	// density.Bernoulli of values from 0 to 1. Counts and binary values stay at the
	// level they have.
	Likelihood density.Family `json:"likelihood" oneof:"gaussian student-t log-normal poisson negative-binomial bernoulli" default:"gaussian" help:"distribution of an observation"`

	// Noise, if not zero, is the deviation of a Gaussian's noise, or the scale of a
	// Student's t, in the unit of the data, or of their logarithm where that is
	// modelled: held where it is, the same for all channels and lead times, in
	// place of one that is learned. It is known of an instrument; a small one
	// has the latent state explain all values, also those that it could as well
	// leave to the noise. It is for values at the level of the panel.
	Noise float64 `json:"noise" min:"0" default:"learned" help:"deviation of the noise in the unit of the data, where it is known"`

	// Residuals says what becomes of what the dynamics leave of observations: ResidualsCarried, the
	// default, or, under Gaussian noise, ResidualsOU.
	Residuals Residuals `json:"residuals,omitempty" oneof:"carried ou" default:"carried" help:"what becomes of what the dynamics leave of observations"`

	// Companion is the kind of a model in closed form, fitted to the same panel, with which
	// predictions are brought together as held-back data say: CompanionPooled, CompanionModal or
	// CompanionNone; by default the better of the former two where times are irregular.
	Companion string `json:"companion,omitempty" oneof:"none pooled-gp modal" default:"the better one for irregular series, modal for few regular ones that oscillate, else none" help:"model in closed form that has a say in predictions"`

	// Free is the nats of the divergence from the prior that every latent variable
	// has free in the bound. Draws is the number of draws of the
	// importance-weighted bound that is trained on; the default, 1, is the
	// evidence lower bound with the divergence in closed form, at a weight that
	// grows in the first quarter of the updates. With more there are neither free
	// nats nor windows that start within others.
	Free  float64 `json:"free" min:"0" default:"0" help:"nats of the divergence from the prior that are free for each latent variable"`
	Draws int     `json:"draws" min:"1" default:"1" help:"draws of the importance-weighted bound; 1 is the evidence lower bound"`

	// Kinetic is the weight, beside nats per value, of the mean square speed of
	// the latent state in units of the prior over a quarter of a context. It
	// keeps trajectories smooth and the solver's steps long.
	Kinetic float64 `json:"kinetic" min:"0" default:"0" help:"weight of the mean square speed of the latent state"`

	// Path is the weight, beside nats per value, of the length of the latent
	// state's path in units of the prior for every quarter of a context (Sampson &
	// Melchior 2024). Unlike Kinetic it bears as hard on slow motion as on fast,
	// so that what need not move comes to rest. It comes on top of the divergence
	// from the prior.
	Path float64 `json:"path" min:"0" default:"0" help:"weight of the length of the latent path"`

	// Tolerance is the solver's relative and absolute tolerance,
	// DefaultTolerance by default. Gradients of looser solutions belong to
	// another trajectory.
	Tolerance float64 `json:"tolerance" min:"0" default:"1e-05" help:"relative and absolute tolerance of the solver"`

	// Precision is the width in which training computes the encoder and, at tolerances of at least
	// 1e-5, the network of the dynamics, by default Float32 on amd64. The solver's states, the likelihood
	// and all inference are float64, and so is training with an encoder other than EncoderGRU.
	Precision Precision `json:"precision,omitempty" oneof:"float64 float32" default:"float32 on amd64 with the encoder gru, else float64" help:"width of the numbers in training"`

	// Updates is the number of parameter updates at most, Batch the number of
	// windows in each, Rate the learning rate at its highest, and Patience the
	// number of validations, one every 25 updates, without a better score after
	// which training stops. They have defaults of the same names, Updates twice
	// that for many series at the level of the panel, Patience the validations of a
	// quarter of the updates where they are more.
	Updates  int     `json:"updates" min:"1" default:"1000, or 2000 for many series" help:"updates of the parameters at most"`
	Batch    int     `json:"batch" min:"1" default:"64" help:"windows in an update"`
	Rate     float64 `json:"rate" min:"0" default:"0.01" help:"learning rate at its highest"`
	Patience int     `json:"patience" min:"1" default:"16, or a quarter of the updates" help:"validations without a better score before training stops"`
}

// Defaults of the options that do not depend on the data.
const (
	DefaultHidden    = 32
	DefaultTolerance = 1e-5
	DefaultUpdates   = 1000
	DefaultBatch     = 64
	DefaultRate      = 0.01
	DefaultPatience  = 16
)

// A Precision is the width of numbers.
type Precision = neural.Precision

// The precisions.
const (
	Float64 = neural.Float64
	Float32 = neural.Float32
)

// A Level is a way to bring values to a common level and scale.
type Level = neural.Level

// The ways to bring values to a common level and scale.
const (
	LevelAuto   = neural.LevelAuto
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
	if err := option.Validate("latentode", o); err != nil {
		return err
	}
	if o.Draws > 1 && o.Free > 0 {
		return fmt.Errorf("latentode: option free is for draws=1, not for draws=%d", o.Draws)
	}
	if o.Precision == Float32 && cmp.Or(o.Encoder, EncoderGRU) != EncoderGRU {
		return fmt.Errorf("latentode: option precision=float32 is for encoder=gru, not for encoder=%s", o.Encoder)
	}
	return nil
}

// or returns v, or the default d if v is zero.
func or[T int | float64](v, d T) T {
	if v == 0 {
		return d
	}
	return v
}
