// Package anomaly finds values that a model holds improbable given what came before them.
//
// The model forecasts the series of a panel again and again, a few times ahead, and each value
// is compared with its predictive distribution: by how many deviations of the side on which
// it lies it is off the median. How large such deviations usually are, and how heavy
// their tails, is learned from the bulk of them by a scaled Student's distribution, so that a
// p-value of 0.001 comes up once in a thousand values where nothing is wrong, whatever
// the model takes its errors for. What was forecast from little of the past is judged by such
// deviations alone, and the fewer of them are independent of each other, the heavier tails are
// taken for. Values found anomalous are missing in what later ones
// are forecast from, unless what comes after goes on from them, or they return so often that they are how the series goes.
// What package outlier finds of the whole series, absurd values and breaks, is known from the first: what comes before a
// break is brought to what comes after it, for all values but the first of those.
package anomaly

import (
	"cmp"
	"context"
	"fmt"
	"math"
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

	Outliers forecast.Outliers // as in forecast.Options

	// Keep, if not nil, returns a model with what it estimates of the series of a panel, as models.Keep does: it then
	// estimates them anew only once they have grown by a twentieth.
	Keep func(ctx context.Context, m forecast.Model, history *series.Panel, opt forecast.FitOptions) (forecast.Model, error)
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
	d := newDetector(m, p, opt)
	if err := d.run(ctx); err != nil {
		return nil, err
	}
	return d.found(), nil
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
		habits := 0 // series that have one
		for i := range d.off {
			if d.courses[i][c].habit {
				habits++
			}
		}
		var pooled [stages][]float64
		var ofAll [stages]func() body
		for stage := range stages {
			for _, off := range d.off {
				pooled[stage] = append(pooled[stage], d.stage(off, c, stage)...)
			}
			ofAll[stage] = sync.OnceValue(func() body { return bodyOf(pooled[stage], d.every, 2*habits > len(d.off)) })
		}
		every := make([][stages]body, len(d.off))
		weighed := make([]weighing, len(d.off))
		for i, off := range d.off {
			var number [stages]int
			bodies, habit := &every[i], d.courses[i][c].habit
			for stage := range stages {
				own := d.stage(off, c, stage)
				number[stage] = len(own)
				switch {
				case len(own) >= enough:
					bodies[stage] = bodyOf(own, d.every, habit)
				case len(pooled[stage]) >= enough:
					bodies[stage] = ofAll[stage]()
				default:
					bodies[stage] = bodyOf(channelOf(off, c, width), d.every, habit)
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
				inside[c][stage].lo, inside[c][stage].hi = t.interval(d.opt.Rate)
			}
		}
		for k, x := range off {
			c, stage := k%width, d.stageOf(k/width)
			t, lo, hi := tails[i][c][stage], inside[c][stage].lo, inside[c][stage].hi
			f.Lo[k], f.Hi[k] = d.bound(i, k, lo), d.bound(i, k, hi)
			if domains != nil {
				own := domains[k%width]
				for _, x := range []*float64{&f.Expected[k], &f.Lo[k], &f.Hi[k]} {
					*x = min(max(*x, own.Min), own.Max) // NaN stays
				}
			}
			f.P[k] = t.p(x)
			f.Anomaly[k] = f.P[k] < d.opt.Rate
		}
		all[i] = f
	}
	return all
}

// bound returns the value that is so many deviations off.
func (d *detector) bound(i, k int, off float64) float64 {
	if g := d.skew[i][k]; !math.IsNaN(g) {
		off = skewed(off, g)
	}
	if off > 0 {
		return d.median[i][k] + off*d.high[i][k]
	}
	return d.median[i][k] + off*d.low[i][k]
}
