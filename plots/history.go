package plots

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"tsgen/series"
)

// The radius of the dot of a value, of that of a mark, and of the smallest one, of a mark beside others.
const (
	dot      = vg.Length(1.4)
	ring     = vg.Length(2.4)
	leastDot = vg.Length(0.7)
)

// A Mark is a value of a panel that a picture points out.
type Mark struct {
	Series, Channel int // their numbers
	Time            float64
	Value           float64

	Low, High float64 // ends of an interval about the value that is drawn too, unless they are the same
}

// HistoryOptions are the options of History. The zero value is ready to use.
type HistoryOptions struct {
	Options

	// Marks are values to be ringed, such as outliers, and Meaning is what they are, for
	// the legend.
	Marks   []Mark
	Meaning string

	// Series is the number of series shown at most, the first ones. Zero means
	// six, or three if there are several channels.
	Series int
}

// History draws the series of a panel over time: several channels are stacked over one axis
// of time, several series stand side by side. In a regular panel the lines break where values
// are missing.
//
// It fails if the panel is not valid or has no observation, and if the options are out of range.
func History(p *series.Panel, opt HistoryOptions) (*Figure, error) {
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("plots: %w", err)
	}
	if opt.Series < 0 {
		return nil, fmt.Errorf("plots: negative number: series %d", opt.Series)
	}
	shown := cmp.Or(opt.Series, 6)
	if opt.Series == 0 && p.Width() > 1 {
		shown = 3
	}
	v := &views{panel: p, width: p.Width(), all: len(p.Series), opt: opt.Options}
	marks := make(map[*view][]Mark)
	chosen, err := opt.chosen(p.Series, shown)
	if err != nil {
		return nil, err
	}
	for _, i := range chosen {
		s := p.Series[i]
		if s.Len() == 0 {
			return nil, errors.New("plots: a series has no observation")
		}
		one := &view{views: v, s: s, from: last(s, opt.Context)}
		v.series = append(v.series, one)
		for _, m := range opt.Marks {
			if m.Series == i {
				marks[one] = append(marks[one], m)
			}
		}
	}
	if len(v.series) == 0 {
		return nil, errors.New("plots: no series to draw")
	}
	channels := min(v.width, maxChannels)
	fig := &Figure{subtitle: strings.Join(v.leftOut(channels), "; ")}
	if len(opt.Marks) > 0 {
		fig.legend = []key{{"observed", markLine, ink()}, {opt.Meaning, markDot, vermillion()}}
	}
	if opt.Title == "" {
		opt.Title = "The series"
	}
	err = v.arrange(fig, channels, opt.Options, func(one *view, c int, label string, size vg.Point) (panel, error) {
		return one.course(c, label, size, marks[one])
	})
	if err != nil {
		return nil, err
	}
	return fig, nil
}

// course draws channel c of the series into a panel of about the given size.
func (v *view) course(c int, label string, size vg.Point, marks []Mark) (panel, error) {
	x, y := newExtent(), newExtent()
	x.add(v.s.Times[v.from:]...) // one above the other, with one scale of numbers
	at, values := v.line(c)
	y.add(values...)
	var mx, my []float64
	intervals := &path{style: draw.LineStyle{Color: vermillion(), Width: thin}}
	for _, m := range marks {
		if v.from > 0 && m.Time < v.s.Times[v.from] {
			continue
		}
		x.add(m.Time)
		if m.Channel == c {
			mx, my = append(mx, m.Time), append(my, m.Value)
			y.add(m.Value)
			if m.Low < m.High {
				y.add(m.Low, m.High)
				intervals.x, intervals.y = append(intervals.x, m.Time, m.Time, m.Time), append(intervals.y, m.Low, m.High, math.NaN())
			}
		}
	}
	x, err := x.padded(0.015)
	if err != nil {
		return panel{}, err
	}
	if y, err = y.padded(0.05); err != nil {
		return panel{}, err
	}
	drawn := v.newPanel(x, y, label, size)
	addGrid(drawn.plot)
	width, dots, room := thin, vg.Length(0), size.X/vg.Length(len(at)) // of a value
	if len(at) <= 60 || !v.panel.Step.Regular() && room > 2*dot {
		dots = dot
	}
	if room < thin {
		width = hair
	}
	radius := ring
	if between := size.X * vg.Length(leastGap(mx)/(x.hi-x.lo)); between < 2*ring { // they overlap: a band and a line of dots
		radius = max(between/2, leastDot)
		intervals.style.Color = tint(vermillion(), 0.35)
	}
	drawn.plot.Add(intervals)
	drawn.plot.Add(&path{x: at, y: values, style: draw.LineStyle{Color: ink(), Width: width}, dots: dots})
	addDots(drawn.plot, mx, my, dotStyle(vermillion(), radius))
	return drawn, nil
}

// leastGap returns the least distance between neighbouring times, in order, infinite of fewer than two.
func leastGap(times []float64) float64 {
	least := math.Inf(1)
	for i := 1; i < len(times); i++ {
		least = min(least, times[i]-times[i-1])
	}
	return least
}
