package statespace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/freedom"
	"tsgen/internal/joint"
	"tsgen/internal/magnitude"
	"tsgen/internal/moments"
	"tsgen/internal/option"
	"tsgen/internal/walk"
	"tsgen/series"
)

// A Model forecasts and imputes every channel of every series by trend, level and
// season, as the package documentation says. It learns when it is asked: the
// variances are estimated from each history. Distributions are exact given these, Gaussian,
// or those of the exponentials of Gaussians for channels that are modelled by their
// logarithm. Irregular times have no season. Of several seasons, or one that is not whole,
// the strongest harmonics are taken, by a regression, as many as Harmonics and one for each season at
// most; those of a longer season move as slowly as it is longer.
type Model struct {
	// Season is the number of steps in a season; zero means that of the
	// forecast's options, else the usual one of the panel.
	Season int `json:"season" min:"1" max:"131072" default:"that of --season" help:"steps in a season"`

	// Harmonics is how many of the season there are; zero means half of its
	// steps, but at most MostHarmonics.
	Harmonics int `json:"harmonics" min:"1" max:"65536" default:"half the season, 8 at most" help:"harmonics of the season"`

	// Plain leaves positive values as they are, where otherwise their logarithm is
	// modelled if it is likelier to suit.
	Plain bool `json:"plain" default:"false" help:"whether positive values are never modelled by their logarithm, even where that suits them"`
}

// Name is the kind of the model.
const Name = "lgssm"

// MostHarmonics is the most harmonics that a season has by default.
const MostHarmonics = 8

const (
	maxAhead = 1 << 17 // times to forecast or to impute of a series

	// recentTimes is the number of times, or recentSeasons of seasons if that is
	// more, that the
	// variances are estimated from.
	recentTimes   = 1000
	recentSeasons = 12

	// mostRecent bounds the times if there are several seasons.
	mostRecent = 3000
)

// Name returns "lgssm".
func (m Model) Name() string { return Name }

// Validate says what is wrong with the options, if anything.
func (m Model) Validate() error { return option.Validate("", m) }

// Fit learns nothing but whether the panel is one.
func (m Model) Fit(ctx context.Context, train *series.Panel, _ forecast.FitOptions) error {
	if err := errors.Join(m.Validate(), train.Validate()); err != nil {
		return fmt.Errorf("%s: %w", Name, err)
	}
	return ctx.Err()
}

// Forecast implements forecast.Model. A series of which a channel has fewer than two
// observations keeps its last value, as a random walk like those of its panel, and the
// notes say so; the error wraps forecast.ErrTooShort if no series has two. With
// opt.Signal the distribution is that of trend, level and season without the noise.
func (m Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, (*pass).forecast, false)
}

// forecast returns mean and variance of the signal at times after the last.
func (p *pass) forecast(at []float64) (mean, variance []float64, err error) {
	if len(at) > 0 && !(at[0] > p.t[len(p.t)-1]) {
		return nil, nil, errors.New("a time to forecast is not after the last observation")
	}
	mean, variance = p.ahead(at)
	for i := 1; i < len(variance); i++ {
		variance[i] = math.Max(variance[i], variance[i-1]) // no more is known of what is farther
	}
	return mean, variance, nil
}

// ForecastPaths implements forecast.PathForecaster: trend, level and season are simulated
// from what is known of them at the end.
func (m Model) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, (*pass).forecast, true)
}

// Impute implements forecast.Imputer. The error is as that of Forecast, or says
// that a time lies before the series' first.
func (m Model) Impute(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, func(p *pass, at []float64) (mean, variance []float64, err error) {
		if len(at) == 0 {
			return nil, nil, nil
		}
		if at[0] < p.t[0] {
			return nil, nil, errors.New("a time to impute lies before the first observation")
		}
		whole := newPass(p.structure, p.with(at))
		whole.filter(p.v)
		asked := make(map[float64]int, len(at))
		for i, t := range at {
			asked[t] = i
		}
		mean, variance = make([]float64, len(at)), make([]float64, len(at))
		whole.smooth(func(t int, m, v float64) {
			if i, ok := asked[whole.t[t]]; ok {
				mean[i], variance[i] = m, v
			}
		})
		return mean, variance, nil
	}, false)
}

// with returns the course with further times, at which nothing is observed.
func (c course) with(at []float64) course {
	var all course
	i := 0
	for _, t := range at {
		for ; i < len(c.t) && c.t[i] < t; i++ {
			all.t, all.y = append(all.t, c.t[i]), append(all.y, c.y[i])
		}
		if i < len(c.t) && c.t[i] == t {
			continue
		}
		all.t, all.y = append(all.t, t), append(all.y, math.NaN())
	}
	all.t, all.y = append(all.t, c.t[i:]...), append(all.y, c.y[i:]...)
	return all
}

