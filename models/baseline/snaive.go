package baseline

import (
	"context"
	"fmt"
	"math"

	"tsgen/forecast"
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
	if f, done, err := rescaled(ctx, m, history, &opt); done {
		return f, err
	}
	if err := check(history, m.Season, opt); err != nil {
		return nil, fmt.Errorf("%s: %w", m.Name(), err)
	}
	lag := season(m.Season, opt, history)
	walks := walk.NewWalker(history)
	without := 0
	f, err := forecastEach(ctx, m.Name(), history, opt, func(i int, s *series.Series) ([]float64, []law, error) {
		laws := make([]law, history.Width())
		leads := leadsOf(history, s, opt.At[i])
		var grid []float64
		if lag > 1 {
			var err error
			if grid, _, err = history.Grid(s); err != nil {
				return nil, nil, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
			}
			steps, _, err := stepsAhead(history, s, opt.At[i])
			if err != nil {
				return nil, nil, err
			}
			leads = whole(steps)
		}
		for c := range laws {
			w, err := walks.Walk(s, c)
			if err != nil {
				return nil, nil, err
			}
			laws[c] = w
			if lag > 1 {
				y := column(grid, c, history.Width())
				if v, ok := lagVariance(y, lag); ok {
					laws[c] = seasonalWalk{y, lag, v, w}
				} else {
					without++
				}
			}
		}
		return leads, laws, nil
	})
	if err != nil {
		return nil, err
	}
	if without > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("seasonal-naive: %d of %d series have no two observations a season (%d steps) apart; their last value stands in",
			without, len(history.Series)*history.Width(), lag))
	}
	return f, nil
}

// lagVariance returns the mean square of the differences lag rows apart.
func lagVariance(y []float64, lag int) (v float64, ok bool) {
	sum, n := 0.0, 0
	for i := lag; i < len(y); i++ {
		if d := y[i] - y[i-lag]; !math.IsNaN(d) {
			sum += d * d
			n++
		}
	}
	return sum / float64(n), n > 0
}

// seasonalWalk is the law of as many random walks as a season has steps.
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
