package baseline

import (
	"context"
	"fmt"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/internal/fits"
	"tsgen/internal/option"
	"tsgen/series"
)

// ETS forecasts by exponential smoothing in state space form (Hyndman, Koehler,
// Snyder and Grose 2002; Hyndman, Koehler, Ord and Snyder, Forecasting with
// Exponential Smoothing, 2008): an additive or multiplicative error, no trend,
// an additive or a damped one, and no season, an additive or a multiplicative
// one. Parameters and initial states are estimated by maximum likelihood, and
// the form is the one with the least AICc.
//
// Forms with something multiplicative are for series that are well above zero
// (the least value more than a fiftieth of the mean), and only if the standard
// deviation of their relative error is at most a third one step ahead and half
// at the end of the forecast. An additive error does not go with a multiplicative
// season, which is unstable. At a missing value the states move on as if it had
// come as forecast, and it has no part in the likelihood. The estimates are
// made from the last 2048 observations, or 24 seasons if that is more.
//
// Seasons of more than 24 steps are taken out by STL before a form without a
// season is chosen, as by the model STL.
//
// The forecasts of additive forms are Gaussian with the exact variance; those
// of the others are sample paths. For the uncertainty of the parameters both are widened
// as package freedom says. The models need a regular panel.
type ETS struct {
	// Season is the number of steps in a season; zero means that of the
	// forecast's options.
	Season int `min:"1" max:"131072" default:"that of --season" help:"steps in a season"`

	// Additive leaves out all forms with something multiplicative, so that
	// every forecast is Gaussian.
	Additive bool `default:"false" help:"whether multiplicative errors and seasons are left out, even where they fit better"`

	// Bare is as that of AR.
	Bare bool `default:"false" help:"whether covariates that are known ahead are left out of account"`
}

// longestETS is the longest season that has states of its own.
const longestETS = 24

// Name returns "ets".
func (m ETS) Name() string { return "ets" }

// Fit learns nothing: see the package documentation. The error wraps
// forecast.ErrMismatch if the panel is irregular.
func (m ETS) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	return m.local().fit(ctx, train)
}

// Validate says what is wrong with the options, if anything.
func (m ETS) Validate() error { return option.Validate("", m) }

// Forecast implements forecast.Model. The error wraps forecast.ErrMismatch if
// the panel is irregular or its observations are off the grid, and
// forecast.ErrTooShort if no series of the panel has two observations of some
// channel.
func (m ETS) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.by(ctx, m.local(), history, opt, false)
}

// ForecastPaths implements forecast.PathForecaster: the states are simulated.
func (m ETS) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.by(ctx, m.local(), history, opt, true)
}

func (m ETS) by(ctx context.Context, l localModel, history *series.Panel, opt forecast.Options, joined bool) (*forecast.Forecast, error) {
	f, err := l.made(ctx, history, opt, joined)
	if err != nil {
		return nil, err
	}
	if periods := seasons(m.Season, opt.Season, history); len(periods) == 1 && whole(periods[0]) > longestETS {
		length := whole(periods[0])
		f.Notes = append(f.Notes, fmt.Sprintf("%s: a season of %d steps is taken out by STL, more than %d are too many for states of their own", m.Name(), length, longestETS))
	}
	return f, nil
}

// Keep implements forecast.Keeper.
func (m ETS) Keep(ctx context.Context, history *series.Panel, opt forecast.FitOptions) (forecast.Model, error) {
	return fits.Keep(ctx, learner(m), history, opt)
}

func (m ETS) local() localModel {
	return localModel{m, "exponential smoothing", m.Season, func(_ *series.Panel, seasons []float64) continuation {
		return single(seasons, func(season int) continuation {
			if season > longestETS {
				return STL{Remainder: RemainderETS}.plain(season)
			}
			forms := etsForms(season)
			if m.Additive {
				forms = additiveForms(season)
			}
			return fitter{
				fit: func(y []float64, lead int) core { return newETSCore(y, forms, season, lead) },
				read: func(r *fits.Reader) core {
					return etsCore{from: span(r), season: season, model: readETS(r)}
				},
			}.continuation()
		})
	}, nil, false, !m.Bare}
}

// additiveForms returns the forms with Gaussian forecasts.
func additiveForms(period int) []etsForm {
	var forms []etsForm
	for _, f := range etsForms(period) {
		if f.linear() {
			forms = append(forms, f)
		}
	}
	return forms
}

// An etsCore is the best of some forms for values without those before a step.
type etsCore struct {
	from, season int
	model        *etsModel // nil if they are too short
}

func newETSCore(y []float64, forms []etsForm, season, lead int) etsCore {
	late := recent(y, season)
	return etsCore{len(y) - len(late), season, chooseETS(late, forms, lead)}
}

func (c etsCore) continued(y []float64, lead int) (prospect, remark, bool) {
	if y = rests(y, c.from); y == nil {
		return prospect{}, "", false
	}
	last := y[len(y)-1]
	if c.model == nil {
		w := lastValue(y)
		return prospect{marginals: w, draw: w.Draw}, "are too short for exponential smoothing and keep their last value", true
	}
	e := c.model.at(y)
	if e == nil || !e.reaches(lead) {
		return prospect{}, "", false
	}
	var why remark
	if n := observed(y); c.season > 1 && (len(y) < 2*c.season || n <= (etsForm{additive, none, additive, c.season}).unknowns()+spare) {
		why = remark(fmt.Sprintf("are too short to tell a season of %d steps", c.season))
	}
	season := make([]float64, len(e.params.season))
	p := prospect{draw: func(rng *rand.Rand, path []float64) { e.draw(rng, last, path, season) }}
	if e.form.linear() {
		p.marginals, p.dependence = e.distribution(last, lead), shocks(e.responses(lead))
		p.degrees = e.degrees(y)
	}
	return p, why, true
}

func (c etsCore) write(w *fits.Writer) {
	if c.model != nil {
		w.Int(c.from)
		c.model.write(w)
	}
}
