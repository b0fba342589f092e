package baseline

import (
	"context"
	"fmt"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/magnitude"
	"tsgen/series"
)

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
			return fmt.Errorf("%w: %s has none", forecast.ErrTooShort, describe(s))
		}
		last := s.Times[s.Len()-1]
		for _, t := range opt.At[i] {
			if !(t > last) || math.IsInf(t, 0) {
				return fmt.Errorf("%s: time %s to forecast is not after %s, the one before it",
					describe(s), history.Axis.Stamp(t), history.Axis.Stamp(last))
			}
			last = t
		}
		if lead := history.Coordinate(last) - history.Coordinate(s.Times[s.Len()-1]); history.Step.Regular() && lead > maxLead {
			return fmt.Errorf("%s: %s is %.0f steps ahead, at most %d can be forecast",
				describe(s), history.Axis.Stamp(last), lead, maxLead)
		}
	}
	return nil
}

// rescaled resolves opt and makes the forecast of m of values that may be squared,
// if those of the history may not. It says whether m is done with the forecast, or
// with an error, also if the history is not valid.
func rescaled(ctx context.Context, m forecast.Model, history *series.Panel, opt *forecast.Options) (f *forecast.Forecast, done bool, err error) {
	if err = history.Validate(); err == nil {
		*opt, err = opt.Resolve(history)
	}
	if err != nil {
		return nil, true, fmt.Errorf("%s: %w", m.Name(), err)
	}
	return magnitude.Forecast(history, func(p *series.Panel) (*forecast.Forecast, error) { return m.Forecast(ctx, p, *opt) })
}

// describe names a series in a message.
func describe(s *series.Series) string {
	if s.ID == "" {
		return "the series"
	}
	return fmt.Sprintf("series %q", s.ID)
}

// season returns the number of steps in a season: own if it is set, else that
// of the options, else the usual one of the panel; 1 if the panel is irregular.
func season(own int, opt forecast.Options, p *series.Panel) int {
	switch {
	case !p.Step.Regular():
		return 1
	case own > 0:
		return own
	case opt.Season > 0:
		return opt.Season
	}
	return p.Season()
}

// forecastEach makes a forecast of the laws of all channels of all series. The
// laws of a series are asked for once, in the order of the channels, with the leads
// at which they are wanted.
func forecastEach(ctx context.Context, name string, history *series.Panel, opt forecast.Options,
	laws func(i int, s *series.Series) (leads []float64, laws []law, err error)) (*forecast.Forecast, error) {
	f := &forecast.Forecast{Model: name, Channels: slices.Clone(history.Channels)}
	width := history.Width()
	for i, s := range history.Series {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		leads, ls, err := laws(i, s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		at := opt.At[i]
		d := &forecast.Distribution{
			ID:    s.ID,
			Times: slices.Clone(at),
			Mean:  make([]float64, len(at)*width),
			SD:    make([]float64, len(at)*width),
		}
		for k, lead := range leads {
			for c, l := range ls {
				d.Mean[k*width+c], d.SD[k*width+c] = l.At(lead)
			}
		}
		if err := d.Validate(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		f.Series = append(f.Series, d)
	}
	return f, nil
}

// stepsAhead returns how many steps after the last time of s the times at lie, and
// the most of them. The error wraps forecast.ErrMismatch if a time is off the grid.
func stepsAhead(p *series.Panel, s *series.Series, at []float64) (steps []int, most int, err error) {
	if steps, err = p.StepsFrom(s.Times[s.Len()-1], at); err != nil {
		return nil, 0, fmt.Errorf("%w: %s: %w", forecast.ErrMismatch, describe(s), err)
	}
	if len(steps) > 0 {
		most = steps[len(steps)-1]
	}
	return steps, most, nil
}

// leadsOf returns how far after the last time of s the times at lie, in the
// coordinate of the panel.
func leadsOf(p *series.Panel, s *series.Series, at []float64) []float64 {
	origin := p.Coordinate(s.Times[s.Len()-1])
	leads := make([]float64, len(at))
	for k, t := range at {
		leads[k] = p.Coordinate(t) - origin
	}
	return leads
}

// whole returns steps as leads.
func whole(steps []int) []float64 {
	leads := make([]float64, len(steps))
	for k, n := range steps {
		leads[k] = float64(n)
	}
	return leads
}

// between interpolates linearly.
func between(a, b, fraction float64) float64 { return a + fraction*(b-a) }

// column returns channel c of values with width channels.
func column(values []float64, c, width int) []float64 {
	y := make([]float64, len(values)/width)
	for i := range y {
		y[i] = values[i*width+c]
	}
	return y
}
