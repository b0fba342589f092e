package vae

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/extent"
	"tsgen/internal/moments"
	"tsgen/internal/neural"
	"tsgen/internal/regress"
	"tsgen/internal/support"
	"tsgen/models/density"
	"tsgen/series"
)

// A config is what a fit decides about the model from the options and the
// training panel, before the weights.
type config struct {
	Options Options `json:"model"` // no field is left to a default

	Channels []string    `json:"channels"`
	Step     series.Step `json:"step"`

	// How generated series are dressed.
	Axis       series.Axis `json:"axis"`
	TimeColumn string      `json:"timeColumn"`
	IDColumn   string      `json:"idColumn,omitempty"`
	Start      float64     `json:"start"`

	// Horizon is the number of steps at the end of a window that a forecast
	// fills; those before it are its context.
	Horizon int `json:"horizon"`

	// Median is the number of steps of the median series, 0 in files that don't know it.
	Median int `json:"median,omitempty"`

	// Season is that of the windows that are remembered, in steps; 0 in files that don't know it.
	Season int `json:"season,omitempty"`

	// Lengths are those of series that differ and are learned as wholes.
	Lengths extent.Lengths `json:"lengths,omitempty"`

	// Masked says that the encoder is given a mask of the missing values.
	Masked bool `json:"masked"`

	// Few says that the panel has few series; see objective.
	Few bool `json:"few"`

	// Active is the number of latent variables in use; see Report.
	Active int `json:"active"`

	// The level and scale of the panel: of positive values the scale only. Usual
	// is the usual deviation of a series from its own level, nil in files that
	// don't know it.
	series.Scaling
	Usual []float64 `json:"usual,omitempty"`

	// Support says which values each channel takes, in the unit of the data, nil in
	// files that don't know it.
	Support []support.Channel `json:"support,omitempty"`

	// Shades says that values of a distribution of binary ones lie between 0 and 1.
	Shades bool `json:"shades,omitempty"`
}

// context returns the number of steps of a window before its horizon.
func (c *config) context() int { return c.Options.Length - c.Horizon }

// width returns the number of values of a window.
func (c *config) width() int { return c.Options.Length * len(c.Channels) }

// A record is a series on the grid of its steps: values in rows of a value a
// channel, NaN where missing.
type record struct {
	id     string
	values []float64
}

func (r record) steps(channels int) int { return len(r.values) / channels }

// newConfig decides what is open in o.
func newConfig(o Options, train *series.Panel, opt forecast.FitOptions) (*config, []record, error) {
	if err := o.Validate(); err != nil {
		return nil, nil, err
	}
	if train == nil {
		return nil, nil, fmt.Errorf("vae: %w: there is no panel", forecast.ErrMismatch)
	}
	if opt.Horizon < 0 || opt.Season < 0 {
		return nil, nil, fmt.Errorf("vae: horizon %d and season %d must not be negative", opt.Horizon, opt.Season)
	}
	c := &config{
		Options:  o.withDefaults(),
		Channels: slices.Clone(train.Channels),
		Step:     train.Step,
		Axis:     train.Axis, TimeColumn: train.TimeColumn, IDColumn: train.IDColumn,
	}
	if len(c.Channels) == 0 || len(train.Series) == 0 {
		return nil, nil, fmt.Errorf("vae: %w: the panel has %d series of %d channels", forecast.ErrTooShort, len(train.Series), len(c.Channels))
	}
	if s := train.Series[0]; s.Len() > 0 {
		c.Start = s.Times[0]
	}
	records, err := c.records(train)
	if err != nil {
		return nil, nil, err
	}
	c.Season = or(opt.Season, train.Season())
	whole := c.chooseLength(records, opt.Horizon)
	if whole {
		c.Lengths = extent.Of(train, maxSteps)
	}
	c.Options.Precision = or(c.Options.Precision, neural.DefaultPrecision())
	if d := c.Options.Likelihood.Domain(); c.context() == 0 || d == density.Count || d == density.Unit {
		c.Options.Level = LevelPanel
	}
	c.measure(records)
	if c.Options.Level == LevelAuto {
		c.Options.Level = LevelWindow
		if whole && c.told(records) >= mostTold {
			c.Options.Level = LevelPanel
		}
	}
	c.Few = len(records) < manySeries
	if c.Options.Tilt == 0 && c.Few {
		c.Options.Tilt = DefaultTilt
	}
	if c.Options.Tilt <= 0 || c.Options.Level == LevelPanel {
		c.Options.Tilt = -1
	}
	c.learnSupport(train, records)
	c.Masked = c.context() > 0
	for _, r := range records {
		c.Masked = c.Masked || slices.ContainsFunc(r.values, math.IsNaN)
	}
	return c, records, c.check()
}

