package plots

import (
	"errors"
	"math"
	"slices"
	"sort"
	"strconv"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"tsgen/forecast"
)

// pitBins is the number of bars of the histogram.
const pitBins = 20

// Calibration draws how far the intervals of the models of a backtest can be
// trusted. On the left, the share of values within each central interval over
// its level, which should be the same: a line below the diagonal means intervals
// too narrow. On the right, the histogram of the probability integral transform
// of the best model (see forecast.Tested), which should be flat: a trough means
// distributions too narrow, a hump too wide, a slope a bias. Of more than seven models the
// best are drawn. It fails if no model could forecast the data.
func Calibration(r *forecast.Report, opt Options) (*Figure, error) {
	models, _ := bestModels(r)
	if len(models) == 0 {
		return nil, errors.New("plots: no model of the backtest has forecasts to draw")
	}
	fig := &Figure{}
	var err error
	if fig.opt, err = opt.withDefaults(9*vg.Inch, 4.5*vg.Inch); err != nil {
		return nil, err
	}
	if fig.opt.Title == "" {
		fig.opt.Title = "Calibration"
	}
	size := panelSize(fig.opt, 1, 2)
	most := max(2, int(size.X/numberWidth))
	unit := extent{0, 100}

	ticks, text := newNumberTicks(unit, size.Y/numberHeight, "values within, %")
	left := newPlot(unit, unit, numberTicks{most: most, scale: 1}, ticks)
	left.X.Label.Text = "level of the interval, %"
	addGrid(left)
	left.Add(&path{x: []float64{0, 100}, y: []float64{0, 100}, style: draw.LineStyle{Color: grey(), Width: thin, Dashes: dashes()}})
	var best []float64
	for i, m := range models {
		pit := observedPIT(m.PIT)
		if i == 0 {
			best = pit
		}
		levels, shares := reliability(pit)
		left.Add(&path{x: levels, y: shares, style: draw.LineStyle{Color: lineColors()[i], Width: thick}})
		fig.legend = append(fig.legend, key{m.Name, markLine, lineColors()[i]})
	}

	counts := histogram(best)
	top := newExtent()
	top.add(0, 1)
	top.add(counts...)
	if top, err = top.padded(0.04); err != nil {
		return nil, err
	}
	top.lo = 0
	ticks, text2 := newNumberTicks(top, size.Y/numberHeight, "density")
	right := newPlot(extent{0, 1}, top, numberTicks{most: most, scale: 1}, ticks)
	right.X.Label.Text = "probability integral transform"
	addGrid(right)
	for i, n := range counts {
		lo, hi := float64(i)/pitBins, float64(i+1)/pitBins
		right.Add(&band{x: []float64{lo, hi}, lo: []float64{0, 0}, hi: []float64{n, n}, color: tint(blue(), 0.55)})
	}
	right.Add(&path{x: []float64{0, 1}, y: []float64{1, 1}, style: draw.LineStyle{Color: grey(), Width: thin, Dashes: dashes()}})
	fig.subtitle = strconv.Itoa(len(best)) + " values from " + origins(len(r.Origins))
	fig.rows = [][]panel{{{plot: left, label: text, title: "Reliability"}, {plot: right, label: text2, title: models[0].Name}}}
	return fig, nil
}

// observedPIT returns the transforms of all values that were observed.
func observedPIT(pit [][][]float64) []float64 {
	var all []float64
	for _, origin := range pit {
		for _, s := range origin {
			for _, u := range s {
				if !math.IsNaN(u) {
					all = append(all, u)
				}
			}
		}
	}
	return all
}

// reliability returns levels of central intervals in percent and the shares of
// values within them, in percent.
func reliability(pit []float64) (levels, shares []float64) {
	// A value is within the interval of level l if |2u - 1| is at most l.
	needed := make([]float64, len(pit))
	for i, u := range pit {
		needed[i] = math.Abs(2*u - 1)
	}
	slices.Sort(needed)
	const n = 50
	for i := range n + 1 {
		l := float64(i) / n
		within := sort.Search(len(needed), func(k int) bool { return needed[k] > l })
		levels = append(levels, 100*l)
		shares = append(shares, 100*float64(within)/float64(len(needed)))
	}
	return levels, shares
}

// histogram returns the density of transforms in each bin.
func histogram(pit []float64) []float64 {
	density := make([]float64, pitBins)
	for _, u := range pit {
		density[min(int(u*pitBins), pitBins-1)] += pitBins / float64(len(pit))
	}
	return density
}
