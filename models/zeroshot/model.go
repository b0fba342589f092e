package zeroshot

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/effects"
	"tsgen/internal/magnitude"
	"tsgen/internal/option"
	"tsgen/internal/walk"
	"tsgen/models/zeroshot/internal/network"
	"tsgen/series"
)

// Name is the name of the model.
const Name = "zeroshot"

// Options are the options of a Model. The zero value is ready to use.
type Options struct {
	// Season is the number of steps in a season; zero means those of the panel, or of the
	// forecast's options.
	Season int `min:"1" max:"131072" default:"those of the series" help:"steps in a season"`

	// Tune has Fit go on with the training on the panel.
	Tune bool `json:",omitempty" default:"false" help:"whether the network is trained on with the series, and kept if it forecasts their held-back ends better"`

	// Bare leaves covariates that are known ahead out of account, whose effects are otherwise
	// estimated by regression, taken from the history and put onto the forecast.
	Bare bool `default:"false" help:"whether covariates that are known ahead are left out of account"`
}

// Validate says what is wrong with the options, if anything.
func (o Options) Validate() error { return option.Validate("", o) }

// A Model forecasts by the network that comes with the program. Its zero value is ready
// to use. It may be used concurrently once it is fitted.
type Model struct {
	Options Options

	outcome *Outcome // of the tuning, nil before it
	tuned   *network.Forecaster
	values  []float64 // the weights of tuned
	foreign bool      // it was stored by a program with other weights
}

// Name returns "zeroshot".
func (m *Model) Name() string { return Name }

// Outcome returns what tuning came to, nil if there was none.
func (m *Model) Outcome() *Outcome { return m.outcome }

// Fit learns nothing unless it is to tune. Then it trains the network with all but the last
// fifth of each series, or two horizons if that is more, and keeps what it learned if that
// forecasts the rest better; it takes seconds, and is the same for the same seed.
func (m *Model) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	if err := train.Validate(); err != nil {
		return fmt.Errorf("zeroshot: %w", err)
	}
	*m = Model{Options: m.Options}
	if err := m.Options.Validate(); err != nil || !m.Options.Tune {
		return cmp.Or(err, ctx.Err())
	}
	return m.tune(ctx, train, opt, tuneUpdates)
}

// use has the model forecast with weights of its own.
func (m *Model) use(values []float64) {
	m.values = values
	m.tuned = network.New(rand.New(rand.NewPCG(0, 0))).NewForecaster(values)
}

const (
	together = 32 // series that the network takes at once

	// leastObserved is the number of observations from which on the network forecasts a
	// series; a random walk does below.
	leastObserved = 4
)

// Forecast implements forecast.Model; the forecast consists of quantiles. That of a
// channel depends on nothing but its own values and the seasons, and, where times are irregular, the
// usual time between two rows of the panel: the rows are brought to steps of it, and times between
// two steps lie on the line between their quantiles. The error wraps
// forecast.ErrMismatch if a time lies off the grid of a regular panel, and
// forecast.ErrTooShort if no series has two observations of some channel.
func (m *Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, func(p *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
		return m.forecast(ctx, p, opt)
	})
}

// each has tell make the forecast of a history that was found fit for it, of values that may be squared.
func (m *Model) each(ctx context.Context, history *series.Panel, opt forecast.Options, tell func(*series.Panel, forecast.Options) (*forecast.Forecast, error)) (*forecast.Forecast, error) {
	err := history.Validate()
	if err == nil && m.Options.Tune && m.outcome == nil {
		err = fmt.Errorf("zeroshot: %w", forecast.ErrNotFitted)
	}
	if err == nil {
		opt, err = opt.Resolve(history)
	}
	if err == nil {
		err = m.Options.Validate()
	}
	if err != nil {
		return nil, err
	}
	return magnitude.Forecast(history, func(p *series.Panel) (*forecast.Forecast, error) {
		steps := func(p *series.Panel) (*forecast.Forecast, error) { return onSteps(p, opt, tell) }
		var f *forecast.Forecast
		var err error
		if m.Options.Bare {
			f, err = steps(p)
		} else {
			f, err = effects.Forecast(ctx, p, m.periods(p, opt.Season), steps)
		}
		if err != nil {
			return nil, fmt.Errorf("zeroshot: %w", err)
		}
		if m.outcome != nil {
			f.Notes = append(f.Notes, m.outcome.note())
		}
		if m.foreign {
			f.Notes = append(f.Notes, "zeroshot: the model file is of a program with other weights; these forecast in their place, and a calibration may be off")
		}
		return f, nil
	})
}

// onSteps has tell make the forecast, on a grid if the panel is irregular.
func onSteps(p *series.Panel, opt forecast.Options, tell func(*series.Panel, forecast.Options) (*forecast.Forecast, error)) (*forecast.Forecast, error) {
	if p.Step.Regular() {
		return tell(p, opt)
	}
	g, err := onGrid(p, opt)
	if err != nil {
		return nil, err
	}
	f, err := tell(g.panel, g.opt)
	if err != nil {
		return nil, err
	}
	f.Notes = append(f.Notes, g.note(p))
	return g.ungrid(f, opt.At), nil
}

// network returns what the model forecasts with.
func (m *Model) network() *network.Forecaster {
	if m.tuned != nil {
		return m.tuned
	}
	return pretrained()
}

