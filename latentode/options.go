package latentode

import (
	"cmp"
	"fmt"
	"math"

	"tsgen/internal/neural"
	"tsgen/models/density"
)

// Options are the choices of a latent ODE. A zero field stands for the default
// that its comment names.
type Options struct {
	// State is the number of latent variables that move, and Static of those
	// that stay as they are for the whole of a window: what tells one series
	// from another. State is by default 3 for one channel and else the number
	// of channels; Static is 4 where there is a season and else 0. Negative
	// means none for Static.
	State  int `json:"state"`
	Static int `json:"static"`

	// Encoder reads the context: EncoderGRU, the default, or EncoderODERNN.
	Encoder Encoder `json:"encoder"`

	// Hidden is the width of the encoder and of the dynamics' two hidden
	// layers: by default DefaultHidden, and twice that for many series at the
	// level of the panel.
	Hidden int `json:"hidden"`

	// Harmonics is the number of harmonics of the seasonal forcing: by default
	// half the season, at most 8; negative means none.
	Harmonics int `json:"harmonics"`

	// Context is the number of observations that the encoder sees at most. The
	// default is three seasons or two horizons, whichever is longer, as far as
	// the series allow.
	Context int `json:"context"`

	// Level says how values are brought to a common level and scale: by the
	// window, by the panel, or, by default, as the panel suggests.
	Level Level `json:"level"`

	// Transform says whether positive values are modelled by their logarithm;
	// by default as their likelihood suggests.
	Transform Transform `json:"transform"`

	// Likelihood is the law of the observations given the latent state:
	// density.Gaussian, the default, and density.StudentT of real values, density.LogNormal
	// of positive ones, which is a Gaussian of the logarithm and no other
	// transform, density.Poisson and density.NegativeBinomial of counts, and
	// density.Bernoulli of values from 0 to 1. Counts and binary values stay at the
	// level they have.
	Likelihood density.Family `json:"likelihood"`

	// Noise, if not zero, is the deviation of a Gaussian's noise, or the scale of a
	// Student's t, in the unit of the data, or of their logarithm where that is
	// modelled: held where it is, the same for all channels and lead times, in
	// place of one that is learned. It is known of an instrument; a small one
	// has the latent state explain all values, also those that it could as well
	// leave to the noise. It is for values at the level of the panel.
	Noise float64 `json:"noise"`

	// Free is the nats of the divergence from the prior that every latent variable
	// has free in the bound. Draws is the number of draws of the
	// importance-weighted bound that is trained on; the default, 1, is the
	// evidence lower bound with the divergence in closed form, at a weight that
	// grows in the first quarter of the updates. With more there are neither free
	// nats nor windows that start within others.
	Free  float64 `json:"free"`
	Draws int     `json:"draws"`

	// Kinetic is the weight, beside nats per value, of the mean square speed of
	// the latent state in units of the prior over a quarter of a context. It
	// keeps trajectories smooth and the solver's steps long.
	Kinetic float64 `json:"kinetic"`

	// Path is the weight, beside nats per value, of the length of the latent
	// state's path in units of the prior for every quarter of a context (Sampson &
	// Melchior 2024). Unlike Kinetic it bears as hard on slow motion as on fast,
	// so that what need not move comes to rest. It comes on top of the divergence
	// from the prior.
	Path float64 `json:"path"`

	// Tolerance is the solver's relative and absolute tolerance,
	// DefaultTolerance by default. Gradients of looser solutions belong to
	// another trajectory.
	Tolerance float64 `json:"tolerance"`

	// Updates is the number of parameter updates at most, Batch the number of
	// windows in each, Rate the learning rate at its highest, and Patience the
	// number of validations, one every 25 updates, without a better score after
	// which training stops. They have defaults of the same names, Updates twice
	// that for many series at the level of the panel, Patience the validations of a
	// quarter of the updates where they are more.
	Updates  int     `json:"updates"`
	Batch    int     `json:"batch"`
	Rate     float64 `json:"rate"`
	Patience int     `json:"patience"`
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
	for _, f := range []struct {
		name  string
		value int
		least int
	}{
		{"state", o.State, 0}, {"static", o.Static, -1}, {"hidden", o.Hidden, 0}, {"harmonics", o.Harmonics, -1},
		{"context", o.Context, 0}, {"draws", o.Draws, 0}, {"updates", o.Updates, 0}, {"batch", o.Batch, 0}, {"patience", o.Patience, 0},
	} {
		if f.value < f.least || f.value > 1<<20 {
			return fmt.Errorf("latentode: option %s is %d, want %d to %d", f.name, f.value, f.least, 1<<20)
		}
	}
	for _, f := range []struct {
		name  string
		value float64
	}{{"tolerance", o.Tolerance}, {"rate", o.Rate}, {"noise", o.Noise}, {"free", o.Free}, {"kinetic", o.Kinetic}, {"path", o.Path}} {
		if !(f.value >= 0 && f.value < math.Inf(1)) {
			return fmt.Errorf("latentode: option %s is %v, want a positive number", f.name, f.value)
		}
	}
	if o.Draws > 1 && o.Free > 0 {
		return fmt.Errorf("latentode: option free is for draws=1, not for draws=%d", o.Draws)
	}
	if err := cmp.Or(checkFamily(o.Likelihood), checkEncoder(o.Encoder)); err != nil {
		return err
	}
	switch o.Level {
	case LevelAuto, LevelWindow, LevelPanel:
	default:
		return fmt.Errorf("latentode: option level is %q, want %q or %q", o.Level, LevelWindow, LevelPanel)
	}
	switch o.Transform {
	case TransformAuto, TransformNone, TransformLog:
	default:
		return fmt.Errorf("latentode: option transform is %q, want %q or %q", o.Transform, TransformNone, TransformLog)
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
