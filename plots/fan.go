package plots

import (
	"cmp"
	"fmt"
	"image/color"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"tsgen/forecast"
	"tsgen/series"
)

// FanOptions are the options of Fan and Phase. The zero value is ready to use.
type FanOptions struct {
	Options

	// Actual, if not nil, holds what came after the history, drawn as points.
	// Its series are found by their identifiers.
	Actual *series.Panel

	// Levels are those of the intervals in percent; nil means 50, 80 and 95.
	Levels []float64

	// Series is the number of series shown at most, the first ones. Zero means
	// six, or three if there are several channels in Fan.
	Series int

	// Outliers says whether absurd values of the history are drawn: they flatten all else, so that by default they are
	// left out, and the subtitle says so.
	Outliers forecast.Outliers

	// Labels, if not nil, are written in place of the names of the channels,
	// for example with their units.
	Labels []string
}

// maxChannels is the number of channels that Fan shows at most.
const maxChannels = 8

// Fan draws the end of the history of each series, the median of its forecast
// and its predictive intervals, which begin at the last observed value. Several
// channels are stacked over one axis of time, several series stand side by
// side. A dashed line marks the end of the history.
//
// It fails if the forecast is empty or not valid, if it does not belong to the
// history (the same series by position and the same channels), and if the
// options are out of range.
func Fan(history *series.Panel, f *forecast.Forecast, opt FanOptions) (*Figure, error) {
	views, err := newViews(history, f, opt, 3)
	if err != nil {
		return nil, err
	}
	channels := min(views.width, maxChannels)
	fig := &Figure{legend: views.legend(views.levels), subtitle: views.subtitle(channels)}
	if opt.Title == "" {
		opt.Title = views.title()
	}
	if err := views.arrange(fig, channels, opt.Options, (*view).fan); err != nil {
		return nil, err
	}
	return fig, nil
}

// arrange draws so many channels of every series of the views into the figure: one above
// the other with the series side by side, or, of one channel, the series in rows and columns.
func (v *views) arrange(fig *Figure, channels int, opt Options, draw func(v *view, c int, label string, size vg.Point) (panel, error)) (err error) {
	rows, cols := channels, len(v.series)
	if channels == 1 {
		rows, cols = grid(len(v.series))
	}
	width, height := vg.Length(8*vg.Inch), vg.Length(4.5*vg.Inch)
	if rows*cols > 1 {
		width = 9 * vg.Inch
		height = 0.9*vg.Inch + vg.Length(rows)*max(1.6*vg.Inch, min(2.6*vg.Inch, 7.5*vg.Inch/vg.Length(rows)))
	}
	if fig.opt, err = opt.withDefaults(width, height); err != nil {
		return err
	}
	fig.rows = make([][]panel, rows)
	for i := range fig.rows {
		fig.rows[i] = make([]panel, cols)
	}
	size := panelSize(fig.opt, rows, cols)
	for i, one := range v.series {
		for c := range channels {
			row, col := c, i
			if channels == 1 {
				row, col = i/cols, i%cols
			}
			label := one.label(c)
			if col > 0 {
				label = "" // that of its left neighbour
			}
			p, err := draw(one, c, label, size)
			if err != nil {
				return err
			}
			if len(v.series) > 1 && (channels == 1 || c == 0) {
				p.title = one.name()
			}
			if c < channels-1 {
				hideNumbers(&p.plot.X)
			} else if channels == 1 && i+cols < len(v.series) {
				p.plot.X.Label.Text = ""
			}
			fig.rows[row][col] = p
		}
	}
	return nil
}

// grid returns rows and columns for n panels.
func grid(n int) (rows, cols int) {
	switch {
	case n == 1:
		cols = 1
	case n <= 4:
		cols = 2
	default:
		cols = 3
	}
	return (n + cols - 1) / cols, cols
}

