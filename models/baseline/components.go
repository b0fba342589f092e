package baseline

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"tsgen/forecast"
	"tsgen/series"
)

// Components implements forecast.Decomposer: trend, each season and remainder of STL, or of MSTL
// for several seasons. The deviations are those that a smoother of as many degrees of freedom
// has on average where the remainders are independent. The error wraps forecast.ErrTooShort
// if a series has not two seasons of values, and forecast.ErrMismatch if the panel is
// irregular or has no season.
func (m STL) Components(ctx context.Context, history *series.Panel, opt forecast.Options) ([]*forecast.Components, error) {
	if err := history.Validate(); err != nil {
		return nil, err
	}
	if err := m.local().check(history); err != nil {
		return nil, fmt.Errorf("%s: %w", m.Name(), err)
	}
	periods := seasons(m.Season, opt.Season, history)
	if len(periods) == 0 {
		return nil, fmt.Errorf("%s: %w: the series have no season to decompose by; give one with --season", m.Name(), forecast.ErrMismatch)
	}
	all := make([]*forecast.Components, len(history.Series))
	err := forecast.EachSeries(ctx, len(all), func(i int) (err error) {
		if all[i], err = m.components(history, history.Series[i], periods); err != nil {
			return fmt.Errorf("%s: %s: %w", m.Name(), forecast.Describe(history.Series[i].ID), err)
		}
		return nil
	})
	return all, err
}

func (m STL) components(p *series.Panel, s *series.Series, periods []float64) (*forecast.Components, error) {
	grid, rows, err := p.Grid(s)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
	}
	width := p.Width()
	c := &forecast.Components{ID: s.ID, Names: []string{"trend"}}
	for _, period := range periods {
		c.Names = append(c.Names, forecast.SeasonName(period))
	}
	c.Names = append(c.Names, forecast.Remainder)
	for range c.Names {
		c.Mean, c.SD = append(c.Mean, make([]float64, len(s.Values))), append(c.SD, make([]float64, len(s.Values)))
	}
	for j := range width {
		y := series.Column(grid, j, width)
		if observed(y) < 2*whole(periods[0]) {
			return nil, fmt.Errorf("%w: %s has %d values, two seasons of %d are needed", forecast.ErrTooShort, p.Channels[j], observed(y), whole(periods[0]))
		}
		core, _ := trim(y)
		begin := slices.IndexFunc(y, isObserved)
		means, sds := m.split(core, periods)
		for r, row := range rows {
			for k := range means {
				at := row - begin
				if k > 0 {
					at = inSeason(at, len(core), periods[k-1])
				}
				at = min(max(at, 0), len(core)-1) // the trend before the first and after the last value is as there
				c.Mean[k][r*width+j], c.SD[k][r*width+j] = means[k][at], sds[k]
			}
		}
	}
	c.Complete(s.Values)
	return c, nil
}

// inSeason returns the step of n that is as many whole seasons from at as it takes to come among them.
func inSeason(at, n int, period float64) int {
	switch {
	case at < 0:
		return at + int(math.Round(math.Ceil(float64(-at)/period)*period))
	case at >= n:
		return at - int(math.Round(math.Ceil(float64(at-n+1)/period)*period))
	}
	return at
}

// split returns trend and seasons of y, and the deviation of each.
func (m STL) split(y, periods []float64) (means [][]float64, sds []float64) {
	n, freedom := float64(observed(y)), make([]float64, 1+len(periods))
	means = [][]float64{nil}
	adjusted := slices.Clone(y)
	trended := 1.5 * periods[len(periods)-1]
	if isPlain(periods) {
		o := DecomposeOptions{Period: whole(periods[0]), Seasonal: max(m.Window, 0), Periodic: m.Window < 0}
		if m.Robust {
			o.Outer = robustLoops
		}
		o = o.complete(len(y))
		d := decompose(y, o)
		means = [][]float64{d.Trend, d.Seasonal}
		freedom[1], trended = o.freedom(len(y)), float64(o.Trend)
		floats.Sub(adjusted, d.Seasonal)
	} else {
		parts := m.parts(periods, observed(y))
		effects := decomposeSeveral(y, parts)
		for _, period := range periods {
			effect := make([]float64, len(y)) // none of a season that is too long to tell
			if i := slices.IndexFunc(parts, func(p part) bool { return p.period == period }); i >= 0 {
				for t := range effect {
					effect[t] = effects[i].at(t)
				}
				freedom[len(means)] = parts[i].freedom(len(y))
				floats.Sub(adjusted, effect)
			}
			means = append(means, effect)
		}
		weight := make([]float64, len(y))
		for t, v := range y {
			if isObserved(v) {
				weight[t] = 1
			}
		}
		trend := make([]float64, len(y))
		loess(trend, filled(adjusted), 0, odd(math.Min(trended, float64(len(y)))), 1, weight)
		means[0] = trend
	}
	freedom[0] = 2 * math.Max(1, n/trended) // of a line in each window
	square, left := 0.0, n
	for t, v := range adjusted {
		if isObserved(v) {
			square += (v - means[0][t]) * (v - means[0][t])
		}
	}
	for _, f := range freedom {
		left -= f
	}
	sigma := math.Sqrt(square / math.Max(left, n/4))
	for _, f := range freedom {
		sds = append(sds, sigma*math.Sqrt(math.Min(f/n, 1)))
	}
	return means, sds
}
