package pooled

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// Series that go somewhere, each its own way, leave a process that forgets farther and farther
// behind. How far is told by the last third of each series, forecast from what came before.
const (
	leastSeries = 20 // that tell of slopes
	leastBefore = 4  // values to forecast from
)

// slopes returns the variance of the slopes that series have about the mean, zero if nothing
// speaks for any: by least squares of what the squared errors of forecasts are greater by than their
// variances, on the squared times since the middle of what was seen. A standard
// error is taken off, for which the errors of a series are dependent: by chance alone there is little.
func (f *channelFit) slopes(all []course) float64 {
	var excess []float64 // by series, weighted as the squares are
	squares := 0.0
	for _, c := range all {
		cut := max(leastBefore, (2*len(c.t)+2)/3)
		if cut >= len(c.t) {
			continue
		}
		d := c.from(&f.Mean)
		before := deviation{course{d.start, d.t[:cut], d.y[:cut]}, d.beside[:cut]}
		mean, variance := f.Kernel.smooth(before, d.t[cut:])
		middle, sum := stat.Mean(d.t[:cut], nil), 0.0
		for i, t := range d.t[cut:] {
			v := variance[i] + f.Kernel.Noise + d.beside[cut+i]
			e, square := d.y[cut+i]-mean[i], (t-middle)*(t-middle)
			sum += square * (e*e - v) / (v * v)
			squares += square * square / (v * v)
		}
		excess = append(excess, sum)
	}
	if len(excess) < leastSeries {
		return 0
	}
	total, error2 := 0.0, 0.0
	for _, x := range excess {
		total += x
		error2 += x * x
	}
	if total -= math.Sqrt(error2); !(total > 0) {
		return 0
	}
	return total / squares
}

// sloped returns the variance that the slope of a series adds at a time outside of those of its values.
func (f *channelFit) sloped(c course, t float64) float64 {
	n := len(c.t)
	if f.Slopes == 0 || n == 0 || t >= c.t[0] && t <= c.t[n-1] {
		return 0
	}
	d := t - stat.Mean(c.t, nil)
	return f.Slopes * d * d
}
