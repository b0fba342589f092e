package modal

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"

	"tsgen/forecast"
	"tsgen/internal/continuous"
	"tsgen/internal/mixture"
	"tsgen/internal/option"
	"tsgen/series"
)

// Kind is the kind of the model.
const Kind = "modal"

// Options are the options of a Model. The zero value is ready to use.
type Options struct {
	// Modes is the number of modes, 1 to MostModes; by default the one by which held-back ends
	// of the series are forecast best.
	Modes int `json:"modes" min:"1" max:"6" default:"as held-back ends of the series suggest" help:"number of damped modes of every series"`
}

// MostModes is the largest number of modes. By default triedModes are tried, and more as long as each of them is better.
const MostModes, triedModes = 6, 3

// Validate says what is wrong with the options, if anything.
func (o Options) Validate() error { return option.Validate("modal", o) }

// LeastLength is the number of observations that a series must have to teach the model anything.
const LeastLength = 8

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
	series.Scaling
	Prior *prior `json:"prior"`

	// Inflation multiplies the deviations of observations beyond the last one, by channel, and
	// SignalInflation those of the signal alone; older files have none, and Inflation does for both.
	Inflation       []float64 `json:"inflation"`
	SignalInflation []float64 `json:"signalInflation,omitempty"`

	// Slopes are the variances, by channel and per squared time, of the slopes that series have beside their
	// modes; nil in older files.
	Slopes []float64 `json:"slopes,omitempty"`
}

// Name returns "modal".
func (m *Model) Name() string { return Kind }

// Fit implements forecast.Model. The error wraps forecast.ErrTooShort if no series has
// LeastLength observations.
func (m *Model) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	err := errors.Join(m.Validate(), train.Validate())
	if err == nil && (opt.Horizon < 0 || opt.Season < 0) {
		err = fmt.Errorf("horizon %d and season %d must not be negative", opt.Horizon, opt.Season)
	}
	var f *fit
	if err == nil {
		f, err = newFit(ctx, train, m.Modes)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", Kind, err)
	}
	m.fit = f
	return nil
}

func newFit(ctx context.Context, train *series.Panel, modes int) (*fit, error) {
	f := &fit{Frame: continuous.NewFrame(train)}
	var values []float64
	for _, s := range train.Series {
		values = append(values, s.Values...)
	}
	f.Scaling = series.FitScaling(values, train.Width(), 0)
	var all []*record
	for _, s := range train.Series {
		if s.Observed() >= LeastLength {
			all = append(all, f.record(train, s))
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: no series has %d observations", forecast.ErrTooShort, LeastLength)
	}
	best := math.Inf(1)
	chosen := modes
	for k := max(1, modes); k <= MostModes && (modes == 0 || k == modes); k++ {
		e, err := examine(ctx, all, k, train.Width())
		if err != nil {
			return nil, err
		}
		if e.wrong < best*leastGain || chosen == 0 || k == modes {
			best, chosen, f.Inflation, f.SignalInflation, f.Slopes = e.wrong, k, e.inflation, e.signal, e.slopes
		} else if k >= triedModes {
			break
		}
	}
	var err error
	f.Prior, err = estimate(ctx, spread(all, mostSeries), chosen, train.Width(), rounds)
	return f, err
}

// leastGain is the part of the error that a further mode may leave.
const leastGain = 0.97

// source returns the source of the starts and draws of a series.
func source(i int) *rand.Rand { return rand.New(rand.NewPCG(1, uint64(i))) }

// record returns a series in the model's units, without rows that hold no value.
func (f *fit) record(p *series.Panel, s *series.Series) *record {
	r := &record{}
	for i, t := range s.Times {
		if row := s.Row(i); slices.ContainsFunc(row, func(v float64) bool { return !math.IsNaN(v) }) {
			r.t = append(r.t, (f.Clock(p, t)-f.Clock(p, s.Times[0]))/f.Unit)
			r.y = append(r.y, f.Apply(nil, row)...)
		}
	}
	return r
}

// Forecast implements forecast.Model. With opt.Signal the distribution is that without the
// noise. The error wraps forecast.ErrTooShort if a series has no time.
func (m *Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, true)
}

// Impute implements forecast.Imputer. Times before the first observation are those of the same
// modes, run backwards.
func (m *Model) Impute(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, false)
}

func (m *Model) each(ctx context.Context, history *series.Panel, opt forecast.Options, onward bool) (*forecast.Forecast, error) {
	if m.fit == nil {
		return nil, fmt.Errorf("%s: %w", Kind, forecast.ErrNotFitted)
	}
	made, err := m.fit.Each(ctx, Kind, history, opt, onward, func(s *series.Series, at []float64) (*forecast.Distribution, error) {
		if s.Len() == 0 {
			return nil, fmt.Errorf("%w: it has no time", forecast.ErrTooShort)
		}
		return m.fit.distribution(history, s, at, opt.Signal)
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Kind, err)
	}
	return made, nil
}

