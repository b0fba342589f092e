package latentode

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/models/density"
	"tsgen/series"
)

// A config is what a fit decides about the model from the options and the
// training panel, before the weights: with it and them the model is complete.
type config struct {
	Options Options `json:"model"` // no field is left to a default
	neural.Frame

	// Stride is the longest step of a latent SDE's paths, in usual gaps; 0: the dynamics have no noise.
	Stride float64 `json:"stride,omitempty"`

	// Unit is the length in the panel's coordinate of one unit of the solver's
	// time.
	Unit float64 `json:"unit"`

	// HoldSeries says that fits hold back whole series and not the ends of all.
	HoldSeries bool `json:"holdSeries,omitempty"`

	// Whole says that series are learned as wholes, and generated ones follow the dynamics from
	// their first value to their last.
	Whole bool `json:"whole,omitempty"`

	// Least is the number of observations that a context in training has at least, 0 for half
	// of the most.
	Least int `json:"least,omitempty"`

	// OwnLevel tells the channels whose windows have levels and scales of their own though the
	// others have those of the panel; nil means none.
	OwnLevel []bool `json:"ownLevel,omitempty"`

	// Modulated says that the dynamics have a linear part that the static part sets.
	Modulated bool `json:"modulated,omitempty"`

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

	// Noisier multiplies the deviation of the noise at lead times where dynamics have noise, nil in files that don't know it.
	Noisier []float64 `json:"noisier,omitempty"`

	// Opening is what generated series begin with, nil in files that don't know it.
	Opening *opening `json:"opening,omitempty"`

	// Spread holds the deviations, in units of windows, of what is measured about what the
	// latent states say, beside that which these have: within the observations and beyond them. Nil
	// means none.
	Spread [][]float64 `json:"spread,omitempty"`

	// Growth holds the variances that the latter grow by for the square of a lead time in horizons, nil in files
	// that don't know it.
	Growth []float64 `json:"growth,omitempty"`

	// Judged is the lead time in horizons up to which what was held back told the noise, 0 in files that don't know it: beyond it
	// observations miss what the signal misses more than there.
	Judged float64 `json:"judged,omitempty"`

	// Stretch holds for each channel, at the probabilities of marginals, by how much what is ahead is to be moved away from the
	// median, nil where too few series tell and in files that don't know it.
	Stretch [][]float64 `json:"stretch,omitempty"`

	// Version tells what early versions did otherwise: they have 0. From 1 on the marginals are
	// given in closed form, and the noise grows no further far beyond the horizon.
	Version int `json:"version,omitempty"`

	// NonNegative tells the channels that had no value below 0, and get none. Nil means none.
	NonNegative []bool `json:"nonNegative,omitempty"`

	// rotations are what the linear part of new weights turns by.
	rotations []rotation

	// Companion, if not nil, is a model in closed form that has a say in what is predicted.
	Companion *companion `json:"companion,omitempty"`
}

// version is that of new models.
const version = 1

// stochastic reports whether the dynamics have noise.
func (c *config) stochastic() bool { return c.Stride > 0 }

// kind returns the name of the model.
func (c *config) kind() string {
	if c.stochastic() {
		return StochasticKind
	}
	return Kind
}

// closed reports whether marginals are known in closed form.
func (c *config) closed() bool { return c.Version > 0 && c.gaussian() }

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

// reading says how series are read. Where dynamics have noise, what covariates add is taken from values by a regression:
// an encoder that reads a lasting effect as part of the level has paths make up for it, or not.
func (c *config) reading() neural.Reading {
	return neural.Reading{
		Family: c.family(), Logarithm: c.family() == density.LogNormal, Followed: true,
		Effects: c.stochastic(), Less: c.stochastic(),
	}
}

// split says what is trained on.
func (c *config) split() neural.Split {
	return neural.Split{Context: c.Options.Context, Horizon: c.Horizon, Series: c.HoldSeries, Windows: maxValid, Least: c.Least}
}

