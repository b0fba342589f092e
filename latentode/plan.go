package latentode

import (
	"fmt"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/models/density"
	"tsgen/series"
)

// A plan is what a fit decides about the model from the options and the
// training panel, before the weights: with it and them the model is complete.
type plan struct {
	Options Options `json:"model"` // no field is left to a default

	Channels []string    `json:"channels"`
	Step     series.Step `json:"step"`
	Calendar bool        `json:"calendar"`
	Season   int         `json:"season"`
	Horizon  int         `json:"horizon"`

	// Form is that of the training panel, for panels that are generated. Models
	// that were stored before it was have none.
	Form *form `json:"form,omitempty"`

	// Gap is the usual distance between observations in the coordinate of
	// series.Panel, Unit the coordinate's length of one unit of the solver's
	// time.
	Gap  float64 `json:"gap"`
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

	// Known names the covariates that are known ahead, KnownScaling brings them
	// to a common level and scale.
	Known        []string        `json:"known,omitempty"`
	KnownScaling *series.Scaling `json:"knownScaling,omitempty"`

	// Log tells the channels that are modelled by their logarithm; the scaling
	// is the panel's level and scale per channel after that, Usual the usual
	// deviation of a series from its own level, nil in files that don't know it.
	Log []bool `json:"log"`
	series.Scaling
	Usual []float64 `json:"usual,omitempty"`

	// Inflation multiplies the deviation of the observation noise at lead times
	// beyond the context: 1 until held-back data have shown what it should be.
	Inflation []float64 `json:"inflation"`
}

// A form is what generated panels have of the training panel.
type form struct {
	Axis   series.Axis `json:"axis"`
	ID     string      `json:"id,omitempty"`
	Time   string      `json:"time"`
	Start  float64     `json:"start"` // the first time of all
	Length int         `json:"length"`
}

// A record is a series as the model sees it: times in the panel's coordinate,
// values after the transform.
type record struct {
	u     []float64
	x     []float64 // len(u)×channels, NaN where missing
	known track
	limit int // observations that may be trained on
}

// newPlan decides what is open in o.
func newPlan(o Options, train *series.Panel, opt forecast.FitOptions) (*plan, []record, error) {
	if err := o.Validate(); err != nil {
		return nil, nil, err
	}
	if train.Width() == 0 || len(train.Series) == 0 {
		return nil, nil, fmt.Errorf("latentode: %w: the panel has %d series of %d channels", forecast.ErrTooShort, len(train.Series), train.Width())
	}
	if opt.Horizon < 0 || opt.Season < 0 {
		return nil, nil, fmt.Errorf("latentode: horizon %d and season %d must not be negative", opt.Horizon, opt.Season)
	}
	p := &plan{
		Options:  o,
		Channels: slices.Clone(train.Channels),
		Step:     train.Step,
		Calendar: train.Axis.Calendar(),
		Season:   or(opt.Season, train.Season()),
		Known:    slices.Clone(train.Known), KnownScaling: train.KnownScaling(),
	}
	if err := p.treats(train); err != nil {
		return nil, nil, err
	}
	p.Log = p.chooseTransform(train)
	var records []record
	var gaps []float64
	var lengths []int
	for _, s := range train.Series {
		if s.Len() < leastLength || s.Observed() == 0 {
			continue
		}
		r := p.record(train, s)
		for j := 1; j < s.Len(); j++ {
			gaps = append(gaps, r.u[j]-r.u[j-1])
		}
		records, lengths = append(records, r), append(lengths, s.Len())
	}
	if len(records) == 0 {
		return nil, nil, fmt.Errorf("latentode: %w: no series has %d observation times and a value", forecast.ErrTooShort, leastLength)
	}
	slices.Sort(gaps)
	slices.Sort(lengths)
	median := lengths[len(lengths)/2]
	p.Gap = gaps[len(gaps)/2]
	first := train.Series[0]
	for _, s := range train.Series {
		if s.Len() > 0 && (first.Len() == 0 || s.Times[0] < first.Times[0]) {
			first = s
		}
	}
	p.Form = &form{Axis: train.Axis, ID: train.IDColumn, Time: train.TimeColumn, Start: first.Times[0], Length: min(median, maxRows)}
	p.Horizon = opt.Horizon
	if p.Horizon == 0 {
		p.Horizon = DefaultHorizon(median, p.Season)
	}
	p.measure(records)
	p.chooseLevel(records)
	if p.Options.Noise > 0 && (p.Options.Level == LevelWindow || !p.real()) {
		return nil, nil, fmt.Errorf("latentode: %w: option noise is for laws of real values at the level of the panel; add the option level=%s", forecast.ErrMismatch, LevelPanel)
	}
	p.chooseSizes(median, len(records))
	p.Unit = p.Gap * float64(p.Options.Context) / 4
	p.OwnNoise = len(records) >= manySeries && p.Options.Level == LevelWindow
	return p, records, nil
}

