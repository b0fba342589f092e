package plots

import (
	"errors"
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"tsgen/forecast"
	"tsgen/series"
)

// Compare draws the end of the history of each series and what several models forecast of
// it: their medians and, paler, their 80 % intervals. It is otherwise as Fan, without levels.
// Of more than seven models the first are drawn.
func Compare(history *series.Panel, forecasts []*forecast.Forecast, opt FanOptions) (*Figure, error) {
	if len(forecasts) == 0 {
		return nil, errors.New("plots: no forecasts to compare")
	}
	fig := &Figure{}
	more := len(forecasts) - min(len(forecasts), mostLines)
	forecasts = forecasts[:len(forecasts)-more]
	var all []*views
	for i, f := range forecasts {
		v, err := newViews(history, f, opt, 3)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
		fig.legend = append(fig.legend, key{f.Model, markLine, lineColors()[i]})
	}
	first := all[0]
	channels := min(first.width, maxChannels)
	fig.legend = append([]key{{"history", markLine, ink()}}, fig.legend...)
	fig.subtitle = "medians and 80 % intervals"
	if left := first.subtitle(channels); left != "" {
		fig.subtitle += "; " + left
	}
	if more > 0 {
		fig.subtitle += fmt.Sprintf("; %d more models are not shown", more)
	}
	if first.anyActual {
		fig.legend = append(fig.legend, key{"actual", markDot, vermillion()})
	}
	if opt.Title == "" {
		opt.Title = "Forecasts compared"
	}
	others := make(map[*view][]*view)
	for i, one := range first.series {
		for _, v := range all {
			others[one] = append(others[one], v.series[i])
		}
	}
	err := first.arrange(fig, channels, opt.Options, func(v *view, c int, label string, size vg.Point) (panel, error) {
		return v.compared(others[v], c, label, size)
	})
	return fig, err
}

// compared draws channel c of the series and of its forecasts into a panel of about the
// given size.
func (v *view) compared(forecasts []*view, c int, label string, size vg.Point) (panel, error) {
	x, y := newExtent(), newExtent()
	hx, hy := v.line(c)
	x.add(hx...)
	y.add(hy...)
	bands, medians := make([]*band, len(forecasts)), make([]*path, len(forecasts))
	for i, f := range forecasts {
		color := lineColors()[i]
		lo, hi := f.d.Interval(nil, nil, 80)
		b := &band{color: tint(color, 0.15)}
		b.x, b.lo = f.continued(c, lo)
		_, b.hi = f.continued(c, hi)
		m := &path{style: draw.LineStyle{Color: color, Width: thick}}
		m.x, m.y = f.continued(c, f.median)
		x.add(m.x...)
		y.add(m.y...)
		y.add(b.lo...)
		y.add(b.hi...)
		bands[i], medians[i] = b, m
	}
	var ax, ay []float64
	if v.actual != nil {
		ax, ay = v.actual.Times, channel(v.actual, c, v.width)
		x.add(ax...)
		y.add(ay...)
	}
	x, err := x.padded(0.015)
	if err != nil {
		return panel{}, err
	}
	if y, err = y.padded(0.05); err != nil {
		return panel{}, err
	}
	drawn := v.newPanel(x, y, label, size)
	for _, b := range bands {
		drawn.plot.Add(b)
	}
	addGrid(drawn.plot)
	drawn.plot.Add(upright{v.origin(), grey()})
	drawn.plot.Add(&path{x: hx, y: hy, style: draw.LineStyle{Color: ink(), Width: thin}})
	for _, m := range medians {
		drawn.plot.Add(m)
	}
	if ay != nil {
		addDots(drawn.plot, ax, ay, dotStyle(vermillion(), 1.8))
	}
	return drawn, nil
}
