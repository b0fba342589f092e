package baseline

import (
	"context"
	"math"

	"tsgen/forecast"
	"tsgen/internal/walk"
	"tsgen/series"
)

// Naive forecasts the last value, with the Gaussian intervals of a random walk:
// the variance is the mean square of the differences, times the number of steps
// (Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed.,
// section 5.5). At irregular times and over gaps it grows in proportion to the
// time since the last observation, at the rate of the squared increments per
// unit of time. A series observed fewer than twice is taken to be like the
// others of its panel.
type Naive struct{}

// Name returns "naive".
func (Naive) Name() string { return "naive" }

// Fit learns nothing: see the package documentation.
func (Naive) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	return ctx.Err()
}

// Forecast implements forecast.Model. The error wraps forecast.ErrTooShort if
// no series of the panel has two observations of some channel.
func (m Naive) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.local().forecast(ctx, history, opt)
}

// ForecastPaths implements forecast.PathForecaster: the walk is simulated.
func (m Naive) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.local().paths(ctx, history, opt)
}

func (m Naive) local() localModel {
	return localModel{m, "", 1, func(*series.Panel, []float64) continuation {
		return simply(func(x channel) (prospect, remark) { return prospect{marginals: x.walk}, "" })
	}, nil, false, false}
}

// Drift forecasts along the line through the first and the last value, with the
// Gaussian intervals of a random walk with drift, the uncertainty of the drift
// included (Hyndman and Athanasopoulos, Forecasting: Principles and Practice,
// 3rd ed., section 5.5):
//
//	sd_h = sigma sqrt(h (1 + h/T))
//
// for a series whose first and last value lie T apart, sigma^2 being the sum of
// the squared increments about the drift over their number less one. At
// irregular times and over gaps each increment counts by the inverse of the
// time that it took, as for a Brownian motion with drift. A series observed
// fewer than three times is forecast as by Naive.
type Drift struct{}

// Name returns "drift".
func (Drift) Name() string { return "drift" }

// Fit learns nothing: see the package documentation.
func (Drift) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	return ctx.Err()
}

// Forecast implements forecast.Model. The error wraps forecast.ErrTooShort if
// no series of the panel has two observations of some channel.
func (m Drift) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.local().forecast(ctx, history, opt)
}

// ForecastPaths implements forecast.PathForecaster: the walk is simulated about lines whose
// slopes are drawn.
func (m Drift) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.local().paths(ctx, history, opt)
}

func (m Drift) local() localModel {
	return localModel{m, "", 1, func(p *series.Panel, _ []float64) continuation {
		return simply(func(x channel) (prospect, remark) {
			if d, ok := newDrifting(p, x); ok {
				return prospect{marginals: d, dependence: dependence{common: d.spread}}, ""
			}
			return prospect{marginals: x.walk}, "were observed fewer than three times and are continued without a drift"
		})
	}, nil, false, false}
}

// drifting is the distribution of a Brownian motion with an estimated drift.
type drifting struct {
	walk  walk.Walk // its rate is that about the drift
	slope float64   // per unit of the coordinate
	span  float64   // from the first observation to the last
}

// newDrifting returns the drift of a channel of p; ok is false if there are fewer
// than three observations.
func newDrifting(p *series.Panel, x channel) (d drifting, ok bool) {
	var at, y []float64
	for i, t := range x.series.Times {
		if v := x.series.Row(i)[x.number]; isObserved(v) {
			at, y = append(at, p.Coordinate(t)), append(y, v)
		}
	}
	n := len(y)
	if n < 3 {
		return drifting{}, false
	}
	d = drifting{walk: x.walk, span: at[n-1] - at[0]}
	d.slope = (y[n-1] - y[0]) / d.span
	var about walk.Increments
	for i := 1; i < n; i++ {
		took := at[i] - at[i-1]
		about.Add(y[i]-y[i-1]-d.slope*took, took)
	}
	d.walk.Rate = about.Sum / float64(about.N-1)
	return d, true
}

// spread returns the standard deviation that the drift has from a lead on.
func (d drifting) spread(lead float64) float64 {
	return math.Sqrt(d.walk.Rate/d.span) * (d.walk.Age + lead)
}

func (d drifting) At(lead float64) (mean, sd float64) {
	mean, sd = d.walk.At(lead)
	since := d.walk.Age + lead
	return mean + d.slope*since, sd * math.Sqrt(1+since/d.span)
}
