package baseline

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"

	"tsgen/forecast"
	"tsgen/internal/freedom"
	"tsgen/internal/joint"
	"tsgen/internal/magnitude"
	"tsgen/internal/moments"
	"tsgen/series"
)

// Innovations returns the panel of what autoregressions leave of each channel of each series, or of its logarithm
// where the season grows with the level: those of AR, of whose several candidates for seasons the best. They are
// estimated from all values, for forecasts of opt.Horizon steps, and what they leave is in units of its root mean square.
// Gaps are filled for the lags of what follows and stay gaps; the times that lags of all channels reach before are left out.
//
// The error wraps forecast.ErrMismatch if the panel is irregular or its observations are off the grid, and
// forecast.ErrTooShort if no series has two observations of some channel.
func Innovations(ctx context.Context, p *series.Panel, opt forecast.FitOptions) (*series.Panel, error) {
	if err := checkRegular(p, innovated); err != nil {
		return nil, err
	}
	p, _ = magnitude.Rescale(p)
	horizon := cmp.Or(opt.Horizon, forecast.DefaultHorizon(p, cmp.Or(opt.Season, p.Season())))
	w, err := newWhitened(ctx, p, opt.Season, slices.Repeat([]int{horizon}, len(p.Series)))
	if err != nil {
		return nil, err
	}
	return w.less, nil
}

const innovated = "an autoregression with learned innovations"

// OverInnovations returns what a model, whose forecasts are sample paths, makes of the innovations of the history: each
// path goes through the autoregression of its channel, in units of the deviation that the autoregression
// has ahead. The error is the model's, or as that of Innovations and of AR.Forecast.
func OverInnovations(ctx context.Context, history *series.Panel, opt forecast.Options, model func(*series.Panel, forecast.Options) (*forecast.Forecast, error)) (*forecast.Forecast, error) {
	err := checkRegular(history, innovated)
	if err == nil {
		opt, err = opt.Resolve(history)
	}
	if err == nil {
		err = check(history, 0, opt)
	}
	if err != nil {
		return nil, err
	}
	steps := make([][]int, len(history.Series))
	leads := make([]int, len(history.Series))
	all := opt
	all.At = make([][]float64, len(history.Series))
	for i, s := range history.Series {
		if steps[i], err = history.StepsFrom(s.Times[s.Len()-1], opt.At[i]); err != nil {
			return nil, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
		}
		if n := len(steps[i]); n > 0 {
			leads[i] = steps[i][n-1]
		}
		all.At[i] = history.Future(s, leads[i])
	}
	return magnitude.Forecast(history, func(p *series.Panel) (*forecast.Forecast, error) {
		w, err := newWhitened(ctx, p, opt.Season, leads)
		if err != nil {
			return nil, err
		}
		f, err := model(w.less, all)
		if err != nil {
			return nil, err
		}
		for i, d := range f.Series {
			w.restore(i, d, joint.Source(opt.Seed, d.ID))
			for k, path := range d.Paths {
				d.Paths[k] = rowsAt(path, steps[i], p.Width())
			}
			d.Times = slices.Clone(opt.At[i])
			if err := d.Validate(); err != nil {
				return nil, err
			}
		}
		if w.walks > 0 {
			f.Notes = append(f.Notes, fmt.Sprintf("%s: %d of %d channels of series are too short or too wild for an autoregression, and are random walks", f.Model, w.walks, len(w.of)))
		}
		return f, nil
	})
}

// rowsAt returns the rows of a path at some steps, counted from 1.
func rowsAt(path []float64, steps []int, width int) []float64 {
	rows := make([]float64, 0, len(steps)*width)
	for _, n := range steps {
		rows = append(rows, path[(n-1)*width:n*width]...)
	}
	return rows
}

// A whitened panel is one less what autoregressions say.
type whitened struct {
	less  *series.Panel
	of    []whitener // i*channels+c
	walks int        // of these, random walks
}

// A whitener is the autoregression of a channel.
type whitener struct {
	*lagProcess
	logged, walk  bool
	center, scale float64   // of the values that it is of
	past          []float64 // these values up to the last observation, without gaps
	after         int       // steps of the history after that
	sd            float64   // of the innovations ahead
}

