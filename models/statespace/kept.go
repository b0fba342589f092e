package statespace

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/fits"
	"tsgen/internal/magnitude"
	"tsgen/series"
)

// Keep implements forecast.Keeper.
func (m Model) Keep(ctx context.Context, history *series.Panel, opt forecast.FitOptions) (forecast.Model, error) {
	kept, err := fits.Keep(ctx, m.learner(), history, opt)
	if err != nil {
		return nil, err
	}
	return keptModel{kept, m}, nil
}

// A keptModel is a Model with estimates.
type keptModel struct {
	*fits.Model
	own Model
}

// Keep implements forecast.Keeper.
func (k keptModel) Keep(ctx context.Context, history *series.Panel, opt forecast.FitOptions) (forecast.Model, error) {
	kept, err := k.Renew(ctx, history, opt)
	if err != nil {
		return nil, err
	}
	return keptModel{kept, k.own}, nil
}

// Impute implements forecast.Imputer.
func (k keptModel) Impute(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return k.own.imputeFrom(ctx, history, opt, k.Fits())
}

func (m Model) learner() fits.Learner {
	return fits.Learner{
		Model:    m,
		Estimate: m.estimates,
		Forecast: m.forecastFrom,
		Check: func(_, numbers []float64) error {
			r := fits.NewReader(numbers)
			readEstimate(r)
			return r.End()
		},
	}
}

