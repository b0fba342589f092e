package plots

import (
	"errors"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"tsgen/forecast/anomaly"
	"tsgen/series"
)

// Anomalies draws the series of a panel, where their values were expected, and as points
// those that were found anomalous: found has what anomaly.Detect found of each series. As
// many series and channels are drawn as by Fan, those in which something was found before the others.
func Anomalies(p *series.Panel, found []anomaly.Found, opt Options) (*Figure, error) {
	if p == nil || len(p.Series) == 0 || len(found) != len(p.Series) {
		return nil, errors.New("plots: no series to draw, or others than were judged")
	}
	shown := 6
	if p.Width() > 1 {
		shown = 3
	}
	if opt.Names == nil {
		opt.Names = telling(p, found, shown)
	}
	v := &views{panel: p, width: p.Width(), all: len(p.Series), opt: opt}
	of := make(map[*view]anomaly.Found)
	chosen, err := opt.chosen(p.Series, shown)
	if err != nil {
		return nil, err
	}
	for _, i := range chosen {
		one := &view{views: v, s: p.Series[i], from: last(p.Series[i], opt.Context)}
		of[one] = found[i]
		v.series = append(v.series, one)
	}
	channels := min(v.width, maxChannels)
	fig := &Figure{legend: []key{{"series", markLine, ink()}, {"expected", markArea, tint(blue(), 0.25)}, {"anomaly", markDot, vermillion()}}}
	fig.subtitle = strings.Join(v.leftOut(channels), "; ")
	if opt.Title == "" {
		opt.Title = "Anomalies"
	}
	err = v.arrange(fig, channels, opt, func(one *view, c int, label string, size vg.Point) (panel, error) {
		return one.anomalies(of[one], c, label, size)
	})
	return fig, err
}

// telling returns the names of so many series, those in which something was found before the others; nil if there are no
// more, or there is nothing to tell.
func telling(p *series.Panel, found []anomaly.Found, most int) []string {
	if len(p.Series) <= most {
		return nil
	}
	var some, others []string
	for i, s := range p.Series {
		if slices.Contains(found[i].Anomaly, true) {
			some = append(some, s.ID)
		} else {
			others = append(others, s.ID)
		}
	}
	if some == nil {
		return nil
	}
	return append(some, others...)[:most]
}

// anomalies draws channel c of the series into a panel of about the given size.
func (v *view) anomalies(f anomaly.Found, c int, label string, size vg.Point) (panel, error) {
	x, y := newExtent(), newExtent()
	lx, ly := v.line(c)
	x.add(lx...)
	y.add(ly...)
	var bands []*band
	var ax, ay []float64
	for i := v.from; i < v.s.Len(); i++ {
		t, k := v.s.Times[i], i*v.width+c
		if f.Anomaly[k] {
			ax, ay = append(ax, t), append(ay, v.s.Values[k])
		}
		if math.IsNaN(f.Lo[k]) || math.IsNaN(f.Hi[k]) {
			continue
		}
		if len(bands) == 0 || math.IsNaN(f.Lo[k-v.width]) {
			bands = append(bands, &band{color: tint(blue(), 0.25)})
		}
		b := bands[len(bands)-1]
		b.x, b.lo, b.hi = append(b.x, t), append(b.lo, f.Lo[k]), append(b.hi, f.Hi[k])
		y.add(f.Lo[k], f.Hi[k])
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
	drawn.plot.Add(&path{x: lx, y: ly, style: draw.LineStyle{Color: ink(), Width: thin}})
	if ax != nil {
		addDots(drawn.plot, ax, ay, dotStyle(vermillion(), 2.6))
	}
	return drawn, nil
}
