package rnn

import (
	"cmp"
	"errors"
	"fmt"
	"math"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/models/density"
	"tsgen/series"
)

// A config is what a fit decides about the model from the options and the
// training panel, before the weights: with it and them the model is complete.
type config struct {
	Kind    string  `json:"kind"`
	Options Options `json:"model"` // no field is left to a default
	neural.Frame

	// HoldSeries says that fits hold back whole series and not the ends of all.
	HoldSeries bool `json:"holdSeries,omitempty"`

	// Whole says that many short series are learned as a whole, and so is how they begin.
	// Least is then the fewest steps of a context in training.
	Whole bool `json:"whole,omitempty"`
	Least int  `json:"least,omitempty"`

	// Divergence is the mean of KL(q ‖ prior) a step, in nats, on windows that
	// were held back.
	Divergence float64 `json:"divergence"`

	// Holds is the probability by which rows of binary values of a generated series are
	// those before again, beside what the likelihood draws: held chords.
	Holds float64 `json:"holds,omitempty"`
}

// reading says how series are read: of a regular panel all steps of its grid.
func (c *config) reading() neural.Reading {
	return neural.Reading{Family: c.Options.Likelihood, Grid: true, Effects: true, Less: true}
}

// split says what is trained on.
func (c *config) split() neural.Split {
	return neural.Split{Context: c.Options.Context, Horizon: c.Horizon, Series: c.HoldSeries, Windows: maxValid, Least: c.Least}
}

// newConfig decides what is open in o.
func newConfig(kind string, o Options, train *series.Panel, opt forecast.FitOptions) (*config, []neural.Record, error) {
	if err := o.Validate(); err != nil {
		return nil, nil, err
	}
	if train != nil {
		o.Likelihood = cmp.Or(o.Likelihood, likelihoodOf(train))
	}
	c := &config{Kind: kind, Options: o}
	frame, records, err := neural.NewFrame(train, opt, c.reading(), o.Transform)
	if err != nil {
		return nil, nil, fmt.Errorf("rnn: %w", err)
	}
	c.Frame = *frame
	c.LearnSupport(train)
	values := 0
	for _, r := range records {
		values += len(r.X)
	}
	c.chooseSizes(len(records), values)
	c.chooseLevel(records, o.Context == 0)
	if c.Options.Level == LevelWindow {
		c.FillBank(c.BankWindows(records, c.Options.Context, false))
		c.LearnLevels(records, c.Options.Context, c.Horizon)
	}
	return c, records, nil
}

// likelihoodOf returns the distribution that is taken for the values of a panel: of zeros
// and ones, of both of which there are some, that of such.
func likelihoodOf(train *series.Panel) density.Family {
	var seen [2]bool
	for _, s := range train.Series {
		for _, x := range s.Values {
			switch {
			case x == 0:
				seen[0] = true
			case x == 1:
				seen[1] = true
			case !math.IsNaN(x):
				return density.Gaussian
			}
		}
	}
	switch {
	case !seen[0] || !seen[1]:
		return density.Gaussian
	case train.Width() == 1:
		return density.Bernoulli
	}
	return density.ChainBernoulli
}

// chooseSizes decides what depends on the number of series and of their values.
// Binary series, of many, are held back as a whole: they are not validated on
// what follows a context alone, but on whole windows.
func (c *config) chooseSizes(count, values int) {
	o := &c.Options
	o.Context, c.HoldSeries = c.Context(o.Context, count, count >= neural.ManySeries && o.Likelihood.Domain() == density.Unit)
	if o.Hidden == 0 {
		o.Hidden = 64
		for _, few := range []int{20_000, 2000, 500} {
			if values < few {
				o.Hidden /= 2
			}
		}
	}
	o.Cell = cmp.Or(o.Cell, GRU)
	o.Precision = cmp.Or(o.Precision, neural.DefaultPrecision())
	o.Latent = cmp.Or(o.Latent, DefaultLatent)
	o.Updates = cmp.Or(o.Updates, DefaultUpdates)
	o.Batch = cmp.Or(o.Batch, DefaultBatch)
	o.Rate = cmp.Or(o.Rate, DefaultRate)
	o.Patience = cmp.Or(o.Patience, DefaultPatience)
	o.Particles = cmp.Or(o.Particles, DefaultParticles)
}

