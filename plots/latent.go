package plots

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/gonum/stat/distuv"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Grid is what a model makes of a grid over two latent variables, whose lines
// are at the quantiles (i+½)/Side of the standard normal distribution.
type Grid struct {
	// Windows holds Side·Side windows, row by row from the top left, each of
	// Length steps of Channels values. In a row the first latent variable rises
	// from left to right; the second rises from the last row to the first.
	Windows [][]float64

	Side, Length, Channels int
}

func (g Grid) check() error {
	if g.Side < 1 || g.Length < 1 || g.Channels < 1 || len(g.Windows) != g.Side*g.Side {
		return fmt.Errorf("plots: %d windows of %d steps of %d channels for a grid of %d by %d",
			len(g.Windows), g.Length, g.Channels, g.Side, g.Side)
	}
	for i, w := range g.Windows {
		if len(w) != g.Length*g.Channels {
			return fmt.Errorf("plots: window %d has %d values, want %d", i, len(w), g.Length*g.Channels)
		}
		for _, v := range w {
			if math.IsNaN(v - v) {
				return fmt.Errorf("plots: window %d has the value %v", i, v)
			}
		}
	}
	return nil
}

// Images draws every window of the grid as an image, 0 being white and top
// black. A window of one step is an image by itself, row by row, as nearly
// square as the number of its values allows; of longer ones time runs from left
// to right, with the first channel at the bottom.
func Images(g Grid, top float64, opt Options) (*Figure, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	if !(top > 0) || math.IsInf(top, 1) {
		return nil, fmt.Errorf("plots: the value of black is %v, want a positive number", top)
	}
	return g.figure(opt, func(p *plot.Plot) { p.Add(&mosaic{Grid: g, top: top}) }, nil)
}

// Curves draws every window of the grid as lines over time, one for each
// channel, all on one scale.
func Curves(g Grid, labels []string, opt Options) (*Figure, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	if len(labels) != g.Channels {
		return nil, fmt.Errorf("plots: %d labels for %d channels", len(labels), g.Channels)
	}
	if g.Length < 2 {
		return nil, errors.New("plots: windows of one step are no curves")
	}
	e := newExtent()
	for _, w := range g.Windows {
		e.add(w...)
	}
	e, err := e.padded(0.04)
	if err != nil {
		return nil, err
	}
	var legend []key
	for j := range g.Channels {
		if g.Channels > 1 && j < maxKeys {
			legend = append(legend, key{label: labels[j], mark: markLine, color: channelColor(j)})
		}
	}
	return g.figure(opt, func(p *plot.Plot) { p.Add(&sparklines{Grid: g, values: e}) }, legend)
}

// maxKeys is the number of channels that the legend of Curves names at most.
const maxKeys = 12

func channelColor(j int) color.NRGBA {
	return []color.NRGBA{blue(), vermillion(), green(), ink(), grey()}[j%5]
}

// figure returns a picture of one panel over the unit square.
func (g Grid) figure(opt Options, add func(p *plot.Plot), legend []key) (*Figure, error) {
	fig := &Figure{legend: legend}
	var err error
	if fig.opt, err = opt.withDefaults(6.4*vg.Inch, 6.8*vg.Inch); err != nil {
		return nil, err
	}
	if fig.opt.Title == "" {
		fig.opt.Title = fmt.Sprintf("What the latent variables mean: %d by %d windows", g.Side, g.Side)
	}
	p := newPlot(extent{0, 1}, extent{0, 1}, normalTicks{}, normalTicks{})
	p.X.Label.Text = "first latent variable"
	add(p)
	fig.rows = [][]panel{{{plot: p, label: "second latent variable"}}}
	return fig, nil
}

// normalTicks are the ticks of an axis of probabilities at whole numbers of
// standard deviations.
type normalTicks struct{}

// Ticks implements plot.Ticker.
func (normalTicks) Ticks(lo, hi float64) []plot.Tick {
	var t []plot.Tick
	for z := -2; z <= 2; z++ {
		if u := distuv.UnitNormal.CDF(float64(z)); u >= lo && u <= hi {
			t = append(t, plot.Tick{Value: u, Label: strconv.Itoa(z)})
		}
	}
	return t
}

// tile returns the place of window i in a panel over the unit square, with some
// space around it.
func (g Grid) tile(c draw.Canvas, p *plot.Plot, i int) vg.Rectangle {
	toX, toY := p.Transforms(&c)
	side := float64(g.Side)
	x, y := float64(i%g.Side), float64(g.Side-1-i/g.Side)
	r := vg.Rectangle{
		Min: vg.Point{X: toX(x / side), Y: toY(y / side)},
		Max: vg.Point{X: toX((x + 1) / side), Y: toY((y + 1) / side)},
	}
	space := r.Size().X / 24
	return vg.Rectangle{
		Min: vg.Point{X: r.Min.X + space, Y: r.Min.Y + space},
		Max: vg.Point{X: r.Max.X - space, Y: r.Max.Y - space},
	}
}

// A mosaic is the windows of a grid as images.
type mosaic struct {
	Grid
	top float64
}

// Plot implements plot.Plotter.
func (m *mosaic) Plot(c draw.Canvas, p *plot.Plot) {
	for i, w := range m.Windows {
		c.DrawImage(m.tile(c, p, i), m.image(w))
	}
}

// image returns a window as an image. Every value is several pixels wide, so
// that scaling the image leaves the edges sharp.
func (m *mosaic) image(w []float64) image.Image {
	const wide = 6
	rows, cols := m.Channels, m.Length
	if m.Length == 1 {
		cols = squarest(m.Channels)
		rows = m.Channels / cols
	}
	img := image.NewGray(image.Rect(0, 0, wide*cols, wide*rows))
	for y := range wide * rows {
		for x := range wide * cols {
			at := y/wide*cols + x/wide
			if m.Length > 1 {
				at = x/wide*m.Channels + m.Channels - 1 - y/wide
			}
			shade := min(1, max(0, w[at]/m.top))
			img.Pix[y*img.Stride+x] = uint8(255*(1-shade) + 0.5)
		}
	}
	return img
}

// squarest returns the least divisor of n that is not below its root.
func squarest(n int) int {
	for k := int(math.Ceil(math.Sqrt(float64(n)))); k < n; k++ {
		if n%k == 0 {
			return k
		}
	}
	return n
}

// sparklines are the windows of a grid as lines.
type sparklines struct {
	Grid
	values extent
}

// Plot implements plot.Plotter.
func (s *sparklines) Plot(c draw.Canvas, p *plot.Plot) {
	for i, w := range s.Windows {
		r := s.tile(c, p, i)
		c.StrokeLines(draw.LineStyle{Color: pale(), Width: hair}, []vg.Point{
			r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}, r.Min,
		})
		for j := range s.Channels {
			line := make([]vg.Point, s.Length)
			for k := range line {
				part := (w[k*s.Channels+j] - s.values.lo) / (s.values.hi - s.values.lo)
				line[k] = vg.Point{
					X: r.Min.X + r.Size().X*vg.Length(float64(k)/float64(s.Length-1)),
					Y: r.Min.Y + r.Size().Y*vg.Length(part),
				}
			}
			c.StrokeLines(draw.LineStyle{Color: channelColor(j), Width: thin}, line)
		}
	}
}