// fan draws channel c of the series into a panel of about the given size.
func (v *view) fan(c int, label string, size vg.Point) (panel, error) {
	levels := slices.SortedFunc(slices.Values(v.levels), func(a, b float64) int { return cmp.Compare(b, a) })
	x, y := newExtent(), newExtent()
	hx, hy := v.line(c)
	x.add(hx...)
	y.add(hy...)
	fx, median := v.continued(c, v.median)
	x.add(fx...)
	y.add(median...)
	for other := range v.width { // one above the other, with one scale of numbers
		times, _ := v.line(other)
		x.add(times...)
		times, _ = v.continued(other, v.median)
		x.add(times...)
	}
	bands := make([]*band, len(levels))
	for i, level := range levels {
		lo, hi := v.d.Interval(nil, nil, level)
		b := &band{color: bandColor(i, len(levels))}
		b.x, b.lo = v.continued(c, lo)
		_, b.hi = v.continued(c, hi)
		y.add(b.lo...)
		y.add(b.hi...)
		bands[i] = b
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
	y, err = y.padded(0.05)
	if err != nil {
		return panel{}, err
	}
	drawn := v.newPanel(x, y, label, size)
	p := drawn.plot
	for _, b := range bands {
		p.Add(b)
	}
	addGrid(p)
	p.Add(upright{v.origin(), grey()})
	dots := vg.Length(0)
	if len(hx) <= 60 || !v.panel.Step.Regular() {
		dots = 1.4
	}
	p.Add(&path{x: hx, y: hy, style: draw.LineStyle{Color: ink(), Width: thin}, dots: dots})
	p.Add(&path{x: fx, y: median, style: draw.LineStyle{Color: blue(), Width: thick}})
	if ay != nil {
		addDots(p, ax, ay, dotStyle(vermillion(), 1.8))
	}
	return drawn, nil
}

// bandColor returns the colour of the i-th of n bands, the widest being the
// first and the palest.
func bandColor(i, n int) color.Color {
	return tint(blue(), 0.18+0.34*float64(i)/float64(max(1, n-1)))
}

// label returns the name of channel c in full.
func (v *views) label(c int) string {
	if v.labels != nil {
		return v.labels[c]
	}
	return v.panel.Channels[c]
}

// title says what is shown.
func (v *views) title() string {
	if name := v.series[0].name(); len(v.series) == 1 && name != "" {
		return fmt.Sprintf("%s: forecast by %s", name, v.model)
	}
	return "Forecast by " + v.model
}

// subtitle says when, and what is left out.
func (v *views) subtitle(channels int) string {
	var parts []string
	if d := v.series[0].d; len(v.series) == 1 {
		first, last := v.panel.Axis.Stamp(d.Times[0]), v.panel.Axis.Stamp(d.Times[len(d.Times)-1])
		if first == last {
			parts = append(parts, "1 forecast time, "+first)
		} else {
			parts = append(parts, fmt.Sprintf("%d forecast times, %s to %s", len(d.Times), first, last))
		}
	}
	return strings.Join(append(parts, v.leftOut(channels)...), "; ")
}

// leftOut says which series and channels are shown where not all are.
func (v *views) leftOut(channels int) (parts []string) {
	if n := len(v.series); n < v.all {
		parts = append(parts, v.opt.someSeries(n, v.all))
	}
	if channels < v.width {
		parts = append(parts, fmt.Sprintf("the first %d of %d channels", channels, v.width))
	}
	switch v.absurd {
	case 0:
	case 1:
		parts = append(parts, "1 absurd value is left out")
	default:
		parts = append(parts, fmt.Sprintf("%d absurd values are left out", v.absurd))
	}
	return parts
}

// legend returns the keys of a fan chart.
func (v *views) legend(levels []float64) []key {
	keys := []key{{"history", markLine, ink()}, {"median forecast", markLine, blue()}}
	ascending := slices.Sorted(slices.Values(levels))
	for i, level := range ascending {
		keys = append(keys, key{series.FormatNumber(level) + " % interval", markArea, bandColor(len(ascending)-1-i, len(ascending))})
	}
	if v.anyActual {
		keys = append(keys, key{"actual", markDot, vermillion()})
	}
	return keys
}