// manySeries is the number of series from which on a panel has trends and parts
// of windows enough to learn from.
const manySeries = 20

// records returns the series of the panel in units of Options.Top, or why they
// cannot be treated.
func (c *config) records(panel *series.Panel) ([]record, error) {
	records := make([]record, 0, len(panel.Series))
	for _, s := range panel.Series {
		r := record{id: s.ID, values: s.Values}
		if c.Options.Length != 1 {
			values, _, err := panel.Grid(s)
			if err != nil {
				return nil, fmt.Errorf("vae: %w: windows are of equally spaced steps: %w", forecast.ErrMismatch, err)
			}
			r.values = values
		}
		if c.Options.Top != 1 {
			scaled := make([]float64, len(r.values))
			for i, x := range r.values {
				scaled[i] = x / c.Options.Top
			}
			r.values = scaled
		}
		if err := c.Options.Likelihood.CheckValues(r.values); err != nil {
			hint := ""
			if c.Options.Likelihood.Domain() == density.Unit {
				hint = "; the option top says which value counts as 1"
			}
			return nil, fmt.Errorf("vae: %w: series %q: %w%s", forecast.ErrMismatch, s.ID, err, hint)
		}
		records = append(records, r)
	}
	return records, nil
}

// Of manyWhole series or more, of no more than neural.ShortSeries steps, each is a window, and without a
// season of manySeries.
const manyWhole = 1000

// chooseLength sets the length of windows and the horizon within them, and says whether it has many short
// series as wholes.
func (c *config) chooseLength(records []record, horizon int) (whole bool) {
	season := c.Season
	lengths := make([]int, len(records))
	for i, r := range records {
		lengths[i] = r.steps(len(c.Channels))
	}
	slices.Sort(lengths)
	median := lengths[len(lengths)/2]
	c.Median = median
	if horizon == 0 {
		horizon = max(1, median/10)
		if season > 1 && 6*season <= median {
			horizon = 2 * season
		}
	}
	many := manyWhole
	if season <= 1 {
		many = manySeries
	}
	if usual := lengths[len(lengths)/4]; c.Options.Length == 0 && len(records) >= many && usual <= neural.ShortSeries {
		c.Options.Length, whole = max(2, usual), true
	}
	if c.Options.Length == 0 {
		c.Options.Length = max(2, min(horizon+2*max(horizon, season), median/2))
	}
	c.Horizon = min(horizon, max(1, c.Options.Length/2))
	return whole
}

// mostTold is the part of the variance of many short series, in units of their own levels, that their levels
// tell from which on they are modelled at that of the panel: generated with the level of a training window, a
// sine would be this window again.
const mostTold = 0.5

// told returns the part of the variance of windows, in units of their own levels, that their levels tell.
func (c *config) told(records []record) float64 {
	var levels, shapes [][]float64
	channels := len(c.Channels)
	if c.Options.Likelihood.Domain() != density.Real {
		return 0
	}
	for _, r := range neural.Spread(records, maxStart) {
		if len(r.values) < c.width() || slices.ContainsFunc(r.values[:c.width()], math.IsNaN) {
			continue
		}
		level, shape := make([]float64, 2*channels), slices.Clone(r.values[:c.width()])
		c.ownLevel(level[:channels], level[channels:], shape[:c.context()*channels])
		for k := range shape {
			shape[k] = (shape[k] - level[k%channels]) / level[channels+k%channels]
		}
		for j := channels; j < len(level); j++ {
			level[j] = math.Log(level[j])
		}
		levels, shapes = append(levels, level), append(shapes, shape)
	}
	if len(levels) < manySeries {
		return 0
	}
	regress.Centred(levels, true)
	regress.Centred(shapes, false)
	gain, err := regress.Gain(levels, shapes)
	if err != nil {
		return 0
	}
	return regress.Told(gain, levels, shapes)
}

// measure sets the panel's level and scale.
func (c *config) measure(records []record) {
	channels := len(c.Channels)
	c.Scaling = series.Scaling{Center: make([]float64, channels), Scale: slices.Repeat([]float64{1}, channels)}
	var values []float64
	var each [][]float64
	for _, r := range records {
		values, each = append(values, r.values...), append(each, r.values)
	}
	c.Usual = moments.Usual(each, channels)
	switch c.Options.Likelihood.Domain() {
	case density.Real:
		c.Scaling = series.FitScaling(values, channels, 0)
	case density.Positive:
		for j := range channels {
			c.Scale[j] = math.Exp(moments.OfChannel(values, channels, j, math.Log).Mean)
		}
	}
}

