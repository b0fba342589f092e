package latentode

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/internal/neural"
	"tsgen/models/density"
	"tsgen/series"
)

// A config is what a fit decides about the model from the options and the
// training panel, before the weights: with it and them the model is complete.
type config struct {
	Options Options `json:"model"` // no field is left to a default
	neural.Frame

	// Unit is the length in the panel's coordinate of one unit of the solver's
	// time.
	Unit float64 `json:"unit"`

	// HoldSeries says that fits hold back whole series and not the ends of all.
	HoldSeries bool `json:"holdSeries,omitempty"`

	// OwnNoise says that series have noise of their own strength. It is for many
	// series with levels of their own: where all share one phase space it lets
	// the noise explain what the dynamics should.
	OwnNoise bool `json:"ownNoise,omitempty"`

	// Refine says that posteriors are moved from the encoder's guess to their
	// mode, given more observations than the encoder sees.
	Refine bool `json:"refine,omitempty"`

	// Inflation multiplies the deviation of the observation noise at lead times
	// beyond the context: 1 until held-back data have shown what it should be.
	Inflation []float64 `json:"inflation"`

	// Opening is what generated series begin with, nil in files that don't know it.
	Opening *opening `json:"opening,omitempty"`
}

// UnmarshalJSON reads a stored config. Early versions kept the training panel's
// form apart, or knew nothing of it but whether it has a calendar.
func (c *config) UnmarshalJSON(data []byte) error {
	type current config
	stored := struct {
		*current
		Calendar bool `json:"calendar"`
		Form     *struct {
			Axis   series.Axis `json:"axis"`
			ID     string      `json:"id"`
			Time   string      `json:"time"`
			Start  float64     `json:"start"`
			Length int         `json:"length"`
		} `json:"form"`
	}{current: (*current)(c)}
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	if f := stored.Form; f != nil {
		c.Axis, c.ID, c.Time, c.Start, c.Length = f.Axis, f.ID, f.Time, f.Start, f.Length
	} else if stored.Calendar {
		c.Axis.Layout = time.DateTime
	}
	return nil
}

// reading says how series are read.
func (c *config) reading() neural.Reading {
	return neural.Reading{Family: c.family(), Logarithm: c.family() == density.LogNormal}
}

// split says what is trained on.
func (c *config) split() neural.Split {
	return neural.Split{Context: c.Options.Context, Horizon: c.Horizon, Series: c.HoldSeries, Windows: maxValid}
}

// newConfig decides what is open in o.
func newConfig(o Options, train *series.Panel, opt forecast.FitOptions) (*config, []neural.Record, error) {
	if err := o.Validate(); err != nil {
		return nil, nil, err
	}
	c := &config{Options: o}
	frame, records, err := neural.NewFrame(train, opt, c.reading(), o.Transform)
	if err != nil {
		return nil, nil, fmt.Errorf("latentode: %w", err)
	}
	c.Frame = *frame
	c.LearnSupport(train)
	c.Inflation = slices.Repeat([]float64{1}, len(c.Channels))
	c.chooseLevel(records)
	if c.Options.Noise > 0 && (c.Options.Level == LevelWindow || !c.real()) {
		return nil, nil, fmt.Errorf("latentode: %w: option noise is for distributions of real values at the level of the panel; add the option level=%s", forecast.ErrMismatch, LevelPanel)
	}
	c.chooseSizes(len(records))
	c.Unit = c.Gap * float64(c.Options.Context) / 4
	c.OwnNoise = len(records) >= neural.ManySeries && c.Options.Level == LevelWindow
	return c, records, nil
}

// mostState is the most latent variables that move unless more are asked for.
const mostState = 32

