package forecast

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"tsgen/series"
)

// GenerateOptions say what to generate.
type GenerateOptions struct {
	Number int // series to draw; zero means 1
	Length int // times of each; zero means what the model was fitted for, or as many as series of the data have
	Seed   uint64

	// Signal asks for what series would be without the noise of observation, where the
	// model tells the two apart: the latent ODE and the VAE do.
	Signal bool

	// Times are those of every series, rising, in place of Length of them from where the
	// fitted panel begins, a step apart or with gaps drawn as the panel has them; where
	// steps are regular they must be consecutive. Known has in its first series the covariates that the model knows
	// ahead, at all times; nil leaves them at their means. Models that have no part for
	// covariates return an error that wraps ErrMismatch.
	Times []float64
	Known *series.Panel

	// Like has a series whose level, trend, season and spread generated series are to
	// have, the more the higher Strength is, from 0 (not at all) to 1; zero means 1. It is
	// heeded by the function Generate, not by models.
	Like     *series.Panel
	Strength float64

	// Start has series that are continued, in place of series out of nothing: Number
	// scenarios of each, sample paths of its forecast at Times or Length times ahead, with
	// the covariates that it has itself. Any model that forecasts can do that. It is heeded
	// by the function Generate, not by models.
	Start *series.Panel
}

// Unknown returns an error that wraps ErrMismatch if o has covariates, for models that have no part
// for them.
func (o GenerateOptions) Unknown() error {
	if o.Known != nil {
		return fmt.Errorf("%w: the model has no part for covariates of generated series; mdn, flow, latent-ode, latent-sde, vrnn and srnn have", ErrMismatch)
	}
	return nil
}

// CheckTimes says what is wrong with Times, of generated series of a panel. The error wraps ErrMismatch
// if there are none, they do not rise, or where steps are regular are not one step apart.
func (o GenerateOptions) CheckTimes(panel *series.Panel) error {
	if len(o.Times) == 0 {
		return fmt.Errorf("%w: no times to generate", ErrMismatch)
	}
	for i, t := range o.Times {
		d := panel.Coordinate(t) - panel.Coordinate(o.Times[max(0, i-1)])
		if panel.Step.Regular() && i > 0 && math.Abs(d-1) > series.GridTolerance || i > 0 && !(d > 0) {
			return fmt.Errorf("%w: time %s to generate is not a step after the one before, %s",
				ErrMismatch, panel.Axis.Stamp(t), panel.Axis.Stamp(o.Times[i-1]))
		}
	}
	return nil
}

// Generate returns the series that m draws, as all of opt says. The error wraps ErrMismatch
// if the model does not generate, or cannot as it is asked to.
func Generate(ctx context.Context, m Model, opt GenerateOptions) (*series.Panel, error) {
	switch {
	case opt.Start != nil && opt.Like != nil:
		return nil, fmt.Errorf("%w: series that continue others are like these; ask for one of both", ErrMismatch)
	case !(opt.Strength >= 0 && opt.Strength <= 1):
		return nil, fmt.Errorf("a strength of %v, want 0 to 1", opt.Strength)
	case opt.Number < 0 || opt.Length < 0:
		return nil, fmt.Errorf("%d series of %d times", opt.Number, opt.Length)
	case opt.Start != nil:
		n := max(1, opt.Number)
		how := Options{Horizon: opt.Length, Samples: n, Seed: opt.Seed}
		if opt.Times != nil {
			how.Horizon, how.At = 0, make([][]float64, len(opt.Start.Series))
			for i := range how.At {
				how.At[i] = opt.Times
			}
		}
		f, err := Paths(ctx, m, opt.Start, how)
		if err != nil {
			return nil, err
		}
		return Scenarios(opt.Start, f, n), nil
	}
	g, ok := m.(Generator)
	if !ok {
		return nil, fmt.Errorf("%w: %s does not generate", ErrMismatch, m.Name())
	}
	p, err := g.Generate(ctx, opt)
	if err == nil && opt.Like != nil {
		strength := opt.Strength
		if strength == 0 {
			strength = 1
		}
		err = liken(p, opt.Like, strength)
	}
	return p, err
}

// Scenarios returns the first n sample paths of a forecast of the continuation of history,
// each as a series of its own, whose identifier is that of the series and its number.
func Scenarios(history *series.Panel, f *Forecast, n int) *series.Panel {
	var all []*series.Series
	for _, d := range f.Series {
		for k, path := range d.Paths[:min(n, len(d.Paths))] {
			id := strconv.Itoa(k + 1)
			if d.ID != "" {
				id = d.ID + "-" + id
			}
			all = append(all, &series.Series{ID: id, Times: d.Times, Values: path})
		}
	}
	p := history.With(all)
	p.Known, p.Static, p.Events = nil, nil, nil
	if p.IDColumn == "" {
		p.IDColumn = "unique_id"
	}
	return p
}

// A shape is what a channel of a series is apart from its noise: a line about the middle,
// a season, and the deviation of what these leave.
type shape struct {
	middle, level, slope float64
	season               []float64 // by the place in the season; nil for none
	deviation            float64
}

const (
	leastSeasons = 2 // that a season is told from
	leastShape   = 4 // values that a shape is told from
)