// newConfig decides what is open in o; stride is that of paths, 0 for dynamics without noise.
func newConfig(ctx context.Context, o Options, stride float64, train *series.Panel, opt forecast.FitOptions) (*config, []neural.Record, error) {
	if err := o.Validate(); err != nil {
		return nil, nil, err
	}
	c := &config{Options: o, Stride: stride, Version: version}
	frame, records, err := neural.NewFrame(train, opt, c.reading(), o.Transform)
	if err != nil {
		return nil, nil, fmt.Errorf("latentode: %w", err)
	}
	c.Frame = *frame
	c.LearnSupport(train)
	c.Inflation = slices.Repeat([]float64{1}, len(c.Channels))
	if err := c.lookForOscillations(ctx, train); err != nil {
		return nil, nil, fmt.Errorf("latentode: %w", err)
	}
	c.chooseLevel(records)
	c.Whole = o.Context == 0 && !c.stochastic() && c.Options.Level == LevelPanel && c.Step.Regular() &&
		len(records) >= neural.ManySeries && c.Length <= neural.ShortSeries && c.Season == 1
	if c.Options.Noise > 0 && (c.Options.Level == LevelWindow || !c.real()) {
		return nil, nil, fmt.Errorf("latentode: %w: option noise is for distributions of real values at the level of the panel; add the option level=%s", forecast.ErrMismatch, LevelPanel)
	}
	if c.Options.Residuals == ResidualsOU && !c.gaussian() {
		return nil, nil, fmt.Errorf("latentode: %w: option residuals=%s is for Gaussian noise; leave out the option likelihood", forecast.ErrMismatch, ResidualsOU)
	}
	c.chooseSizes(records)
	c.chooseBounds(records)
	c.Modulated = c.static() > 0 && (len(c.rotations) > 0 || (!c.Step.Regular() || c.Whole) && len(records) >= neural.ManySeries)
	c.Unit = c.Gap * float64(c.Options.Context) / 4
	c.OwnNoise = len(records) >= neural.ManySeries && c.Options.Level == LevelWindow
	return c, records, nil
}

// mostState is the most latent variables that move unless more are asked for.
const mostState = 32

func (c *config) chooseSizes(records []neural.Record) {
	o := &c.Options
	channels, count := len(c.Channels), len(records)
	switch {
	case o.State > 0:
	case c.Whole || len(c.rotations) > 0:
		o.State = min(max(3, 2*channels, 2*len(c.rotations)), mostState)
	case channels == 1 && !c.stochastic():
		o.State = 3
	}
	o.State = or(o.State, min(channels, mostState))
	o.Harmonics = or(o.Harmonics, min(c.Season/2, 8))
	if o.Harmonics < 0 || c.Season < 2 {
		o.Harmonics = -1
	}
	if o.Static == 0 {
		o.Static = -1
		if o.Harmonics > 0 || c.Whole || len(c.rotations) > 0 {
			o.Static = max(4, len(c.rotations))
		}
	}
	shared := o.Level == LevelPanel && count >= neural.ManySeries
	if shared && !c.stochastic() {
		if c.Step.Regular() || values(records) >= manyValues {
			o.Hidden = or(o.Hidden, 2*DefaultHidden)
		}
		o.Updates = or(o.Updates, 2*DefaultUpdates)
	}
	o.Hidden = or(o.Hidden, DefaultHidden)
	// Where all share a phase space, the ends of the series may be the only ones
	// to show a part of it: whole series are held back.
	if c.Step.Regular() {
		if len(c.rotations) > 0 {
			o.Context = cmp.Or(o.Context, max(2*c.Horizon, usualContext))
		}
		if o.Context, c.HoldSeries = c.Context(o.Context, count, shared); c.Whole {
			o.Context = max(o.Context, c.Length-c.Horizon)
		}
	} else {
		c.chooseContext(records, shared)
	}
	o.Tolerance = or(o.Tolerance, DefaultTolerance)
	o.Updates = or(o.Updates, DefaultUpdates)
	o.Batch = or(o.Batch, DefaultBatch)
	o.Rate = or(o.Rate, DefaultRate)
	// The learning rate falls to the last, and with it comes much of what long
	// training gains.
	o.Patience = or(o.Patience, max(DefaultPatience, o.Updates/every/4))
	switch {
	case c.stochastic(): // all of it is float64
	case cmp.Or(o.Encoder, EncoderGRU) == EncoderGRU:
		o.Precision = cmp.Or(o.Precision, neural.DefaultPrecision())
	default:
		o.Precision = Float64
	}
}

