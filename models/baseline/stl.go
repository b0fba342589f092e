package baseline

import (
	"context"
	"fmt"
	"math"

	"tsgen/forecast"
	"tsgen/internal/option"
	"tsgen/series"
)

// STL forecasts the seasonal part of a decomposition by local regression (see
// Decompose) and the rest by a model of its own, as R's stlf: the last season
// is repeated, and the seasonally adjusted series is continued by exponential
// smoothing with additive forms without a season (see ETS) or by an
// autoregression (see Estimate), whichever has the less AICc.
//
// Forecasts are Gaussian. Their variance is that of the continuation, times
// n/(n-k) for the k degrees of freedom that the seasonal part took from n
// values, plus, for each season that a place is ahead of its last one, the mean
// square of the changes of the seasonal part from one season to the next.
//
// Several seasons are estimated in turn, each from what the others leave (Bandara,
// Hyndman and Bergmeir 2021, MSTL: arXiv:2107.13462). Where whole steps would get out of
// phase with a season, or a long one that is no multiple of a shorter one has few cycles,
// it is a sum of harmonics, the higher ones held the more. Beside these the rest has a
// slope, if that has led better in the past.
//
// Gaps have no weight in the decomposition and are missing in the adjusted
// series too. Series of fewer than two seasons are continued as they are, and so
// are those whose seasonal part is not worth its degrees of freedom (by Akaike's
// criterion). The last 2048 observations are used, or 24 seasons if that is
// more. The model needs a regular panel.
type STL struct {
	// Season is the number of steps in a season; zero means that of the
	// forecast's options.
	Season int `min:"1" max:"131072" default:"that of --season" help:"steps in a season"`

	// Remainder says by what the seasonally adjusted series is continued: "ets"
	// or "ar". Empty means the better one for each series.
	Remainder string `oneof:"ets ar" default:"the better one for each series" help:"what continues the seasonally adjusted series"`

	// Order is the number of lags of the autoregression; zero means the one with
	// the least AICc of some up to m-1 for a season of m steps, since the lag m
	// has a part in the seasonal smoothing, up to 2m+1 for a series that is
	// continued as it is, and up to 100 in any case.
	Order int `min:"1" default:"that of the least AICc" help:"lags of ar, where it continues the series"`

	// Window is the number of seasons over which the seasonal part is smoothed,
	// an odd number of 3 or more; zero means 11, and -1 a seasonal part that
	// does not change.
	Window int `min:"-1" max:"131071" default:"11" help:"seasons over which the season is smoothed, an odd number of 3 or more; -1: it never changes"`

	// Robust makes the decomposition robust to outliers.
	Robust bool `default:"false" help:"whether outliers lose their weight"`
}

// robustLoops is the number of robustness iterations, as in statsmodels and R.
const robustLoops = 15

// Name returns "stl".
func (m STL) Name() string { return "stl" }

// Fit learns nothing: see the package documentation. The error wraps
// forecast.ErrMismatch if the panel is irregular.
func (m STL) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	return m.local().fit(ctx, train)
}

// Validate says what is wrong with the options, if anything.
func (m STL) Validate() error {
	if err := option.Validate("", m); err != nil {
		return err
	}
	if w := m.Window; w > 0 && (w < 3 || w%2 == 0) {
		return fmt.Errorf("option window is %d, want an odd number of 3 or more, or -1 for a season that does not change", w)
	}
	return nil
}

// Forecast implements forecast.Model. The error wraps forecast.ErrMismatch if
// the panel is irregular or its observations are off the grid, and
// forecast.ErrTooShort if no series of the panel has two observations of some
// channel.
func (m STL) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.local().forecast(ctx, history, opt)
}

// ForecastPaths implements forecast.PathForecaster: the changes of the season and what
// continues the rest are simulated.
func (m STL) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.local().paths(ctx, history, opt)
}

func (m STL) local() localModel {
	return localModel{m, "a seasonal decomposition", m.Season, func(_ *series.Panel, seasons []float64) continuation {
		if isPlain(seasons) {
			return m.continued(shortest(seasons))
		}
		return fitter(func(y []float64, lead int) (prospect, remark) { return m.projectSeveral(y, seasons, lead) }).continued
	}}
}

// continued returns what continues channels with a season of so many steps.
func (m STL) continued(season int) continuation {
	return fitter(func(y []float64, lead int) (prospect, remark) { return m.project(y, season, lead) }).continued
}

// project continues y.
func (m STL) project(y []float64, length, lead int) (prospect, remark) {
	y = recent(y, length)
	if length < 2 {
		return m.rest(y, longestPlain, lead)
	}
	if observed(y) < 2*length {
		p, why := m.rest(y, longestPlain, lead)
		if why == "" {
			why = remark(fmt.Sprintf("are too short to tell a season of %d steps", length))
		}
		return p, why
	}
	o := DecomposeOptions{Period: length, Seasonal: max(m.Window, 0), Periodic: m.Window < 0}
	if m.Robust {
		o.Outer = robustLoops
	}
	o = o.complete(len(y))
	d := decompose(y, o)
	n, taken := float64(observed(y)), o.freedom(len(y))
	if d.leftOver() > math.Exp(-2*taken/n) {
		return m.rest(y, 2*length+1, lead)
	}
	adjusted := make([]float64, len(y))
	for t, v := range y {
		adjusted[t] = v - d.Seasonal[t]
	}
	p, why := m.rest(adjusted, length-1, lead)
	change, _ := lagVariance(d.Seasonal, length)
	inflation := n / math.Max(n-taken-2, n/4) * (1 + 2*math.Min(taken/n, 1))
	l := table{make([]float64, lead+1), make([]float64, lead+1)}
	l.mean[0] = y[len(y)-1]
	for h := 1; h <= lead; h++ {
		mean, sd := p.marginals.At(float64(h))
		seasons := (h + length - 1) / length
		l.mean[h] = mean + d.Seasonal[len(y)-1+h-seasons*length]
		l.sd[h] = math.Sqrt(sd*sd*inflation + change*float64(seasons))
	}
	depends := p.dependence.times(math.Sqrt(inflation)).and(seasonalShocks(math.Sqrt(change), length, lead))
	return prospect{marginals: l, dependence: depends}, why
}

// longestPlain is the longest autoregression of a series without a season, or
// too short to tell it.
const longestPlain = 8

// leftOver returns the sum of squares of the remainder, as a share of that of
// the remainder and the seasonal part together.
func (d *Decomposition) leftOver() float64 {
	rest, both := 0.0, 0.0
	for t, r := range d.Remainder {
		if isObserved(r) {
			rest += r * r
			both += (r + d.Seasonal[t]) * (r + d.Seasonal[t])
		}
	}
	return rest / both
}
