package statespace

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"tsgen/forecast"
	"tsgen/internal/fits"
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
// Covariates that are known ahead are among the regressors; of 60 values or more also their
// squares and cubes, their means over the last season, and the products of all of these with the
// first harmonics of the shortest season, as many as the AICc, Schwarz's criterion and that
// of inflated risk (Foster & George 1994) all pay for. Estimates are those of the exact
// Gaussian likelihood, missing values or not; whether there is a slope, how many
// harmonics of the season there are, and then how many lags, is what has the least
// AICc. The coefficients are held by a slight ridge, so that short series have some
// too. Of several seasons, or one that is not whole, the slope and the harmonics of all
// are ranked by what they add, and as many of them are taken as have the least AICc, under
// errors of as many lags; a season needs one and a half cycles. Distributions have the
// uncertainty of the coefficients in them, of fewer than 60 values and a whole season also what the
// other regressions that they leave open would have said (Buckland et al. 1997), and for that
// of all else are widened as package freedom says. The model learns when it is asked.
type Regression struct {
	// Season is the number of steps in a season; zero means that of the
	// forecast's options, else the usual one of the panel.
	Season int `json:"season" min:"1" max:"131072" default:"that of --season" help:"steps in a season"`

	// Lags is p; zero means that it is chosen, up to MostLags.
	Lags int `json:"lags" min:"1" max:"64" default:"that of the least AICc, 5 at most" help:"lags of the errors"`

	// Plain leaves positive values as they are, where otherwise their logarithm is
	// modelled if it is likelier to suit.
	Plain bool `json:"plain" default:"false" help:"whether positive values are never modelled by their logarithm, even where that suits them"`

	// Linear takes covariates as they are alone, where otherwise their powers and products
	// with the season join them if they explain enough.
	Linear bool `json:"linear" default:"false" help:"whether covariates enter as they are alone, without their powers and products with the season, even where these explain much"`
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
	return m.forecastFrom(ctx, history, opt, nil, false)
}

// ForecastPaths implements forecast.PathForecaster: coefficients and errors are drawn.
func (m Regression) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.forecastFrom(ctx, history, opt, nil, true)
}

// forecastFrom makes the forecast, if joined as sample paths, by the estimates where they hold.
func (m Regression) forecastFrom(ctx context.Context, history *series.Panel, opt forecast.Options, known *fits.Fits, joined bool) (*forecast.Forecast, error) {
	if err := m.check(history); err != nil {
		return nil, err
	}
	history = history.BareOfStatic() // to a series alone they are its constant
	opt, err := opt.Resolve(history)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", RegressionName, err)
	}
	return magnitude.Forecast(history, func(p *series.Panel) (*forecast.Forecast, error) {
		r := m.regressing(p, opt)
		r.known = known.Table(r.seasons())
		return distributionsOf(ctx, RegressionName, p, opt, joined, func(i int) (*forecast.Distribution, []joint.Course, error) {
			return r.distribution(p.Series[i], opt.At[i], joined)
		})
	})
}

// logarithm reports whether channel j of x is modelled by its logarithm: it is x
// alone that says so, whatever other series are asked for.
func (r *regressing) logarithm(x *series.Series, j int) bool {
	positive, likelier := r.panel.With([]*series.Series{x}).LogarithmFits(j, r.season)
	return positive && likelier && !r.Plain
}

// regressing is a forecast under way.
type regressing struct {
	Regression
	panel  *series.Panel
	season int

	// periods are those of the seasons, if they are several or not whole; else nil.
	periods []float64

	known *fits.Table
}

func (m Regression) regressing(p *series.Panel, opt forecast.Options) *regressing {
	return &regressing{Regression: m, panel: p, season: seasonOf(p, opt, m.Season), periods: periodsOf(p, opt, m.Season)}
}

// seasons returns the periods of the seasons, none if there is no season.
func (r *regressing) seasons() []float64 {
	switch {
	case r.periods != nil:
		return r.periods
	case r.season > 1:
		return []float64{float64(r.season)}
	}
	return nil
}

// A gridded series is one on its grid, with steps ahead.
type gridded struct {
	values []float64
	first  float64 // coordinate of the first step
	wanted []int   // steps ahead that are asked for, of which lead is the last
	lead   int
	known  []float64 // covariates of all steps, those ahead included
}

