package baseline

import (
	"context"
	"fmt"
	"math"

	"tsgen/forecast"
	"tsgen/internal/freedom"
	"tsgen/internal/option"
	"tsgen/internal/walk"
	"tsgen/series"
)

// SeasonalNaive forecasts the value observed a season before, with the
// Gaussian intervals of a seasonal random walk: the variance is the mean square
// of the differences one season apart, times the number of seasons gone since
// the observation (Hyndman and Athanasopoulos, Forecasting: Principles and
// Practice, 3rd ed., section 5.5). Where a season has a gap, the observation a
// season earlier stands in.
//
// With a season of 1 this is the naive forecast, the last value. So are the
// forecasts of irregular panels, of series with no two observations a season
// apart, and of places in the season that were never observed; there the
// variance grows in proportion to the time since the last observation, at the
// rate of the squared increments per unit of time.
type SeasonalNaive struct {
	// Season is the number of steps in a season; zero means that of the
	// forecast's options. It does not apply to irregular panels.
	Season int `min:"1" max:"131072" default:"that of --season" help:"steps in a season"`
}

// Name returns "seasonal-naive".
func (m SeasonalNaive) Name() string { return "seasonal-naive" }

// Validate says what is wrong with the options, if anything.
func (m SeasonalNaive) Validate() error { return option.Validate("", m) }

// Fit learns nothing: see the package documentation.
func (m SeasonalNaive) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	return ctx.Err()
}

// Forecast implements forecast.Model. The error wraps forecast.ErrTooShort if
// no series of the panel has two observations of some channel, and
// forecast.ErrMismatch if the observations of a regular panel are off its grid.
func (m SeasonalNaive) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.local().forecast(ctx, history, opt)
}

// ForecastPaths implements forecast.PathForecaster: the walks are simulated.
func (m SeasonalNaive) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.local().paths(ctx, history, opt)
}

func (m SeasonalNaive) local() localModel {
	return localModel{m, "", m.Season, func(_ *series.Panel, seasons []float64) continuation {
		return single(seasons, func(lag int) continuation {
			return simply(func(x channel) (prospect, remark) {
				if lag == 1 {
					return prospect{marginals: x.walk}, ""
				}
				if v, n := lagVariance(x.grid, lag); n > 0 {
					if n < lag {
						// Two differences of neighbours stand for the season's that lack.
						few := freedom.Student(float64(n))
						v = (float64(n)*v + 2*x.walk.Rate) / float64(n+2) * few * few
					}
					return prospect{marginals: seasonalWalk{x.grid, lag, v, x.walk}, dependence: shocks(seasonalShocks(1, lag, x.lead))}, ""
				}
				return prospect{marginals: x.walk}, remark(fmt.Sprintf("have no two observations a season (%d steps) apart; their last value stands in", lag))
			})
		})
	}, nil, false, false}
}

// lagVariance returns the mean square of the differences lag rows apart, and their
// number.
func lagVariance(y []float64, lag int) (v float64, n int) {
	sum := 0.0
	for i := lag; i < len(y); i++ {
		if d := y[i] - y[i-lag]; !math.IsNaN(d) {
			sum += d * d
			n++
		}
	}
	return sum / float64(n), n
}

// seasonalWalk is the distribution of as many random walks as a season has steps.
type seasonalWalk struct {
	y        []float64 // the series on its grid
	lag      int
	variance float64   // of one season's increment
	walk     walk.Walk // for places in the season that were never observed
}

func (w seasonalWalk) At(lead float64) (mean, sd float64) {
	k := int(lead)
	seasons := (k + w.lag - 1) / w.lag
	for i := len(w.y) - 1 + k - seasons*w.lag; i >= 0; i -= w.lag {
		if !math.IsNaN(w.y[i]) {
			return w.y[i], math.Sqrt(w.variance * float64(seasons))
		}
		seasons++
	}
	return w.walk.At(float64(k))
}