// mostState is the most latent variables that move unless more are asked for.
const mostState = 32

// leastLength is the number of observation times that a series must have to be
// learned from.
const leastLength = 4

// DefaultHorizon is the number of steps ahead for which a model is fitted if
// nothing is said: two seasons if there is a season and the series allow, else
// a tenth of their median length.
func DefaultHorizon(median, season int) int {
	if season > 1 && 6*season <= median {
		return 2 * season
	}
	return max(1, median/10)
}

func (p *plan) chooseSizes(median, count int) {
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
	shared := o.Level == LevelPanel && count >= manySeries
	if shared {
		o.Hidden, o.Updates = or(o.Hidden, 2*DefaultHidden), or(o.Updates, 2*DefaultUpdates)
	}
	o.Hidden = or(o.Hidden, DefaultHidden)
	if o.Context == 0 {
		o.Context = max(2*p.Horizon, 3*p.Season)
	}
	// Series must have room for a context, some origins and two horizons, one
	// to train on and one to hold back; short ones of many have it if others
	// are held back. So are others where all share a phase space: the ends of
	// the series may be the only ones to show a part of it.
	room := median - 2*p.Horizon - max(1, median/8)
	if shared || room < o.Context && count >= manySeries {
		p.HoldSeries = true
		room = median - p.Horizon
	}
	o.Context = max(2, min(o.Context, room))
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
func (p *plan) reach() int {
	if p.Refine {
		return 2 * p.Options.Context
	}
	return p.Options.Context
}

func (p *plan) static() int    { return max(0, p.Options.Static) }
func (p *plan) harmonics() int { return max(0, p.Options.Harmonics) }

// forcing returns the number of functions of time that act on the observations:
// two for each harmonic of the season, and the covariates that are known ahead.
func (p *plan) forcing() int { return 2*p.harmonics() + len(p.Known) }

// record returns s in the model's terms.
func (p *plan) record(panel *series.Panel, s *series.Series) record {
	r := record{u: make([]float64, s.Len()), x: slices.Clone(s.Values), known: p.track(panel, s)}
	for i, t := range s.Times {
		r.u[i] = panel.Coordinate(t)
	}
	c := len(p.Channels)
	for i := range r.x {
		if p.Log[i%c] {
			r.x[i] = math.Log(r.x[i])
		}
	}
	return r
}

// chooseTransform says for each channel whether its logarithm is modelled: if
// all values are positive and, unless the logarithm was asked for, that is
// likelier than not to serve.
func (p *plan) chooseTransform(train *series.Panel) []bool {
	logs := make([]bool, train.Width())
	switch {
	case p.family() == density.LogNormal:
		for j := range logs {
			logs[j] = true
		}
		return logs
	case p.Options.Transform == TransformNone || !p.real():
		return logs
	}
	lag := 1
	if train.Step.Regular() {
		lag = max(1, p.Season)
	}
	for j := range logs {
		positive, likelier := train.LogarithmFits(j, lag)
		logs[j] = positive && (likelier || p.Options.Transform == TransformLog)
	}
	return logs
}

// usual returns the usual deviation of channel j, 0 if it is not known.
func (p *plan) usual(j int) float64 {
	if p.Usual == nil {
		return 0
	}
	return p.Usual[j]
}

// measure sets the panel's level and scale; counts and binary values keep theirs.
func (p *plan) measure(records []record) {
	var values []float64
	var each [][]float64
	for _, r := range records {
		values, each = append(values, r.x...), append(each, r.x)
	}
	c := len(p.Channels)
	p.Usual = moments.Usual(each, c)
	p.Inflation = slices.Repeat([]float64{1}, c)
	p.Scaling = series.Scaling{Center: make([]float64, c), Scale: slices.Repeat([]float64{1}, c)}
	if p.real() {
		p.Scaling = series.FitScaling(values, c, 0)
	}
}

// chooseLevel takes a common level and scale for many series without a season,
// which are likely to share one phase space, unless their own levels or scales
// differ so much that common ones would leave little of their movement.
// Elsewhere windows have their own.
func (p *plan) chooseLevel(records []record) {
	if !p.real() {
		p.Options.Level = LevelPanel
	}
	if p.Options.Level != LevelAuto {
		return
	}
	p.Options.Level = LevelWindow
	if len(records) < manySeries || p.Season > 1 {
		return
	}
	c := len(p.Channels)
	for j := range c {
		var scales []float64
		for _, r := range records {
			var m moments.Moments
			for i := j; i < len(r.x); i += c {
				m.Add(r.x[i])
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

// manySeries is the number of series from which on a panel tells what is common
// to all.
const manySeries = 20
