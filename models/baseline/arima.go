package baseline

import (
	"context"
	"math"

	"gonum.org/v1/gonum/floats"

	"tsgen/forecast"
	"tsgen/internal/fits"
	"tsgen/internal/freedom"
	"tsgen/internal/option"
	"tsgen/series"
)

// ARIMA forecasts by seasonal autoregressive integrated moving averages whose orders are
// chosen for each series by the stepwise search of Hyndman and Khandakar (2008): a seasonal
// difference if the season is strong (0.64 of the variance beside the trend, by STL), as many
// others as tests of stationarity ask for (Kwiatkowski et al. 1992), and of the
// forms with up to 5 and 5 coefficients, 2 and 2 seasonal ones, and a mean or a drift those with
// the least AICc in the neighbourhood of the best so far.
//
// Estimates are by exact maximum likelihood; during the search, of more than 150 values or with
// a season of more than 12 steps, conditional on the first values. A missing value is taken to
// have come as forecast, and has no part in the likelihood. The last 2048
// observations are used, or 24 seasons if that is more. Seasons of more than 24 steps
// are taken out by STL before, as by the model STL.
//
// Forecasts are Gaussian with the variance that the errors have as they pass on, widened
// for the uncertainty of the coefficients as package freedom says. A positive
// series whose season grows with its level is modelled by its logarithm. The
// model needs a regular panel.
type ARIMA struct {
	// Plain leaves positive values as they are, where otherwise their logarithm is
	// modelled if the season grows with the level: if the logarithms are clearly
	// likelier (Box and Cox 1964).
	Plain bool `default:"false" help:"whether positive values are never modelled by their logarithm, even where that suits them"`

	// Season is the number of steps in a season; zero means that of the
	// forecast's options.
	Season int `min:"1" max:"131072" default:"that of --season" help:"steps in a season"`

	// Bare is as that of AR.
	Bare bool `default:"false" help:"whether covariates that are known ahead are left out of account"`
}

// LongestARIMA is the longest season of ARIMA, in steps, that has coefficients of its own.
const LongestARIMA = 24

// Name returns "arima".
func (m ARIMA) Name() string { return "arima" }

// Fit learns nothing: see the package documentation. The error wraps
// forecast.ErrMismatch if the panel is irregular.
func (m ARIMA) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	return m.local().fit(ctx, train)
}

// Validate says what is wrong with the options, if anything.
func (m ARIMA) Validate() error { return option.Validate("", m) }

// Forecast implements forecast.Model. The error wraps forecast.ErrMismatch if
// the panel is irregular or its observations are off the grid, and
// forecast.ErrTooShort if no series of the panel has two observations of some
// channel.
func (m ARIMA) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.by(ctx, m.local(), history, opt, false)
}

// ForecastPaths implements forecast.PathForecaster: the paths are moved by errors that pass on.
func (m ARIMA) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.by(ctx, m.local(), history, opt, true)
}

func (ARIMA) by(ctx context.Context, l localModel, history *series.Panel, opt forecast.Options, joined bool) (*forecast.Forecast, error) {
	return l.made(ctx, history, opt, joined)
}

// Keep implements forecast.Keeper. What continues a series beside a season that is taken out
// is not kept.
func (m ARIMA) Keep(ctx context.Context, history *series.Panel, opt forecast.FitOptions) (forecast.Model, error) {
	return fits.Keep(ctx, learner(m), history, opt)
}

func (m ARIMA) local() localModel {
	return ofOneSeason(m, "an ARIMA model", m.Season, !m.Plain, !m.Bare, newARIMACore, readARIMA)
}

// leastARIMA is the number of observations from which an ARIMA model is chosen.
const leastARIMA = 5

// projectBeside continues y by a season that repeats, by STL, and an ARIMA model of the rest.
func projectBeside(y []float64, season, lead int) (prospect, remark) {
	d := decompose(y, DecomposeOptions{Period: season}.complete(len(y)))
	rest := make([]float64, len(y))
	for t := range y {
		rest[t] = y[t] - d.Seasonal[t]
	}
	p, why, _ := newARIMACore(rest, 1).continued(rest, lead)
	own, ok := p.marginals.(table)
	if !ok {
		return p, why
	}
	for h := 1; h < len(own.mean); h++ {
		own.mean[h] += d.Seasonal[len(y)-season+(h-1)%season]
	}
	own.mean[0] = y[len(y)-1]
	return p, why
}

// An arimaModel is one that was estimated.
type arimaModel struct {
	form     arimaForm
	process  armaProcess
	variance float64
	aicc     float64
	deviance float64
	n        int // values by which it was estimated
}

// table returns the distribution up to lead steps after y, and how an error passes on to
// the values 0, 1 ... steps later.
func (m *arimaModel) table(y []float64, lead int) (table, []float64) {
	s, a := newARIMASeries(y, m.form), m.process
	end := len(s.y)
	s.deviance(a, true)
	start := len(s.past)
	level, w, e := s.level[:end:end], s.w[start:end:end], s.e[start:end:end]
	t := table{make([]float64, lead+1), make([]float64, lead+1)}
	t.mean[0] = s.level[end-1]
	// Errors pass on through the process, and then through the sums that undo the differences.
	psi := a.weightsOfErrors(lead + 1)
	total := make([]float64, lead+1)
	noise := 0.0
	for h := range lead {
		total[h] = psi[h]
		for j, c := range s.past[:min(len(s.past), h)] {
			total[h] += c * total[h-1-j]
		}
		noise += total[h] * total[h]
		next := a.next(w, e)
		x := next + a.mean
		for j, c := range s.past {
			x += c * level[len(level)-1-j]
		}
		level, w, e = append(level, x), append(w, next), append(e, 0)
		t.mean[h+1], t.sd[h+1] = x, math.Sqrt(m.variance*noise)
	}
	// The likeliest variance of an error is that of so many fewer values.
	n, taken := float64(m.n), float64(m.form.unknowns())
	floats.Scale(math.Sqrt(n/math.Max(1, n-taken)), t.sd)
	return t.widened(n, n-m.degrees()), total
}

// degrees returns those of freedom with which the variance was estimated: that the form was chosen counts, too.
func (m *arimaModel) degrees() float64 {
	n := float64(m.n)
	return n - (float64(m.form.unknowns()) + 1 + freedom.Chosen(n))
}