// gridded returns x on its grid, with the steps to the times at.
func (r *regressing) gridded(x *series.Series, at []float64) (g gridded, err error) {
	if g.values, _, err = r.panel.Grid(x); err != nil {
		return g, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
	}
	if x.Len() == 0 {
		return g, fmt.Errorf("%w: it has no time", forecast.ErrTooShort)
	}
	g.first = r.panel.Coordinate(x.Times[0])
	g.wanted, err = r.panel.StepsFrom(x.Times[x.Len()-1], at)
	switch n := len(g.wanted); {
	case err != nil:
		return g, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
	case n > 0 && g.wanted[0] < 1:
		return g, fmt.Errorf("%w: time %s is not after the last observation", forecast.ErrMismatch, r.panel.Axis.Stamp(at[0]))
	case n > 0 && g.wanted[n-1] > maxAhead:
		return g, fmt.Errorf("%w: time %s is more than %d steps ahead", forecast.ErrMismatch, r.panel.Axis.Stamp(at[len(at)-1]), maxAhead)
	case n > 0:
		g.lead = g.wanted[n-1]
	}
	steps := make([]float64, len(g.values)/r.panel.Width()+g.lead)
	for i := range steps {
		steps[i] = r.panel.TimeAt(g.first + float64(i))
	}
	g.known, err = r.panel.KnownAt(x, steps)
	return g, err
}

// distribution returns the distribution of x at the times at and, if joined, the courses of its
// channels.
func (r *regressing) distribution(x *series.Series, at []float64, joined bool) (*forecast.Distribution, []joint.Course, error) {
	g, err := r.gridded(x, at)
	if err != nil {
		return nil, nil, err
	}
	var courses []joint.Course
	width := r.panel.Width()
	d := &forecast.Distribution{ID: x.ID, Times: slices.Clone(at)}
	estimates := r.known.Find(x)
	log := make([]bool, width)
	mean, sd := make([]float64, len(at)*width), make([]float64, len(at)*width)
	for j := range width {
		var c *chosen
		if estimates != nil {
			c = r.resumed(g, j, estimates[j])
		}
		if c == nil {
			if c, err = r.estimate(x, j, g); err != nil {
				return nil, nil, fmt.Errorf("%w: %s has too few values", err, r.panel.Channels[j])
			}
		}
		log[j] = c.log
		m, v := c.ahead(g.lead)
		if joined {
			courses = append(courses, c.gls.draws(rowsOf(c.columns, g.lead), g.wanted))
		}
		for i, k := range g.wanted {
			mean[i*width+j], sd[i*width+j] = m[k-1], math.Sqrt(v[k-1])
		}
	}
	setMarginals(d, mean, sd, log)
	return d, courses, d.Validate()
}

// A chosen regression is that of values, or their logarithms, without those before a step,
// in units of a scale about a center.
type chosen struct {
	log           bool
	from, past    int // steps that are left out, and that the regressors are in units of
	center, scale float64
	n             float64 // values that are there
	recipe        recipe
	gls           *gls // nil if all values are the center
	columns       [][]float64
	rivals        []rival // that few values leave open
}

// A recipe says which columns a regression has.
type recipe struct {
	slope     bool
	harmonics int
	waves     []wave // of several seasons, in the order of their columns; one without a period is the slope
	products  []product
}

// estimate chooses the regression of channel j of x.
func (r *regressing) estimate(x *series.Series, j int, g gridded) (*chosen, error) {
	y := series.Column(g.values, j, r.panel.Width())
	c := &chosen{log: r.logarithm(x, j), from: max(0, len(y)-r.regressed())}
	own, all := c.own(y)
	if all.N < 3 {
		return nil, forecast.ErrTooShort
	}
	c.past, c.n, c.center, c.scale = len(own), all.N, all.Mean, math.Sqrt(all.Variance())
	if !(c.scale > 1e-12*math.Abs(c.center)) { // a constant
		c.scale = 0
		return c, nil
	}
	c.scaling().Apply(own, own)
	first, known := g.first+float64(c.from), g.known[c.from*len(r.panel.Known):]
	best, rivals := r.choose(own, g.lead, first, known, c.n)
	if best.gls == nil {
		return nil, forecast.ErrTooShort
	}
	if !r.Linear && c.n >= rivalTimes {
		best = r.curved(best, own, g.lead, first, known, c.n)
	}
	c.gls, c.recipe, c.columns, c.rivals = best.gls, best.recipe, best.columns, rivals
	return c, nil
}

