package vae

import (
	"fmt"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/moments"
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

	// Masked says that the encoder is told which values are missing.
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
}

// context returns the number of steps of a window before its horizon.
func (p *config) context() int { return p.Options.Length - p.Horizon }

// width returns the number of values of a window.
func (p *config) width() int { return p.Options.Length * len(p.Channels) }

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
	p := &config{
		Options:  o.withDefaults(),
		Channels: slices.Clone(train.Channels),
		Step:     train.Step,
		Axis:     train.Axis, TimeColumn: train.TimeColumn, IDColumn: train.IDColumn,
	}
	if len(p.Channels) == 0 || len(train.Series) == 0 {
		return nil, nil, fmt.Errorf("vae: %w: the panel has %d series of %d channels", forecast.ErrTooShort, len(train.Series), len(p.Channels))
	}
	if s := train.Series[0]; s.Len() > 0 {
		p.Start = s.Times[0]
	}
	records, err := p.records(train)
	if err != nil {
		return nil, nil, err
	}
	p.chooseLength(records, opt.Horizon, or(opt.Season, train.Season()))
	if p.Options.Level == LevelAuto {
		p.Options.Level = LevelWindow
	}
	if d := p.Options.Likelihood.Domain(); p.context() == 0 || d == density.Count || d == density.Unit {
		p.Options.Level = LevelPanel
	}
	p.Few = len(records) < manySeries
	if p.Options.Tilt == 0 && p.Few {
		p.Options.Tilt = DefaultTilt
	}
	if p.Options.Tilt <= 0 || p.Options.Level == LevelPanel {
		p.Options.Tilt = -1
	}
	p.measure(records)
	p.Masked = p.context() > 0
	for _, r := range records {
		p.Masked = p.Masked || slices.ContainsFunc(r.values, math.IsNaN)
	}
	return p, records, p.check()
}

// manySeries is the number of series from which on a panel has trends and parts
// of windows enough to learn from.
const manySeries = 20

// records returns the series of the panel in units of Options.Top, or why they
// cannot be treated.
func (p *config) records(panel *series.Panel) ([]record, error) {
	records := make([]record, 0, len(panel.Series))
	for _, s := range panel.Series {
		r := record{id: s.ID, values: s.Values}
		if p.Options.Length != 1 {
			values, _, err := panel.Grid(s)
			if err != nil {
				return nil, fmt.Errorf("vae: %w: windows are of equally spaced steps: %w", forecast.ErrMismatch, err)
			}
			r.values = values
		}
		if p.Options.Top != 1 {
			scaled := make([]float64, len(r.values))
			for i, x := range r.values {
				scaled[i] = x / p.Options.Top
			}
			r.values = scaled
		}
		if err := p.Options.Likelihood.CheckValues(r.values); err != nil {
			hint := ""
			if p.Options.Likelihood.Domain() == density.Unit {
				hint = "; the option top says which value counts as 1"
			}
			return nil, fmt.Errorf("vae: %w: series %q: %w%s", forecast.ErrMismatch, s.ID, err, hint)
		}
		records = append(records, r)
	}
	return records, nil
}

// chooseLength sets the length of windows and the horizon within them.
func (p *config) chooseLength(records []record, horizon, season int) {
	lengths := make([]int, len(records))
	for i, r := range records {
		lengths[i] = r.steps(len(p.Channels))
	}
	slices.Sort(lengths)
	median := lengths[len(lengths)/2]
	if horizon == 0 {
		horizon = max(1, median/10)
		if season > 1 && 6*season <= median {
			horizon = 2 * season
		}
	}
	if p.Options.Length == 0 {
		p.Options.Length = max(2, min(horizon+2*max(horizon, season), median/2))
	}
	p.Horizon = min(horizon, max(1, p.Options.Length/2))
}

