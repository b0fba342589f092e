package baseline

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/effects"
	"tsgen/internal/fits"
	"tsgen/internal/joint"
	"tsgen/internal/magnitude"
	"tsgen/internal/walk"
	"tsgen/series"
)

// A localModel is a model that continues every channel of every series on its own.
type localModel struct {
	forecast.Model
	method string // what needs a regular panel; empty if the model does not
	season int    // its option

	// continued returns what continues the channels of p, whose seasons have these
	// periods, the shortest first. It may be called concurrently.
	continued func(p *series.Panel, seasons []float64) continuation

	kept *fits.Fits // estimates that were made before, or nil

	byLogarithm bool // whether positive values are treated by their logarithm where that suits them

	// covaried says that the effects of covariates that are known ahead are taken from the
	// history and put onto the forecast.
	covaried bool
}

// ofOneSeason returns a local model that takes one season at most, whose estimates are made of
// the values of a channel and its season, and read again.
func ofOneSeason[C core](m forecast.Model, method string, asked int, byLogarithm, covaried bool, fit func(y []float64, season int) C, read func(r *fits.Reader, season int) C) localModel {
	return localModel{m, method, asked, func(_ *series.Panel, seasons []float64) continuation {
		return single(seasons, func(season int) continuation {
			return fitter{
				fit:  func(y []float64, _ int) core { return fit(y, season) },
				read: func(r *fits.Reader) core { return read(r, season) },
			}.continuation()
		})
	}, nil, byLogarithm, covaried}
}

// A channel is one channel of one series to continue.
type channel struct {
	series *series.Series
	number int
	walk   walk.Walk // the random walk that continues it

	// grid holds its values on the grid of the panel, with NaN for gaps, and lead is
	// the number of steps to the last time to forecast. grid is nil if the model needs
	// no regular panel and there is no season.
	grid []float64
	lead int

	logged bool // the values are logarithms
}

// fit learns nothing but whether the model can treat the panel.
func (l localModel) fit(ctx context.Context, train *series.Panel) error {
	if err := l.check(train); err != nil {
		return fmt.Errorf("%s: %w", l.Name(), err)
	}
	return ctx.Err()
}

// check says what is wrong with the options of the model and the step of a panel.
func (l localModel) check(p *series.Panel) error {
	if m, ok := l.Model.(interface{ Validate() error }); ok {
		if err := m.Validate(); err != nil {
			return err
		}
	}
	if l.method == "" {
		return nil
	}
	return checkRegular(p, l.method)
}

// forecast makes the forecast. The error wraps forecast.ErrMismatch if the panel or
// the times are irregular or off the grid that the model needs, and
// forecast.ErrTooShort if no series has two observations of some channel.
func (l localModel) forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return l.made(ctx, history, opt, false)
}

// paths makes the forecast as sample paths, simulated by the model. The error is as that of
// forecast.
func (l localModel) paths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return l.made(ctx, history, opt, true)
}

// made makes the forecast: if joined, as sample paths.
func (l localModel) made(ctx context.Context, history *series.Panel, opt forecast.Options, joined bool) (*forecast.Forecast, error) {
	err := history.Validate()
	if err == nil {
		opt, err = opt.Resolve(history)
	}
	if err == nil {
		err = cmp.Or(l.check(history), check(history, l.season, opt))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.Name(), err)
	}
	periods := seasons(l.season, opt.Season, history)
	return magnitude.Forecast(history, func(p *series.Panel) (*forecast.Forecast, error) {
		known := l.kept.Table(periods).In(p)
		if !l.covaried {
			return l.distributions(ctx, p, periods, known, opt, joined)
		}
		return effects.Forecast(ctx, p, periods, func(less *series.Panel) (*forecast.Forecast, error) {
			return l.distributions(ctx, less, periods, known, opt, joined)
		})
	})
}

