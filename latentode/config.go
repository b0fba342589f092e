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
}

// UnmarshalJSON reads a stored config. Early versions kept the training panel's
// form apart, or knew nothing of it but whether it has a calendar.
func (p *config) UnmarshalJSON(data []byte) error {
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
	}{current: (*current)(p)}
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	if f := stored.Form; f != nil {
		p.Axis, p.ID, p.Time, p.Start, p.Length = f.Axis, f.ID, f.Time, f.Start, f.Length
	} else if stored.Calendar {
		p.Axis.Layout = time.DateTime
	}
	return nil
}

// reading says how series are read.
func (p *config) reading() neural.Reading {
	return neural.Reading{Family: p.family(), Logarithm: p.family() == density.LogNormal}
}

// split says what is trained on.
func (p *config) split() neural.Split {
	return neural.Split{Context: p.Options.Context, Horizon: p.Horizon, Series: p.HoldSeries, Windows: maxValid}
}

// newConfig decides what is open in o.
func newConfig(o Options, train *series.Panel, opt forecast.FitOptions) (*config, []neural.Record, error) {
	if err := o.Validate(); err != nil {
		return nil, nil, err
	}
	p := &config{Options: o}
	frame, records, err := neural.NewFrame(train, opt, p.reading(), o.Transform)
	if err != nil {
		return nil, nil, fmt.Errorf("latentode: %w", err)
	}
	p.Frame = *frame
	p.Inflation = slices.Repeat([]float64{1}, len(p.Channels))
	p.chooseLevel(records)
	if p.Options.Noise > 0 && (p.Options.Level == LevelWindow || !p.real()) {
		return nil, nil, fmt.Errorf("latentode: %w: option noise is for distributions of real values at the level of the panel; add the option level=%s", forecast.ErrMismatch, LevelPanel)
	}
	p.chooseSizes(len(records))
	p.Unit = p.Gap * float64(p.Options.Context) / 4
	p.OwnNoise = len(records) >= neural.ManySeries && p.Options.Level == LevelWindow
	return p, records, nil
}

// mostState is the most latent variables that move unless more are asked for.
const mostState = 32

func (p *config) chooseSizes(count int) {
	o := &p.Options
	channels := len(p.Channels)
	if o.State == 0 && channels == 1 {
		o.State = 3
	}
	o.State = or(o.State, min(channels, mostState))
	o.Harmonics = or(o.Harmonics, min(p.Season/2, 8))
	if o.Harmonics < 0 || p.Season < 2 {
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
	o.Context, p.HoldSeries = p.Context(o.Context, count, shared)
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
func (p *config) reach() int {
	if p.Refine {
		return 2 * p.Options.Context
	}
	return p.Options.Context
}

func (p *config) static() int    { return max(0, p.Options.Static) }
func (p *config) harmonics() int { return max(0, p.Options.Harmonics) }

// forcing returns the number of functions of time that act on the observations:
// two for each harmonic of the season, and the covariates that are known ahead.
func (p *config) forcing() int { return 2*p.harmonics() + len(p.Known) }

// chooseLevel takes a common level and scale for many series without a season,
// which are likely to share one phase space, unless their own levels or scales
// differ so much that common ones would leave little of their movement.
// Elsewhere windows have their own.
func (p *config) chooseLevel(records []neural.Record) {
	if !p.real() {
		p.Options.Level = LevelPanel
	}
	if p.Options.Level != LevelAuto {
		return
	}
	p.Options.Level = LevelWindow
	if len(records) < neural.ManySeries || p.Season > 1 {
		return
	}
	c := len(p.Channels)
	for j := range c {
		var scales []float64
		for _, r := range records {
			var m moments.Moments
			for i := j; i < len(r.X); i += c {
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
		if high > 30*low || mid < p.Scale[j]/10 {
			return
		}
	}
	p.Options.Level = LevelPanel
}

// check says what is wrong with a config that was read.
func (p *config) check() error {
	if err := cmp.Or(p.Options.Validate(), p.Frame.Check(), neural.Positive(slices.Concat([]float64{p.Unit, p.Options.Tolerance}, p.Inflation)...)); err != nil {
		return err
	}
	o := p.Options
	switch {
	case o.State < 1 || o.State > neural.MaxWidth || o.Static > neural.MaxWidth || o.Hidden < 1 || o.Hidden > neural.MaxWidth || o.Harmonics > neural.MaxWidth:
		return fmt.Errorf("sizes out of range: state %d, static %d, hidden %d, harmonics %d", o.State, o.Static, o.Hidden, o.Harmonics)
	case o.Context < 1 || p.harmonics() > 0 && p.Season < 2:
		return fmt.Errorf("context %d, season %d", o.Context, p.Season)
	case !p.real() && (o.Level != LevelPanel || slices.Contains(p.Log, true) || p.OwnNoise || p.Refine):
		return fmt.Errorf("a distribution of %v with level, logarithm, noise or modes of one of real numbers", p.family().Domain())
	case o.Noise > 0 && (o.Level != LevelPanel || !p.real()):
		return fmt.Errorf("noise %v at level %q", o.Noise, o.Level)
	case o.Level != LevelWindow && o.Level != LevelPanel:
		return fmt.Errorf("level %q", o.Level)
	case len(p.Inflation) != len(p.Channels):
		return fmt.Errorf("%d channels, but the inflation of %d", len(p.Channels), len(p.Inflation))
	}
	return nil
}
