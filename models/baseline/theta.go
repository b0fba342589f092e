package baseline

import (
	"context"
	"fmt"

	"tsgen/forecast"
	"tsgen/internal/fits"
	"tsgen/internal/option"
	"tsgen/internal/walk"
	"tsgen/series"
)

// Theta forecasts by the theta method (Assimakopoulos and Nikolopoulos 2000):
// simple exponential smoothing of the seasonally adjusted series with part of
// the slope of its regression line as drift, half of it in the standard method
// (Hyndman and Billah 2003). The smoothing constant, the initial level and that
// part minimise the one-step errors.
//
// The series is adjusted if its autocorrelation says that it is seasonal, by
// the effects of a classical decomposition: multiplicative if all values are
// well above zero (the least more than a fiftieth of their mean), else
// additive. Gaps are bridged by the forecast over them. The last 2048
// observations are used, or 24 seasons if that is more.
//
// Forecasts are Gaussian; their variance grows as the errors would pass on in
// the smoothing and with the uncertainty of the slope, and is that of the
// adjusted series times the square of a multiplicative effect. The method needs
// a regular panel.
type Theta struct {
	// Theta is the coefficient of the theta line that is smoothed: 1 is
	// exponential smoothing without a drift, 2 the standard method, and the
	// drift is the share 1 - 1/Theta of the slope. Zero estimates it (the
	// optimised theta method, Fiorucci et al. 2016). It must not be between 0
	// and 1.
	Theta float64 `min:"1" default:"estimated" help:"coefficient of the line that is smoothed; 2 is the standard method"`

	// Dynamic takes for each step the regression line through what was there
	// before it (the dynamic models of Fiorucci et al. 2016) instead of the line
	// of the whole series.
	Dynamic bool `default:"false" help:"whether each step has a regression line of its own"`

	// Season is the number of steps in a season; zero means that of the
	// forecast's options.
	Season int `min:"1" max:"131072" default:"that of --season" help:"steps in a season"`

	// Bare is as that of AR.
	Bare bool `default:"false" help:"whether covariates that are known ahead are left out of account"`
}

// Name returns "theta".
func (m Theta) Name() string { return "theta" }

// Fit learns nothing: see the package documentation. The error wraps
// forecast.ErrMismatch if the panel is irregular.
func (m Theta) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	return m.local().fit(ctx, train)
}

// Validate says what is wrong with the options, if anything.
func (m Theta) Validate() error { return option.Validate("", m) }

// Forecast implements forecast.Model. The error wraps forecast.ErrMismatch if
// the panel is irregular or its observations are off the grid, and
// forecast.ErrTooShort if no series of the panel has two observations of some
// channel.
func (m Theta) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.by(ctx, m.local(), history, opt, false)
}

// ForecastPaths implements forecast.PathForecaster: the smoothing is simulated.
func (m Theta) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.by(ctx, m.local(), history, opt, true)
}

func (Theta) by(ctx context.Context, l localModel, history *series.Panel, opt forecast.Options, joined bool) (*forecast.Forecast, error) {
	return l.made(ctx, history, opt, joined)
}

// Keep implements forecast.Keeper.
func (m Theta) Keep(ctx context.Context, history *series.Panel, opt forecast.FitOptions) (forecast.Model, error) {
	return fits.Keep(ctx, learner(m), history, opt)
}

func (m Theta) local() localModel {
	return ofOneSeason(m, "the theta method", m.Season, false, !m.Bare, m.newCore, readTheta)
}

// minTheta is the least number of observations for a theta line: a level, a
// slope and a variance, and the smoothing constant.
const minTheta = 5

// A thetaCore is a theta line of values without those before a step, adjusted for the effects
// of a season.
type thetaCore struct {
	from, season   int
	effects        []float64
	multiplicative bool
	line           *thetaLine // nil if they are too short
}

func (m Theta) newCore(y []float64, season int) thetaCore {
	late := recent(y, season)
	c := thetaCore{from: len(y) - len(late), season: season, effects: []float64{0}}
	if observed(late) < minTheta {
		return c
	}
	if isSeasonal(late, season) {
		c.multiplicative = multiplicable(late)
		c.effects = seasonalIndices(late, season, c.multiplicative)
	}
	c.line = newThetaLine(c.adjusted(late), m, len(c.effects)-1)
	return c
}

// adjusted returns y without the effects.
func (c thetaCore) adjusted(y []float64) []float64 {
	if len(c.effects) == 1 {
		return y
	}
	return adjust(y, c.effects, c.multiplicative)
}

func (c thetaCore) continued(y []float64, lead int) (prospect, remark, bool) {
	if y = rests(y, c.from); y == nil {
		return prospect{}, "", false
	}
	if c.line == nil {
		return prospect{marginals: lastValue(y)}, "are too short for a trend and keep their last value", true
	}
	var why remark
	if c.season > 1 && len(y) <= 2*c.season {
		why = remark(fmt.Sprintf("are too short to tell a season of %d steps", c.season))
	}
	l, depends := c.line.over(c.adjusted(y)).distribution(lead)
	for h := range l.mean {
		e := c.effects[(len(y)-1+h)%len(c.effects)]
		if c.multiplicative {
			l.mean[h] *= e
			l.sd[h] *= e
		} else {
			l.mean[h] += e
		}
	}
	l.mean[0], l.sd[0] = y[len(y)-1], 0
	return prospect{marginals: l, dependence: depends, degrees: c.line.degrees}, why, true
}

func (c thetaCore) write(w *fits.Writer) {
	l := c.line
	if l == nil {
		return
	}
	w.Int(c.from)
	w.Floats(c.effects)
	w.Bool(c.multiplicative)
	w.Bool(l.fixed != nil)
	if l.fixed != nil {
		w.Float(l.fixed.a)
		w.Float(l.fixed.b)
	}
	for _, x := range []float64{l.alpha, l.w, l.level, l.variance, l.degrees} {
		w.Float(x)
	}
}

// readTheta reads what thetaCore.write wrote.
func readTheta(r *fits.Reader, season int) thetaCore {
	c := thetaCore{from: span(r), season: season, effects: r.Floats(), multiplicative: r.Bool(), line: &thetaLine{}}
	if n := len(c.effects); n != 1 && n != season {
		r.Failf("%d effects of a season of %d steps", n, season)
	}
	for _, e := range c.effects {
		if c.multiplicative && !(e > 0) {
			r.Failf("a season's factor %v", e)
		}
	}
	l := c.line
	if r.Bool() {
		l.fixed = &line{r.Any(), r.Any()}
	}
	l.alpha, l.w = r.Float(minAlpha, maxAlpha), r.Float(0, 1)
	l.level, l.variance, l.degrees = r.Any(), r.Positive(), r.Float(1, maxSteps)
	return c
}

// lastValue is the distribution of a random walk from the last of y, which has at least
// two observations, the first and the last among them.
func lastValue(y []float64) walk.Walk {
	return walk.Walk{Value: y[len(y)-1], Rate: newRandomWalk(y, 1, Short).Variance}
}
