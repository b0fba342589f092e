package baseline

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/floats"

	"tsgen/forecast"
	"tsgen/internal/fits"
	"tsgen/internal/freedom"
	"tsgen/internal/option"
	"tsgen/series"
)

// AR forecasts each series by a Gaussian autoregression, estimated from its
// history by maximum likelihood conditional on the first values: see Estimate.
// Means and variances of several steps ahead are exact given the estimate; for its own
// uncertainty they are widened as package freedom says. Missing values before the
// forecast are integrated out, not filled in.
//
// The order is lowered for series too short for it or whose estimate is
// unstable; the notes of the forecast say for how many. A series observed fewer
// than twice is continued as a random walk like those of its panel.
//
// A panel of several seasons, or of one that is not whole or longer than 64 steps, has lags up
// to twice the shortest season and one more (32 and those around the season if it is longer than
// 64 steps), or harmonics of a season that long, and candidates for each longer one: none, a
// cluster of lags around the season, and, unless it is a whole multiple of the shortest,
// harmonics, whose coefficients are held the more the higher they are, with a slope or
// without. The forecast is the mean of those
// candidates that forecast the last quarter of the series, or as much as four times the
// steps ahead, about as well as the best, weighed by the fourth power of their losses. Gaps
// are filled there with the shortest season taken out, and are not learned from.
//
// An autoregression needs a regular panel.
type AR struct {
	// Order is the number of lags; zero means 2m+1 for a season of m steps, and with
	// several seasons or a long one what is said above.
	Order int `min:"1" default:"twice the season and 1; of several seasons or long ones clusters around each" help:"number of lags"`

	// Season is the number of steps in a season; zero means that of the
	// forecast's options.
	Season int `min:"1" max:"131072" default:"that of --season" help:"steps in a season"`

	// Bare leaves covariates that are known ahead out of account, whose effects are otherwise
	// estimated by regression, taken from the history and put onto the forecast.
	Bare bool `default:"false" help:"whether covariates that are known ahead are left out of account"`
}

// Name returns "ar".
func (m AR) Name() string { return "ar" }

// Fit learns nothing: see the package documentation. The error wraps
// forecast.ErrMismatch if the panel is irregular.
func (m AR) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	return m.local().fit(ctx, train)
}

// Validate says what is wrong with the options, if anything.
func (m AR) Validate() error { return option.Validate("", m) }

// Forecast implements forecast.Model. The error wraps forecast.ErrMismatch if
// the panel is irregular or its observations are off the grid, and
// forecast.ErrTooShort if no series of the panel has two observations of some
// channel.
func (m AR) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.by(ctx, m.local(), history, opt, false)
}

// ForecastPaths implements forecast.PathForecaster: the process is simulated.
func (m AR) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.by(ctx, m.local(), history, opt, true)
}

func (AR) by(ctx context.Context, l localModel, history *series.Panel, opt forecast.Options, joined bool) (*forecast.Forecast, error) {
	f, err := l.made(ctx, history, opt, joined)
	if err == nil && len(f.Notes) == 2 && strings.Contains(f.Notes[0], "unstable") {
		slices.Reverse(f.Notes) // those of short series come first
	}
	return f, err
}

// Keep implements forecast.Keeper.
func (m AR) Keep(ctx context.Context, history *series.Panel, opt forecast.FitOptions) (forecast.Model, error) {
	return fits.Keep(ctx, learner(m), history, opt)
}

func (m AR) local() localModel {
	return localModel{m, "an autoregression", m.Season, func(_ *series.Panel, seasons []float64) continuation {
		order := cmp.Or(m.Order, usualOrder(seasons))
		plain := m.plain(order)
		if m.Order > 0 || isDense(seasons) {
			return plain
		}
		return withLags(plain, order, seasons)
	}, nil, false, !m.Bare}
}

// usualOrder returns the order of an autoregression of data with these seasons.
func usualOrder(seasons []float64) int { return 2*shortest(seasons) + 1 }

// isDense reports whether all lags up to the usual order are few enough for an autoregression: those of
// one season of whole steps that is not long.
func isDense(seasons []float64) bool { return isPlain(seasons) && shortest(seasons) <= denseLags }