// A reading returns mean and variance of the signal at some times, in usual steps.
type reading func(p *pass, at []float64) (mean, variance []float64, err error)

// each reads the distribution of every series, on all processors: if joined, as sample paths.
func (m Model) each(ctx context.Context, history *series.Panel, opt forecast.Options, read reading, joined bool) (*forecast.Forecast, error) {
	if err := errors.Join(m.Validate(), history.Validate()); err != nil {
		return nil, fmt.Errorf("%s: %w", Name, err)
	}
	opt, err := opt.Resolve(history)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Name, err)
	}
	return magnitude.Forecast(history, func(p *series.Panel) (*forecast.Forecast, error) {
		s := m.scene(p, opt)
		return distributionsOf(ctx, Name, p, opt, joined, func(i int) (*forecast.Distribution, []joint.Course, error) {
			return s.distribution(p.Series[i], opt.At[i], opt.Signal, joined, read)
		})
	})
}

// distributionsOf returns the forecast of the distributions of all series, which one may be asked for
// concurrently: if joined, as sample paths, by the courses of the channels. Of those that have too
// few values it is a random walk.
func distributionsOf(ctx context.Context, name string, history *series.Panel, opt forecast.Options, joined bool,
	one func(i int) (*forecast.Distribution, []joint.Course, error)) (*forecast.Forecast, error) {
	courses := make([][]joint.Course, len(history.Series))
	f, err := forecast.BySeries(ctx, name, history, func(i int) (d *forecast.Distribution, err error) {
		d, courses[i], err = one(i)
		if errors.Is(err, forecast.ErrTooShort) {
			courses[i] = nil
			return nil, nil
		}
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := walk.StandIns(f, history, opt.At); err != nil || !joined {
		return f, err
	}
	return f, forecast.EachSeries(ctx, len(f.Series), func(i int) error {
		f.Series[i] = drawn(history, history.Series[i], f.Series[i], courses[i], opt)
		return f.Series[i].Validate()
	})
}

// drawn returns sample paths of s that have the marginals of d. Without courses they are
// random walks.
func drawn(p *series.Panel, s *series.Series, d *forecast.Distribution, courses []joint.Course, opt forecast.Options) *forecast.Distribution {
	if courses == nil {
		for c := range p.Width() {
			variance := make([]float64, len(d.Times))
			for k := range variance {
				variance[k] = d.SD[k*p.Width()+c] * d.SD[k*p.Width()+c]
			}
			courses = append(courses, joint.Walk(variance, nil))
		}
	}
	n := cmp.Or(opt.Samples, forecast.DefaultPaths)
	return forecast.Join(d, joint.Draws(n, len(d.Times), joint.Source(opt.Seed, s.ID), courses, joint.Channels(p, s)))
}

// A scene is what the series of a panel have in common.
type scene struct {
	structure
	panel   *series.Panel
	plain   bool
	periods []float64 // of several seasons, or of one that is not whole; else nil
}

// seasonOf returns the number of steps in a season: own if it is set, else that of the
// options, else the usual one of the panel; 1 if the panel is irregular.
func seasonOf(p *series.Panel, opt forecast.Options, own int) int {
	season := 1
	if !p.Step.Regular() {
		return season
	}
	for _, m := range []int{p.Season(), opt.Season, own} {
		if m > 0 {
			season = m
		}
	}
	return season
}

// periodsOf returns the periods of the seasons, the shortest first, if they are several or
// not whole, and if own does not say that there is one; else nil.
func periodsOf(p *series.Panel, opt forecast.Options, own int) []float64 {
	if !p.Step.Regular() || own > 0 {
		return nil
	}
	all := p.SeasonsBeside(opt.Season)
	if len(all) == 0 || len(all) == 1 && all[0] == math.Trunc(all[0]) {
		return nil
	}
	return all
}

func (m Model) scene(p *series.Panel, opt forecast.Options) *scene {
	s := &scene{panel: p, plain: m.Plain}
	if s.periods = periodsOf(p, opt, m.Season); s.periods != nil {
		s.season = s.periods[0]
		s.harmonics = MostHarmonics
		if m.Harmonics > 0 {
			s.harmonics = m.Harmonics
		}
		return s
	}
	if season := seasonOf(p, opt, m.Season); season > 1 {
		s.season = float64(season)
		s.harmonics = min(season/2, MostHarmonics)
		if m.Harmonics > 0 {
			s.harmonics = min(m.Harmonics, season/2)
		}
	}
	return s
}

// usualGap returns the usual step of x in the coordinate of the panel: the median
// distance of neighbouring times if these are irregular.
func (s *scene) usualGap(x *series.Series) float64 {
	if s.panel.Step.Regular() || x.Len() < 2 {
		return 1
	}
	gaps := make([]float64, x.Len()-1)
	for i := range gaps {
		gaps[i] = s.panel.Coordinate(x.Times[i+1]) - s.panel.Coordinate(x.Times[i])
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}

// distribution returns the distribution of the series at some times and, if joined, the
// courses of its channels.
func (s *scene) distribution(x *series.Series, at []float64, signal, joined bool, read reading) (*forecast.Distribution, []joint.Course, error) {
	var courses []joint.Course
	width := s.panel.Width()
	d := &forecast.Distribution{ID: x.ID, Times: slices.Clone(at)}
	if len(at) > maxAhead {
		return nil, nil, fmt.Errorf("%d times asked for, at most %d can be", len(at), maxAhead)
	}
	gap := s.usualGap(x)
	asked := make([]float64, len(at))
	for i, t := range at {
		asked[i] = s.panel.Coordinate(t) / gap
		if i > 0 && !(asked[i] > asked[i-1]) {
			return nil, nil, fmt.Errorf("time %s is not after the one before", s.panel.Axis.Stamp(t))
		}
	}
	log := make([]bool, width)
	mean, sd := make([]float64, len(at)*width), make([]float64, len(at)*width)
	for j := range width {
		c, p, err := s.likelier(x, j, gap)
		if err != nil {
			return nil, nil, err
		}
		p = p.over(c.course)
		m, v, err := c.read(p, asked, signal, read)
		if err == nil && c.log && c.strays(m, v) {
			if c, err = s.course(x, j, gap, false); err == nil {
				p = s.choose(c.recent(s.estimated())).over(c.course)
				m, v, err = c.read(p, asked, signal, read)
			}
		}
		if err != nil {
			return nil, nil, err
		}
		if joined {
			courses = append(courses, p.draws(asked, !signal))
		}
		if c.strays(m, v) {
			return nil, nil, fmt.Errorf("%w: what the model makes of %s leaves what it can support", forecast.ErrTooShort, s.panel.Channels[j])
		}
		log[j] = c.log
		for i := range m {
			mean[i*width+j], sd[i*width+j] = m[i], math.Sqrt(v[i])
		}
	}
	setMarginals(d, mean, sd, log)
	return d, courses, d.Validate()
}

// over returns the pass, which is one over the last times of c, over all of c.
func (p *pass) over(c course) *pass {
	if len(p.t) == len(c.t) {
		return p
	}
	whole := newPass(p.structure, c)
	whole.filter(p.v)
	return whole
}

// read returns mean and variance at some times, in the unit of the values or of their
// logarithms, with the noise unless the signal is asked for. p is a pass over c.
func (c scaled) read(p *pass, at []float64, signal bool, read reading) (mean, variance []float64, err error) {
	if mean, variance, err = read(p, at); err != nil {
		return nil, nil, err
	}
	wider := p.widening()
	for i := range mean {
		if !signal {
			variance[i] += p.v[ofNoise]
		}
		mean[i] = c.center + c.scale*mean[i]
		variance[i] *= wider * wider * c.scale * c.scale
	}
	return mean, variance, nil
}

// Distributions stray if a mean, or a value a few deviations from it, is so many times
// as far from all that was observed as that is wide.
const (
	strayMean, strayValue = 8, 80
	strayDeviations       = 1.3
)

// strays reports whether what is read of the course leaves what the course supports.
func (c scaled) strays(mean, variance []float64) bool {
	restore := func(x float64) float64 {
		if c.log {
			return math.Exp(x)
		}
		return x
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, y := range c.y {
		x := restore(c.center + c.scale*y)
		lo, hi = math.Min(lo, x), math.Max(hi, x)
	}
	reach := hi - lo
	if !(reach > 2*alike*math.Abs(c.center)) {
		return false
	}
	for i, m := range mean {
		d := strayDeviations * math.Sqrt(variance[i])
		if x := restore(m); x < lo-strayMean*reach || x > hi+strayMean*reach ||
			restore(m-d) < lo-strayValue*reach || !(restore(m+d) <= hi+strayValue*reach) {
			return true
		}
	}
	return false
}

// widening returns the factor by which distributions widen for what was estimated: the
// variances, the trend, and of the season no more than every fourth value tells.
func (p *pass) widening() float64 {
	n := p.observed()
	return freedom.Widening(n, 3+math.Min(float64(2*p.points()), n/4))
}

// decays are those that are tried beside none at all.
var decays = [...]float64{0.1, 0.5}

// choose estimates the variances for a few decays of the slope, and then of the
// level, and returns what is likeliest.
func (s *scene) choose(c course) *pass {
	first := s.structure
	if s.periods != nil {
		first.waves = strongest(c.grid(), s.periods, c.t[0], first.harmonics+len(s.periods))
	}
	best := newPass(first, c)
	best.estimate()
	for _, of := range []func(s *structure) *float64{
		func(s *structure) *float64 { return &s.slopeDecay },
		func(s *structure) *float64 { return &s.levelDecay },
	} {
		begun := best.structure
		for _, k := range decays {
			other := begun
			*of(&other) = k
			p := newPass(other, c)
			if p.estimate(); p.posterior() > best.posterior() {
				best = p
			}
		}
	}
	return best
}

// A scaled course has mean 0 and deviation 1, of the values of a channel or of their
// logarithms.
type scaled struct {
	course
	center, scale float64
	log           bool
}

// alike is the deviation of values that are all alike but for rounding, as a part of
// their mean.
const alike = 1e-12

// course returns channel j of x, or its logarithm, in its own scale.
func (s *scene) course(x *series.Series, j int, gap float64, log bool) (c scaled, err error) {
	c.log = log
	var all moments.Moments
	for i, t := range x.Times {
		v := x.Row(i)[j]
		if math.IsNaN(v) {
			continue // as where there is no row
		}
		if log {
			v = math.Log(v)
		}
		c.t, c.y = append(c.t, s.panel.Coordinate(t)/gap), append(c.y, v)
		all.Add(v)
	}
	if all.N < 2 {
		return c, fmt.Errorf("%w: %s has %.0f, at least 2 are needed", forecast.ErrTooShort, s.panel.Channels[j], all.N)
	}
	c.center, c.scale = all.Mean, math.Sqrt(all.Variance())
	if !(c.scale > alike*math.Abs(c.center)) {
		c.scale = math.Max(alike*math.Abs(c.center), math.SmallestNonzeroFloat64)
	}
	series.Scaling{Center: []float64{c.center}, Scale: []float64{c.scale}}.Apply(c.y, c.y)
	return c, nil
}

// likelier returns channel j of x, or its logarithm if that may be modelled and the
// values are likelier with it, with the variances estimated from the last times.
func (s *scene) likelier(x *series.Series, j int, gap float64) (scaled, *pass, error) {
	c, err := s.course(x, j, gap, false)
	if err != nil {
		return c, nil, err
	}
	p := s.choose(c.recent(s.estimated()))
	changes := c.scale > 2*alike*math.Abs(c.center)
	for i := range x.Times {
		changes = changes && !(x.Row(i)[j] <= 0)
	}
	if s.plain || !changes {
		return c, p, nil
	}
	l, err := s.course(x, j, gap, true)
	if err != nil {
		return c, nil, err
	}
	q := s.choose(l.recent(s.estimated()))
	// The density of a value is that of its logarithm over the value.
	n, jacobian := 0.0, 0.0
	for _, y := range q.y {
		if !math.IsNaN(y) {
			n++
			jacobian += l.center + l.scale*y
		}
	}
	if q.logL-n*math.Log(l.scale)-jacobian > p.logL-n*math.Log(c.scale) {
		return l, q, nil
	}
	return c, p, nil
}

// estimated returns the number of times that the variances are estimated from.
func (s *scene) estimated() int {
	if s.periods == nil {
		return max(recentTimes, int(recentSeasons*s.season))
	}
	longest := s.periods[len(s.periods)-1]
	return max(recentTimes, min(int(recentSeasons*longest), mostRecent))
}

// grid returns the values of a course in steps of one, with NaN between its times.
func (c course) grid() []float64 {
	y := slices.Repeat([]float64{math.NaN()}, 1+int(math.Round(c.t[len(c.t)-1]-c.t[0])))
	for i, t := range c.t {
		y[int(math.Round(t-c.t[0]))] = c.y[i]
	}
	return y
}

// recent returns the last n times of the course.
func (c course) recent(n int) course {
	if len(c.t) <= n {
		return c
	}
	from := len(c.t) - n
	return course{c.t[from:], c.y[from:]}
}
