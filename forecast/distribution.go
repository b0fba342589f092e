package forecast

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// A Distribution is the predictive law of one series: either sample paths, or
// Gaussian marginals for models that have them in closed form. Its methods
// expect a distribution that Validate accepts.
//
// Arrays of one value per time and channel are row-major, with a row for each
// time. Methods that fill such an array allocate it if dst is nil, panic if
// dst has another length, and return it.
type Distribution struct {
	ID    string    // that of the series
	Times []float64 // forecast times, in the unit of the panel's axis

	// Paths holds draws from the joint law over all times and channels, each of
	// len(Times) x channels values.
	Paths [][]float64

	// Mean and SD are the means and the standard deviations of independent
	// Gaussians, len(Times) x channels each. They are nil if there are Paths. A
	// standard deviation of zero means a value known for certain.
	Mean, SD []float64
}

// size returns the number of values that the distribution is of.
func (d *Distribution) size() int {
	if len(d.Paths) > 0 {
		return len(d.Paths[0])
	}
	return len(d.Mean)
}

// Width returns the number of channels, zero if there are no times.
func (d *Distribution) Width() int {
	if len(d.Times) == 0 {
		return 0
	}
	return d.size() / len(d.Times)
}

// Validate says what is wrong with the distribution, if anything: neither
// paths nor marginals or both, sizes that do not match, times that do not
// increase, values that are not finite, negative standard deviations.
func (d *Distribution) Validate() error {
	if err := d.validate(); err != nil {
		return fmt.Errorf("forecast of %s: %w", describe(d.ID), err)
	}
	return nil
}

func (d *Distribution) validate() error {
	for i, t := range d.Times {
		if math.IsNaN(t) || math.IsInf(t, 0) {
			return fmt.Errorf("time %d is %v", i, t)
		}
		if i > 0 && t <= d.Times[i-1] {
			return fmt.Errorf("time %d (%v) is not after the one before it (%v)", i, t, d.Times[i-1])
		}
	}
	switch marginals := d.Mean != nil || d.SD != nil; {
	case len(d.Paths) > 0 && marginals:
		return errors.New("both sample paths and Gaussian marginals")
	case len(d.Times) > 0 && len(d.Paths) == 0 && !marginals:
		return errors.New("neither sample paths nor Gaussian marginals")
	case len(d.SD) != len(d.Mean):
		return fmt.Errorf("%d means, %d standard deviations", len(d.Mean), len(d.SD))
	}
	n := d.size()
	if t := len(d.Times); t == 0 && n > 0 || t > 0 && (n == 0 || n%t != 0) {
		return fmt.Errorf("%d values for %d times", n, t)
	}
	for i, p := range d.Paths {
		if len(p) != n {
			return fmt.Errorf("sample path %d has %d values, the first has %d", i, len(p), n)
		}
		if k := slices.IndexFunc(p, isNotFinite); k >= 0 {
			return fmt.Errorf("sample path %d is %v at time %v", i, p[k], d.Times[k/d.Width()])
		}
	}
	if k := slices.IndexFunc(d.Mean, isNotFinite); k >= 0 {
		return fmt.Errorf("the mean is %v at time %v", d.Mean[k], d.Times[k/d.Width()])
	}
	if k := slices.IndexFunc(d.SD, func(x float64) bool { return x < 0 || isNotFinite(x) }); k >= 0 {
		return fmt.Errorf("the standard deviation is %v at time %v", d.SD[k], d.Times[k/d.Width()])
	}
	return nil
}

// Validate says what is wrong with the forecast, if anything: a distribution
// that is not valid, or that has not the forecast's channels.
func (f *Forecast) Validate() error {
	for _, d := range f.Series {
		if err := d.Validate(); err != nil {
			return err
		}
		if len(d.Times) > 0 && d.Width() != len(f.Channels) {
			return fmt.Errorf("forecast of %s: %d channels, want %d (%v)", describe(d.ID), d.Width(), len(f.Channels), f.Channels)
		}
	}
	return nil
}

// MeanTo fills dst with the means, len(Times) x channels.
func (d *Distribution) MeanTo(dst []float64) []float64 {
	dst = d.target(dst)
	if len(d.Paths) == 0 {
		copy(dst, d.Mean)
		return dst
	}
	clear(dst)
	for i, p := range d.Paths {
		for k, x := range p {
			dst[k] += (x - dst[k]) / float64(i+1)
		}
	}
	return dst
}

// Quantile fills dst with the p-quantiles of the marginals, len(Times) x
// channels. See Quantiles.
func (d *Distribution) Quantile(dst []float64, p float64) []float64 {
	dst = d.target(dst)
	d.fill([][]float64{dst}, []float64{p})
	return dst
}

// Quantiles returns the quantiles of the marginals for each of the
// probabilities, len(Times) x channels values each. Those of sample paths are
// order statistics interpolated linearly (type 7 of Hyndman and Fan 1996).
// Quantiles of increasing probabilities never decrease. It panics if a
// probability is not between 0 and 1, both excluded.
func (d *Distribution) Quantiles(ps ...float64) [][]float64 {
	q := make([][]float64, len(ps))
	for i := range q {
		q[i] = make([]float64, d.size())
	}
	d.fill(q, ps)
	return q
}

// Interval fills lo and hi with the bounds of the central interval of the
// given level, in percent: 80 means the quantiles 0.1 and 0.9. It panics if
// the level is not between 0 and 100, both excluded.
func (d *Distribution) Interval(lo, hi []float64, level float64) (lower, upper []float64) {
	lo, hi = d.target(lo), d.target(hi)
	a, b := bounds(level)
	d.fill([][]float64{lo, hi}, []float64{a, b})
	return lo, hi
}

// bounds returns the probabilities at the ends of the central interval of a
// level in percent.
func bounds(level float64) (lo, hi float64) {
	if !(level > 0 && level < 100) {
		panic(fmt.Sprintf("forecast: an interval of %v %%", level))
	}
	return (100 - level) / 200, (100 + level) / 200
}

// fill writes the quantiles ps[i] into dst[i].
func (d *Distribution) fill(dst [][]float64, ps []float64) {
	for _, p := range ps {
		if !(p > 0 && p < 1) {
			panic(fmt.Sprintf("forecast: the %v-quantile", p))
		}
	}
	g := newGatherer(d)
	for k := range d.size() {
		m := g.marginal(k)
		for i, p := range ps {
			dst[i][k] = m.quantile(p)
		}
	}
}

func (d *Distribution) target(dst []float64) []float64 {
	if dst == nil {
		return make([]float64, d.size())
	}
	if len(dst) != d.size() {
		panic(fmt.Sprintf("forecast: room for %d values, the distribution has %d", len(dst), d.size()))
	}
	return dst
}

func isNotFinite(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }

// describe names a series in a message.
func describe(id string) string {
	if id == "" {
		return "the series"
	}
	return fmt.Sprintf("series %q", id)
}
