package statespace

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"

	"tsgen/forecast"
	"tsgen/internal/freedom"
	"tsgen/internal/joint"
	"tsgen/internal/magnitude"
	"tsgen/internal/moments"
	"tsgen/internal/option"
	"tsgen/series"
)

// A Regression forecasts every channel of every series of a regular panel by a
// linear regression with autoregressive errors (Harvey & Phillips 1979):
//
//	x_t = β₀ + β₁ t + Σ_h (a_h cos 2πht/m + b_h sin 2πht/m) + γ'known_t + u_t
//	u_t = φ₁ u_{t-1} + ... + φ_p u_{t-p} + e_t,  e_t ~ N(0, σ²)
//
// Covariates that are known ahead are among the regressors. Estimates are those of the exact
// Gaussian likelihood, missing values or not; whether there is a slope, how many
// harmonics of the season there are, and then how many lags, is what has the least
// AICc. The coefficients are held by a slight ridge, so that short series have some
// too. Of several seasons, or one that is not whole, the slope and the harmonics of all
// are ranked by what they add, and as many of them are taken as have the least AICc, under
// errors of as many lags; a season needs one and a half cycles. Distributions have the
// uncertainty of the coefficients in them, and for that of all else are widened as package
// freedom says. The
// model learns when it is asked.
type Regression struct {
	// Season is the number of steps in a season; zero means that of the
	// forecast's options, else the usual one of the panel.
	Season int `json:"season" min:"1" max:"131072" default:"that of --season" help:"steps in a season"`

	// Lags is p; zero means that it is chosen, up to MostLags.
	Lags int `json:"lags" min:"1" max:"64" default:"that of the least AICc, 5 at most" help:"lags of the errors"`

	// Plain leaves positive values as they are, where otherwise their logarithm is
	// modelled if it is likelier to suit.
	Plain bool `json:"plain" default:"false" help:"whether positive values are never modelled by their logarithm, even where that suits them"`
}

// RegressionName is the kind of a Regression.
const RegressionName = "regression"

// MostLags is the most lags that a Regression chooses.
const MostLags = 5

const (
	ridge = 1e-4 // precision of a coefficient of a regressor in units of its deviation, in those of the error's

	// regressed is the number of times, or of seasons if that is more, that a
	// regression is of.
	regressedTimes, regressedSeasons = 1000, 24

	// mostRegressed is the number of times, or three of the longest season if that is
	// more, that a regression on several seasons is of.
	mostRegressed = 8000
)

// Name returns "regression".
func (m Regression) Name() string { return RegressionName }

// Validate says what is wrong with the options, if anything.
func (m Regression) Validate() error { return option.Validate("", m) }

// Fit learns nothing but whether the model can treat the panel. The error wraps
// forecast.ErrMismatch if that is irregular.
func (m Regression) Fit(ctx context.Context, train *series.Panel, _ forecast.FitOptions) error {
	if err := m.check(train); err != nil {
		return err
	}
	return ctx.Err()
}

func (m Regression) check(p *series.Panel) error {
	err := errors.Join(m.Validate(), p.Validate())
	if err == nil && !p.Step.Regular() {
		err = fmt.Errorf("%w: the times are not equally spaced, as a regression with autoregressive errors needs them", forecast.ErrMismatch)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", RegressionName, err)
	}
	return nil
}

// Forecast implements forecast.Model. The error wraps forecast.ErrMismatch if the
// panel is irregular or off its grid, forecast.ErrTooShort if no series has two
// observations, and series.ErrKnown if the known covariates do not reach. A series of
// which a channel has fewer than three observations keeps its last value, as a random
// walk like those of its panel, and the notes say so.
func (m Regression) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, false)
}

// ForecastPaths implements forecast.PathForecaster: coefficients and errors are drawn.
func (m Regression) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, true)
}

// each makes the forecast: if joined, as sample paths.
func (m Regression) each(ctx context.Context, history *series.Panel, opt forecast.Options, joined bool) (*forecast.Forecast, error) {
	if err := m.check(history); err != nil {
		return nil, err
	}
	opt, err := opt.Resolve(history)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", RegressionName, err)
	}
	return magnitude.Forecast(history, func(p *series.Panel) (*forecast.Forecast, error) {
		r := &regressing{Regression: m, panel: p, season: seasonOf(p, opt, m.Season), periods: periodsOf(p, opt, m.Season)}
		return distributionsOf(ctx, RegressionName, p, opt, joined, func(i int) (*forecast.Distribution, []joint.Course, error) {
			return r.distribution(p.Series[i], opt.At[i], joined)
		})
	})
}

// logarithms returns which channels of x are modelled by their logarithm: it is x
// alone that says so, whatever other series are asked for.
func logarithms(p *series.Panel, x *series.Series, season int, plain bool) []bool {
	log := make([]bool, p.Width())
	alone := p.With([]*series.Series{x})
	for j := range log {
		positive, likelier := alone.LogarithmFits(j, season)
		log[j] = positive && likelier && !plain
	}
	return log
}