// estimates returns what the model estimates of the series of a panel.
func (m Model) estimates(ctx context.Context, history *series.Panel, opt forecast.FitOptions, known *fits.Fits) (*fits.Fits, error) {
	if err := errors.Join(m.Validate(), history.Validate()); err != nil {
		return nil, fmt.Errorf("%s: %w", Name, err)
	}
	history, _ = magnitude.Rescale(history)
	s := m.scene(history, forecast.Options{Season: opt.Season})
	old := known.Table(s.seasons())
	numbers, err := numbersOf(ctx, Name, history, old, func(i, j int, w *fits.Writer) error {
		x := history.Series[i]
		f, err := s.estimate(x, j, s.usualGap(x), history.Future(x, opt.Horizon), false, forward)
		if err == nil {
			f.write(w)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &fits.Fits{Estimates: fits.New(history, numbers, old), Seasons: s.seasons()}, nil
}

// numbersOf returns the numbers of the channels of the series that one writes, none if
// the series has too few values, or if there are old ones.
func numbersOf(ctx context.Context, name string, history *series.Panel, old *fits.Table, one func(i, j int, w *fits.Writer) error) ([][]float64, error) {
	width := history.Width()
	numbers := make([][]float64, len(history.Series)*width)
	err := forecast.EachSeries(ctx, len(history.Series), func(i int) error {
		if old.Find(history.Series[i]) != nil {
			return nil
		}
		for j := range width {
			var w fits.Writer
			if err := one(i, j, &w); errors.Is(err, forecast.ErrTooShort) {
				return nil
			} else if err != nil {
				return fmt.Errorf("%s: %w", forecast.Describe(history.Series[i].ID), err)
			}
			if w.Finite() {
				numbers[i*width+j] = w.Numbers
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return numbers, nil
}

// An estimate is what was estimated of a channel: its unit and its usual step, the structure
// but for the season and the variances.
type estimate struct {
	log                bool
	gap, center, scale float64
	structure          structure
	v                  [variances]float64
}

func (f *found) write(w *fits.Writer) {
	w.Bool(f.log)
	for _, x := range []float64{f.gap, f.center, f.scale, f.slopeDecay, f.levelDecay, f.few} {
		w.Float(x)
	}
	for _, v := range f.v {
		w.Float(v)
	}
	w.Bool(f.waves != nil)
	w.Int(len(f.waves))
	for _, x := range f.waves {
		w.Float(x.period)
		w.Int(x.number)
	}
}

// readEstimate reads what found.write wrote.
func readEstimate(r *fits.Reader) estimate {
	const fastest, most = 1e3, 1 << 16 // decay in a step, and waves
	e := estimate{log: r.Bool(), gap: r.Positive(), center: r.Any(), scale: r.Positive()}
	e.structure.slopeDecay, e.structure.levelDecay, e.structure.few = r.Float(0, fastest), r.Float(0, fastest), r.Float(0, 1)
	for i := range e.v {
		e.v[i] = r.Positive()
	}
	if r.Bool() {
		e.structure.waves = []wave{}
	}
	for range r.Int(0, most) {
		e.structure.waves = append(e.structure.waves, wave{r.Float(1, math.MaxInt32), r.Int(1, most)})
	}
	if e.gap == 0 || e.scale == 0 || e.v[ofNoise] == 0 {
		r.Failf("a step of %v, a scale of %v and a variance of the noise of %v", e.gap, e.scale, e.v[ofNoise])
	}
	return e
}

// resumed reads the distribution of channel j of x by the estimate with these numbers; nil
// if there is none or it does not hold.
func (s *scene) resumed(x *series.Series, j int, at []float64, signal bool, read reading, numbers []float64) *found {
	if len(numbers) == 0 {
		return nil
	}
	r := fits.NewReader(numbers)
	e := readEstimate(r)
	if r.End() != nil {
		return nil
	}
	e.structure.season, e.structure.harmonics = s.season, s.harmonics
	c, all := s.observed(x, j, e.gap, e.log)
	if all.N < 2 || math.IsNaN(all.Mean) || math.IsInf(all.Mean, 0) {
		return nil // a value that has no logarithm
	}
	c.center, c.scale = e.center, e.scale
	c.rescale()
	p := lastPass(e.structure, c.course)
	p.filter(e.v)
	m, v, err := c.read(p, s.asked(at, e.gap), signal, read)
	if err != nil || c.strays(m, v) {
		return nil
	}
	return &found{c, p, e.gap, m, v}
}

// Keep implements forecast.Keeper.
func (m Regression) Keep(ctx context.Context, history *series.Panel, opt forecast.FitOptions) (forecast.Model, error) {
	return fits.Keep(ctx, m.learner(), history, opt)
}

func (m Regression) learner() fits.Learner {
	return fits.Learner{
		Model:    m,
		Estimate: m.estimates,
		Forecast: m.forecastFrom,
		Check: func(seasons, numbers []float64) error {
			r := fits.NewReader(numbers)
			readChosen(r, seasons)
			return r.End()
		},
	}
}

// estimates returns what the model estimates of the series of a panel.
func (m Regression) estimates(ctx context.Context, history *series.Panel, opt forecast.FitOptions, known *fits.Fits) (*fits.Fits, error) {
	if err := m.check(history); err != nil {
		return nil, err
	}
	history, _ = magnitude.Rescale(history.BareOfStatic())
	r := m.regressing(history, forecast.Options{Season: opt.Season})
	old := known.Table(r.seasons())
	numbers, err := numbersOf(ctx, RegressionName, history, old, func(i, j int, w *fits.Writer) error {
		x := history.Series[i]
		g, err := r.gridded(x, nil)
		if err != nil {
			return err
		}
		c, err := r.estimate(x, j, g)
		if err == nil && c.scale > 0 {
			c.write(w)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &fits.Fits{Estimates: fits.New(history, numbers, old), Seasons: r.seasons()}, nil
}

func (c *chosen) write(w *fits.Writer) {
	w.Bool(c.log)
	w.Int(c.from)
	w.Int(c.past)
	w.Float(c.center)
	w.Float(c.scale)
	w.Bool(c.recipe.slope)
	w.Int(c.recipe.harmonics)
	w.Int(len(c.recipe.waves))
	for _, x := range c.recipe.waves {
		w.Float(x.period)
		w.Int(x.number)
	}
	w.Floats(c.gls.partial)
	if len(c.rivals)+len(c.recipe.products) > 0 {
		c.writeRivals(w)
	}
	if len(c.recipe.products) > 0 {
		w.Int(len(c.recipe.products))
	}
	for _, q := range c.recipe.products {
		q.write(w)
	}
}

// readChosen reads what chosen.write wrote: all but the regression itself.
func readChosen(r *fits.Reader, seasons []float64) *chosen {
	const longest, most = 1 << 40, 1 << 16 // steps, and waves
	c := &chosen{log: r.Bool(), from: r.Int(0, longest), past: r.Int(1, longest), center: r.Any(), scale: r.Positive()}
	c.recipe.slope, c.recipe.harmonics = r.Bool(), r.Int(0, MostHarmonics)
	for range r.Int(0, most) {
		c.recipe.waves = append(c.recipe.waves, readWave(r, seasons))
	}
	if c.gls = (&gls{partial: readPartial(r)}); c.scale == 0 {
		r.Failf("a scale of %v", c.scale)
	}
	c.rivals = readRivals(r)
	if r.Left() > 0 && r.Err() == nil {
		for range r.Int(1, most) {
			c.recipe.products = append(c.recipe.products, readProduct(r, seasons))
		}
	}
	return c
}

// readWave reads a wave of a season, or one without a period.
func readWave(r *fits.Reader, seasons []float64) wave {
	const most = 1 << 16
	w := wave{r.Any(), r.Int(0, most)}
	if (w.period != 0) != (w.number != 0) || w.period != 0 && !slices.Contains(seasons, w.period) {
		r.Failf("harmonic %d of a period of %v steps", w.number, w.period)
	}
	return w
}

// readPartial reads partial autocorrelations.
func readPartial(r *fits.Reader) []float64 {
	partial := r.Floats()
	for _, p := range partial {
		if math.Abs(p) >= 1 {
			r.Failf("a partial autocorrelation of %v", p)
		}
	}
	if len(partial) > mostKeptLags {
		r.Failf("%d lags", len(partial))
	}
	return partial
}

// mostKeptLags is the most lags that the errors of a regression can be asked to have.
const mostKeptLags = 64

// resumed returns the regression of channel j by the estimate with these numbers: its
// coefficients are those that all values make likeliest. It is nil if there is none.
func (r *regressing) resumed(g gridded, j int, numbers []float64) *chosen {
	if len(numbers) == 0 {
		return nil
	}
	in := fits.NewReader(numbers)
	c := readChosen(in, r.seasons())
	y := series.Column(g.values, j, r.panel.Width())
	if in.End() != nil || c.from+c.past > len(y) {
		return nil
	}
	if slices.ContainsFunc(c.recipe.products, func(q product) bool { return q.known >= len(r.panel.Known) }) {
		return nil
	}
	own, all := c.own(y)
	if c.n = all.N; c.n < 3 || math.IsNaN(all.Mean) || math.IsInf(all.Mean, 0) {
		return nil // a value that has no logarithm
	}
	c.scaling().Apply(own, own)
	c.columns = r.columns(c.recipe, len(own)+g.lead, c.past, g.first+float64(c.from), g.known[c.from*len(r.panel.Known):])
	if c.gls = newGLS(c.gls.partial, newDirect(own, c.columns, len(c.gls.partial)), ridge); c.gls == nil {
		return nil
	}
	r.resumeRivals(c, g, own)
	return c
}

// KeptFromState returns the model with estimates that was stored; build returns the model of
// some options. The error says what is wrong with the state.
func KeptFromState(s *forecast.State, build func(options []byte) (forecast.Model, error)) (forecast.Model, error) {
	var own forecast.Model
	kept, err := fits.FromState(s, func(options []byte) (l fits.Learner, err error) {
		if own, err = build(options); err != nil {
			return l, err
		}
		m, ok := own.(interface{ learner() fits.Learner })
		if !ok {
			return l, fmt.Errorf("%s keeps no estimates", own.Name())
		}
		return m.learner(), nil
	})
	if err != nil {
		return nil, err
	}
	if m, ok := own.(Model); ok {
		return keptModel{kept, m}, nil
	}
	return kept, nil
}