// learnSupport learns which values the channels take.
func (c *config) learnSupport(train *series.Panel, records []record) {
	c.Support = support.Of(train)
	for _, r := range records {
		for _, x := range r.values {
			c.Shades = c.Shades || c.Options.Likelihood.Domain() == density.Unit && x > 0 && x < 1
		}
	}
}

// level sets center and scale, of a value a channel, to those by which a window
// with the given context, in rows of a value a channel, is modelled.
func (c *config) level(center, scale, context []float64) {
	copy(center, c.Center)
	copy(scale, c.Scale)
	if c.Options.Level == LevelWindow {
		c.ownLevel(center, scale, context)
	}
}

// ownLevel sets center and scale to those of the context, where it has values.
func (c *config) ownLevel(center, scale, context []float64) {
	for j := range center {
		if c.Options.Likelihood.Domain() == density.Positive {
			if m := moments.OfChannel(context, len(center), j, math.Log); m.N > 0 {
				scale[j] = math.Exp(m.Mean)
			}
			continue
		}
		if m := moments.OfChannel(context, len(center), j, moments.Identity); m.N > 0 {
			usual := 0.0
			if c.Usual != nil {
				usual = c.Usual[j]
			}
			center[j], scale[j] = m.Mean, max(math.Sqrt(m.Variance()), moments.LeastScale(m.Mean, usual), 0.01*c.Scale[j])
		}
	}
}

// accepts says why the model cannot treat the panel.
func (c *config) accepts(panel *series.Panel) error {
	switch {
	case panel == nil:
		return fmt.Errorf("vae: %w: there is no panel", forecast.ErrMismatch)
	case !slices.Equal(panel.Channels, c.Channels):
		return fmt.Errorf("vae: %w: it learned the channels %v, the data have %v", forecast.ErrMismatch, c.Channels, panel.Channels)
	case c.Options.Length > 1 && (!panel.Step.Same(c.Step) || panel.Axis.Calendar() != c.Axis.Calendar()):
		return fmt.Errorf("vae: %w: it learned times that are %s, those of the data are %s",
			forecast.ErrMismatch, c.Step.Describe(c.Axis.Calendar()), panel.Step.Describe(panel.Axis.Calendar()))
	}
	return nil
}

// check says what is wrong with a configuration that was made or read.
func (c *config) check() error {
	if err := c.Options.Validate(); err != nil {
		return err
	}
	channels := len(c.Channels)
	switch {
	case c.Options != c.Options.withDefaults() || c.Options.Length == 0 || c.Options.Level == LevelAuto:
		return fmt.Errorf("vae: the options are not complete")
	case c.Usual != nil && len(c.Usual) != channels:
		return fmt.Errorf("vae: %d channels, the usual deviations of %d", channels, len(c.Usual))
	case channels == 0 || len(c.Center) != channels || len(c.Scale) != channels:
		return fmt.Errorf("vae: %d channels, %d centers, %d scales", channels, len(c.Center), len(c.Scale))
	case c.Step.Width < 0 || c.Step.Days < 0 || c.Step.Months < 0 || c.Options.Length > 1 && !c.Step.Regular():
		return fmt.Errorf("vae: the step %+v", c.Step)
	case c.Season < 0 || c.Season > neural.MaxSeason:
		return fmt.Errorf("vae: a season of %d steps", c.Season)
	case c.Horizon < 1 || c.Horizon > c.Options.Length || c.context() == 0 && c.Options.Length > 1:
		return fmt.Errorf("vae: a horizon of %d in windows of %d steps", c.Horizon, c.Options.Length)
	case float64(c.Options.Length)*float64(channels) > maxWidth:
		return fmt.Errorf("vae: windows of %d steps of %d channels", c.Options.Length, channels)
	}
	if err := cmp.Or(support.Check(c.Support, channels), c.Lengths.Check(maxSteps)); err != nil {
		return fmt.Errorf("vae: %w", err)
	}
	for j := range channels {
		if math.IsNaN(c.Center[j]-c.Center[j]) || !(c.Scale[j] > 0) || math.IsInf(c.Scale[j], 1) {
			return fmt.Errorf("vae: channel %d has the center %v and the scale %v", j, c.Center[j], c.Scale[j])
		}
	}
	return nil
}

// maxWidth bounds the values of a window.
const maxWidth = 1 << 20
