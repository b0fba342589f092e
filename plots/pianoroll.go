package plots

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"tsgen/series"
)

// mostRolls is the number of series whose rolls are drawn, the first ones.
const mostRolls = 3

// PianoRoll draws series of many channels whose values are from 0 to 1, such as
// the notes of music: time from left to right, a line for each channel from the
// first at the bottom to the last, 0 being white, 1 black, and a missing value
// grey. A value holds until the next time. Channels below the lowest and above
// the highest that is ever above 0 are left out.
//
// It fails if music has no values or not valid ones, if a value is not from
// 0 to 1, and if the options are out of range.
func PianoRoll(music *series.Panel, opt Options) (*Figure, error) {
	if music == nil || len(music.Series) == 0 || music.Width() == 0 {
		return nil, errors.New("plots: no series to draw a piano roll of")
	}
	if err := music.Validate(); err != nil {
		return nil, fmt.Errorf("plots: %w", err)
	}
	rows := min(len(music.Series), mostRolls)
	fig := &Figure{}
	var err error
	if fig.opt, err = opt.withDefaults(10*vg.Inch, vg.Length(rows)*3*vg.Inch+0.9*vg.Inch); err != nil {
		return nil, err
	}
	if fig.opt.Title == "" {
		fig.opt.Title = "Piano roll"
	}
	if rows < len(music.Series) {
		fig.subtitle = fmt.Sprintf("the first %d of %d series", rows, len(music.Series))
	}
	low, high, err := sounding(music, music.Series[:rows])
	if err != nil {
		return nil, err
	}
	size := panelSize(fig.opt, rows, 1)
	for _, s := range music.Series[:rows] {
		if s.Len() == 0 {
			return nil, fmt.Errorf("plots: series %q has no values", s.ID)
		}
		v := &view{views: &views{panel: music, width: music.Width()}, s: s}
		r := &roll{Series: s, width: v.width, low: low, high: high, end: v.origin() + 1}
		if n := s.Len(); n > 1 {
			r.end = v.origin() + (v.origin()-s.Times[0])/float64(n-1)
		}
		x := extent{s.Times[0], r.end}
		if !(x.hi-x.lo < math.MaxFloat64/4) {
			return nil, fmt.Errorf("plots: times of series %q are too far apart to be drawn", s.ID)
		}
		xTicks, xLabel := v.timeTicks(x, size.X)
		p := newPlot(x, extent{float64(low), float64(high + 1)}, xTicks,
			channelTicks{names: music.Channels, most: max(1, int(size.Y/(1.4*tickSize)))})
		p.X.Label.Text = shorten(xLabel, p.X.Label.TextStyle, size.X)
		p.Add(r)
		title := ""
		if len(music.Series) > 1 {
			title = v.name()
		}
		fig.rows = append(fig.rows, []panel{{plot: p, title: title}})
	}
	return fig, nil
}

// sounding returns the lowest and the highest channel with a value above 0, or
// all where there is none.
func sounding(panel *series.Panel, all []*series.Series) (low, high int, err error) {
	width := panel.Width()
	low, high = width, -1
	for _, s := range all {
		for k, x := range s.Values {
			j := k % width
			if x < 0 || x > 1 {
				return 0, 0, fmt.Errorf("plots: channel %s of series %q has the value %v; a piano roll is of values from 0 to 1",
					panel.Channels[j], s.ID, x)
			}
			if x > 0 {
				low, high = min(low, j), max(high, j)
			}
		}
	}
	if high < 0 {
		return 0, width - 1, nil
	}
	return low, high, nil
}

// A roll is the channels low to high of a series as bars over time.
type roll struct {
	*series.Series
	width, low, high int
	end              float64 // of the last value
}

// Plot implements plot.Plotter. Equal values one after the other are one bar.
func (r *roll) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	for j := r.low; j <= r.high; j++ {
		bottom, top := toY(float64(j)+0.08), toY(float64(j)+0.92)
		for i := 0; i < r.Len(); {
			value, from := r.Values[i*r.width+j], i
			for i++; i < r.Len() && same(r.Values[i*r.width+j], value); i++ {
			}
			if value == 0 {
				continue
			}
			color := pale()
			if !math.IsNaN(value) {
				color = tint(ink(), value)
			}
			end := r.end
			if i < r.Len() {
				end = r.Times[i]
			}
			left, right := toX(r.Times[from]), toX(end)
			c.FillPolygon(color, []vg.Point{{X: left, Y: bottom}, {X: right, Y: bottom}, {X: right, Y: top}, {X: left, Y: top}})
		}
	}
}

// same reports whether two values are equal or both missing.
func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

// channelTicks names channels, whose lines are one unit wide, as many as there
// is room for.
type channelTicks struct {
	names []string
	most  int
}

// Ticks implements plot.Ticker.
func (c channelTicks) Ticks(lo, hi float64) []plot.Tick {
	var t []plot.Tick
	n := int(hi - lo)
	every := (n + c.most - 1) / c.most
	for j := int(lo); j < int(hi); j += every {
		t = append(t, plot.Tick{Value: float64(j) + 0.5, Label: c.names[j]})
	}
	return t
}