// chooseLevel has many short series without a season learned as a whole if the context is free, at a common level
// if they are alike.
func (c *config) chooseLevel(records []neural.Record, free bool) {
	o := &c.Options
	switch {
	case o.Likelihood.Domain() != density.Real:
		o.Level = LevelPanel
	case free && o.Level == neural.LevelAuto && len(records) >= neural.ManySeries && c.Length <= neural.ShortSeries && c.Season == 1:
		c.Whole = true
		o.Context = max(o.Context, c.Length-c.Horizon)
		shortest := c.Length
		for _, r := range records {
			shortest = min(shortest, len(r.U))
		}
		c.Least = max(2, min(o.Context/2, shortest-c.Horizon-1))
		alike := true
		for j := range c.Channels {
			alike = alike && !c.ScalesDiffer(records, j, 2)
		}
		if alike {
			o.Level = LevelPanel
		}
	}
	o.Level = cmp.Or(o.Level, LevelWindow)
}

// manyValues is the number of values to learn from, from which on noise on the inputs
// of training does more harm than good.
const manyValues = 20_000

// noisy says whether noise is added to the inputs in training.
func (c *config) noisy(records []neural.Record) bool {
	values := 0
	for _, r := range records {
		values += len(r.X)
	}
	return !c.Options.Teacher && (c.Whole || values < manyValues)
}

// check says what is wrong with a config that was read.
func (c *config) check() error {
	if err := cmp.Or(c.Options.Validate(), c.Frame.Check(), neural.Finite(c.Divergence)); err != nil {
		return err
	}
	o := c.Options
	switch {
	case o.Hidden < 1 || o.Hidden > neural.MaxWidth || o.Latent < 1 || o.Latent > neural.MaxWidth:
		return fmt.Errorf("sizes out of range: hidden %d, latent %d", o.Hidden, o.Latent)
	case o.Context < 1 || o.Particles < 1 || c.Season < 1:
		return fmt.Errorf("context %d, particles %d, season %d", o.Context, o.Particles, c.Season)
	case o.Level != LevelWindow && o.Level != LevelPanel:
		return fmt.Errorf("level %q", o.Level)
	case !(c.Holds >= 0 && c.Holds <= 1):
		return fmt.Errorf("rows are held with the probability %v", c.Holds)
	case o.Likelihood == "":
		return errors.New("no likelihood")
	}
	return nil
}

// appendCovariates appends those of step i of r and, where their effects are still in the
// values, of the steps at the lags before it, 0 where there are none.
func (c *config) appendCovariates(dst []float64, r *neural.Record, i int) []float64 {
	k := len(c.Known)
	if k == 0 {
		return dst
	}
	for _, lag := range c.covariateLags() {
		for j := range k {
			x := 0.0
			if at := (i-lag)*k + j; at >= 0 && at < len(r.Known) {
				x = r.Known[at]
			}
			dst = append(dst, x)
		}
	}
	return dst
}

// covariateWidth returns the number of values that appendCovariates appends.
func (c *config) covariateWidth() int { return len(c.Known) * len(c.covariateLags()) }

// covariateLags returns how many steps before the present the covariates lie that a step
// is told.
func (c *config) covariateLags() []int {
	if c.Linear {
		return nil
	}
	if c.Effects != nil {
		return []int{0}
	}
	return append([]int{0}, c.lags()...)
}

// lags returns how many steps before the present the observations lie that the
// locations of the observations' distribution are a linear function of.
func (c *config) lags() []int {
	switch {
	case c.Options.Likelihood.Domain() != density.Real:
		return nil
	case c.Season > 1 && c.Long > 0:
		return []int{1, c.Season, c.Season + 1, c.LongLag()}
	case c.Season > 1:
		return []int{1, c.Season, c.Season + 1}
	}
	return []int{1}
}

// maxHarmonics bounds the harmonics of the season that the model is given,
// longHarmonics is how many of a longer season it is given.
const (
	maxHarmonics  = 6
	longHarmonics = 3
)

// knownWidth returns the number of values that are known of a step beforehand:
// past values and whether they were observed, covariates, the harmonics of the
// season, and in irregular panels the gap since the step before; a constant if that is
// nothing.
func (c *config) knownWidth() int {
	n := 2*len(c.lags())*len(c.Channels) + c.covariateWidth() + c.Waves(maxHarmonics, longHarmonics)
	if !c.Step.Regular() {
		n++
	}
	return max(1, n)
}