// regressing is a forecast under way.
type regressing struct {
	Regression
	panel  *series.Panel
	season int

	// periods are those of the seasons, if they are several or not whole; else nil.
	periods []float64
}

// distribution returns the distribution of x at the times at and, if joined, the courses of its
// channels.
func (r *regressing) distribution(x *series.Series, at []float64, joined bool) (*forecast.Distribution, []joint.Course, error) {
	var courses []joint.Course
	grid, _, err := r.panel.Grid(x)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
	}
	if x.Len() == 0 {
		return nil, nil, fmt.Errorf("%w: it has no time", forecast.ErrTooShort)
	}
	width := r.panel.Width()
	n := len(grid) / width
	first := r.panel.Coordinate(x.Times[0])
	wanted, err := r.panel.StepsFrom(x.Times[x.Len()-1], at)
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
	case len(wanted) > 0 && wanted[0] < 1:
		return nil, nil, fmt.Errorf("%w: time %s is not after the last observation", forecast.ErrMismatch, r.panel.Axis.Stamp(at[0]))
	case len(wanted) > 0 && wanted[len(wanted)-1] > maxAhead:
		return nil, nil, fmt.Errorf("%w: time %s is more than %d steps ahead", forecast.ErrMismatch, r.panel.Axis.Stamp(at[len(at)-1]), maxAhead)
	}
	lead := 0
	if len(wanted) > 0 {
		lead = wanted[len(wanted)-1]
	}
	steps := make([]float64, n+lead)
	for i := range steps {
		steps[i] = r.panel.TimeAt(first + float64(i))
	}
	known, err := r.panel.KnownAt(x, steps)
	if err != nil {
		return nil, nil, err
	}
	d := &forecast.Distribution{ID: x.ID, Times: slices.Clone(at)}
	log := logarithms(r.panel, x, r.season, r.Plain)
	mean, sd := make([]float64, len(at)*width), make([]float64, len(at)*width)
	for j := range width {
		y := make([]float64, n)
		for i := range y {
			if y[i] = grid[i*width+j]; log[j] {
				y[i] = math.Log(y[i])
			}
		}
		m, v, g, rows, err := r.continued(y, lead, first, known)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: %s has too few values", err, r.panel.Channels[j])
		}
		for i, k := range wanted {
			mean[i*width+j], sd[i*width+j] = m[k-1], math.Sqrt(v[k-1])
		}
		if joined {
			courses = append(courses, g.draws(rows, wanted))
		}
	}
	setMarginals(d, mean, sd, log)
	return d, courses, d.Validate()
}

// setMarginals gives d Gaussian marginals or, if channels are modelled by their
// logarithm, which log says, the quantiles of these and of the exponentials of
// Gaussians.
func setMarginals(d *forecast.Distribution, mean, sd []float64, log []bool) {
	if !slices.Contains(log, true) {
		d.Mean, d.SD = mean, sd
		return
	}
	d.Probs, d.Values = forecast.SummaryQuantiles(len(mean), func(k int, z float64) float64 {
		x := mean[k] + z*sd[k]
		if log[k%len(log)] {
			return math.Exp(x)
		}
		return x
	})
}

// continued returns means and variances of y's next lead values, and the regression, nil
// of a constant, with their regressors. known are the covariates of all steps, those ahead
// included.
func (r *regressing) continued(y []float64, lead int, first float64, known []float64) (mean, variance []float64, chosen *gls, rows [][]float64, err error) {
	k := len(r.panel.Known)
	from := max(0, len(y)-r.regressed())
	y, known, first = y[from:], known[from*k:], first+float64(from)
	var all moments.Moments
	for _, v := range y {
		all.Add(v)
	}
	if all.N < 3 {
		return nil, nil, nil, nil, forecast.ErrTooShort
	}
	scale := math.Sqrt(all.Variance())
	if !(scale > 1e-12*math.Abs(all.Mean)) { // a constant
		mean = slices.Repeat([]float64{all.Mean}, lead)
		return mean, make([]float64, lead), nil, nil, nil
	}
	scaling := series.Scaling{Center: []float64{all.Mean}, Scale: []float64{scale}}
	own := scaling.Apply(nil, y)
	chosen, columns := r.chosen(own, lead, first, known, all.N)
	if chosen == nil {
		return nil, nil, nil, nil, forecast.ErrTooShort
	}
	rows = make([][]float64, lead)
	for h := range rows {
		for _, x := range columns {
			rows[h] = append(rows[h], x[len(y)+h])
		}
	}
	mean, variance = chosen.ahead(rows)
	// The likeliest variance of an error is that of so many fewer values.
	// What was chosen among several regressions counts as three parameters more.
	taken := float64(len(columns) + len(chosen.phi) + 3)
	wider := freedom.Widening(all.N, taken)
	floats.Scale(scale*scale*all.N/math.Max(1, all.N-taken)*wider*wider, variance)
	return scaling.Invert(mean, mean), variance, chosen, rows, nil
}

