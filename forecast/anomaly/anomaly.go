// Package anomaly finds values that a model holds improbable given what came before them.
//
// The model forecasts the series of a panel again and again, a few times ahead, and each value
// is compared with its predictive distribution: by how many deviations of the side on which
// it lies it is off the median. How large such deviations usually are, and how heavy
// their tails, is learned from the bulk of them by a scaled Student's distribution, so that a
// p-value of 0.001 comes up once in a thousand values where nothing is wrong, whatever
// the model takes its errors for. A bound at which many values lie, such as no rain, is no
// anomaly, and the others are judged by what they are among themselves. What was forecast from little of the past is judged by such
// deviations alone, and the fewer of them are independent of each other, the heavier tails are
// taken for. Values found anomalous are missing in what later ones
// are forecast from, until so many are in a row that they are how the series now goes.
package anomaly

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"sync"

	"tsgen/forecast"
	"tsgen/series"
)

// Options say what is anomalous. The zero value is ready to use.
type Options struct {
	// Rate is the share of values that are found anomalous where nothing is wrong; zero
	// means 0.001.
	Rate float64

	Season  int    // as in forecast.FitOptions
	Samples int    // as in forecast.Options
	Seed    uint64 // of sample paths
}

// DefaultRate is the rate unless another is asked for.
const DefaultRate = 0.001

// A Found is what was found in one series: an entry for each time and channel, row-major.
// All but Anomaly are NaN where there is no value or where too little came before it.
type Found struct {
	Expected []float64 // median forecast
	Lo, Hi   []float64 // between which all but a share of Rate lies
	P        []float64 // probability of a value as far off, or farther
	Anomaly  []bool    // P is less than Rate
}

const (
	leastPast = 10 // times before the first that is judged
	rounds    = 80 // forecasts of a series at most, each of as many times as it takes
	inARow    = 5  // anomalies that are no longer any
	hidden    = 7  // times the median deviation so far of a value that later forecasts do not see
)

// Detect returns what is anomalous in each series of p by the model, which must have been
// fitted if it learns. Values of the first two seasons, ten at least, are not judged. The error is
// the model's, or wraps forecast.ErrTooShort if no series is long enough.
func Detect(ctx context.Context, m forecast.Model, p *series.Panel, opt Options) ([]Found, error) {
	opt.Rate = cmp.Or(opt.Rate, DefaultRate)
	if !(opt.Rate > 0 && opt.Rate < 1) {
		return nil, fmt.Errorf("anomaly: a rate of %v, want one between 0 and 1", opt.Rate)
	}
	if err := p.Validate(); err != nil {
		return nil, err
	}
	d := newDetector(p, opt)
	if err := d.run(ctx, m); err != nil {
		return nil, err
	}
	return d.found(), nil
}

// A detector goes through a panel from the past on.
type detector struct {
	panel   *series.Panel
	opt     Options
	longest int              // times of a series
	first   int              // time that is judged first
	every   int              // times that are forecast at once
	seen    []*series.Series // what later forecasts see

	off, median, low, high [][]float64 // by series: deviations, medians, and what one deviation is on either side
	moving                 [][]float64 // the deviations of what does not rest
	rests                  [][]rest    // by series and channel
}

func newDetector(p *series.Panel, opt Options) *detector {
	season := cmp.Or(opt.Season, p.Season())
	d := &detector{panel: p, opt: opt}
	for _, s := range p.Series {
		d.longest = max(d.longest, s.Len())
	}
	d.first = max(leastPast, min(2*season+1, d.longest/2))
	d.every = max(1, (d.longest-d.first+rounds-1)/rounds)
	for _, s := range p.Series {
		copied := *s
		copied.Values = slices.Clone(s.Values)
		d.seen = append(d.seen, &copied)
		for _, of := range []*[][]float64{&d.off, &d.median, &d.low, &d.high, &d.moving} {
			*of = append(*of, slices.Repeat([]float64{math.NaN()}, len(s.Values)))
		}
		rests := make([]rest, p.Width())
		for c := range rests {
			rests[c] = restOf(channelOf(s.Values, c, p.Width()))
		}
		d.rests = append(d.rests, rests)
	}
	return d
}