func (c *config) chooseSizes(count int) {
	o := &c.Options
	channels := len(c.Channels)
	if o.State == 0 && channels == 1 {
		o.State = 3
	}
	o.State = or(o.State, min(channels, mostState))
	o.Harmonics = or(o.Harmonics, min(c.Season/2, 8))
	if o.Harmonics < 0 || c.Season < 2 {
		o.Harmonics = -1
	}
	if o.Static == 0 {
		o.Static = -1
		if o.Harmonics > 0 {
			o.Static = 4
		}
	}
	shared := o.Level == LevelPanel && count >= neural.ManySeries
	if shared {
		o.Hidden, o.Updates = or(o.Hidden, 2*DefaultHidden), or(o.Updates, 2*DefaultUpdates)
	}
	o.Hidden = or(o.Hidden, DefaultHidden)
	// Where all share a phase space, the ends of the series may be the only ones
	// to show a part of it: whole series are held back.
	o.Context, c.HoldSeries = c.Context(o.Context, count, shared)
	o.Tolerance = or(o.Tolerance, DefaultTolerance)
	o.Updates = or(o.Updates, DefaultUpdates)
	o.Batch = or(o.Batch, DefaultBatch)
	o.Rate = or(o.Rate, DefaultRate)
	// The learning rate falls to the last, and with it comes much of what long
	// training gains.
	o.Patience = or(o.Patience, max(DefaultPatience, o.Updates/every/4))
}

// reach returns the number of observations that a posterior is conditioned on
// at most.
func (c *config) reach() int {
	if c.Refine {
		return 2 * c.Options.Context
	}
	return c.Options.Context
}

func (c *config) static() int    { return max(0, c.Options.Static) }
func (c *config) harmonics() int { return max(0, c.Options.Harmonics) }

// forcing returns the number of functions of time that act on the observations:
// two for each harmonic of the season, and the covariates that are known ahead.
func (c *config) forcing() int { return 2*c.harmonics() + len(c.Known) }

// chooseLevel takes a common level and scale for many series without a season,
// which are likely to share one phase space, unless their own levels or scales
// differ so much that common ones would leave little of their movement.
// Elsewhere windows have their own.
func (c *config) chooseLevel(records []neural.Record) {
	if !c.real() {
		c.Options.Level = LevelPanel
	}
	if c.Options.Level != LevelAuto {
		return
	}
	c.Options.Level = LevelWindow
	if len(records) < neural.ManySeries || c.Season > 1 {
		return
	}
	channels := len(c.Channels)
	for j := range channels {
		var scales []float64
		for _, r := range records {
			var m moments.Moments
			for i := j; i < len(r.X); i += channels {
				m.Add(r.X[i])
			}
			if m.N > 1 {
				scales = append(scales, math.Sqrt(m.Variance()))
			}
		}
		if len(scales) == 0 {
			continue
		}
		slices.Sort(scales)
		low, mid, high := scales[len(scales)/10], scales[len(scales)/2], scales[len(scales)-1-len(scales)/10]
		if high > 30*low || mid < c.Scale[j]/10 {
			return
		}
	}
	c.Options.Level = LevelPanel
}

// check says what is wrong with a config that was read.
func (c *config) check() error {
	if err := cmp.Or(c.Options.Validate(), c.Frame.Check(), neural.Positive(slices.Concat([]float64{c.Unit, c.Options.Tolerance}, c.Inflation)...)); err != nil {
		return err
	}
	o := c.Options
	switch {
	case o.State < 1 || o.State > neural.MaxWidth || o.Static > neural.MaxWidth || o.Hidden < 1 || o.Hidden > neural.MaxWidth || o.Harmonics > neural.MaxWidth:
		return fmt.Errorf("sizes out of range: state %d, static %d, hidden %d, harmonics %d", o.State, o.Static, o.Hidden, o.Harmonics)
	case o.Context < 1 || c.harmonics() > 0 && c.Season < 2:
		return fmt.Errorf("context %d, season %d", o.Context, c.Season)
	case !c.real() && (o.Level != LevelPanel || slices.Contains(c.Log, true) || c.OwnNoise || c.Refine):
		return fmt.Errorf("a distribution of %v with level, logarithm, noise or modes of one of real numbers", c.family().Domain())
	case o.Noise > 0 && (o.Level != LevelPanel || !c.real()):
		return fmt.Errorf("noise %v at level %q", o.Noise, o.Level)
	case o.Level != LevelWindow && o.Level != LevelPanel:
		return fmt.Errorf("level %q", o.Level)
	case len(c.Inflation) != len(c.Channels):
		return fmt.Errorf("%d channels, but the inflation of %d", len(c.Channels), len(c.Inflation))
	}
	return c.Opening.check(o.State+c.static(), len(c.Channels), len(c.Bank))
}
