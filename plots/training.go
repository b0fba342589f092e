package plots

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"tsgen/forecast"
)

// Training draws the course of a training: the training loss over the number of
// updates and, in a panel of its own below, because it is in another unit, the
// validation score, if there is one. The update with the best (smallest) score
// is marked in both. Positive values that span more than a factor of
// ten are on a logarithmic scale.
//
// It fails if the curve is empty, if its updates do not increase or if a value
// is infinite. NaN means that there is no value.
func Training(curve []forecast.Point, opt Options) (*Figure, error) {
	if len(curve) == 0 {
		return nil, errors.New("plots: no training to draw")
	}
	var updates, loss, valid []float64
	best := -1
	for i, pt := range curve {
		if i > 0 && pt.Update <= curve[i-1].Update {
			return nil, fmt.Errorf("plots: the training curve goes from update %d to update %d", curve[i-1].Update, pt.Update)
		}
		if math.IsInf(pt.Loss, 0) || math.IsInf(pt.Valid, 0) {
			return nil, fmt.Errorf("plots: the training curve has the loss %v and the score %v at update %d", pt.Loss, pt.Valid, pt.Update)
		}
		updates = append(updates, float64(pt.Update))
		loss = append(loss, pt.Loss)
		valid = append(valid, pt.Valid)
		if !math.IsNaN(pt.Valid) && (best < 0 || pt.Valid < valid[best]) {
			best = i
		}
	}
	fig := &Figure{legend: []key{{"training loss", markLine, blue()}}}
	rows, height := 1, 4*vg.Inch
	if best >= 0 {
		rows, height = 2, 5.5*vg.Inch
		fig.legend = append(fig.legend, key{"validation score", markLineDot, green()}, key{"best update", markDashes, vermillion()})
		fig.subtitle = fmt.Sprintf("best validation score %s at update %s of %s",
			strconv.FormatFloat(valid[best], 'g', 4, 64), formatTick(updates[best], 0), formatTick(updates[len(updates)-1], 0))
	}
	var err error
	if fig.opt, err = opt.withDefaults(8*vg.Inch, height); err != nil {
		return nil, err
	}
	if fig.opt.Title == "" {
		fig.opt.Title = "Training"
	}
	x := newExtent()
	x.add(updates...)
	if x.lo == x.hi {
		x.add(x.lo-1, x.hi+1)
	}
	if x, err = x.padded(0.015); err != nil {
		return nil, err
	}
	size := panelSize(fig.opt, rows, 1)
	upper, err := lossPanel(x, loss, "training loss", size)
	if err != nil {
		return nil, err
	}
	fig.rows = [][]panel{{upper}}
	if best >= 0 {
		upper.plot.Add(upright{updates[best], vermillion()})
	}
	upper.plot.Add(&path{x: updates, y: loss, style: draw.LineStyle{Color: blue(), Width: thick}})
	if best < 0 {
		upper.plot.X.Label.Text = "update"
		return fig, nil
	}
	lower, err := lossPanel(x, valid, "validation score", size)
	if err != nil {
		return nil, err
	}
	lower.plot.X.Label.Text = "update"
	hideNumbers(&upper.plot.X)
	var examined, scores []float64
	for i, v := range valid {
		if !math.IsNaN(v) {
			examined, scores = append(examined, updates[i]), append(scores, v)
		}
	}
	lower.plot.Add(upright{updates[best], vermillion()})
	lower.plot.Add(&path{x: examined, y: scores, style: draw.LineStyle{Color: green(), Width: thick}, dots: 1.6})
	addDots(lower.plot, updates[best:best+1], valid[best:best+1], dotStyle(vermillion(), 3.5))
	fig.rows = append(fig.rows, []panel{lower})
	return fig, nil
}

// lossPanel returns a panel for the values, with a grid.
func lossPanel(x extent, values []float64, label string, size vg.Point) (panel, error) {
	y := newExtent()
	y.add(values...)
	padded, err := y.padded(0.06)
	if err != nil {
		return panel{}, err
	}
	ticks, text := newNumberTicks(padded, size.Y/numberHeight, label)
	logarithmic := y.lo > 0 && y.hi > 10*y.lo
	if logarithmic {
		ratio := math.Exp(0.06 * (math.Log(y.hi) - math.Log(y.lo)))
		padded = extent{max(y.lo/ratio, math.SmallestNonzeroFloat64), min(y.hi*ratio, math.MaxFloat64)}
		ticks, text = logTicks{most: max(2, int(size.Y/numberHeight))}, label+", logarithmic"
	}
	p := newPlot(x, padded, numberTicks{most: max(2, int(size.X/numberWidth)), scale: 1}, ticks)
	if logarithmic {
		p.Y.Scale = plot.LogScale{}
	}
	addGrid(p)
	return panel{plot: p, label: text}, nil
}
