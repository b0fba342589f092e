package latentode

import (
	"context"
	"math"

	"tsgen/internal/moments"
)

// Where dynamics have noise, what they say of the future is spread over the paths. A guided path knows more of its
// observations than these say, and noise of the dynamics is cheaper to call noise of observations: held-back data
// say by how much the paths are to be moved away from their mean.

const (
	judgedDraws = 32 // of each window, in that
	mostStretch = 2  // or the least, inverted
)

// A misfit is what the paths of a series miss of its held-back values in a channel, and what they are expected to, both in
// units of the variances predicted.
type misfit struct{ missed, own float64 }

// calibratePaths sets the inflation to the root of the factor by which the variance of the paths has to be multiplied
// for held-back values to lie as far from the mean as they are expected to. The mean over the draws errs by a part of
// their variance itself.
func (o *objective) calibratePaths(ctx context.Context) error {
	c := len(o.config.Channels)
	all, place := make([][]misfit, c), make(map[string]int)
	for _, w := range o.judged() {
		if _, ok := place[w.ID]; !ok {
			place[w.ID] = len(place)
		}
	}
	for j := range all {
		all[j] = make([]misfit, len(place))
	}
	err := o.eachJudged(ctx, func(d decoded, v heldBack, w window) {
		if v.lead == 0 {
			return
		}
		for j, x := range v.target {
			if math.IsNaN(x) {
				continue
			}
			var m moments.Moments
			for r := range o.draws {
				m.Add(d.mean.Val[(v.row+r*v.size)*c+j])
			}
			n := float64(o.draws)
			paths, noise := m.Variance()*n/(n-1), d.sd.Val[v.row*c+j]
			noise *= noise
			f := &all[j][place[w.ID]]
			f.missed += ((x-m.Mean)*(x-m.Mean) - noise) / (paths + noise)
			f.own += paths * (1 + 1/n) / (paths + noise)
		}
	})
	for j, of := range all {
		o.config.Inflation[j] = min(max(math.Sqrt(factor(of)), 1/mostStretch), mostStretch)
	}
	return err
}

// factor returns what is missed by what was expected to be, over the series, moved towards 1 by its standard error: of one
// series it is 1.
func factor(series []misfit) float64 {
	var missed, own, square float64
	for _, f := range series {
		missed, own = missed+f.missed, own+f.own
	}
	n := float64(len(series))
	if n < 2 || !(own > 0) {
		return 1
	}
	ratio := max(0, missed/own)
	for _, f := range series {
		square += (f.missed - ratio*f.own) * (f.missed - ratio*f.own)
	}
	doubt := math.Sqrt(square*n/(n-1)) / own
	if ratio > 1 {
		return max(1, ratio-doubt)
	}
	return min(1, ratio+doubt)
}

// stretch moves what is decoded of the draws of a window beyond its observations, size rows each from a first one on,
// away from the mean over the draws. A single draw is left where it is.
func (c *config) stretch(d decoded, lead []float64, first, size, draws int) {
	if !c.stochastic() || !c.real() || draws < 2 {
		return
	}
	width := len(c.Channels)
	for row := first; row < first+size; row++ {
		for j, by := range c.Inflation {
			if lead[row] == 0 || by == 1 {
				continue
			}
			mean := 0.0
			for r := range draws {
				mean += d.mean.Val[(r*size+row)*width+j] / float64(draws)
			}
			for r := range draws {
				x := &d.mean.Val[(r*size+row)*width+j]
				*x = mean + by*(*x-mean)
			}
		}
	}
}