// own returns the values of y from the first step on, or their logarithms, and their moments.
func (c *chosen) own(y []float64) (own []float64, all moments.Moments) {
	own = slices.Clone(y[c.from:])
	for i, v := range own {
		if c.log {
			v = math.Log(v)
			own[i] = v
		}
		all.Add(v)
	}
	return own, all
}

func (c *chosen) scaling() series.Scaling {
	return series.Scaling{Center: []float64{c.center}, Scale: []float64{c.scale}}
}

// rowsOf returns the regressors of the next values.
func rowsOf(columns [][]float64, lead int) [][]float64 {
	rows := make([][]float64, lead)
	for h := range rows {
		rows[h] = make([]float64, len(columns))
		for k, x := range columns {
			rows[h][k] = x[len(x)-lead+h]
		}
	}
	return rows
}

// ahead returns means and variances of the next values.
func (c *chosen) ahead(lead int) (mean, variance []float64) {
	if c.scale == 0 {
		return slices.Repeat([]float64{c.center}, lead), make([]float64, lead)
	}
	mean, variance = c.gls.ahead(rowsOf(c.columns, lead))
	wider := c.wider(c.columns, c.gls)
	floats.Scale(wider*wider, variance)
	floats.Scale(c.scale*c.scale, c.across(lead, mean, variance))
	return c.scaling().Invert(mean, mean), variance
}

// regressed returns how many of the last times a regression is of.
func (r *regressing) regressed() int {
	if r.periods == nil {
		return Regressed(float64(r.season), false)
	}
	return Regressed(r.periods[len(r.periods)-1], true)
}

// Regressed returns the number of times, the last of a series, that a Regression is of: by its
// longest season, in steps, and by whether it has several.
func Regressed(longest float64, several bool) int {
	times := int(regressedSeasons * longest)
	if several {
		times = max(min(times, mostRegressed), int(3*longest))
	}
	return max(regressedTimes, times)
}

// choose returns the regression of y, of which n values are there, with the least AICc,
// without a gls if there is none, and its rivals.
func (r *regressing) choose(own []float64, lead int, first float64, known []float64, n float64) (rival, []rival) {
	if r.periods != nil {
		g, by, columns := r.several(own, lead, first, r.regressors(len(own)+lead, len(own), first, false, 0, known))
		return rival{recipe: by, gls: g, columns: columns}, nil
	}
	least := math.Inf(1)
	var best rival
	var all []rival
	try := func(regressors [][]float64, how recipe, p int) {
		free := float64(p + len(regressors) + 1)
		if free+2 >= n && !(p == 0 && len(regressors) == 1) {
			return
		}
		if g := likeliest(own, regressors, p); g != nil {
			x := rival{how, g, regressors, -2*g.logL + 2*free*n/math.Max(1, n-free-1)}
			if all = append(all, x); x.weight < least {
				least, best = x.weight, x
			}
		}
	}
	lags := []int{r.Lags}
	if r.Lags == 0 {
		lags = []int{1, 0}
	}
	for _, slope := range []bool{false, true} {
		for _, harmonics := range r.harmonics() {
			how := recipe{slope: slope, harmonics: harmonics}
			regressors := r.columns(how, len(own)+lead, len(own), first, known)
			for _, p := range lags {
				try(regressors, how, p)
			}
		}
	}
	for p := 2; best.gls != nil && r.Lags == 0 && p <= MostLags; p++ {
		try(best.columns, best.recipe, p)
	}
	if best.gls != nil {
		best.gls = newGLS(best.gls.partial, newDirect(own, best.columns, len(best.gls.partial)), ridge)
	}
	return best, rivalsOf(own, all, least, n)
}

// columns returns the columns of a recipe for n steps, of which the first past are of the
// past.
func (r *regressing) columns(by recipe, n, past int, first float64, known []float64) [][]float64 {
	columns := r.regressors(n, past, first, by.slope, by.harmonics, known)
	for _, w := range by.waves {
		if w.period == 0 {
			columns = append(columns, slopeColumn(n, past))
		} else {
			columns = append(columns, w.columns(first, n)...)
		}
	}
	for _, q := range by.products {
		columns = append(columns, q.columns(n, past, first, known, len(r.panel.Known))...)
	}
	return columns
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