// regressed returns how many of the last times a regression is of.
func (r *regressing) regressed() int {
	if r.periods == nil {
		return max(regressedTimes, regressedSeasons*r.season)
	}
	longest := r.periods[len(r.periods)-1]
	return max(regressedTimes, min(int(regressedSeasons*longest), mostRegressed), int(3*longest))
}

// chosen returns the regression of y, of which n values are there, with the least AICc,
// and its columns.
func (r *regressing) chosen(own []float64, lead int, first float64, known []float64, n float64) (chosen *gls, columns [][]float64) {
	if r.periods != nil {
		return r.several(own, lead, first, r.regressors(len(own)+lead, len(own), first, false, 0, known))
	}
	best := math.Inf(1)
	try := func(regressors [][]float64, p int) {
		free := float64(p + len(regressors) + 1)
		if free+2 >= n && !(p == 0 && len(regressors) == 1) {
			return
		}
		if g := likeliest(own, regressors, p); g != nil {
			if c := -2*g.logL + 2*free*n/math.Max(1, n-free-1); c < best {
				best, chosen, columns = c, g, regressors
			}
		}
	}
	lags := []int{r.Lags}
	if r.Lags == 0 {
		lags = []int{1, 0}
	}
	for _, slope := range []bool{false, true} {
		for _, harmonics := range r.harmonics() {
			regressors := r.regressors(len(own)+lead, len(own), first, slope, harmonics, known)
			for _, p := range lags {
				try(regressors, p)
			}
		}
	}
	for p := 2; chosen != nil && r.Lags == 0 && p <= MostLags; p++ {
		try(columns, p)
	}
	return chosen, columns
}

// harmonics returns the numbers of harmonics of the season that are tried.
func (r *regressing) harmonics() []int {
	all := []int{0}
	most := r.season / 2
	for h := 1; h <= most && h <= MostHarmonics; h *= 2 {
		all = append(all, h)
	}
	if r.season > 1 && most <= MostHarmonics && !slices.Contains(all, most) {
		all = append(all, most)
	}
	return all
}

// regressors returns the columns of a regression on n steps, of which the first
// past are of the past: 1, a slope, harmonics and the known covariates, in units of
// their deviations in the past.
func (r *regressing) regressors(n, past int, first float64, slope bool, harmonics int, known []float64) [][]float64 {
	columns := [][]float64{slices.Repeat([]float64{1}, n)}
	add := func(value func(i int) float64, centred bool) {
		x := make([]float64, n)
		var m moments.Moments
		for i := range x {
			x[i] = value(i)
			if i < past {
				m.Add(x[i])
			}
		}
		sd := math.Sqrt(m.Variance())
		if !(sd > 1e-12*math.Abs(m.Mean)) {
			return // says nothing that the constant does not
		}
		for i := range x {
			if centred {
				x[i] -= m.Mean
			}
			x[i] /= sd
		}
		columns = append(columns, x)
	}
	if slope {
		add(func(i int) float64 { return float64(i) }, true)
	}
	for h := 1; h <= harmonics; h++ {
		angle := func(i int) float64 {
			x := float64(h) * (first + float64(i)) / float64(r.season)
			return 2 * math.Pi * (x - math.Floor(x))
		}
		add(func(i int) float64 { return math.Cos(angle(i)) }, false)
		if 2*h < r.season {
			add(func(i int) float64 { return math.Sin(angle(i)) }, false)
		}
	}
	k := len(r.panel.Known)
	for j := range k {
		add(func(i int) float64 { return known[i*k+j] }, true)
	}
	return columns
}

// likeliest returns the regression of y on the columns with errors of p lags whose
// likelihood is greatest, or nil if there is none. The partial autocorrelations are
// hyperbolic tangents of what is optimised.
func likeliest(y []float64, columns [][]float64, p int) *gls {
	all := [][]float64{y}
	for _, x := range columns {
		all = append(all, x[:len(y)])
	}
	d := newDesign(all, p)
	partial := mostLikely(d, p)
	if partial == nil && p > 0 {
		return nil
	}
	return newGLS(partial, d, ridge)
}

// mostLikely returns the partial autocorrelations of p lags under which the design is
// likeliest; nil if there are none.
func mostLikely(d *design, p int) []float64 {
	if p == 0 {
		return nil
	}
	partial := func(x []float64) []float64 {
		r := make([]float64, len(x))
		for i, v := range x {
			r[i] = 0.999 * math.Tanh(v)
		}
		return r
	}
	problem := optimize.Problem{Func: func(x []float64) float64 {
		g := newGLS(partial(x), d, ridge)
		if g == nil {
			return math.Inf(1)
		}
		return -g.logL
	}}
	start := make([]float64, p)
	start[0] = 0.5
	found, err := optimize.Minimize(problem, start, &optimize.Settings{
		FuncEvaluations: 60 + 60*p, Converger: &optimize.FunctionConverge{Absolute: 1e-3, Iterations: 10 + 5*p},
	}, &optimize.NelderMead{})
	if found == nil || err != nil && math.IsInf(found.F, 1) {
		return nil
	}
	return partial(found.X)
}
