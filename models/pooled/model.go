package pooled

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/continuous"
	"tsgen/internal/option"
	"tsgen/series"
)

// Kind is the kind of the model.
const Kind = "pooled-gp"

// Options are the options of a Model. The zero value is ready to use.
type Options struct {
	// Plain leaves positive values as they are, where otherwise their logarithm is
	// modelled if it is likelier to suit.
	Plain bool `json:"plain" default:"false" help:"whether positive values are never modelled by their logarithm, even where that suits them"`
}

// Validate says what is wrong with the options, if anything.
func (o Options) Validate() error { return option.Validate("pooled", o) }

// A Model forecasts and imputes as the package documentation says. A fitted model knows any
// series of its channels, those of the panel that it was fitted to or others. It may be used
// concurrently.
type Model struct {
	Options
	fit *fit
}

// A fit is what a model learned.
type fit struct {
	continuous.Frame
	Fits []*channelFit `json:"fits"` // by channel
}

// Name returns "pooled-gp".
func (m *Model) Name() string { return Kind }

// Fit implements forecast.Model. The error wraps forecast.ErrTooShort if a channel has fewer
// than two values in all.
func (m *Model) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	if err := errors.Join(m.Validate(), train.Validate()); err != nil {
		return fmt.Errorf("%s: %w", Kind, err)
	}
	if opt.Horizon < 0 || opt.Season < 0 {
		return fmt.Errorf("%s: horizon %d and season %d must not be negative", Kind, opt.Horizon, opt.Season)
	}
	f := &fit{Frame: continuous.NewFrame(train), Fits: make([]*channelFit, train.Width())}
	err := forecast.EachSeries(ctx, train.Width(), func(j int) (err error) {
		courses := f.courses(train, j)
		n := 0
		for _, c := range courses {
			n += len(c.y)
		}
		if n < 2 {
			return fmt.Errorf("%w: channel %s has %d values, at least 2 are needed", forecast.ErrTooShort, f.Channels[j], n)
		}
		f.Fits[j], err = fitChannel(ctx, courses, m.Plain)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", Kind, err)
	}
	m.fit = f
	return nil
}

// courses returns channel j of all series that have a value of it.
func (f *fit) courses(p *series.Panel, j int) []course {
	var all []course
	for _, s := range p.Series {
		if c := f.course(p, s, j); len(c.t) > 0 {
			all = append(all, c)
		}
	}
	return all
}

func (f *fit) course(p *series.Panel, s *series.Series, j int) (c course) {
	for i, t := range s.Times {
		if i == 0 {
			c.start = f.Clock(p, t) / f.Unit
		}
		if v := s.Row(i)[j]; !math.IsNaN(v) {
			c.t, c.y = append(c.t, f.Clock(p, t)/f.Unit), append(c.y, v)
		}
	}
	return c
}

// Forecast implements forecast.Model. With opt.Signal the distribution is that without the
// noise. A series without a value is forecast as any of the panel.
func (m *Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, true)
}

// Impute implements forecast.Imputer, also at times before the first observation.
func (m *Model) Impute(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, false)
}

func (m *Model) each(ctx context.Context, history *series.Panel, opt forecast.Options, onward bool) (*forecast.Forecast, error) {
	if m.fit == nil {
		return nil, fmt.Errorf("%s: %w", Kind, forecast.ErrNotFitted)
	}
	made, err := m.fit.Each(ctx, Kind, history, opt, onward, func(s *series.Series, at []float64) (*forecast.Distribution, error) {
		return m.fit.distribution(history, s, at, opt.Signal)
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Kind, err)
	}
	return made, nil
}

// distribution returns that of a series at some times, given all its values.
func (f *fit) distribution(p *series.Panel, s *series.Series, at []float64, signal bool) (*forecast.Distribution, error) {
	width := len(f.Channels)
	d := &forecast.Distribution{ID: s.ID, Times: slices.Clone(at), Probs: slices.Clone(probabilities)}
	asked := make([]float64, len(at))
	for i, t := range at {
		asked[i] = f.Clock(p, t) / f.Unit
		if i > 0 && !(asked[i] > asked[i-1]) {
			return nil, fmt.Errorf("time %s is not after the one before", p.Axis.Stamp(t))
		}
	}
	d.Values = make([][]float64, len(probabilities))
	for i := range d.Values {
		d.Values[i] = make([]float64, len(at)*width)
	}
	for j, fit := range f.Fits {
		c := f.course(p, s, j)
		if s.Len() == 0 && len(asked) > 0 {
			c.start = asked[0]
		}
		if fit.Log && slices.ContainsFunc(c.y, func(v float64) bool { return !(v > 0) }) {
			return nil, fmt.Errorf("%w: channel %s has a value that is not positive, as all were that it learned from", forecast.ErrMismatch, f.Channels[j])
		}
		seen := fit.scaled(c).from(&fit.Mean)
		mean, variance := fit.Kernel.smooth(seen, asked)
		drifted := fit.drifted(seen, asked)
		wider, shape := fit.doubt()
		for k := range asked {
			if !signal {
				variance[k] += fit.Kernel.Noise
			}
			center, beyond := fit.Mean.at(asked[k], c.start)
			sd := wider * math.Sqrt(variance[k]+beyond+fit.sloped(c, asked[k])+drifted[k]*drifted[k])
			for i, z := range shape {
				d.Values[i][k*width+j] = fit.restore(center + mean[k] + sd*z)
			}
		}
	}
	return d, d.Validate()
}