func (m *Model) forecast(ctx context.Context, p *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	season, second := m.seasons(p, opt.Season)
	f := &forecast.Forecast{Model: Name, Channels: slices.Clone(p.Channels), Series: make([]*forecast.Distribution, len(p.Series))}
	net, walks := m.network(), walk.NewWalker(p)
	few, plain := 0, 0
	var all []*channel
	for i, s := range p.Series {
		steps, err := leads(p, s, opt.At[i])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", forecast.Describe(s.ID), err)
		}
		grid, _, err := p.Grid(s)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
		}
		f.Series[i] = blank(s.ID, opt.At[i], p.Width(), net)
		for c := range p.Width() {
			x := &channel{to: f.Series[i], number: c, leads: steps}
			if x.take(grid, p.Width()) < leastObserved {
				few++
				w, err := walks.Walk(s, c)
				if err != nil {
					return nil, err
				}
				w.Age = 0 // leads are counted from the last observation
				x.walk(net, w)
				continue
			}
			if m, _ := network.SeasonFor(len(x.y), season, second); m < season {
				plain++
			}
			all = append(all, x)
		}
	}
	err := forecast.EachSeries(ctx, (len(all)+together-1)/together, func(i int) error {
		batch(all[i*together:min(len(all), (i+1)*together)], net, season, second)
		return nil
	})
	if err != nil {
		return nil, err
	}
	channels := len(p.Series) * p.Width()
	if few > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("zeroshot: %d of %d series were observed fewer than %d times; their last value stands in", few, channels, leastObserved))
	}
	if plain > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("zeroshot: %d of %d series are hardly longer than a season of %d steps and are forecast without one", plain, channels, season))
	}
	return f, nil
}

// periods returns those of the seasons of a panel, in steps.
func (m *Model) periods(p *series.Panel, asked int) []float64 {
	if m.Options.Season > 0 {
		return []float64{float64(m.Options.Season)}
	}
	return p.SeasonsBeside(asked)
}

// seasons returns the season that the network takes in whole steps, 1 for none, and a longer one, 0 for none.
func (m *Model) seasons(p *series.Panel, asked int) (season, second int) {
	periods := m.periods(p, asked)
	if len(periods) == 0 {
		return 1, 0
	}
	season = wholeSteps(periods[0])
	if len(periods) > 1 {
		second = wholeSteps(periods[1])
	}
	return season, second
}

// wholeSteps returns the whole number of steps after which a period comes back to its
// beginning, up to a fiftieth of it: of the first five turns, or the closest of them.
func wholeSteps(period float64) int {
	best, least := 0.0, math.Inf(1)
	for k := 1.0; k <= 5 && least > period/50; k++ {
		if off := math.Abs(k*period - math.Round(k*period)); off < least {
			best, least = math.Round(k*period), off
		}
	}
	return int(best)
}

// leads returns how many steps after the last time of s the times lie.
func leads(p *series.Panel, s *series.Series, at []float64) ([]int, error) {
	if s.Len() == 0 {
		return nil, fmt.Errorf("%w: it has no observations", forecast.ErrTooShort)
	}
	last := 0
	steps, err := p.StepsFrom(s.Times[s.Len()-1], at)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
	}
	for i, n := range steps {
		if n <= last {
			return nil, fmt.Errorf("time %s to forecast is not after the one before it", p.Axis.Stamp(at[i]))
		}
		last = n
	}
	return steps, nil
}

// blank returns the distribution of the times with nothing filled in.
func blank(id string, at []float64, width int, net *network.Forecaster) *forecast.Distribution {
	d := &forecast.Distribution{ID: id, Times: slices.Clone(at), Probs: net.Output().Probs()}
	for range d.Probs {
		d.Values = append(d.Values, make([]float64, len(at)*width))
	}
	return d
}

// A channel is one channel of one series to forecast.
type channel struct {
	to     *forecast.Distribution
	number int
	y      []float64 // up to the last observation
	leads  []int
}

// take takes the values of the channel out of a grid, and returns how many were observed.
// Leads are counted from the last observation on.
func (x *channel) take(grid []float64, width int) (observed int) {
	rows := len(grid) / width
	y := make([]float64, rows)
	end := 0
	for i := range y {
		y[i] = grid[i*width+x.number]
		if !math.IsNaN(y[i]) {
			observed++
			end = i + 1
		}
	}
	x.y = y[:end]
	if gap := rows - end; gap > 0 && end > 0 {
		x.leads = slices.Clone(x.leads)
		for i := range x.leads {
			x.leads[i] += gap
		}
	}
	return observed
}

// walk fills in the quantiles of a random walk.
func (x *channel) walk(net *network.Forecaster, w walk.Walk) {
	width := len(x.to.Values[0]) / max(len(x.to.Times), 1)
	for k, lead := range x.leads {
		for i, u := range normal(net, w, lead) {
			x.to.Values[i][k*width+x.number] = u
		}
	}
}

// batch fills in the forecasts of some channels.
func batch(all []*channel, net *network.Forecaster, season, second int) {
	var y [][]float64
	var leads [][]int
	for _, x := range all {
		y, leads = append(y, x.y), append(leads, x.leads)
	}
	k := net.Output().Outputs()
	for i, q := range net.Forecast(y, season, second, leads) {
		x := all[i]
		width := len(x.to.Values[0]) / max(len(x.to.Times), 1)
		for t := range x.leads {
			for j := range k {
				x.to.Values[j][t*width+x.number] = q[t*k+j]
			}
		}
	}
}
