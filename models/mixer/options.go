package mixer

import (
	"tsgen/internal/neural"
	"tsgen/internal/option"
)

// Options are the choices of a model. A zero field stands for the default that
// its comment names.
type Options struct {
	// Hidden is the width of the layers: by default 64, and 32 for fewer than 2000
	// values to learn from.
	Hidden int `json:"hidden" min:"1" max:"4096" default:"32 or 64 by the number of values" help:"width of the layers"`

	// Context is the number of steps that a forecast is conditioned on at most:
	// by default three seasons or two horizons, whichever is longer, as far as
	// the series allow.
	Context int `json:"context" min:"2" default:"3 seasons or 2 horizons" help:"steps that a forecast is conditioned on at most"`

	// Transform says whether positive values are modelled by their logarithm;
	// by default where that is likelier to serve.
	Transform neural.Transform `json:"transform" oneof:"none log" default:"as the values suggest" help:"what is done to positive values first"`

	// Dropout is the probability with which an activation is dropped in training,
	// 0.1 by default.
	Dropout float64 `json:"dropout" min:"0" below:"1" default:"0.1" help:"probability with which an activation is dropped in training"`

	// Updates is the number of parameter updates at most, Batch the number of
	// channels of windows in each, Rate the learning rate at its highest, and
	// Patience the number of validations, one every 50 updates, without a better
	// score after which training stops.
	Updates  int     `json:"updates" min:"1" default:"1000" help:"updates of the parameters at most"`
	Batch    int     `json:"batch" min:"1" default:"128" help:"windows in an update, each channel counted"`
	Rate     float64 `json:"rate" min:"0" default:"0.002" help:"learning rate at its highest"`
	Patience int     `json:"patience" min:"1" default:"10" help:"validations without a better score before training stops"`
}

// Validate says which option is out of its range, if any is.
func (o Options) Validate() error { return option.Validate("mixer", o) }
