package plots

import (
	"errors"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"tsgen/internal/support"
	"tsgen/models/judge"
)

const (
	comparedChannels = 4   // in the picture at most
	comparedWindows  = 12  // drawn as lines
	comparedPoints   = 300 // drawn as dots
	comparedBins     = 30  // of the densities at most
)

// Comparison draws real and generated windows of the same shape on top of each other: of
// each channel, of the first four, some windows, the density of the values and the
// autocorrelations; and in the upper right corner all windows by the first two
// principal components of the real ones. It fails if a sample is empty.
func Comparison(real, generated *judge.Sample, channels []string, opt Options) (*Figure, error) {
	if len(real.Windows) < 2 || len(generated.Windows) == 0 || real.Channels != len(channels) {
		return nil, errors.New("plots: no windows to compare")
	}
	c := comparison{samples: [2]*judge.Sample{real, generated}, colors: [2]color.NRGBA{blue(), vermillion()}}
	fig := &Figure{legend: []key{{"real", markLine, blue()}, {"generated", markLine, vermillion()}}}
	rows := min(len(channels), comparedChannels)
	var err error
	if fig.opt, err = opt.withDefaults(12*vg.Inch, vg.Length(1+2.4*float64(rows))*vg.Inch); err != nil {
		return nil, err
	}
	if fig.opt.Title == "" {
		fig.opt.Title = "Real and generated series"
	}
	c.size = panelSize(fig.opt, rows, 4)
	for j, name := range channels[:rows] {
		row := make([]panel, 4)
		for k, of := range []func(j int) (panel, error){c.windows, c.densities, c.autocorrelations} {
			if row[k], err = of(j); err != nil {
				return nil, err
			}
		}
		row[0].label, row[0].title = name, "windows"
		if j == 0 {
			if row[3], err = c.components(); err != nil {
				return nil, err
			}
			row[3].label = "second"
		}
		fig.rows = append(fig.rows, row)
	}
	return fig, nil
}

// A comparison is what Comparison draws from.
type comparison struct {
	samples [2]*judge.Sample
	colors  [2]color.NRGBA
	size    vg.Point
}

// panel returns an empty panel for the given ranges.
func (c *comparison) panel(x, y extent, title, below string) (panel, *plot.Plot, error) {
	var err error
	if x, err = x.padded(0.02); err != nil {
		return panel{}, nil, err
	}
	if y, err = y.padded(0.05); err != nil {
		return panel{}, nil, err
	}
	xTicks, _ := newNumberTicks(x, c.size.X/numberWidth, "")
	yTicks, _ := newNumberTicks(y, c.size.Y/numberHeight, "")
	p := newPlot(x, y, xTicks, yTicks)
	p.X.Label.Text = below
	addGrid(p)
	return panel{plot: p, title: title}, p, nil
}

// windows shows some windows of channel j.
func (c *comparison) windows(j int) (panel, error) {
	x, y := extent{0, float64(max(1, c.samples[0].Steps-1))}, newExtent()
	var lines [2][][]float64
	for s, sample := range c.samples {
		for _, w := range sample.Thinned(comparedWindows).Windows {
			var v []float64
			for i := j; i < len(w); i += sample.Channels {
				v = append(v, w[i])
			}
			y.add(v...)
			lines[s] = append(lines[s], v)
		}
	}
	drawn, p, err := c.panel(x, y, "", "step")
	if err != nil {
		return drawn, err
	}
	for k := range comparedWindows {
		for s := range lines {
			if k < len(lines[s]) {
				p.Add(&path{x: counting(len(lines[s][k])), y: lines[s][k], style: draw.LineStyle{Color: tint(c.colors[s], 0.7), Width: hair}})
			}
		}
	}
	return drawn, nil
}

func counting(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i)
	}
	return x
}

