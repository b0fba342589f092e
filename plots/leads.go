package plots

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"tsgen/forecast"
)

// mostLines is the number of models that a picture of several can tell apart.
const mostLines = 7

// lineColors returns the colours of the lines of several models: the palette
// of Okabe and Ito (2008) without its yellow, which is too pale for a line.
func lineColors() [mostLines]color.NRGBA {
	return [mostLines]color.NRGBA{
		blue(), vermillion(), green(),
		{0xcc, 0x79, 0xa7, 0xff}, {0xe6, 0x9f, 0x00, 0xff}, {0x56, 0xb4, 0xe9, 0xff}, {0x2b, 0x2b, 0x2b, 0xff},
	}
}

// Leads draws the scores of a backtest over the steps of the horizon: SQL (CRPS
// where there is none) above, and below the share of values within the 80 %
// interval, which should be 0.8. Of more than seven models the best are drawn.
// It fails if no model could forecast the data.
func Leads(r *forecast.Report, opt Options) (*Figure, error) {
	models, left := bestModels(r)
	if len(models) == 0 {
		return nil, errors.New("plots: no model of the backtest has scores to draw")
	}
	of, label := func(s forecast.Scores) float64 { return s.SQL }, "SQL"
	if math.IsNaN(of(models[0].Scores)) {
		of, label = func(s forecast.Scores) float64 { return s.CRPS }, "CRPS"
	}
	fig := &Figure{}
	var err error
	if fig.opt, err = opt.withDefaults(8*vg.Inch, 5.5*vg.Inch); err != nil {
		return nil, err
	}
	if fig.opt.Title == "" {
		fig.opt.Title = "Scores by step of the horizon"
	}
	fig.subtitle = fmt.Sprintf("%s; %s: less is better", origins(len(r.Origins)), label)
	pooled := pooledSteps(models[0].PIT, r.Horizon)
	if pooled > 1 {
		fig.subtitle += fmt.Sprintf("; shares within 80 %% are of %d neighbouring steps, since each has few values", pooled)
	}
	if left > 0 {
		fig.subtitle += fmt.Sprintf("; %d more models are not shown", left)
	}
	steps := make([]float64, r.Horizon)
	for k := range steps {
		steps[k] = float64(k + 1)
	}
	scores, inside := newExtent(), extent{0.6, 1}
	scores.add(0)
	upper, lower := make([][]float64, len(models)), make([][]float64, len(models))
	for i, m := range models {
		for _, s := range m.Steps {
			upper[i], lower[i] = append(upper[i], of(s)), append(lower[i], s.Coverage80)
		}
		lower[i] = smoothed(lower[i], pooled)
		scores.add(upper[i]...)
		inside.add(lower[i]...)
	}
	x := newExtent()
	x.add(steps...)
	if x, err = x.padded(0.015); err != nil {
		return nil, err
	}
	size := panelSize(fig.opt, 2, 1)
	for i, row := range []struct {
		y      extent
		lines  [][]float64
		label  string
		target float64 // a line to compare with, NaN for none
	}{{scores, upper, label, math.NaN()}, {inside, lower, "within 80 %", 0.8}} {
		y, err := row.y.padded(0.04)
		if err != nil {
			return nil, err
		}
		ticks, text := newNumberTicks(y, size.Y/numberHeight, row.label)
		p := newPlot(x, y, numberTicks{most: max(2, int(size.X/numberWidth)), scale: 1}, ticks)
		addGrid(p)
		if !math.IsNaN(row.target) {
			p.Add(&path{x: []float64{x.lo, x.hi}, y: []float64{row.target, row.target},
				style: draw.LineStyle{Color: grey(), Width: thin, Dashes: dashes()}})
		}
		for k, line := range row.lines {
			p.Add(&path{x: steps, y: line, style: draw.LineStyle{Color: lineColors()[k], Width: thick}})
		}
		if i == 0 {
			hideNumbers(&p.X)
		} else {
			p.X.Label.Text = "step of the horizon"
		}
		fig.rows = append(fig.rows, []panel{{plot: p, label: text}})
	}
	for i, m := range models {
		fig.legend = append(fig.legend, key{m.Name, markLine, lineColors()[i]})
	}
	return fig, nil
}

// origins says their number.
func origins(n int) string {
	if n == 1 {
		return "1 origin"
	}
	return fmt.Sprintf("%d origins", n)
}

// leastShare is the number of values of which a share is drawn: that of fewer leaps.
const leastShare = 20

// pooledSteps returns of how many neighbouring steps the shares of values within an interval
// are to be taken.
func pooledSteps(pit [][][]float64, horizon int) int {
	perStep := max(1, len(observedPIT(pit))/horizon)
	return min(horizon, (leastShare+perStep-1)/perStep)
}

// smoothed returns the mean of each value and its neighbours, n in all, or those that there
// are, as many before as after it where it has them.
func smoothed(x []float64, n int) []float64 {
	if n <= 1 {
		return x
	}
	y := make([]float64, len(x))
	for i := range x {
		from := max(0, min(i-n/2, len(x)-n))
		sum, known := 0.0, 0.0
		for _, v := range x[from:min(from+n, len(x))] {
			if !math.IsNaN(v) {
				sum, known = sum+v, known+1
			}
		}
		y[i] = sum / known // not a number where none is known
	}
	return y
}

// bestModels returns the models that could forecast the data, best first, as
// many as a picture shows, and how many it does not show.
func bestModels(r *forecast.Report) (models []forecast.Tested, left int) {
	for _, m := range r.Models {
		if m.Err == nil {
			models = append(models, m)
		}
	}
	slices.SortStableFunc(models, func(a, b forecast.Tested) int {
		return forecast.CompareScores(a.Scores, b.Scores)
	})
	left = max(0, len(models)-mostLines)
	return models[:len(models)-left], left
}
