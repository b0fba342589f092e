package zeroshot

import (
	"fmt"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/series"
)

// Irregular series are brought to a grid of at most so many steps, or so many for each row: what lies
// before them is left out.
const (
	mostSteps  = 1000
	stepsByRow = 8
)

// A gridded panel has irregular series on a grid whose steps are the usual time between two rows,
// counted from the last row of each. Rows that come to the same step are averaged.
type gridded struct {
	panel  *series.Panel
	opt    forecast.Options
	places [][]float64 // of the times asked for, in steps
	width  float64
}

// onGrid brings an irregular panel and the times asked for, if any, to a grid. The error wraps
// forecast.ErrTooShort if no series has two rows.
func onGrid(p *series.Panel, opt forecast.Options) (*gridded, error) {
	var apart []float64
	for _, s := range p.Series {
		for i := 1; i < s.Len(); i++ {
			apart = append(apart, s.Times[i]-s.Times[i-1])
		}
	}
	if len(apart) == 0 {
		return nil, fmt.Errorf("%w: no series has two rows", forecast.ErrTooShort)
	}
	slices.Sort(apart)
	g := &gridded{panel: &series.Panel{Channels: p.Channels, Step: series.Step{Width: 1}}, opt: opt, width: apart[len(apart)/2]}
	for _, s := range p.Series {
		g.panel.Series = append(g.panel.Series, g.steps(s, p.Width()))
	}
	if opt.At == nil {
		return g, nil
	}
	g.opt.Season, g.opt.At, g.places = 1, make([][]float64, len(p.Series)), make([][]float64, len(p.Series))
	for i, s := range p.Series {
		for _, t := range opt.At[i] {
			u, err := g.place(p, i, t)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", forecast.Describe(s.ID), err)
			}
			g.places[i] = append(g.places[i], u)
			g.opt.At[i] = append(g.opt.At[i], math.Floor(u), math.Ceil(u))
		}
		slices.Sort(g.opt.At[i])
		g.opt.At[i] = slices.Compact(g.opt.At[i])
	}
	return g, nil
}

// place returns the place on the grid of a time of series i.
func (g *gridded) place(p *series.Panel, i int, t float64) (float64, error) {
	s := p.Series[i]
	if s.Len() == 0 {
		return 0, fmt.Errorf("%w: it has no observations", forecast.ErrTooShort)
	}
	u, first := (t-s.Times[s.Len()-1])/g.width, g.panel.Series[i].Times[0]
	switch {
	case t < s.Times[0]:
		return 0, fmt.Errorf("%w: %w", forecast.ErrMismatch, beforeSeries(p, t))
	case u < first-1:
		return 0, fmt.Errorf("%w: time %s lies %.0f times the usual time between two rows before the end, %.0f are looked back over",
			forecast.ErrMismatch, p.Axis.Stamp(t), -u, -first)
	case u > 0:
		return max(u, 1), nil // nothing tells of less than a step
	}
	return max(u, first), nil
}

// note says what was done to a panel.
func (g *gridded) note(p *series.Panel) string {
	return "zeroshot: the times are irregular: rows are brought to steps of the usual time between two, " + series.Step{Width: g.width}.Describe(p.Axis.Calendar())
}

// steps returns a series on the grid.
func (g *gridded) steps(s *series.Series, channels int) *series.Series {
	out := &series.Series{ID: s.ID}
	var counts []float64
	for r, t := range s.Times {
		u := math.Round((t - s.Times[s.Len()-1]) / g.width)
		if u <= -float64(max(mostSteps, stepsByRow*s.Len())) {
			continue
		}
		if n := len(out.Times); n == 0 || out.Times[n-1] != u {
			out.Times = append(out.Times, u)
			out.Values = append(out.Values, make([]float64, channels)...)
			counts = append(counts, make([]float64, channels)...)
		}
		at := (len(out.Times) - 1) * channels
		for c, x := range s.Row(r) {
			if !math.IsNaN(x) {
				counts[at+c]++
				out.Values[at+c] += (x - out.Values[at+c]) / counts[at+c]
			}
		}
	}
	for i, n := range counts {
		if n == 0 {
			out.Values[i] = math.NaN()
		}
	}
	return out
}

// ungrid returns the forecast at the times asked for: between two steps on the line between their
// quantiles.
func (g *gridded) ungrid(f *forecast.Forecast, at [][]float64) *forecast.Forecast {
	width := g.panel.Width()
	for i, d := range f.Series {
		own := &forecast.Distribution{ID: d.ID, Times: slices.Clone(at[i]), Probs: d.Probs}
		for _, q := range d.Values {
			var values []float64
			for _, u := range g.places[i] {
				low, _ := slices.BinarySearch(d.Times, math.Floor(u))
				high, _ := slices.BinarySearch(d.Times, math.Ceil(u))
				share := u - math.Floor(u)
				for c := range width {
					values = append(values, (1-share)*q[low*width+c]+share*q[high*width+c])
				}
			}
			own.Values = append(own.Values, values)
		}
		f.Series[i] = own
	}
	return f
}
