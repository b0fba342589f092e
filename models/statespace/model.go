package statespace

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/continuous"
	"tsgen/internal/fits"
	"tsgen/internal/freedom"
	"tsgen/internal/joint"
	"tsgen/internal/magnitude"
	"tsgen/internal/option"
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
	return m.forecastFrom(ctx, history, opt, nil, false)
}

// ForecastPaths implements forecast.PathForecaster: trend, level and season are simulated
// from what is known of them at the end.
func (m Model) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.forecastFrom(ctx, history, opt, nil, true)
}

// forecastFrom makes the forecast, if joined as sample paths, by the estimates where they hold.
func (m Model) forecastFrom(ctx context.Context, history *series.Panel, opt forecast.Options, known *fits.Fits, joined bool) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, known, forward, joined)
}

// forward reads the distribution of the signal after the last time.
func forward(p *pass, at []float64) (mean, variance []float64, err error) {
	if len(at) > 0 && !(at[0] > p.t[len(p.t)-1]) {
		return nil, nil, errors.New("a time to forecast is not after the last observation")
	}
	mean, variance = p.ahead(at)
	between := continuous.Unasked(p.t[len(p.t)-1], at)
	_, others := p.ahead(between)
	most := 0.0 // no more is known of what is farther
	for i, v := range variance {
		for ; len(between) > 0 && between[0] < at[i]; between, others = between[1:], others[1:] {
			most = math.Max(most, others[0])
		}
		most = math.Max(most, v)
		variance[i] = most
	}
	return mean, variance, nil
}

// Impute implements forecast.Imputer, also at times before the first observation. The error is
// as that of Forecast.
func (m Model) Impute(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.imputeFrom(ctx, history, opt, nil)
}

// imputeFrom is Impute by the estimates where they hold.
func (m Model) imputeFrom(ctx context.Context, history *series.Panel, opt forecast.Options, known *fits.Fits) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, known, within, false)
}

// within reads the distribution of the signal given all observations.
func within(p *pass, at []float64) (mean, variance []float64, err error) {
	if len(at) == 0 {
		return nil, nil, nil
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
func (m Model) each(ctx context.Context, history *series.Panel, opt forecast.Options, known *fits.Fits, read reading, joined bool) (*forecast.Forecast, error) {
	if err := errors.Join(m.Validate(), history.Validate()); err != nil {
		return nil, fmt.Errorf("%s: %w", Name, err)
	}
	opt, err := opt.Resolve(history)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Name, err)
	}
	return magnitude.Forecast(history, func(p *series.Panel) (*forecast.Forecast, error) {
		s := m.scene(p, opt)
		s.known = known.Table(s.seasons())
		return distributionsOf(ctx, Name, p, opt, joined, func(i int) (*forecast.Distribution, []joint.Course, error) {
			return s.distribution(p.Series[i], opt.At[i], opt.Signal, joined, read)
		})
	})
}

// A scene is what the series of a panel have in common.
type scene struct {
	structure
	panel   *series.Panel
	plain   bool
	periods []float64 // of several seasons, or of one that is not whole; else nil
	known   *fits.Table
}

// seasons returns the periods of the seasons, none if there is no season.
func (s *scene) seasons() []float64 {
	switch {
	case s.periods != nil:
		return s.periods
	case s.season > 1:
		return []float64{s.season}
	}
	return nil
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
	for i, t := range at {
		if i > 0 && !(s.panel.Coordinate(t) > s.panel.Coordinate(at[i-1])) {
			return nil, nil, fmt.Errorf("time %s is not after the one before", s.panel.Axis.Stamp(t))
		}
	}
	gap := s.usualGap(x)
	known := s.known.Find(x)
	log := make([]bool, width)
	mean, sd := make([]float64, len(at)*width), make([]float64, len(at)*width)
	for j := range width {
		var f *found
		if known != nil {
			f = s.resumed(x, j, at, signal, read, known[j])
		}
		if f == nil {
			var err error
			if f, err = s.estimate(x, j, gap, at, signal, read); err != nil {
				return nil, nil, err
			}
		}
		if joined {
			courses = append(courses, f.draws(s.asked(at, f.gap), !signal))
		}
		log[j] = f.log
		for i := range f.mean {
			mean[i*width+j], sd[i*width+j] = f.mean[i], math.Sqrt(f.variance[i])
		}
	}
	setMarginals(d, mean, sd, log)
	return d, courses, d.Validate()
}

// found is what was read of a channel, and the pass whose structure and variances it was
// read by.
type found struct {
	scaled
	*pass
	gap            float64 // the usual step
	mean, variance []float64
}

