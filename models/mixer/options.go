package mixer

import (
	"cmp"
	"fmt"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/option"
	"tsgen/series"
)

// Options are the choices of a model, each described by its help. A zero field
// stands for the default.
type Options struct {
	Hidden    int              `json:"hidden" min:"1" max:"65536" default:"8 to 64 by the number of values" help:"width of the layers"`
	Context   int              `json:"context" min:"1" default:"3 seasons or 2 horizons" help:"steps that a forecast is conditioned on at most"`
	Transform neural.Transform `json:"transform" oneof:"none log" default:"as the values suggest" help:"what is done to positive values first"`
	Dropout   float64          `json:"dropout" min:"0" below:"1" default:"0.1" help:"probability with which an activation is dropped in training"`
	Updates   int              `json:"updates" min:"1" default:"1000" help:"updates of the parameters at most"`
	Batch     int              `json:"batch" min:"1" default:"128" help:"channels of windows in an update"`
	Rate      float64          `json:"rate" min:"0" default:"0.002" help:"learning rate at its highest"`
	Patience  int              `json:"patience" min:"1" default:"10" help:"validations without a better score before training stops"`
	Precision neural.Precision `json:"precision,omitempty" oneof:"float64 float32" default:"float32 on amd64, else float64" help:"width of the numbers in training"`
}

// Validate says which option is out of its range, if any is.
func (o Options) Validate() error { return option.Validate("mixer", o) }

// A config is what a fit decides about the model from the options and the
// training panel, before the weights: with it and them the model is complete.
type config struct {
	Options Options `json:"model"` // no field is left to a default
	neural.Frame
	HoldSeries bool `json:"holdSeries,omitempty"` // fits hold back whole series
}

// maxBlock is the number of steps that are forecast at once at most.
const maxBlock = 512

// reading has all steps of a panel's grid read.
var reading = neural.Reading{Grid: true}

// newConfig decides what is open in o.
func newConfig(o Options, train *series.Panel, opt forecast.FitOptions) (*config, []neural.Record, error) {
	if train != nil && !train.Step.Regular() {
		return nil, nil, fmt.Errorf("%w: the times are not equally spaced", forecast.ErrMismatch)
	}
	frame, records, err := neural.NewFrame(train, opt, reading, o.Transform)
	if err != nil {
		return nil, nil, err
	}
	frame.Horizon = min(frame.Horizon, maxBlock)
	c := &config{Options: o, Frame: *frame}
	hidden, values := 64, len(records)*c.Length*len(c.Channels)
	if values < 500 {
		hidden = 8
	} else if values < 2000 {
		hidden = 32
	}
	c.Options.Hidden = cmp.Or(o.Hidden, hidden)
	c.Options.Context, c.HoldSeries = c.Context(o.Context, len(records), false)
	c.Options.Context = min(c.Options.Context, neural.MaxWidth)
	c.Options.Precision = cmp.Or(o.Precision, neural.DefaultPrecision())
	option.Defaults(&c.Options)
	return c, records, nil
}

// check says what is wrong with a config that was read.
func (c *config) check() error {
	err := cmp.Or(c.Options.Validate(), c.Frame.Check())
	if o := c.Options; err == nil && (min(o.Hidden, o.Context, c.Season) < 1 ||
		max(o.Hidden, o.Context) > neural.MaxWidth || c.Horizon > maxBlock) {
		err = fmt.Errorf("hidden %d, context %d, horizon %d, season %d", o.Hidden, o.Context, c.Horizon, c.Season)
	}
	return err
}

// split says what is trained on.
func (c *config) split() neural.Split {
	return neural.Split{Context: c.Options.Context, Horizon: c.Horizon, Series: c.HoldSeries, Windows: maxValid}
}

// harmonics bounds those of a season that the model is given.
const harmonics = 6

// phaseWidth returns the number of values that are known of all steps alike,
// inputWidth those that the network sees of a channel of a window, and
// knownWidth of a step of its horizon.
func (c *config) phaseWidth() int {
	return 1 + c.Waves(harmonics, harmonics)
}

func (c *config) inputWidth() int {
	n := c.Options.Context
	return 2*n + max(0, n-c.Season) + 2 + len(c.Channels) + c.phaseWidth() + (n+1)*len(c.Known)
}

func (c *config) knownWidth() int { return c.phaseWidth() + 2*len(c.Known) }