// densities shows those of the values of channel j, between quantiles that leave the
// outermost out, in as many bins as the real windows, of which those of one series share their values, tell apart
// (twice the cube root, the rule of Rice). Values on a grid, such as whole numbers, lie in the middle of bins or in as many to each.
func (c *comparison) densities(j int) (panel, error) {
	var values [2][]float64
	x := newExtent()
	for s, sample := range c.samples {
		for _, w := range sample.Windows {
			for i := j; i < len(w); i += sample.Channels {
				values[s] = append(values[s], w[i])
			}
		}
		slices.Sort(values[s])
		n := len(values[s])
		x.add(values[s][n/200], values[s][n-1-n/200])
	}
	if x.hi <= x.lo {
		x.hi = x.lo + 1
	}
	few := 2 * math.Cbrt(float64(len(c.samples[0].Windows)+c.samples[0].Steps-1))
	width := (x.hi - x.lo) / math.Min(comparedBins, math.Ceil(few))
	if grid := support.Learn(values[0], 1)[0].Grid; grid > 0 {
		width = grid * math.Ceil(width/grid)
		x.lo -= grid / 2
		x.hi += grid / 2
	}
	bins := int(math.Ceil((x.hi-x.lo)/width - 1e-9))
	y := extent{0, 0}
	var heights [2][]float64
	middles := make([]float64, bins)
	for i := range middles {
		middles[i] = x.lo + (float64(i)+0.5)*width
	}
	for s := range values {
		heights[s] = make([]float64, bins)
		for _, v := range values[s] {
			if i := int((v - x.lo) / width); v >= x.lo && i < bins {
				heights[s][i] += 1 / (width * float64(len(values[s])))
			}
		}
		y.add(heights[s]...)
	}
	drawn, p, err := c.panel(x, y, "density of the values", "value")
	if err != nil {
		return drawn, err
	}
	for s := range heights {
		p.Add(&path{x: middles, y: heights[s], style: draw.LineStyle{Color: c.colors[s], Width: thick}})
	}
	return drawn, nil
}

// autocorrelations shows those of channel j up to half the length of a window.
func (c *comparison) autocorrelations(j int) (panel, error) {
	n := max(1, min(c.samples[0].Steps-1, max(8, c.samples[0].Steps/2)))
	y := extent{0, 1}
	var r [2][]float64
	for s, sample := range c.samples {
		r[s] = append([]float64{1}, sample.Autocorrelations(j, n)...)
		y.add(r[s]...)
	}
	drawn, p, err := c.panel(extent{0, float64(n)}, y, "autocorrelations", "lag")
	if err != nil {
		return drawn, err
	}
	for s := range r {
		p.Add(&path{x: counting(n + 1), y: r[s], style: draw.LineStyle{Color: c.colors[s], Width: thick}})
	}
	return drawn, nil
}

// components shows windows by the first two principal components of the real ones.
func (c *comparison) components() (panel, error) {
	real := c.samples[0]
	d := real.Steps * real.Channels
	mean, scale := make([]float64, d), make([]float64, d)
	x := mat.NewDense(len(real.Windows), d, nil)
	for k := range d {
		column := make([]float64, len(real.Windows))
		for i, w := range real.Windows {
			column[i] = w[k]
		}
		if mean[k], scale[k] = stat.MeanStdDev(column, nil); !(scale[k] > 0) {
			scale[k] = 1
		}
		for i, v := range column {
			x.Set(i, k, (v-mean[k])/scale[k])
		}
	}
	var pc stat.PC
	if !pc.PrincipalComponents(x, nil) {
		return panel{}, errors.New("plots: the windows have no principal components")
	}
	var vectors mat.Dense
	pc.VectorsTo(&vectors)
	_, found := vectors.Dims()
	xRange, yRange := newExtent(), newExtent()
	var at [2][2][]float64
	for s, sample := range c.samples {
		for _, w := range sample.Thinned(comparedPoints).Windows {
			var of [2]float64
			for k, v := range w {
				for a := range min(2, found) {
					of[a] += vectors.At(k, a) * math.Max(-20, math.Min(20, (v-mean[k])/scale[k]))
				}
			}
			at[s][0], at[s][1] = append(at[s][0], of[0]), append(at[s][1], of[1])
		}
		xRange.add(at[s][0]...)
		yRange.add(at[s][1]...)
	}
	drawn, p, err := c.panel(xRange, yRange, "principal components", "first")
	if err != nil {
		return drawn, err
	}
	for s := range at {
		addDots(p, at[s][0], at[s][1], dotStyle(tint(c.colors[s], 0.8), 1.2))
	}
	return drawn, nil
}
