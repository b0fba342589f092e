package baseline

import (
	"context"
	"fmt"
	"math"

	"tsgen/forecast"
	"tsgen/internal/fits"
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
// more. A positive series whose season grows with its level is modelled by its
// logarithm. The model needs a regular panel.
type STL struct {
	// Plain leaves positive values as they are, where otherwise their logarithm is
	// modelled if the season grows with the level: if the logarithms are clearly
	// likelier (Box and Cox 1964).
	Plain bool `default:"false" help:"whether positive values are never modelled by their logarithm, even where that suits them"`

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

	// Bare is as that of AR.
	Bare bool `default:"false" help:"whether covariates that are known ahead are left out of account"`
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
	return m.by(ctx, m.local(), history, opt, false)
}

// ForecastPaths implements forecast.PathForecaster: the changes of the season and what
// continues the rest are simulated.
func (m STL) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.by(ctx, m.local(), history, opt, true)
}

func (STL) by(ctx context.Context, l localModel, history *series.Panel, opt forecast.Options, joined bool) (*forecast.Forecast, error) {
	return l.made(ctx, history, opt, joined)
}

// Keep implements forecast.Keeper.
func (m STL) Keep(ctx context.Context, history *series.Panel, opt forecast.FitOptions) (forecast.Model, error) {
	return fits.Keep(ctx, learner(m), history, opt)
}

func (m STL) local() localModel {
	return localModel{m, "a seasonal decomposition", m.Season, func(_ *series.Panel, seasons []float64) continuation {
		if isPlain(seasons) {
			return m.plain(shortest(seasons))
		}
		return fitter{
			fit:  func(y []float64, lead int) core { return m.newSeveral(y, seasons, lead) },
			read: func(r *fits.Reader) core { return readSeveral(r, seasons) },
		}.continuation()
	}, nil, !m.Plain, !m.Bare}
}

// plain returns what continues channels with a season of so many steps.
func (m STL) plain(season int) continuation {
	return fitter{
		fit:  func(y []float64, lead int) core { return m.newCore(y, season, lead) },
		read: func(r *fits.Reader) core { return readSTL(r, season) },
	}.continuation()
}

// An stlCore is a seasonal part of values without those before a step, and what continues
// the rest.
type stlCore struct {
	from, length int
	rest         *rest
	seasonal     []float64 // by step; none if there is no season in it
	change       float64   // mean square of the changes from one season to the next
	inflation    float64   // of the variance of the rest
}

func (m STL) newCore(y []float64, length, lead int) *stlCore {
	late := recent(y, length)
	c := &stlCore{from: len(y) - len(late), length: length}
	y = late
	if length < 2 || observed(y) < 2*length {
		c.rest = m.newRest(y, longestPlain, lead)
		return c
	}
	o := DecomposeOptions{Period: length, Seasonal: max(m.Window, 0), Periodic: m.Window < 0}
	if m.Robust {
		o.Outer = robustLoops
	}
	o = o.complete(len(y))
	d := decompose(y, o)
	n, taken := float64(observed(y)), o.freedom(len(y))
	if d.leftOver() > math.Exp(-2*taken/n) {
		c.rest = m.newRest(y, 2*length+1, lead)
		return c
	}
	c.seasonal = d.Seasonal
	c.rest = m.newRest(c.adjusted(y), length-1, lead)
	c.change, _ = lagVariance(d.Seasonal, length)
	c.inflation = n / math.Max(n-taken-2, n/4) * (1 + 2*math.Min(taken/n, 1))
	return c
}

// effect returns the seasonal part at a step, the last season repeated after the end.
func (c *stlCore) effect(t int) float64 { return repeated(c.seasonal, c.length, t) }

// repeated returns element t of values whose last season of a length is repeated.
func repeated(values []float64, length, t int) float64 {
	if over := t - len(values); over >= 0 {
		t = len(values) - length + over%length
	}
	return values[t]
}

// adjusted returns y without its seasonal part.
func (c *stlCore) adjusted(y []float64) []float64 {
	z := make([]float64, len(y))
	for t, v := range y {
		z[t] = v - c.effect(t)
	}
	return z
}

func (c *stlCore) continued(y []float64, lead int) (prospect, remark, bool) {
	if y = rests(y, c.from); y == nil || len(y) < len(c.seasonal) {
		return prospect{}, "", false
	}
	if c.seasonal == nil {
		p, why, ok := c.rest.continued(y, lead)
		if why == "" && c.length > 1 && observed(y) < 2*c.length {
			why = remark(fmt.Sprintf("are too short to tell a season of %d steps", c.length))
		}
		return p, why, ok
	}
	p, why, ok := c.rest.continued(c.adjusted(y), lead)
	if !ok {
		return p, why, false
	}
	l := table{make([]float64, lead+1), make([]float64, lead+1)}
	l.mean[0] = y[len(y)-1]
	for h := 1; h <= lead; h++ {
		mean, sd := p.marginals.At(float64(h))
		seasons := (h + c.length - 1) / c.length
		l.mean[h] = mean + c.effect(len(y)-1+h)
		l.sd[h] = math.Sqrt(sd*sd*c.inflation + c.change*float64(seasons))
	}
	depends := p.dependence.times(math.Sqrt(c.inflation)).and(seasonalShocks(math.Sqrt(c.change), c.length, lead))
	return prospect{marginals: l, dependence: depends, degrees: p.degrees}, why, true
}

func (c *stlCore) write(w *fits.Writer) {
	if c.seasonal == nil && c.rest.isNone() {
		return
	}
	w.Int(c.from)
	c.rest.write(w)
	w.Floats(c.seasonal)
	w.Float(c.change)
	w.Float(c.inflation)
}

// readSTL reads what stlCore.write wrote.
func readSTL(r *fits.Reader, length int) *stlCore {
	c := &stlCore{from: span(r), length: length, rest: readRest(r), seasonal: r.Floats(), change: r.Positive(), inflation: r.Positive()}
	if n := len(c.seasonal); n > 0 && (length < 2 || n < length) {
		r.Failf("a seasonal part of %d steps with a season of %d", n, length)
	}
	if len(c.seasonal) == 0 {
		c.seasonal = nil
	}
	return c
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
