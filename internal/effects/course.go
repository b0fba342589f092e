package effects

import (
	"context"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/series"
)

// A course is the trend and the seasons of a channel of a series, or of its logarithm: a level, a slope and waves.
type course struct {
	logs  bool
	level float64
	b     []float64 // of the slope, and of the waves
}

// courses are those of a panel.
type courses struct {
	*series.Panel
	periods []float64
	of      []course // i*channels+j
}

// WithoutCourse returns a panel less a trend and seasons of these periods in steps, which are estimated for each
// channel of each series from all its values.
func WithoutCourse(ctx context.Context, p *series.Panel, periods []float64) (*series.Panel, error) {
	_, less, err := newCourses(ctx, p, periods)
	return less, err
}

// OverCourse returns what a model, whose forecasts are paths or quantiles, makes of the history less its course, with the
// course's continuation put onto it. Where the logarithm of a channel has the course, the values less it are logarithms too.
func OverCourse(ctx context.Context, history *series.Panel, periods []float64, model func(*series.Panel) (*forecast.Forecast, error)) (*forecast.Forecast, error) {
	c, less, err := newCourses(ctx, history, periods)
	if err != nil {
		return nil, err
	}
	f, err := model(less)
	if err != nil {
		return nil, err
	}
	for i, d := range f.Series {
		c.restore(i, d)
		if err := d.Validate(); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func newCourses(ctx context.Context, p *series.Panel, periods []float64) (*courses, *series.Panel, error) {
	width := p.Width()
	c := &courses{Panel: p, periods: periods[:min(len(periods), seasons)], of: make([]course, len(p.Series)*width)}
	all := make([]*series.Series, len(p.Series))
	err := forecast.EachSeries(ctx, len(all), func(i int) error {
		x := *p.Series[i]
		x.Values = slices.Clone(x.Values)
		for j := range width {
			c.of[i*width+j] = c.estimate(i, j)
		}
		c.each(i, x.Times, func(t, j int, course float64) {
			if v := &x.Values[t*width+j]; c.of[i*width+j].logs {
				*v = math.Log(*v) - course
			} else {
				*v -= course
			}
		})
		all[i] = &x
		return nil
	})
	return c, p.With(all), err
}

// row appends to row what the courses of series i regress on at a time.
func (c *courses) row(row []float64, i int, at float64) []float64 {
	u, middle, half := c.Coordinate(at), 0.0, 1.0
	if times := c.Series[i].Times; len(times) > 1 {
		first, last := c.Coordinate(times[0]), c.Coordinate(times[len(times)-1])
		middle, half = (first+last)/2, (last-first)/2
	}
	return appendWaves(append(row, (u-middle)/half), u, c.periods)
}

// estimate returns the course of channel j of series i, whose terms are those that explain more than noise would.
func (c *courses) estimate(i, j int) course {
	s := c.Series[i]
	positive, likelier := c.With([]*series.Series{s}).LogarithmFits(j, c.Season())
	of := course{logs: positive && likelier}
	var r Record
	for t, at := range s.Times {
		y := s.Values[t*c.Width()+j]
		if math.IsNaN(y) {
			continue
		}
		if of.logs {
			y = math.Log(y)
		}
		r.Y, r.X = append(r.Y, y), c.row(r.X, i, at)
	}
	n := len(r.Y)
	if n == 0 {
		return of
	}
	width := len(r.X) / n
	of.b = make([]float64, width)
	if n > 1 {
		of.b = regress([]Record{r}, 0, columns(0, width), nil).drawn
	}
	for t, y := range r.Y {
		of.level += (y - dot(of.b, r.X[t*width:])) / float64(n)
	}
	return of
}

// each calls do with the courses of the channels of series i at some times.
func (c *courses) each(i int, times []float64, do func(t, j int, course float64)) {
	var row []float64
	for t, at := range times {
		row = c.row(row[:0], i, at)
		for j := range c.Width() {
			of := c.of[i*c.Width()+j]
			do(t, j, of.level+dot(of.b, row))
		}
	}
}

// restore puts the courses onto the paths and the quantiles of a forecast of series i, and leaves it nothing else.
func (c *courses) restore(i int, d *forecast.Distribution) {
	forms := slices.Concat(d.Paths, d.Values)
	d.Mean, d.SD = nil, nil
	c.each(i, d.Times, func(t, j int, course float64) {
		for _, v := range forms {
			l := t*c.Width() + j
			v[l] += course
			if c.of[i*c.Width()+j].logs {
				v[l] = math.Exp(v[l])
			}
		}
	})
}