// distributions makes the forecast of values that may be squared, by what is known of the series.
func (l localModel) distributions(ctx context.Context, history *series.Panel, periods []float64, known fits.Known, opt forecast.Options, joined bool) (*forecast.Forecast, error) {
	onGrid := l.method != "" || len(periods) > 0
	logs, err := l.logarithms(ctx, history, periods, known)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.Name(), err)
	}
	channels, err := channelsOf(ctx, logs, onGrid)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.Name(), err)
	}
	remarks := make([]remark, len(channels))
	next := l.continued(history, periods)
	f, err := forecast.BySeries(ctx, l.Name(), history, func(i int) (*forecast.Distribution, error) {
		s := history.Series[i]
		leads, err := leadsOf(history, s, opt.At[i], onGrid)
		if err != nil {
			return nil, err
		}
		lead := 0
		if len(leads) > 0 {
			lead = int(leads[len(leads)-1])
		}
		estimates := known(i)
		outs := make([]prospect, history.Width())
		for c := range outs {
			k := i*len(outs) + c
			x := channels[k]
			x.lead = lead
			var numbers []float64
			if estimates != nil {
				numbers = estimates[c]
			}
			outs[c], remarks[k] = next.continued(x, numbers)
		}
		d := &forecast.Distribution{ID: s.ID, Times: slices.Clone(opt.At[i])}
		if joined {
			d.Paths = jointPaths(logs.Panel, logs.Series[i], outs, leads, opt)
		} else if slices.ContainsFunc(outs, func(o prospect) bool { return o.marginals == nil }) {
			d.Paths = paths(outs, leads, opt, joint.Source(opt.Seed, s.ID))
		} else {
			setMarginals(d, outs, leads)
		}
		d.Exponentiate(logs.logged[i])
		return d, d.Validate()
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.Name(), err)
	}
	f.Notes = append(logs.notes(l.Name()), notes(l.Name(), remarks)...)
	return f, nil
}

// channelsOf returns the channels of the series of p.
func channelsOf(ctx context.Context, p logPanel, onGrid bool) ([]channel, error) {
	all := make([]channel, len(p.Series)*p.Width())
	walks := p.walks()
	err := forecast.EachSeries(ctx, len(p.Series), func(i int) error {
		s := p.Series[i]
		var grid []float64
		if onGrid {
			var err error
			if grid, _, err = p.Grid(s); err != nil {
				return fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
			}
		}
		for c := range p.Width() {
			x := channel{series: s, number: c, logged: p.isLogged(i, c)}
			if onGrid {
				x.grid = series.Column(grid, c, p.Width())
			}
			var err error
			if x.walk, err = walks(i, c); err != nil {
				return err
			}
			all[i*p.Width()+c] = x
		}
		return nil
	})
	return all, err
}

// maxLead bounds the number of steps to a time to forecast, and in a season.
const maxLead = 1 << 17

// check says what is wrong with the season of a model and the resolved options of a
// forecast of a history that is valid.
func check(history *series.Panel, season int, opt forecast.Options) error {
	for _, m := range []int{season, opt.Season} {
		if m < 0 || m > maxLead {
			return fmt.Errorf("a season of %d steps, want 1 to %d, or 0 for the usual one", m, maxLead)
		}
	}
	for i, s := range history.Series {
		if s.Len() == 0 {
			return fmt.Errorf("%w: %s has none", forecast.ErrTooShort, forecast.Describe(s.ID))
		}
		last := s.Times[s.Len()-1]
		for _, t := range opt.At[i] {
			if !(t > last) || math.IsInf(t, 0) {
				return fmt.Errorf("%s: time %s to forecast is not after %s, the one before it",
					forecast.Describe(s.ID), history.Axis.Stamp(t), history.Axis.Stamp(last))
			}
			last = t
		}
		if lead := history.Coordinate(last) - history.Coordinate(s.Times[s.Len()-1]); history.Step.Regular() && lead > maxLead {
			return fmt.Errorf("%s: %s is %.0f steps ahead, at most %d can be forecast",
				forecast.Describe(s.ID), history.Axis.Stamp(last), lead, maxLead)
		}
	}
	return nil
}

// leadsOf returns how far after the last time of s the times at lie, in the
// coordinate of the panel: in whole steps if they must be on its grid. The error wraps
// forecast.ErrMismatch if one is not.
func leadsOf(p *series.Panel, s *series.Series, at []float64, onGrid bool) ([]float64, error) {
	origin := s.Times[s.Len()-1]
	leads := make([]float64, len(at))
	if onGrid {
		steps, err := p.StepsFrom(origin, at)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
		}
		for k, n := range steps {
			leads[k] = float64(n)
		}
		return leads, nil
	}
	from := p.Coordinate(origin)
	for k, t := range at {
		leads[k] = p.Coordinate(t) - from
	}
	return leads, nil
}

// between interpolates linearly.
func between(a, b, fraction float64) float64 { return a + fraction*(b-a) }