// measure sets the panel's level and scale.
func (p *config) measure(records []record) {
	c := len(p.Channels)
	p.Scaling = series.Scaling{Center: make([]float64, c), Scale: slices.Repeat([]float64{1}, c)}
	var values []float64
	var each [][]float64
	for _, r := range records {
		values, each = append(values, r.values...), append(each, r.values)
	}
	p.Usual = moments.Usual(each, c)
	switch p.Options.Likelihood.Domain() {
	case density.Real:
		p.Scaling = series.FitScaling(values, c, 0)
	case density.Positive:
		for j := range c {
			p.Scale[j] = math.Exp(moments.OfChannel(values, c, j, math.Log).Mean)
		}
	}
}

// level sets center and scale, of a value a channel, to those by which a window
// with the given context, in rows of a value a channel, is modelled.
func (p *config) level(center, scale, context []float64) {
	copy(center, p.Center)
	copy(scale, p.Scale)
	if p.Options.Level != LevelWindow {
		return
	}
	for j := range center {
		if p.Options.Likelihood.Domain() == density.Positive {
			if m := moments.OfChannel(context, len(center), j, math.Log); m.N > 0 {
				scale[j] = math.Exp(m.Mean)
			}
			continue
		}
		if m := moments.OfChannel(context, len(center), j, moments.Identity); m.N > 0 {
			usual := 0.0
			if p.Usual != nil {
				usual = p.Usual[j]
			}
			center[j], scale[j] = m.Mean, max(math.Sqrt(m.Variance()), moments.LeastScale(m.Mean, usual), 0.01*p.Scale[j])
		}
	}
}

// accepts says why the model cannot treat the panel.
func (p *config) accepts(panel *series.Panel) error {
	switch {
	case panel == nil:
		return fmt.Errorf("vae: %w: there is no panel", forecast.ErrMismatch)
	case !slices.Equal(panel.Channels, p.Channels):
		return fmt.Errorf("vae: %w: it learned the channels %v, the data have %v", forecast.ErrMismatch, p.Channels, panel.Channels)
	case p.Options.Length > 1 && (!panel.Step.Same(p.Step) || panel.Axis.Calendar() != p.Axis.Calendar()):
		return fmt.Errorf("vae: %w: it learned times that are %s, those of the data are %s",
			forecast.ErrMismatch, p.Step.Describe(p.Axis.Calendar()), panel.Step.Describe(panel.Axis.Calendar()))
	}
	return nil
}

// check says what is wrong with a plan that was made or read.
func (p *config) check() error {
	if err := p.Options.Validate(); err != nil {
		return err
	}
	c := len(p.Channels)
	switch {
	case p.Options != p.Options.withDefaults() || p.Options.Length == 0 || p.Options.Level == LevelAuto:
		return fmt.Errorf("vae: the options are not complete")
	case p.Usual != nil && len(p.Usual) != c:
		return fmt.Errorf("vae: %d channels, the usual deviations of %d", c, len(p.Usual))
	case c == 0 || len(p.Center) != c || len(p.Scale) != c:
		return fmt.Errorf("vae: %d channels, %d centers, %d scales", c, len(p.Center), len(p.Scale))
	case p.Step.Width < 0 || p.Step.Days < 0 || p.Step.Months < 0 || p.Options.Length > 1 && !p.Step.Regular():
		return fmt.Errorf("vae: the step %+v", p.Step)
	case p.Horizon < 1 || p.Horizon > p.Options.Length || p.context() == 0 && p.Options.Length > 1:
		return fmt.Errorf("vae: a horizon of %d in windows of %d steps", p.Horizon, p.Options.Length)
	case float64(p.Options.Length)*float64(c) > maxWidth:
		return fmt.Errorf("vae: windows of %d steps of %d channels", p.Options.Length, c)
	}
	for j := range c {
		if math.IsNaN(p.Center[j]-p.Center[j]) || !(p.Scale[j] > 0) || math.IsInf(p.Scale[j], 1) {
			return fmt.Errorf("vae: channel %d has the center %v and the scale %v", j, p.Center[j], p.Scale[j])
		}
	}
	return nil
}

// maxWidth bounds the values of a window.
const maxWidth = 1 << 20
