package baseline

import (
	"context"
	"fmt"

	"tsgen/forecast"
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
	return m.local().forecast(ctx, history, opt)
}

// ForecastPaths implements forecast.PathForecaster: the smoothing is simulated.
func (m Theta) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.local().paths(ctx, history, opt)
}

func (m Theta) local() localModel {
	return localModel{m, "the theta method", m.Season, func(_ *series.Panel, seasons []float64) continuation {
		return single(seasons, func(season int) continuation {
			return fitter(func(y []float64, lead int) (prospect, remark) { return m.project(y, season, lead) }).continued
		})
	}}
}

// minTheta is the least number of observations for a theta line: a level, a
// slope and a variance, and the smoothing constant.
const minTheta = 5

// project continues y.
func (m Theta) project(y []float64, length, lead int) (prospect, remark) {
	y = recent(y, length)
	if observed(y) < minTheta {
		return prospect{marginals: lastValue(y)}, "are too short for a trend and keep their last value"
	}
	var why remark
	if length > 1 && len(y) <= 2*length {
		why = remark(fmt.Sprintf("are too short to tell a season of %d steps", length))
	}
	adjusted, effects, multiplicative := y, []float64{0}, false
	if isSeasonal(y, length) {
		multiplicative = multiplicable(y)
		effects = seasonalIndices(y, length, multiplicative)
		adjusted = adjust(y, effects, multiplicative)
	}
	l, depends := newThetaLine(adjusted, m, len(effects)-1).distribution(lead)
	for h := range l.mean {
		e := effects[(len(y)-1+h)%len(effects)]
		if multiplicative {
			l.mean[h] *= e
			l.sd[h] *= e
		} else {
			l.mean[h] += e
		}
	}
	l.mean[0], l.sd[0] = y[len(y)-1], 0
	return prospect{marginals: l, dependence: depends}, why
}

// lastValue is the distribution of a random walk from the last of y, which has at least
// two observations, the first and the last among them.
func lastValue(y []float64) walk.Walk {
	return walk.Walk{Value: y[len(y)-1], Rate: newRandomWalk(y, 1, Short).Variance}
}
