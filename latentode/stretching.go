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
	mostNoise   = 10 // by which the deviation of the noise is multiplied at most
)

// A misfit is what the paths of a series miss of its held-back values in a channel, what they are expected to, and the noise, all in
// units of the variances predicted.
type misfit struct{ missed, own, noise float64 }

// calibratePaths sets the inflation to the root of the factor by which the variance of the paths has to be multiplied
// for held-back values to lie as far from the mean as they are expected to. The mean over the draws errs by a part of
// their variance itself. What no paths that are spread so far explain is noise of observations ahead.
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
			f.noise += noise / (paths + noise)
		}
	})
	o.config.Noisier = make([]float64, c)
	for j, of := range all {
		by := min(max(math.Sqrt(factor(of)), 1/mostStretch), mostStretch)
		for i, f := range of {
			of[i] = misfit{missed: f.missed + f.noise - by*by*f.own, own: f.noise}
		}
		o.config.Inflation[j], o.config.Noisier[j] = by, min(max(1, math.Sqrt(factor(of))), mostNoise)
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
// away from the mean over the draws, and makes the noise there louder. A single draw is left where it is.
func (c *config) stretch(d decoded, lead []float64, first, size, draws int) {
	if !c.stochastic() || !c.real() || draws < 2 {
		return
	}
	width := len(c.Channels)
	for row := first; row < first+size; row++ {
		for j, by := range c.Inflation {
			if lead[row] == 0 {
				continue
			}
			if c.Noisier != nil {
				for r := range draws {
					d.sd.Val[(r*size+row)*width+j] *= c.Noisier[j]
				}
			}
			if by == 1 {
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