// LogLikelihood implements forecast.Scorer: exactly, of the Gaussian process.
func (m *Model) LogLikelihood(ctx context.Context, panel *series.Panel, opt forecast.LikelihoodOptions) ([]forecast.Likelihood, error) {
	f := m.fit
	if f == nil {
		return nil, fmt.Errorf("%s: %w", Kind, forecast.ErrNotFitted)
	}
	err := f.Accepts(panel)
	if err == nil && opt.Samples < 0 {
		err = fmt.Errorf("%d samples", opt.Samples)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Kind, err)
	}
	all := make([]forecast.Likelihood, len(panel.Series))
	err = forecast.EachSeries(ctx, len(all), func(i int) error {
		s := panel.Series[i]
		all[i] = forecast.Likelihood{ID: s.ID, Exact: true}
		for j, fit := range f.Fits {
			c := f.course(panel, s, j)
			if fit.Log && slices.ContainsFunc(c.y, func(v float64) bool { return !(v > 0) }) {
				all[i].Value = math.Inf(-1)
			}
			all[i].Value += fit.logLikelihood(c)
			all[i].Values += len(c.y)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Kind, err)
	}
	return all, nil
}

// logLikelihood returns the logarithm of the density of the values of a course.
func (f *channelFit) logLikelihood(c course) (sum float64) {
	f.Kernel.filter(f.scaled(c).from(&f.Mean), func(i int, e, variance float64) {
		sum -= 0.5*(math.Log(2*math.Pi*variance)+e*e/variance) + math.Log(f.Scale)
		if f.Log {
			sum -= math.Log(c.y[i])
		}
	})
	return sum
}

// State implements forecast.Stater.
func (m *Model) State() (*forecast.State, error) { return continuous.State(Kind, m.Options, m.fit) }

// FromState returns the model that was stored.
func FromState(s *forecast.State) (*Model, error) {
	options, fit, err := continuous.FromState[Options](s, Kind, (*fit).check)
	if err != nil {
		return nil, err
	}
	return &Model{options, fit}, nil
}

// check says what is wrong with a fit that was read.
func (f *fit) check() error {
	switch {
	case f == nil:
		return errors.New("the model has no fit")
	case len(f.Channels) == 0 || len(f.Fits) != len(f.Channels):
		return fmt.Errorf("%d channels and fits of %d", len(f.Channels), len(f.Fits))
	case !isPositive(f.Unit):
		return fmt.Errorf("a unit of %v", f.Unit)
	}
	for j, c := range f.Fits {
		if c == nil || !isPositive(c.Scale) || !isFinite(c.Center) || !c.Kernel.valid() || !c.Mean.valid() ||
			!(c.Slopes >= 0) || !isFinite(c.Slopes) || !(c.Drift >= 0) || !isFinite(c.Drift) || c.Values < 0 || len(c.Shape) != len(probabilities) || !slices.IsSorted(c.Shape) || slices.ContainsFunc(c.Shape, func(z float64) bool { return !isFinite(z) }) {
			return fmt.Errorf("channel %s has numbers out of range", f.Channels[j])
		}
	}
	return nil
}

func isFinite(x float64) bool { return !math.IsNaN(x - x) }

func isPositive(x float64) bool { return x > 0 && isFinite(x) }

// valid reports whether the parameters make a kernel.
func (k kernel) valid() bool {
	return k.Level >= 0 && isFinite(k.Level) && isPositive(k.Process) && isPositive(k.Range) && isPositive(k.Noise)
}

// valid reports whether the knots and coefficients make a mean.
func (m *mean) valid() bool {
	for i, k := range m.Knots {
		if !isFinite(k) || i > 0 && !(k > m.Knots[i-1]) {
			return false
		}
	}
	return len(m.Knots) != 1 && (m.Average == nil || len(m.Average) == m.columns()) && m.Spread >= 0 && isFinite(m.Spread) && len(m.Coefficients) == m.columns() && !slices.ContainsFunc(m.Coefficients, func(b float64) bool { return !isFinite(b) })
}