// manyValues is the number of values from which on irregular series have more to tell than a network of the default
// width learns: the weights of one of its layers. Of fewer, a wider one learns stiffer dynamics that forecast no better as a rule.
const manyValues = DefaultHidden * DefaultHidden

// values returns the number of values that are observed.
func values(records []neural.Record) int {
	n := 0
	for _, r := range records {
		for _, x := range r.X {
			if !math.IsNaN(x) {
				n++
			}
		}
	}
	return n
}

// reach returns the number of observations that a posterior is conditioned on
// at most.
func (c *config) reach() int {
	if c.Refine {
		return 2 * c.Options.Context
	}
	return c.sight()
}

// sight returns the number of observations that the encoder sees at most: where dynamics have noise, those of a
// whole window.
func (c *config) sight() int {
	if c.stochastic() {
		return c.Options.Context + c.Horizon
	}
	return c.Options.Context
}

func (c *config) static() int    { return max(0, c.Options.Static) }
func (c *config) harmonics() int { return max(0, c.Options.Harmonics) }

// forcing returns the number of functions of time that act on the observations:
// two for each harmonic of the season, and the covariates that are known ahead, if these
// are told to the network.
func (c *config) forcing() int { return 2*c.harmonics() + c.Inputs() }

// Of irregular records shorter than shortRecord contexts in training are as short as those of the
// shortest tenth; of longer ones usualContext observations, or two horizons, are seen.
const shortRecord, usualContext = 32, 64

// chooseContext takes for the context of irregular series, which differ in length, what long ones
// have before some origins and a horizon: of a context that is all before a horizon there would be
// one window a series. hold has whole series held back.
func (c *config) chooseContext(records []neural.Record, hold bool) {
	lengths := make([]int, len(records))
	for i, r := range records {
		lengths[i] = len(r.U)
	}
	slices.Sort(lengths)
	short, median, long := lengths[len(lengths)/10], lengths[len(lengths)/2], lengths[len(lengths)*4/5]
	context := cmp.Or(c.Options.Context, min(long-c.Horizon-max(1, long/8), max(2*c.Horizon, usualContext)))
	room := median - 2*c.Horizon - max(1, median/8)
	c.HoldSeries = hold || len(records) >= neural.ManySeries && room < context
	if room >= 2 && (c.Decades != nil || long < shortRecord && c.sameCourse(records)) {
		c.HoldSeries = false
	}
	if c.HoldSeries {
		room = long - c.Horizon
	}
	c.Options.Context = max(2, min(context, room))
	if long < shortRecord {
		c.Least = max(2, min(c.Options.Context/2, short-c.Horizon))
	}
}

// leastScaled is the number of values from which on a series tells the scale of its own movement.
const leastScaled = 8

// chooseLevel takes a common level and scale for many series without a season,
// which are likely to share one phase space, unless their own levels or scales
// differ so much that common ones would leave little of their movement: of irregular series in
// the channels where that is so, of others in all. Irregular series of few observations, which do
// not tell scales of their own, have common ones too. Elsewhere windows have their own.
func (c *config) chooseLevel(records []neural.Record) {
	if !c.real() {
		c.Options.Level = LevelPanel
	}
	if c.Options.Level != LevelAuto {
		return
	}
	c.Options.Level = LevelWindow
	fewest, least := neural.ManySeries, 2
	switch {
	case len(c.rotations) > 0:
		fewest = 1
	case !c.Step.Regular():
		fewest, least = fewestShared, leastScaled
	}
	if len(records) < fewest || c.Season > 1 {
		return
	}
	own := make([]bool, len(c.Channels))
	for j := range own {
		own[j] = c.ScalesDiffer(records, j, float64(least))
	}
	switch {
	case !slices.Contains(own, true):
		c.Options.Level = LevelPanel
	case !c.Step.Regular() && slices.Contains(own, false):
		c.Options.Level, c.OwnLevel = LevelPanel, own
	}
}

