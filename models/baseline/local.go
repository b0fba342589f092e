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

// check says what is wrong with a history, the season of a model and the
// resolved options of a forecast.
func check(history *series.Panel, season int, opt forecast.Options) error {
	if err := history.Validate(); err != nil {
		return err
	}
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
// with an error.
func rescaled(ctx context.Context, m forecast.Model, history *series.Panel, opt *forecast.Options) (f *forecast.Forecast, done bool, err error) {
	if *opt, err = opt.Resolve(history); err != nil {
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
// laws of a series are asked for once, in the order of the channels.
func forecastEach(ctx context.Context, name string, history *series.Panel, opt forecast.Options,
	laws func(i int, s *series.Series) ([]law, error)) (*forecast.Forecast, error) {
	f := &forecast.Forecast{Model: name, Channels: slices.Clone(history.Channels)}
	width := history.Width()
	for i, s := range history.Series {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		ls, err := laws(i, s)
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
		origin := history.Coordinate(s.Times[s.Len()-1])
		for k, t := range at {
			lead := history.Coordinate(t) - origin
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

// steps splits a lead into whole steps and the fraction of a step beyond,
// which is zero for a lead that is whole up to rounding.
func steps(lead float64) (whole int, fraction float64) {
	const rounding = 1e-6
	if r := math.Round(lead); math.Abs(lead-r) < rounding {
		return int(r), 0
	}
	f := math.Floor(lead)
	return int(f), lead - f
}

// longestLead returns how many steps after the last time of s the last of the
// times at is, rounded up.
func longestLead(p *series.Panel, s *series.Series, at []float64) int {
	if len(at) == 0 {
		return 0
	}
	k, fraction := steps(p.Coordinate(at[len(at)-1]) - p.Coordinate(s.Times[s.Len()-1]))
	return k + int(math.Ceil(fraction))
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