// run forecasts all that is judged.
func (d *detector) run(ctx context.Context, m forecast.Model) error {
	judged, short := false, fmt.Errorf("%w: no series has more than the %d times before the first that is judged", forecast.ErrTooShort, d.first)
	for from := d.first; from < d.longest; from += d.every {
		var heads []*series.Series
		var at [][]float64
		var place []int
		for i, s := range d.seen {
			if from < s.Len() && s.Slice(0, from).Observed() > 1 {
				heads = append(heads, s.Slice(0, from))
				at, place = append(at, s.Times[from:min(from+d.every, s.Len())]), append(place, i)
			}
		}
		if len(heads) == 0 {
			continue // series begin with what is missing
		}
		past := d.panel.With(heads)
		f, err := m.Forecast(ctx, past, forecast.Options{At: at, Season: d.opt.Season, Samples: d.opt.Samples, Seed: d.opt.Seed, Outliers: forecast.KeepOutliers})
		if errors.Is(err, forecast.ErrTooShort) {
			short = err
			continue // with more of the past it goes
		}
		if err != nil {
			return err
		}
		judged = true
		for k, i := range place {
			d.judge(i, from, f.Series[k])
		}
	}
	if !judged {
		return short
	}
	return nil
}

// judge compares the values of series i from a time on with their forecast, and hides those
// that are anomalous beyond doubt.
func (d *detector) judge(i, from int, f *forecast.Distribution) {
	width := d.panel.Width()
	q := f.Quantiles(0.5, 0.1587, 0.8413)
	original := d.panel.Series[i].Values
	for k, m := range q[0] {
		at := from*width + k
		lo, hi := m-q[1][k], q[2][k]-m
		least := 1e-9 * (math.Abs(m) + lo + hi)
		lo, hi = math.Max(lo, least), math.Max(hi, least)
		d.median[i][at], d.low[i][at], d.high[i][at] = m, lo, hi
		y := original[at]
		if math.IsNaN(y) {
			continue
		}
		switch {
		case y == m:
			d.off[i][at] = 0
		case y > m:
			d.off[i][at] = (y - m) / math.Max(hi, math.SmallestNonzeroFloat64)
		default:
			d.off[i][at] = (y - m) / math.Max(lo, math.SmallestNonzeroFloat64)
		}
		if y != d.rests[i][k%width].at {
			d.moving[i][at] = d.off[i][at]
		}
	}
	for c := range width {
		d.hide(i, c, from, from+len(f.Times))
	}
}

// hide makes values of a channel missing for later forecasts, unless so many are in a row that
// they are how the series now goes; those come back.
func (d *detector) hide(i, c, from, to int) {
	width := d.panel.Width()
	far := hidden * usual(channelOf(d.moving[i][:to*width], c, width))
	for t := from; t < to; t++ {
		at := t*width + c
		if x := d.moving[i][at]; !(math.Abs(x) > far) {
			continue
		}
		d.seen[i].Values[at] = math.NaN()
		row := 0
		for back := t; back >= 0 && math.IsNaN(d.seen[i].Values[back*width+c]); back-- {
			row++
		}
		if row >= inARow {
			for back := t; back > t-row; back-- {
				d.seen[i].Values[back*width+c] = d.panel.Series[i].Values[back*width+c]
			}
		}
	}
}

// usual returns the median size of deviations, no less than that of a standard Gaussian if
// there are few.
func usual(x []float64) float64 {
	const ofGaussian, few = 0.6745, 30
	size := make([]float64, len(x))
	for i, v := range x {
		size[i] = math.Abs(v)
	}
	slices.Sort(size)
	if len(size) == 0 {
		return ofGaussian
	}
	if m := size[len(size)/2]; len(size) >= few || m > ofGaussian {
		return m
	}
	return ofGaussian
}

func channelOf(rows []float64, c, width int) []float64 {
	var out []float64
	for k := c; k < len(rows); k += width {
		if !math.IsNaN(rows[k]) {
			out = append(out, rows[k])
		}
	}
	return out
}

// stages are those of a series by how much of the past forecasts have: little, of which they
// are farther off than they say, and enough.
const (
	stages     = 2
	youngFirst = 4   // times the first that is judged, up to which the past is little
	youngLeast = 100 // up to which it is so at least
)