// asked returns times in usual steps.
func (s *scene) asked(at []float64, gap float64) []float64 {
	times := make([]float64, len(at))
	for i, t := range at {
		times[i] = s.panel.Coordinate(t) / gap
	}
	return times
}

// estimate estimates channel j of x and reads its distribution at some times.
func (s *scene) estimate(x *series.Series, j int, gap float64, at []float64, signal bool, read reading) (*found, error) {
	asked := s.asked(at, gap)
	c, p, err := s.likelier(x, j, gap)
	if err != nil {
		return nil, err
	}
	p = p.over(c.course)
	m, v, err := c.read(p, asked, signal, read)
	if err == nil && c.log && c.strays(m, v) {
		if c, err = s.course(x, j, gap, false); err == nil {
			p = s.begin(c.recent(s.estimated())).refined().over(c.course)
			m, v, err = c.read(p, asked, signal, read)
		}
	}
	if err != nil {
		return nil, err
	}
	if c.strays(m, v) {
		return nil, fmt.Errorf("%w: what the model makes of %s leaves what it can support", forecast.ErrTooShort, s.panel.Channels[j])
	}
	return &found{c, p, gap, m, v}, nil
}

// over returns the pass, which is one over the last times of c, over all of c.
func (p *pass) over(c course) *pass {
	if len(p.t) == len(c.t) {
		return p
	}
	whole := lastPass(p.structure, c)
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

// widening returns the factor by which distributions widen for what was estimated: the
// variances and the trend, and of the season no more than every third value tells.
func (p *pass) widening() float64 {
	n := p.observed()
	return freedom.Widening(n, freedom.Chosen(n)+math.Min(float64(2*p.points()), n/3))
}

// decays are those that are tried beside none at all.
var decays = [...]float64{0.1, 0.5}

// muchLess is by how many nats a decay is worse than none if a faster one is not worth a try.
const muchLess = 2

// begin estimates the variances of a course without decays.
func (s *scene) begin(c course) *pass {
	first := s.structure
	if s.periods != nil {
		first.waves = strongest(c.grid(), s.periods, c.t[0], first.harmonics+len(s.periods))
	}
	p := newPass(first, c)
	p.estimate()
	return p
}

// refined returns what is likeliest among a pass whose variances are estimated and those with
// a few decays of the slope, and then of the level. Where one leaves the values much less
// likely, faster ones are not tried.
func (p *pass) refined() *pass {
	best := p
	for _, of := range []func(s *structure) *float64{
		func(s *structure) *float64 { return &s.slopeDecay },
		func(s *structure) *float64 { return &s.levelDecay },
	} {
		begun := best.structure
		for _, k := range decays {
			other := begun
			*of(&other) = k
			p := newPass(other, best.course)
			p.estimate()
			l := p.posterior()
			if l < best.posterior()-muchLess {
				break
			}
			if l > best.posterior() {
				best = p
			}
		}
	}
	return best
}

// likelier returns channel j of x, or its logarithm if that may be modelled and the
// values are likelier with it, with the variances estimated from the last times.
func (s *scene) likelier(x *series.Series, j int, gap float64) (scaled, *pass, error) {
	c, err := s.course(x, j, gap, false)
	if err != nil {
		return c, nil, err
	}
	p := s.begin(c.recent(s.estimated()))
	changes := c.scale > 2*alike*math.Abs(c.center)
	for i := range x.Times {
		changes = changes && !(x.Row(i)[j] <= 0)
	}
	if s.plain || !changes {
		return c, p.refined(), nil
	}
	l, err := s.course(x, j, gap, true)
	if err != nil {
		return c, nil, err
	}
	q := s.begin(l.recent(s.estimated()))
	// The density of a value is that of its logarithm over the value.
	n, jacobian := 0.0, 0.0
	for _, y := range q.y {
		if !math.IsNaN(y) {
			n++
			jacobian += l.center + l.scale*y
		}
	}
	if q.logL-n*math.Log(l.scale)-jacobian > p.logL-n*math.Log(c.scale) {
		return l, q.refined(), nil
	}
	return c, p.refined(), nil
}

// estimated returns the number of times that the variances are estimated from.
func (s *scene) estimated() int {
	if s.periods == nil {
		return Estimated(float64(s.season), false)
	}
	return Estimated(s.periods[len(s.periods)-1], true)
}

// Estimated returns the number of times, the last of a series, that the variances of a Model are
// estimated from: by its longest season, in steps, and by whether it has several.
func Estimated(longest float64, several bool) int {
	times := int(recentSeasons * longest)
	if several {
		times = min(times, mostRecent)
	}
	return max(recentTimes, times)
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
