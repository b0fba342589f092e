package statespace

import (
	"context"
	"errors"
	"fmt"
	"math"

	"tsgen/forecast"
	"tsgen/internal/magnitude"
	"tsgen/series"
)

// Components implements forecast.Decomposer: trend (with what the level adds), each season and
// remainder, by the smoother, given all values. Values are modelled as they are, not by their
// logarithm, so that components add up. The error wraps forecast.ErrTooShort if a channel of
// a series has fewer than two values.
func (m Model) Components(ctx context.Context, history *series.Panel, opt forecast.Options) ([]*forecast.Components, error) {
	if err := errors.Join(m.Validate(), history.Validate()); err != nil {
		return nil, fmt.Errorf("%s: %w", Name, err)
	}
	m.Plain = true
	scaled, scales := magnitude.Rescale(history)
	return eachComponents(ctx, Name, history, scaled, scales, m.scene(scaled, opt).components)
}

// eachComponents returns the components of every series, which the function of a model of that name
// gives of the scaled one, without the remainder.
func eachComponents(ctx context.Context, name string, history, scaled *series.Panel, scales magnitude.Scales,
	of func(*series.Series) (*forecast.Components, error),
) ([]*forecast.Components, error) {
	all := make([]*forecast.Components, len(history.Series))
	err := forecast.EachSeries(ctx, len(all), func(i int) (err error) {
		if all[i], err = of(scaled.Series[i]); err != nil {
			return fmt.Errorf("%s: %s: %w", name, forecast.Describe(history.Series[i].ID), err)
		}
		for k := range all[i].Names {
			if scales != nil {
				scales.Restore(all[i].Mean[k])
				scales.Restore(all[i].SD[k])
			}
		}
		all[i].Complete(history.Series[i].Values)
		return nil
	})
	return all, err
}

// components returns those of x, without the remainder.
func (s *scene) components(x *series.Series) (*forecast.Components, error) {
	width := s.panel.Width()
	c := &forecast.Components{ID: x.ID, Names: []string{"trend"}}
	periods := s.periods
	if periods == nil && s.season > 1 {
		periods = []float64{s.season}
	}
	for _, period := range periods {
		c.Names = append(c.Names, forecast.SeasonName(period))
	}
	c.Names = append(c.Names, forecast.Remainder)
	for range c.Names {
		c.Mean, c.SD = append(c.Mean, make([]float64, len(x.Values))), append(c.SD, make([]float64, len(x.Values)))
	}
	gap := s.usualGap(x)
	for j := range width {
		y, p, err := s.likelier(x, j, gap)
		if err != nil {
			return nil, err
		}
		at := make([]float64, x.Len())
		row := make(map[float64]int, x.Len())
		for i, t := range x.Times {
			at[i] = s.panel.Coordinate(t) / gap
			row[at[i]] = i
		}
		whole := newPass(p.structure, y.with(at))
		whole.filter(p.v)
		for k := range 1 + len(periods) {
			whole.weights = whole.of(k-1, periods)
			center := 0.0
			if k == 0 {
				center = y.center
			}
			whole.smooth(func(t int, mean, variance float64) {
				if i, ok := row[whole.t[t]]; ok {
					c.Mean[k][i*width+j], c.SD[k][i*width+j] = center+y.scale*mean, y.scale*math.Sqrt(variance)
				}
			})
		}
	}
	return c, nil
}

// of returns 1 for the state variables that are part of the season of that number, or of the trend
// for a negative one, and 0 for the others.
func (p *pass) of(number int, periods []float64) []float64 {
	c := make([]float64, p.dim())
	if number < 0 {
		c[atTrend], c[atLevel] = 1, 1
		return c
	}
	for h := range p.points() {
		if p.waves == nil || p.waves[h].period == periods[number] {
			c[atSeason+2*h] = 1
		}
	}
	return c
}