// shapeOf returns the shape of x, NaN where missing, at the coordinates u, and whether there
// are enough values for one.
func shapeOf(u, x []float64, season int) (s shape, ok bool) {
	n, squares, products := 0.0, 0.0, 0.0
	for i, v := range x {
		if math.IsNaN(v) {
			continue
		}
		n++
		s.middle += (u[i] - s.middle) / n
		s.level += (v - s.level) / n
	}
	if n < leastShape {
		return s, false
	}
	for i, v := range x {
		if !math.IsNaN(v) {
			squares += (u[i] - s.middle) * (u[i] - s.middle)
			products += (u[i] - s.middle) * (v - s.level)
		}
	}
	s.slope = products / squares
	if season > 1 && len(x) >= leastSeasons*season {
		s.season = make([]float64, season)
		count := make([]float64, season)
		for i, v := range x {
			if k := phase(u[i], season); !math.IsNaN(v) {
				count[k]++
				s.season[k] += (v - s.line(u[i]) - s.season[k]) / count[k]
			}
		}
	}
	for i, v := range x {
		if !math.IsNaN(v) {
			d := v - s.line(u[i]) - s.at(u[i])
			s.deviation += d * d / n
		}
	}
	s.deviation = math.Sqrt(s.deviation)
	return s, true
}

func phase(u float64, season int) int {
	k := int(math.Round(u)) % season
	return (k + season) % season
}

func (s *shape) line(u float64) float64 { return s.level + s.slope*(u-s.middle) }

// at returns the season at the coordinate u.
func (s *shape) at(u float64) float64 {
	if s.season == nil {
		return 0
	}
	return s.season[phase(u, len(s.season))]
}

// liken moves the shapes of generated series towards that of the first of like, in
// logarithms where these serve it and all values are positive.
func liken(generated, like *series.Panel, strength float64) error {
	c := len(generated.Channels)
	if len(like.Series) == 0 || like.Width() != c {
		return fmt.Errorf("%w: the series to be like has %d channels, those that are generated have %d", ErrMismatch, like.Width(), c)
	}
	given := like.Series[0]
	season := 1
	if generated.Step.Regular() {
		season = like.Season()
	}
	coordinates := func(s *series.Series) []float64 {
		u := make([]float64, s.Len())
		for i, t := range s.Times {
			u[i] = like.Coordinate(t)
		}
		return u
	}
	channel := func(s *series.Series, j int, logs bool) []float64 {
		x := make([]float64, s.Len())
		for i := range x {
			if x[i] = s.Values[i*c+j]; logs {
				x[i] = math.Log(x[i])
			}
		}
		return x
	}
	single := like.With(like.Series[:1])
	for j := range c {
		positive, logs := single.LogarithmFits(j, season)
		logs = logs && positive
		for _, s := range generated.Series {
			for i := j; i < len(s.Values); i += c {
				logs = logs && s.Values[i] > 0
			}
		}
		want, ok := shapeOf(coordinates(given), channel(given, j, logs), season)
		if !ok {
			return fmt.Errorf("%w: channel %s of the series to be like has fewer than %d values", ErrTooShort, generated.Channels[j], leastShape)
		}
		grid := gridOf(generated, j)
		for _, s := range generated.Series {
			u := coordinates(s)
			x := channel(s, j, logs)
			has, ok := shapeOf(u, x, season)
			if !ok {
				continue
			}
			for i, v := range want.moved(has, u, x, strength) {
				if logs {
					v = max(math.Exp(v), grid)
				}
				if grid > 0 && !math.IsInf(v, 0) {
					v = snap(v, grid)
				}
				s.Values[i*c+j] = v
			}
		}
	}
	return nil
}

// gridOf returns the greatest number of which all values of channel j are multiples, whole or
// a part of 1 as decimals have them, 0 if there is none.
func gridOf(p *series.Panel, j int) float64 {
	e := newExtent()
	for _, s := range p.Series {
		e.add(s, j, p.Width())
	}
	if e.whole {
		return e.divisor
	}
	for _, parts := range []float64{2, 4, 5, 10, 20, 100, 1e3, 1e4, 1e5, 1e6} {
		all := true
		for _, s := range p.Series {
			for i := j; i < len(s.Values) && all; i += p.Width() {
				all = math.IsNaN(s.Values[i]) || isMultiple(s.Values[i], 1/parts)
			}
		}
		if all {
			return 1 / parts
		}
	}
	return 0
}

// moved returns x, whose shape is has, moved towards s by the given part.
func (s *shape) moved(has shape, u, x []float64, strength float64) []float64 {
	part := func(from, to float64) float64 { return from + strength*(to-from) }
	spread := 1.0
	if has.deviation > 0 && s.deviation > 0 {
		spread = math.Pow(s.deviation/has.deviation, strength)
	}
	y := make([]float64, len(x))
	for i, v := range x {
		noise := v - has.line(u[i]) - has.at(u[i])
		season := has.at(u[i])
		if s.season != nil {
			season = part(season, s.at(u[i]))
		}
		y[i] = part(has.level, s.level) + part(has.slope, s.slope)*(u[i]-has.middle) + season + spread*noise
	}
	return y
}
