package flow

import (
	"cmp"
	"fmt"
	"math"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/option"
	"tsgen/internal/scores"
	"tsgen/series"
)

// Options are the choices of a model, each described by its help. A zero field
// stands for the default.
type Options struct {
	Length    int              `json:"steps" min:"2" default:"that of many series up to 64 steps, else a context and a horizon" help:"steps of a window"`
	Hidden    int              `json:"hidden" min:"1" max:"65536" default:"32 to 256 by the number of windows" help:"width of the layers"`
	Blocks    int              `json:"blocks" min:"1" max:"64" default:"3" help:"residual blocks"`
	Transform neural.Transform `json:"transform" oneof:"none log" default:"as the values suggest" help:"what is done to positive values first"`
	Updates   int              `json:"updates" min:"1" default:"2500" help:"updates of the parameters at most"`
	Batch     int              `json:"batch" min:"1" default:"256" help:"windows in an update"`
	Rate      float64          `json:"rate" min:"0" default:"0.002" help:"learning rate at its highest"`
	Patience  int              `json:"patience" min:"1" default:"20" help:"validations without a better score before training stops"`
	Precision neural.Precision `json:"precision,omitempty" oneof:"float64 float32" default:"float32 on amd64, else float64" help:"width of the numbers in training and drawing"`
}

// Validate says which option is out of its range, if any is.
func (o Options) Validate() error { return option.Validate("flow", o) }

// A config is what a fit decides about the model from the options and the
// training panel, before the weights: with it and them the model is complete.
type config struct {
	Options Options `json:"model"` // no field is left to a default
	neural.Frame
	Rank int `json:"rank"` // directions in which windows vary
	// Scores bring the coordinates along these to normal scores where they are far from
	// normal; nil in files that don't know them.
	Scores []scores.Map `json:"scores,omitempty"`
	// Embedding is the width of what the layers see of time and place; 0, in files that
	// don't know it, for that of the layers.
	Embedding int `json:"embedding,omitempty"`
}

// ShortSeries is the number of steps up to which each of many series is one window.
const ShortSeries = 64

const (
	mostValues = 1024 // of a window
	harmonics  = 3    // of a season that the model is given
)

// reading has all steps of a panel's grid read, without what covariates add.
var reading = neural.Reading{Grid: true, Effects: true, Less: true}

// newConfig decides what is open in o, but for the rank.
func newConfig(o Options, train *series.Panel, opt forecast.FitOptions) (*config, []neural.Record, error) {
	if train != nil && !train.Step.Regular() {
		return nil, nil, fmt.Errorf("%w: the times are not equally spaced, as a window needs them", forecast.ErrMismatch)
	}
	frame, records, err := neural.NewFrame(train, opt, reading, o.Transform)
	if err != nil {
		return nil, nil, err
	}
	c := &config{Options: o, Frame: *frame}
	c.Options.Precision = cmp.Or(o.Precision, neural.DefaultPrecision())
	c.LearnSupport(train)
	if len(c.Channels) > mostValues/2 {
		return nil, nil, fmt.Errorf("%w: %d channels, a window has at most %d values", forecast.ErrMismatch, len(c.Channels), mostValues)
	}
	length := c.Length
	if length > ShortSeries || len(records) < neural.ManySeries {
		context, _ := c.Context(0, len(records), false)
		length = min(length/2, context+c.Horizon)
	}
	c.Options.Length = max(2, min(cmp.Or(o.Length, length), c.Length, mostValues/len(c.Channels)))
	c.Horizon = min(c.Horizon, max(1, c.Options.Length/2))
	return c, records, nil
}

// width returns the number of values of a window, places those of its place in the season,
// and lookback the steps before the horizon.
func (c *config) width() int    { return c.Options.Length * len(c.Channels) }
func (c *config) places() int   { return c.Waves(harmonics, harmonics) + 1 }
func (c *config) lookback() int { return c.Options.Length - c.Horizon }

// place returns the place in the season of a window that begins at the coordinate u.
func (c *config) place(u float64) []float64 {
	return append(c.AppendWaves(nil, u, harmonics, harmonics), 1)
}

// scored brings coordinates to their scores, in place.
func (c *config) scored(z []float64) {
	for k := range c.Scores {
		if m := &c.Scores[k]; m.Values != nil {
			z[k] = m.Score(z[k])
		}
	}
}

// unscored undoes scored, in place.
func (c *config) unscored(z []float64) {
	for k := range c.Scores {
		if m := &c.Scores[k]; m.Values != nil {
			z[k] = m.Value(z[k])
		}
	}
}

// check says what is wrong with a config that was read.
func (c *config) check() error {
	err := cmp.Or(c.Options.Validate(), c.Frame.Check())
	if o := c.Options; err == nil && (min(o.Hidden, o.Blocks, c.Rank, c.Season) < 1 || o.Length < 2 || o.Hidden > neural.MaxWidth ||
		c.width() > mostValues || c.Rank > c.width() || c.Horizon >= o.Length && o.Length > 1) {
		err = fmt.Errorf("windows of %d steps, hidden %d, %d blocks, rank %d, horizon %d", o.Length, o.Hidden, o.Blocks, c.Rank, c.Horizon)
	}
	if err == nil && (c.Embedding < 0 || c.Embedding > neural.MaxWidth || c.Scores != nil && len(c.Scores) != c.Rank) {
		err = fmt.Errorf("embedding %d, %d scores of rank %d", c.Embedding, len(c.Scores), c.Rank)
	}
	for i := range c.Scores {
		err = cmp.Or(err, c.Scores[i].Check())
	}
	return err
}

// window returns the values of r from a step on in the unit of the panel's scale about its
// center, and whether they are all there.
func (c *config) window(r *neural.Record, from int) (x []float64, whole bool) {
	x, whole = make([]float64, c.width()), true
	k := len(c.Channels)
	for i := range x {
		x[i] = math.NaN()
		if at := from*k + i; at >= 0 && at < len(r.X) {
			x[i] = (r.X[at] - c.Center[i%k]) / c.Scale[i%k]
		}
		whole = whole && !math.IsNaN(x[i])
	}
	return x, whole
}

// bridge fills what is missing in x by lines between the values around it.
func (c *config) bridge(x []float64) {
	k := len(c.Channels)
	for j := range k {
		last := -1
		for i := j; i < len(x); i += k {
			if math.IsNaN(x[i]) {
				continue
			}
			for at := i - k; at > max(last, j-1); at -= k {
				if x[at] = x[i]; last >= 0 {
					x[at] = x[last] + (x[i]-x[last])*float64(at-last)/float64(i-last)
				}
			}
			last = i
		}
		for i := j; i < len(x); i += k {
			switch {
			case last < 0:
				x[i] = 0
			case i > last:
				x[i] = x[last]
			}
		}
	}
}