// distribution returns that of a series at some times, given all its values.
func (f *fit) distribution(p *series.Panel, s *series.Series, at []float64, signal bool) (*forecast.Distribution, error) {
	d := &forecast.Distribution{ID: s.ID, Times: slices.Clone(at), Probs: mixture.Probabilities()}
	r := f.record(p, s)
	last := (f.Clock(p, s.Times[s.Len()-1]) - f.Clock(p, s.Times[0])) / f.Unit
	asked := make([]float64, len(at))
	for i, t := range at {
		asked[i] = (f.Clock(p, t) - f.Clock(p, s.Times[0])) / f.Unit
		if i > 0 && !(asked[i] > asked[i-1]) {
			return nil, fmt.Errorf("time %s is not after the one before", p.Axis.Stamp(t))
		}
	}
	var unasked []float64
	if len(r.t) > 0 {
		unasked = continuous.Unasked(r.t[len(r.t)-1], asked)
	}
	all := f.Prior.predict(r, slices.Concat(asked, unasked), signal, source(0))
	all, ahead := all[:len(asked)*len(f.Channels)], widest{unasked, all[len(asked)*len(f.Channels):], make([]float64, len(f.Channels))}
	d.Values = make([][]float64, len(d.Probs))
	for i := range d.Values {
		d.Values[i] = make([]float64, len(all))
	}
	inflation := f.Inflation
	if signal && f.SignalInflation != nil {
		inflation = f.SignalInflation
	}
	levels, q := mixture.NewLevels(), make([]float64, len(d.Probs))
	for k := range all {
		j := k % len(f.Channels)
		if signal {
			all[k].Smooth()
		}
		all[k].Quantiles(q, levels)
		mean, between, within := all[k].Moments()
		factor := 1.0
		if at := asked[k/len(f.Channels)]; at > last {
			variance := between + within
			most := ahead.until(at, j, variance)
			factor = inflation[j]
			if !signal && variance > 0 {
				factor = math.Sqrt((factor*factor*most + f.sloped(r, j, at)) / variance)
			}
		}
		for i, v := range q {
			d.Values[i][k] = f.Center[j] + f.Scale[j]*(mean+factor*(v-mean))
		}
	}
	return d, d.Validate()
}

// sloped returns the variance that the slope of a record adds in channel j at a time beyond its own.
func (f *fit) sloped(r *record, j int, t float64) float64 {
	if f.Slopes == nil || len(r.t) == 0 {
		return 0
	}
	since := t - stat.Mean(r.t, nil)
	return f.Slopes[j] * since * since
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
	case f == nil || f.Prior == nil:
		return errors.New("the model has no fit")
	case len(f.Channels) == 0 || len(f.Center) != len(f.Channels) || len(f.Scale) != len(f.Channels) || len(f.Inflation) != len(f.Channels) ||
		f.SignalInflation != nil && len(f.SignalInflation) != len(f.Channels) || f.Slopes != nil && len(f.Slopes) != len(f.Channels):
		return fmt.Errorf("%d channels, but %d, %d and %d entries for them", len(f.Channels), len(f.Center), len(f.Scale), len(f.Inflation))
	case !positive(f.Unit) || !positive(f.Scale...) || !positive(f.Inflation...) || !positive(f.SignalInflation...) || !finite(f.Center...) || !finite(f.Slopes...):
		return errors.New("a scale is out of range")
	}
	return f.Prior.check(len(f.Channels))
}

// check says what is wrong with a prior that was read.
func (p *prior) check(channels int) error {
	n := p.modes()
	if n < 1 || n > MostModes || len(p.FrequencySD) != n || len(p.Damping) != n || len(p.DampingSD) != n ||
		len(p.Loading) != channels || len(p.Noise) != channels {
		return fmt.Errorf("%d modes and %d channels, but other numbers of entries for them", n, channels)
	}
	for _, l := range p.Loading {
		if len(l) != 1+n || !positive(l...) {
			return errors.New("loadings are out of range")
		}
	}
	if !positive(p.Noise...) || !positive(p.FrequencySD...) || !positive(p.DampingSD...) || !finite(p.Frequency...) || !finite(p.Damping...) {
		return errors.New("a parameter is out of range")
	}
	return nil
}

func finite(x ...float64) bool {
	return !slices.ContainsFunc(x, func(v float64) bool { return math.IsNaN(v - v) })
}

func positive(x ...float64) bool {
	return finite(x...) && !slices.ContainsFunc(x, func(v float64) bool { return !(v > 0) })
}
