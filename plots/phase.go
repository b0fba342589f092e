package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"tsgen/forecast"
	"tsgen/series"
)

// maxPaths is the number of sample paths that Phase draws at most.
const maxPaths = 40

// Phase draws the first channel of each series against the second: the end of
// the history, the medians of the forecast, and some of its sample paths if it
// has any. A ring marks the end of the history.
//
// Times at which one of the two is missing are left out. Options, errors and
// which series are shown are as for Fan; levels are ignored.
func Phase(history *series.Panel, f *forecast.Forecast, opt FanOptions) (*Figure, error) {
	views, err := newViews(history, f, opt, 6)
	if err != nil {
		return nil, err
	}
	if views.width < 2 {
		return nil, fmt.Errorf("plots: a phase portrait needs two channels, the forecast has %d", views.width)
	}
	rows, cols := grid(len(views.series))
	width, height := vg.Length(6*vg.Inch), vg.Length(5.5*vg.Inch)
	if rows*cols > 1 {
		width, height = 9*vg.Inch, 0.9*vg.Inch+vg.Length(rows)*9*vg.Inch/vg.Length(cols)*0.9
	}
	fig := &Figure{legend: views.phaseLegend()}
	if fig.opt, err = opt.withDefaults(width, height); err != nil {
		return nil, err
	}
	if fig.opt.Title == "" {
		fig.opt.Title = views.title()
	}
	fig.subtitle = views.subtitle(views.width)
	size := panelSize(fig.opt, rows, cols)
	for i, v := range views.series {
		if i%cols == 0 {
			fig.rows = append(fig.rows, make([]panel, cols))
		}
		p, err := v.phase(size)
		if err != nil {
			return nil, err
		}
		if len(views.series) > 1 {
			p.title = v.name()
		}
		fig.rows[i/cols][i%cols] = p
	}
	return fig, nil
}

// phase draws the series into a panel of about the given size.
func (v *view) phase(size vg.Point) (panel, error) {
	x, y := newExtent(), newExtent()
	pairs := func(values []float64) (px, py []float64) {
		for at := 0; at < len(values); at += v.width {
			if a, b := values[at], values[at+1]; !math.IsNaN(a) && !math.IsNaN(b) {
				px, py = append(px, a), append(py, b)
			}
		}
		x.add(px...)
		y.add(py...)
		return px, py
	}
	hx, hy := pairs(v.s.Values[v.from*v.width:])
	// Lines of the forecast begin where the history ends.
	var from []float64
	if n := len(hx); n > 0 {
		from = make([]float64, v.width)
		from[0], from[1] = hx[n-1], hy[n-1]
	}
	after := func(values []float64) (px, py []float64) {
		return pairs(append(from[:len(from):len(from)], values...))
	}
	var paths []*path
	for _, values := range v.d.Paths[:min(maxPaths, len(v.d.Paths))] {
		px, py := after(values)
		paths = append(paths, &path{x: px, y: py, style: draw.LineStyle{Color: tint(blue(), 0.25), Width: hair}})
	}
	fx, fy := after(v.median)
	var ax, ay []float64
	if v.actual != nil {
		ax, ay = pairs(v.actual.Values)
	}
	x, err := x.padded(0.04)
	if err != nil {
		return panel{}, err
	}
	y, err = y.padded(0.04)
	if err != nil {
		return panel{}, err
	}
	xTicks, xLabel := newNumberTicks(x, size.X/numberWidth, v.label(0))
	yTicks, yLabel := newNumberTicks(y, size.Y/numberHeight, v.label(1))
	p := newPlot(x, y, xTicks, yTicks)
	p.X.Label.Text = shortenLabel(xLabel, p.X.Label.TextStyle, size.X)
	addGrid(p)
	for _, l := range paths {
		p.Add(l)
	}
	p.Add(&path{x: hx, y: hy, style: draw.LineStyle{Color: ink(), Width: thin}, dots: 1.4})
	p.Add(&path{x: fx, y: fy, style: draw.LineStyle{Color: blue(), Width: thick}})
	if v.actual != nil {
		addDots(p, ax, ay, dotStyle(vermillion(), 1.8))
	}
	if n := len(hx); n > 0 {
		addDots(p, hx[n-1:], hy[n-1:], draw.GlyphStyle{Color: ink(), Radius: 4, Shape: draw.RingGlyph{}})
	}
	return panel{plot: p, label: yLabel}, nil
}

// phaseLegend returns the keys of a phase portrait.
func (v *views) phaseLegend() []key {
	keys := []key{{"history", markLineDot, ink()}, {"median forecast", markLine, blue()}}
	for _, s := range v.series {
		if len(s.d.Paths) > 0 {
			keys = append(keys, key{"sample paths", markLine, tint(blue(), 0.25)})
			break
		}
	}
	if v.anyActual {
		keys = append(keys, key{"actual", markDot, vermillion()})
	}
	return keys
}