// fewestShared is the number of irregular series from which on they may share a level.
const fewestShared = 5

// chooseBounds tells the channels without a value below 0.
func (c *config) chooseBounds(records []neural.Record) {
	if c.Step.Regular() || !c.gaussian() {
		return
	}
	c.NonNegative = slices.Repeat([]bool{true}, len(c.Channels))
	for _, r := range records {
		for i, x := range r.X {
			if j := i % len(c.Channels); !c.Log[j] && c.RestoreAt(&r, r.U[i/len(c.Channels)], j, x) < 0 {
				c.NonNegative[j] = false
			}
		}
	}
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
	case !(c.Stride >= 0) || math.IsInf(c.Stride, 1) || c.stochastic() && (o.Residuals == ResidualsOU || c.Refine || o.Draws > 1 || o.Precision == Float32):
		return fmt.Errorf("paths with steps of %v gaps, and residuals, modes, draws or a precision of dynamics without noise", c.Stride)
	case o.Residuals == ResidualsOU && !c.gaussian():
		return fmt.Errorf("residuals of a Gaussian process under a distribution %q", c.family())
	case o.Noise > 0 && (o.Level != LevelPanel || !c.real()):
		return fmt.Errorf("noise %v at level %q", o.Noise, o.Level)
	case o.Level != LevelWindow && o.Level != LevelPanel:
		return fmt.Errorf("level %q", o.Level)
	case c.Spread != nil && !c.spreadFits(), c.Growth != nil && (c.Spread == nil || !c.spreads(c.Growth)):
		return errors.New("the spread of signals is out of range")
	case c.Noisier != nil && (len(c.Noisier) != len(c.Channels) || neural.Positive(c.Noisier...) != nil):
		return fmt.Errorf("%d channels, noise %v times as loud", len(c.Channels), c.Noisier)
	case c.Stretch != nil && !c.stretches():
		return errors.New("the stretch of intervals is out of range")
	case !(c.Judged >= 0) || math.IsInf(c.Judged, 1):
		return fmt.Errorf("noise that is known up to %v horizons", c.Judged)
	case c.OwnLevel != nil && (len(c.OwnLevel) != len(c.Channels) || o.Level != LevelPanel):
		return fmt.Errorf("%d channels at level %q, but own levels of %d", len(c.Channels), o.Level, len(c.OwnLevel))
	case c.Modulated && c.static() == 0:
		return errors.New("a linear part that nothing sets")
	case c.Least < 0 || c.Least > o.Context:
		return fmt.Errorf("contexts of %d to %d observations", c.Least, o.Context)
	case c.NonNegative != nil && len(c.NonNegative) != len(c.Channels):
		return fmt.Errorf("%d channels, but the bounds of %d", len(c.Channels), len(c.NonNegative))
	case c.Version < 0 || c.Version > version:
		return fmt.Errorf("version %d, want at most %d; a newer tsgen made it", c.Version, version)
	case c.Companion.check(len(c.Channels)) != nil:
		return c.Companion.check(len(c.Channels))
	case len(c.Inflation) != len(c.Channels):
		return fmt.Errorf("%d channels, but the inflation of %d", len(c.Channels), len(c.Inflation))
	}
	if n := len(c.begun()); n > 0 && n != len(c.Starts) {
		return fmt.Errorf("%d latent states with which series begin, %d beginnings", n, len(c.Starts))
	}
	return c.Opening.check(o.State+c.static(), len(c.Channels), len(c.Bank))
}

// spreadFits reports whether the spread has two deviations for every channel.
func (c *config) spreadFits() bool {
	return len(c.Spread) == 2 && c.spreads(c.Spread[0]) && c.spreads(c.Spread[1])
}

// spreads reports whether there is a deviation or a variance for every channel.
func (c *config) spreads(all []float64) bool {
	return len(all) == len(c.Channels) && !slices.ContainsFunc(all, func(x float64) bool { return !(x >= 0) || math.IsInf(x, 1) })
}
