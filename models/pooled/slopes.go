package pooled

import (
	"gonum.org/v1/gonum/stat"

	"tsgen/internal/freedom"
)

// Series that go somewhere, each its own way, leave a process that forgets farther and farther
// behind. How far is told by the second half of each series, forecast from the first.

// leastBefore is the number of values of a series from which the rest is forecast at least.
const leastBefore = 3

// slopes returns the variance of the slopes that series have about the mean.
func (f *channelFit) slopes(all []course) float64 {
	missed := make([][]freedom.Miss, len(all))
	for i, c := range all {
		cut := max(leastBefore, (len(c.t)+1)/2)
		if cut >= len(c.t) {
			continue
		}
		d := c.from(&f.Mean)
		before := deviation{course{d.start, d.t[:cut], d.y[:cut]}, d.beside[:cut]}
		mean, variance := f.Kernel.smooth(before, d.t[cut:])
		middle := stat.Mean(d.t[:cut], nil)
		for k, t := range d.t[cut:] {
			e := d.y[cut+k] - mean[k]
			missed[i] = append(missed[i], freedom.Miss{Square: e * e, Variance: variance[k] + f.Kernel.Noise + d.beside[cut+k], Since: (t - middle) * (t - middle)})
		}
	}
	return freedom.Slopes(missed)
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
