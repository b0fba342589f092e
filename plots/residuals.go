package plots

import (
	"errors"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"tsgen/forecast/residual"
	"tsgen/series"
)

// Residuals draws the errors of one-step forecasts of the first channel of each series, three at
// most, over time, and their autocorrelations beside the bounds within which 95 % lie if
// the errors do not depend on each other. left has the errors of each series in the
// layout of its values, NaN where there is none; lags is the number of autocorrelations.
func Residuals(p *series.Panel, left [][]float64, lags int, opt Options) (*Figure, error) {
	if p == nil || len(p.Series) == 0 || len(left) != len(p.Series) {
		return nil, errors.New("plots: no errors to draw, or of other series")
	}
	const most = 3
	chosen, err := opt.chosen(p.Series, most)
	if err != nil {
		return nil, err
	}
	v := &views{panel: p, width: p.Width(), all: len(p.Series), opt: opt}
	fig := &Figure{legend: []key{{"error of one step", markLine, ink()}, {"autocorrelation", markLine, blue()}, {"95 % of none", markDashes, grey()}}}
	for _, i := range chosen {
		v.series = append(v.series, &view{views: v, s: p.Series[i], from: last(p.Series[i], opt.Context)})
	}
	fig.subtitle = strings.Join(v.leftOut(1), "; ")
	if fig.opt, err = opt.withDefaults(9*vg.Inch, 0.9*vg.Inch+vg.Length(len(chosen))*2.2*vg.Inch); err != nil {
		return nil, err
	}
	if fig.opt.Title == "" {
		fig.opt.Title = "Residuals"
	}
	size := panelSize(fig.opt, len(chosen), 2)
	for k, one := range v.series {
		errs := make([]float64, one.s.Len())
		for i := range errs {
			errs[i] = left[chosen[k]][i*v.width]
		}
		over, err := one.residuals(errs, size)
		if err != nil {
			return nil, err
		}
		if len(chosen) > 1 {
			over.title = one.name()
		}
		correlations, err := correlogram(residual.New(errs, lags), size)
		if err != nil {
			return nil, err
		}
		fig.rows = append(fig.rows, []panel{over, correlations})
	}
	return fig, nil
}

// residuals draws the errors over time.
func (v *view) residuals(errs []float64, size vg.Point) (panel, error) {
	x, y := newExtent(), extent{0, 0}
	x.add(v.s.Times[v.from:]...)
	y.add(errs[v.from:]...)
	x, err := x.padded(0.015)
	if err != nil {
		return panel{}, err
	}
	if y, err = y.padded(0.05); err != nil {
		return panel{}, err
	}
	drawn := v.newPanel(x, y, v.panel.Channels[0], size)
	addGrid(drawn.plot)
	drawn.plot.Add(&path{x: []float64{x.lo, x.hi}, y: []float64{0, 0}, style: draw.LineStyle{Color: grey(), Width: thin}})
	drawn.plot.Add(&path{x: v.s.Times[v.from:], y: errs[v.from:], style: draw.LineStyle{Color: ink(), Width: thin}, dots: 1.2})
	return drawn, nil
}

// correlogram draws the autocorrelations of a check.
func correlogram(c residual.Check, size vg.Point) (panel, error) {
	bound := 1.96 / math.Sqrt(float64(max(1, c.Values)))
	x, y := extent{0, float64(len(c.ACF) + 1)}, extent{-bound, bound}
	y.add(c.ACF...)
	y.add(-0.3, 0.3)
	y, err := y.padded(0.05)
	if err != nil {
		return panel{}, err
	}
	yTicks, label := newNumberTicks(y, size.Y/numberHeight, "autocorrelation")
	p := newPlot(x, y, numberTicks{most: max(2, int(size.X/numberWidth)), scale: 1}, yTicks)
	p.X.Label.Text = "lag"
	addGrid(p)
	for _, at := range []float64{-bound, bound} {
		p.Add(&path{x: []float64{x.lo, x.hi}, y: []float64{at, at}, style: draw.LineStyle{Color: grey(), Width: thin, Dashes: dashes()}})
	}
	for k, r := range c.ACF {
		lag := float64(k + 1)
		p.Add(&path{x: []float64{lag, lag}, y: []float64{0, r}, style: draw.LineStyle{Color: blue(), Width: 3}})
	}
	return panel{plot: p, label: label}, nil
}