// stageOf returns the stage of a time.
func (d *detector) stageOf(row int) int {
	if row < max(youngFirst*d.first, youngLeast) {
		return 0
	}
	return 1
}

// stage returns the deviations of a channel in a stage.
func (d *detector) stage(off []float64, c, stage int) []float64 {
	width := d.panel.Width()
	from := sort.Search(len(off)/width, func(row int) bool { return d.stageOf(row) >= stage })
	to := sort.Search(len(off)/width, func(row int) bool { return d.stageOf(row) > stage })
	return channelOf(off[from*width:to*width], c, width)
}

// tails returns those of each series, channel and stage: of its own deviations if they are enough,
// or else of those of the panel, or of the channel in both stages.
func (d *detector) tails() [][][stages]tail {
	width := d.panel.Width()
	all := make([][][stages]tail, len(d.off))
	for c := range width {
		var pooled [stages][]float64
		var ofAll [stages]func() body
		for stage := range stages {
			for _, off := range d.moving {
				pooled[stage] = append(pooled[stage], d.stage(off, c, stage)...)
			}
			ofAll[stage] = sync.OnceValue(func() body { return bodyOf(pooled[stage], d.every) })
		}
		every := make([][stages]body, len(d.off))
		weighed := make([]weighing, len(d.off))
		for i, off := range d.moving {
			var number [stages]int
			bodies := &every[i]
			for stage := range stages {
				own := d.stage(off, c, stage)
				number[stage] = len(own)
				switch {
				case len(own) >= enough:
					bodies[stage] = bodyOf(own, d.every)
				case len(pooled[stage]) >= enough:
					bodies[stage] = ofAll[stage]()
				default:
					bodies[stage] = bodyOf(channelOf(off, c, width), d.every)
				}
			}
			weighed[i] = weigh(*bodies, number)
		}
		weights := posteriors(weighed)
		for i, bodies := range every {
			all[i] = append(all[i], tailsOf(bodies, weights[i]))
		}
	}
	return all
}

// found returns what the deviations come to.
func (d *detector) found() []Found {
	width := d.panel.Width()
	tails, seen := d.tails(), forecast.SeenDomains(d.panel)
	all := make([]Found, len(d.off))
	for i, off := range d.off {
		n := len(off)
		domains := forecast.DomainsOf(d.panel, i, seen)
		f := Found{Expected: d.median[i], Lo: make([]float64, n), Hi: make([]float64, n), P: make([]float64, n), Anomaly: make([]bool, n)}
		type bounds struct{ lo, hi float64 }
		inside := make([][stages]bounds, width)
		for c := range inside {
			for stage, t := range tails[i][c] {
				inside[c][stage].lo, inside[c][stage].hi = t.interval(d.rests[i][c].rate(d.opt.Rate))
			}
		}
		for k, x := range off {
			c, stage := k%width, d.stageOf(k/width)
			t, lo, hi := tails[i][c][stage], inside[c][stage].lo, inside[c][stage].hi
			f.Lo[k], f.Hi[k] = d.median[i][k]+lo*d.side(i, k, lo), d.median[i][k]+hi*d.side(i, k, hi)
			if domains != nil {
				own := domains[k%width]
				for _, x := range []*float64{&f.Expected[k], &f.Lo[k], &f.Hi[k]} {
					*x = min(max(*x, own.Min), own.Max) // NaN stays
				}
			}
			f.P[k] = t.p(x)
			if r := d.rests[i][c]; r.part > 0 {
				f.Lo[k], f.Hi[k] = math.Min(f.Lo[k], r.at), math.Max(f.Hi[k], r.at) // NaN stays
				f.P[k] *= 1 - r.part
				if d.panel.Series[i].Values[k] == r.at {
					f.P[k] = 1
				}
			}
			f.Anomaly[k] = f.P[k] < d.opt.Rate
		}
		all[i] = f
	}
	return all
}

// side returns what one deviation is on the side of x.
func (d *detector) side(i, k int, x float64) float64 {
	if x > 0 {
		return d.high[i][k]
	}
	return d.low[i][k]
}
