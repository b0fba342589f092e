package plots

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"tsgen/forecast"
	"tsgen/series"
)

// mostStates is the number of series whose states are drawn, the first ones.
const mostStates = 3

// States draws latent states (see forecast.Encoder): for each series the
// variables over time, medians and 80 % intervals, and beside it the first
// against the second, with some sample paths if f has any. A dashed line and a
// ring mark the end of the history where the states go on beyond it. Of more
// than seven variables the first are drawn.
//
// It fails if f is empty or not valid, if its series are not those of history by
// position, and if the options are out of range.
func States(history *series.Panel, f *forecast.Forecast, opt Options) (*Figure, error) {
	if history == nil || f == nil || len(f.Series) == 0 {
		return nil, errors.New("plots: no states to draw")
	}
	if err := f.Validate(); err != nil {
		return nil, fmt.Errorf("plots: %w", err)
	}
	if len(history.Series) != len(f.Series) {
		return nil, fmt.Errorf("plots: states of %d series, but a history of %d", len(f.Series), len(history.Series))
	}
	chosen, err := opt.chosen(history.Series, mostStates)
	if err != nil {
		return nil, err
	}
	rows := len(chosen)
	fig := &Figure{}
	if fig.opt, err = opt.withDefaults(11*vg.Inch, vg.Length(rows)*3.6*vg.Inch+0.9*vg.Inch); err != nil {
		return nil, err
	}
	if fig.opt.Title == "" {
		fig.opt.Title = "Latent states by " + f.Model
	}
	variables := min(len(f.Channels), mostLines)
	if rows < len(f.Series) {
		fig.subtitle = opt.someSeries(rows, len(f.Series))
	}
	if variables < len(f.Channels) {
		fig.subtitle = fmt.Sprintf("%d of %d variables", variables, len(f.Channels))
	}
	for j, name := range f.Channels[:variables] {
		fig.legend = append(fig.legend, key{name, markLine, lineColors()[j]})
	}
	size := panelSize(fig.opt, rows, 2)
	for _, i := range chosen {
		s, d := history.Series[i], f.Series[i]
		if s.ID != d.ID || s.Len() == 0 || len(d.Times) == 0 {
			return nil, fmt.Errorf("plots: series %q has no states or no history", s.ID)
		}
		course := &states{view: &view{views: &views{panel: history, width: len(f.Channels)}, s: s, d: d}, names: f.Channels[:variables]}
		over, err := course.overTime(size)
		if err != nil {
			return nil, err
		}
		row := []panel{over}
		if variables > 1 {
			phase, err := course.phase(size)
			if err != nil {
				return nil, err
			}
			row = append(row, phase)
		}
		if len(f.Series) > 1 {
			row[0].title = course.name()
		}
		fig.rows = append(fig.rows, row)
	}
	return fig, nil
}

// states are those of one series.
type states struct {
	*view
	names []string
}

// variable returns variable j of the rows of values.
func (s *states) variable(values []float64, j int) []float64 {
	x := make([]float64, len(s.d.Times))
	for i := range x {
		x[i] = values[i*s.width+j]
	}
	return x
}

// goesOn reports whether there are states beyond the end of the history.
func (s *states) goesOn() bool { return s.d.Times[len(s.d.Times)-1] > s.origin() }

// overTime draws the variables over time.
func (s *states) overTime(size vg.Point) (panel, error) {
	x, y := newExtent(), newExtent()
	x.add(s.d.Times...)
	lo, hi := s.d.Interval(nil, nil, 80)
	median := s.d.Quantile(nil, 0.5)
	for j := range s.names {
		y.add(s.variable(lo, j)...)
		y.add(s.variable(hi, j)...)
	}
	x, err := x.padded(0.015)
	if err != nil {
		return panel{}, err
	}
	if y, err = y.padded(0.05); err != nil {
		return panel{}, err
	}
	drawn := s.newPanel(x, y, "state", size)
	for j := range s.names {
		drawn.plot.Add(&band{x: s.d.Times, lo: s.variable(lo, j), hi: s.variable(hi, j), color: tint(lineColors()[j], 0.2)})
	}
	addGrid(drawn.plot)
	if s.goesOn() {
		drawn.plot.Add(upright{s.origin(), grey()})
	}
	for j := range s.names {
		drawn.plot.Add(&path{x: s.d.Times, y: s.variable(median, j), style: draw.LineStyle{Color: lineColors()[j], Width: thick}})
	}
	return drawn, nil
}

// phase draws the first variable against the second.
func (s *states) phase(size vg.Point) (panel, error) {
	x, y := newExtent(), newExtent()
	line := func(values []float64, c draw.LineStyle) *path {
		l := &path{x: s.variable(values, 0), y: s.variable(values, 1), style: c}
		x.add(l.x...)
		y.add(l.y...)
		return l
	}
	var lines []*path
	for _, values := range s.d.Paths[:min(maxPaths, len(s.d.Paths))] {
		lines = append(lines, line(values, draw.LineStyle{Color: tint(blue(), 0.25), Width: hair}))
	}
	median := line(s.d.Quantile(nil, 0.5), draw.LineStyle{Color: ink(), Width: thick})
	x, err := x.padded(0.04)
	if err != nil {
		return panel{}, err
	}
	if y, err = y.padded(0.04); err != nil {
		return panel{}, err
	}
	xTicks, xLabel := newNumberTicks(x, size.X/numberWidth, s.names[0])
	yTicks, yLabel := newNumberTicks(y, size.Y/numberHeight, s.names[1])
	p := newPlot(x, y, xTicks, yTicks)
	p.X.Label.Text = shortenLabel(xLabel, p.X.Label.TextStyle, size.X)
	addGrid(p)
	for _, l := range append(lines, median) {
		p.Add(l)
	}
	if at := s.endOfHistory(); s.goesOn() && at >= 0 {
		addDots(p, median.x[at:at+1], median.y[at:at+1], draw.GlyphStyle{Color: ink(), Radius: 4, Shape: draw.RingGlyph{}})
	}
	return panel{plot: p, label: yLabel}, nil
}

// endOfHistory returns the last row at which both variables have a value up to
// the end of the history, or -1.
func (s *states) endOfHistory() int {
	at := -1
	median := s.d.Quantile(nil, 0.5)
	for i, t := range s.d.Times {
		if t <= s.origin() && !math.IsNaN(median[i*s.width]) && !math.IsNaN(median[i*s.width+1]) {
			at = i
		}
	}
	return at
}