// withLags returns what continues channels by autoregressions on the lags and waves of
// seasons, or plainly, up to an order, if there is none.
func withLags(plain continuation, order int, seasons []float64) continuation {
	const byOrder, byLags = 0, 1
	return continuation{
		estimate: func(x channel) estimate {
			if observed(x.grid) < 2 {
				return marked{byOrder, plain.estimate(x)}
			}
			y, after := trim(x.grid)
			if m := estimateLags(y, seasons, x.lead+after); m != nil {
				return marked{byLags, trimmed{m}}
			}
			return marked{byOrder, plain.estimate(x)}
		},
		read: func(r *fits.Reader) estimate {
			most := byLags
			if isPlain(seasons) {
				most = maxSteps
			}
			switch first := r.Int(byOrder, most); first {
			case byLags:
				return marked{byLags, trimmed{readLags(r)}}
			case byOrder:
				return marked{byOrder, plain.read(r)}
			default: // of a long season without lags and waves, as files before them have it
				return marked{byOrder, arEstimate{readProcess(r, order), first}}
			}
		},
	}
}

// plain returns what continues channels by an autoregression of the lags up to order.
func (m AR) plain(order int) continuation {
	return continuation{
		estimate: func(x channel) estimate {
			q, err := Estimate(x.grid, order, x.lead)
			if err != nil {
				return made{prospect{marginals: x.walk}, shortFor(order)}
			}
			return arEstimate{q, max(x.lead, len(x.grid)/2)}
		},
		read: func(r *fits.Reader) estimate {
			ahead := r.Int(0, maxSteps)
			return arEstimate{readProcess(r, order), ahead}
		},
	}
}

// shortFor is the remark on a series that is too short for an order.
func shortFor(order int) remark {
	return remark(fmt.Sprintf("are too short for order %d and have a lower one", order))
}

// An arEstimate is the process of a channel, which stays within reach of the data for some
// steps ahead.
type arEstimate struct {
	*Process
	ahead int
}

func (e arEstimate) continued(x channel) (prospect, remark, bool) {
	if x.lead > e.ahead && !e.walk && !e.within(x.grid, x.lead) {
		return prospect{}, "", false
	}
	o := e.prospect(x.grid, x.lead)
	o.degrees = e.degrees(x.grid)
	switch e.Reason {
	case Short:
		return o, shortFor(e.Asked), true
	case Unstable:
		return o, remark(fmt.Sprintf("are unstable at order %d and have a lower one", e.Asked)), true
	}
	return o, "", true
}

func (e arEstimate) write(w *fits.Writer) {
	w.Int(e.ahead)
	e.Process.write(w)
}

// Predict returns the means and the standard deviations of the process 0 to n
// steps after the last of y, given y: n+1 values each. The values 0 steps after
// are those of the last of y itself, uncertain only if it is missing.
func (q *Process) Predict(y []float64, n int) (mean, sd []float64) {
	mean, sd = make([]float64, n+1), make([]float64, n+1)
	o := newOutlook(q, y)
	mean[0], sd[0] = o.distribution()
	for k := 1; k <= n; k++ {
		o.step()
		mean[k], sd[k] = o.distribution()
	}
	return mean, sd
}

// table returns the distribution of what continues y, from which the process was
// estimated.
func (q *Process) table(y []float64, n int) table {
	mean, sd := q.Predict(y, n)
	if q.walk {
		return table{mean, sd}
	}
	return table{mean, sd}.widened(float64(len(equations(y, len(q.Coef)))), q.unknowns())
}

// unknowns returns how many parameters count: beside the coefficients the intercept, and that
// memory is taken for too short.
func (q *Process) unknowns() float64 { return float64(len(q.Coef) + 2) }

// degrees returns those of freedom with which the variance was estimated from y, zero of a random walk.
func (q *Process) degrees(y []float64) float64 {
	if q.walk {
		return 0
	}
	return math.Max(1, float64(len(equations(y, len(q.Coef))))-q.unknowns())
}

// prospect returns what continues y, from which the process was estimated.
func (q *Process) prospect(y []float64, n int) prospect {
	return prospect{marginals: q.table(y, n), dependence: shocks(q.responses(n))}
}

// responses returns what an error of standard size does 0, 1 ... n-1 steps later.
func (q *Process) responses(n int) []float64 {
	psi := make([]float64, n)
	for h := range psi {
		if h == 0 {
			psi[h] = math.Sqrt(q.Variance)
		}
		for j := 0; j < min(h, len(q.Coef)); j++ {
			psi[h] += q.Coef[j] * psi[h-1-j]
		}
	}
	return psi
}

// table is the distribution of a process at 0, 1, 2 ... steps.
type table struct{ mean, sd []float64 }

// widened returns l for n values from which k parameters were estimated.
func (l table) widened(n, k float64) table {
	floats.Scale(freedom.Widening(n, k), l.sd)
	return l
}

func (l table) At(lead float64) (mean, sd float64) {
	k := int(lead)
	return l.mean[k], l.sd[k]
}