// newWhitened returns the panel less autoregressions that are estimated for so many steps ahead of each series.
func newWhitened(ctx context.Context, p *series.Panel, season int, leads []int) (*whitened, error) {
	periods := seasons(0, season, p)
	logs, err := localModel{byLogarithm: true}.logarithms(ctx, p, periods, func(int) [][]float64 { return nil })
	if err != nil {
		return nil, err
	}
	channels, err := channelsOf(ctx, logs, true)
	if err != nil {
		return nil, err
	}
	width := p.Width()
	w := &whitened{of: make([]whitener, len(channels))}
	all := make([]*series.Series, len(p.Series))
	err = forecast.EachSeries(ctx, len(all), func(i int) error {
		_, rows, err := p.Grid(p.Series[i])
		if err != nil {
			return err
		}
		x := *p.Series[i]
		x.Values = make([]float64, len(x.Values))
		first := len(rows) - 1
		for c := range width {
			k := i*width + c
			channels[k].lead = leads[i]
			left := w.of[k].estimate(channels[k], periods)
			for t, row := range rows {
				if x.Values[t*width+c] = left[row]; isObserved(left[row]) {
					first = min(first, t)
				}
			}
		}
		all[i] = x.Slice(first, len(rows))
		return nil
	})
	for _, r := range w.of {
		if r.walk {
			w.walks++
		}
	}
	w.less = p.With(all)
	return w, err
}

// estimate sets the whitener to that of a channel, and returns its innovations on the grid.
func (r *whitener) estimate(x channel, periods []float64) []float64 {
	left := slices.Repeat([]float64{math.NaN()}, len(x.grid))
	r.logged, r.scale = x.logged, 1
	if observed(x.grid) < 2 {
		last, sd := x.walk.At(1)
		r.setProcess(&Process{Coef: []float64{1}, walk: true})
		r.past, r.sd = []float64{last}, sd
		return left
	}
	y, after := trim(x.grid)
	r.after = after
	var several *lagEstimate
	if !isDense(periods) {
		several = estimateLags(y, periods, x.lead+after)
	}
	if several != nil {
		r.lagProcess, r.center, r.scale = several.processes[0], several.center, several.scale
	} else if q, err := Estimate(y, usualOrder(periods), x.lead+after); err == nil {
		r.setProcess(q)
	}
	r.past = fill(scaled(y, r.center, r.scale), shortest(periods))
	first, size := len(x.grid)-after-len(y), moments.Moments{}
	var row []float64
	for t := slices.Max(r.lags); t < len(y); t++ {
		if isObserved(y[t]) {
			row = r.fixed(row[:0], t, r.n)
			e := r.past[t] - r.next(r.past[:t], dot(r.fixedOf, row))
			size.Add(e * e)
			left[first+t] = e
		}
	}
	if unit := math.Sqrt(size.Mean); unit > 0 {
		for t := range left {
			left[t] /= unit
		}
	}
	if r.sd = math.Sqrt(r.variance); !r.walk {
		r.sd *= freedom.Widening(size.N, float64(r.columns()+1))
	}
	return left
}

// setProcess has the whitener take its values by a process.
func (r *whitener) setProcess(q *Process) {
	r.lagProcess = &lagProcess{n: 1, fixedOf: []float64{q.Intercept}, lagged: q.Coef, variance: q.Variance}
	for i := range q.Coef {
		r.lags = append(r.lags, i+1)
	}
	r.walk = q.walk
}

// restore takes the paths of a forecast of series i through its autoregressions, and leaves it nothing else. The paths have
// all steps from the last time of the history on; what a channel lacks of these is drawn.
func (w *whitened) restore(i int, d *forecast.Distribution, rng *rand.Rand) {
	width := w.less.Width()
	d.Mean, d.SD, d.Probs, d.Values = nil, nil, nil, nil
	if len(w.less.Known) == len(w.less.Static) {
		withoutMeans(d.Paths)
	}
	for c := range width {
		r := &w.of[i*width+c]
		levels := make([]float64, r.after+len(d.Times))
		var row []float64
		for h := range levels {
			row = r.fixed(row[:0], len(r.past)+h, r.n)
			levels[h] = dot(r.fixedOf, row)
		}
		most := slices.Max(r.lags)
		y := slices.Concat(r.past[len(r.past)-most:], levels)
		for _, path := range d.Paths {
			for h, level := range levels {
				next := r.next(y[:most+h], level)
				k := (h-r.after)*width + c
				if h < r.after {
					y[most+h] = next + r.sd*rng.NormFloat64()
					continue
				}
				y[most+h] = next + r.sd*path[k]
				if path[k] = r.center + r.scale*y[most+h]; r.logged {
					path[k] = math.Exp(path[k])
				}
			}
		}
	}
}

// withoutMeans takes their means from paths: what the past tells of the mean of an innovation is in the autoregression.
// Covariates tell more.
func withoutMeans(paths [][]float64) {
	n := float64(len(paths))
	if n < 2 {
		return
	}
	means := make([]float64, len(paths[0]))
	for _, path := range paths {
		floats.AddScaled(means, 1/n, path)
	}
	for _, path := range paths {
		floats.Sub(path, means)
		floats.Scale(math.Sqrt(n/(n-1)), path)
	}
}
