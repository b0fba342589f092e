package plots

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A path is a line through points; a NaN in y breaks it. Points without
// neighbours to be connected with are drawn as dots.
type path struct {
	x, y  []float64
	style draw.LineStyle
	dots  vg.Length // radius of a dot at every point, 0 for none
}

// Plot implements plot.Plotter.
func (l *path) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	var run []vg.Point
	flush := func() {
		if len(run) > 1 {
			c.StrokeLines(l.style, c.ClipLinesXY(run)...)
		}
		for _, at := range run {
			if r := l.dots; r > 0 || len(run) == 1 {
				c.DrawGlyph(dotStyle(l.style.Color, max(r, l.style.Width)), at)
			}
		}
		run = nil
	}
	for i, x := range l.x {
		if math.IsNaN(l.y[i]) {
			flush()
			continue
		}
		run = append(run, vg.Point{X: toX(x), Y: toY(l.y[i])})
	}
	flush()
}

// addDots adds a dot for each point with a value.
func addDots(p *plot.Plot, x, y []float64, style draw.GlyphStyle) {
	var at plotter.XYs
	for i := range x {
		if !math.IsNaN(y[i]) {
			at = append(at, plotter.XY{X: x[i], Y: y[i]})
		}
	}
	p.Add(&plotter.Scatter{XYs: at, GlyphStyle: style})
}

// A band is the area between two lines over the same places, which a NaN in lo breaks. Over a
// single place it is an upright bar.
type band struct {
	x, lo, hi []float64
	color     color.Color
}

// Plot implements plot.Plotter.
func (b *band) Plot(c draw.Canvas, p *plot.Plot) {
	for from := 0; from < len(b.x); {
		to := from
		for to < len(b.x) && !math.IsNaN(b.lo[to]) {
			to++
		}
		if to > from {
			part := band{b.x[from:to], b.lo[from:to], b.hi[from:to], b.color}
			part.unbroken(c, p, to < len(b.x) || from > 0)
		}
		from = to + 1
	}
}

// unbroken draws a band without breaks, which is part of a broken one or not.
func (b *band) unbroken(c draw.Canvas, p *plot.Plot, broken bool) {
	toX, toY := p.Transforms(&c)
	var edge vg.Length
	switch {
	case len(b.x) == 1 && b.lo[0] == b.hi[0] && broken:
		return // the last value observed
	case len(b.x) == 1:
		edge = 4
	}
	var outline []vg.Point
	for i, x := range b.x {
		outline = append(outline, vg.Point{X: toX(x) - edge, Y: toY(b.lo[i])})
	}
	for i := len(b.x) - 1; i >= 0; i-- {
		if edge > 0 {
			outline = append(outline, vg.Point{X: toX(b.x[i]) + edge, Y: toY(b.lo[i])}, vg.Point{X: toX(b.x[i]) + edge, Y: toY(b.hi[i])})
		}
		outline = append(outline, vg.Point{X: toX(b.x[i]) - edge, Y: toY(b.hi[i])})
	}
	c.FillPolygon(b.color, c.ClipPolygonXY(outline))
}

// An upright is a dashed line from the bottom of the panel to its top.
type upright struct {
	x     float64
	color color.Color
}

// Plot implements plot.Plotter.
func (u upright) Plot(c draw.Canvas, p *plot.Plot) {
	toX, _ := p.Transforms(&c)
	c.StrokeLine2(draw.LineStyle{Color: u.color, Width: thin, Dashes: dashes()}, toX(u.x), c.Min.Y, toX(u.x), c.Max.Y)
}
