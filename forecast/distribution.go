package forecast

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// A Distribution is the predictive distribution of one series, in one of three forms:
// sample paths; Gaussian marginals for models that have them in closed form;
// or quantiles of the marginals. Its methods expect a distribution that
// Validate accepts.
//
// Arrays of one value per time and channel are row-major, with a row for each
// time. Methods that fill such an array allocate it if dst is nil, panic if
// dst has another length, and return it.
type Distribution struct {
	ID    string    // that of the series
	Times []float64 // forecast times, in the unit of the panel's axis

	// Paths holds draws from the joint distribution over all times and channels, each of
	// len(Times) x channels values.
	Paths [][]float64

	// Mean and SD are the means and the standard deviations of independent
	// Gaussians, len(Times) x channels each. They are nil if there are Paths. A
	// standard deviation of zero means a value known for certain.
	Mean, SD []float64

	// Probs holds probabilities in strictly increasing order, the first at most
	// 1/2 and the last at least 1/2, all between 0 and 1. Values holds the
	// quantiles of the marginals for each of them, len(Times) x channels each,
	// which never decrease from one probability to the next. They are nil in
	// the other forms.
	//
	// Between two probabilities a quantile is interpolated linearly in the
	// standard normal quantile z(p), so that the quantiles of a Gaussian,
	// however few, stand for that Gaussian. Beyond the outermost ones the tails
	// are Gaussian: the lower tail goes on with the standard deviation
	// (q(1/2) - q(p)) / (z(1/2) - z(p)) of a Gaussian that has the first
	// quantile and the median, and the upper tail likewise. If the outermost
	// probability is 1/2 itself, the distribution has no tail on that side.
	Probs  []float64
	Values [][]float64

	// Domains are those of the channels, to which the distribution is confined: quantiles, means
	// and scores are those of its values by Domain.Confine. Paths are confined already. They are
	// nil where any value is possible.
	Domains []Domain
}

// size returns the number of values that the distribution is of.
func (d *Distribution) size() int {
	switch {
	case len(d.Paths) > 0:
		return len(d.Paths[0])
	case len(d.Values) > 0:
		return len(d.Values[0])
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

// Validate says what is wrong with the distribution, if anything: none of the
// three forms or several, sizes that do not match, times or probabilities that
// do not increase, values that are not finite, negative standard deviations,
// quantiles that cross.
func (d *Distribution) Validate() error {
	if err := d.validate(); err != nil {
		return fmt.Errorf("forecast of %s: %w", Describe(d.ID), err)
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
	gaussian := d.Mean != nil || d.SD != nil
	quantiles := d.Probs != nil || d.Values != nil
	switch {
	case len(d.Paths) > 0 && gaussian:
		return errors.New("both sample paths and Gaussian marginals")
	case quantiles && (len(d.Paths) > 0 || gaussian):
		return errors.New("quantiles beside another form")
	case len(d.Times) > 0 && len(d.Paths) == 0 && !gaussian && !quantiles:
		return errors.New("neither sample paths nor Gaussian marginals nor quantiles")
	case len(d.SD) != len(d.Mean):
		return fmt.Errorf("%d means, %d standard deviations", len(d.Mean), len(d.SD))
	case len(d.Values) != len(d.Probs):
		return fmt.Errorf("quantiles for %d probabilities, %d probabilities", len(d.Values), len(d.Probs))
	}
	n := d.size()
	if t := len(d.Times); t == 0 && n > 0 || t > 0 && (n == 0 || n%t != 0) {
		return fmt.Errorf("%d values for %d times", n, t)
	}
	if d.Domains != nil && len(d.Times) > 0 && len(d.Domains) != n/len(d.Times) {
		return fmt.Errorf("domains of %d channels, of which there are %d", len(d.Domains), n/len(d.Times))
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
	return d.validateQuantiles()
}

func (d *Distribution) validateQuantiles() error {
	if len(d.Probs) == 0 {
		return nil
	}
	for i, p := range d.Probs {
		if !(p > 0 && p < 1) {
			return fmt.Errorf("probability %d is %v, want one between 0 and 1", i, p)
		}
		if i > 0 && p <= d.Probs[i-1] {
			return fmt.Errorf("probability %d (%v) is not greater than the one before it (%v)", i, p, d.Probs[i-1])
		}
	}
	if first, last := d.Probs[0], d.Probs[len(d.Probs)-1]; first > 0.5 || last < 0.5 {
		return fmt.Errorf("the probabilities, %v to %v, are all on one side of the median", first, last)
	}
	for i, v := range d.Values {
		if len(v) != d.size() {
			return fmt.Errorf("%d quantiles for the probability %v, %d for the first", len(v), d.Probs[i], d.size())
		}
		for k, x := range v {
			if isNotFinite(x) {
				return fmt.Errorf("the %v-quantile is %v at time %v", d.Probs[i], x, d.Times[k/d.Width()])
			}
			if i > 0 && x < d.Values[i-1][k] {
				return fmt.Errorf("the %v-quantile (%v) is below the %v-quantile (%v) at time %v",
					d.Probs[i], x, d.Probs[i-1], d.Values[i-1][k], d.Times[k/d.Width()])
			}
		}
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
			return fmt.Errorf("forecast of %s: %d channels, want %d (%v)", Describe(d.ID), d.Width(), len(f.Channels), f.Channels)
		}
	}
	return nil
}

// MeanTo fills dst with the means, len(Times) x channels.
func (d *Distribution) MeanTo(dst []float64) []float64 {
	dst = d.target(dst)
	if len(d.Paths) == 0 {
		g := newGatherer(d)
		for k := range dst {
			dst[k] = g.marginal(k).mean()
		}
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

// PIT fills dst with the probability integral transform of values of all times
// and channels, len(Times) x channels: the probability of smaller ones and half
// of that of the value itself; NaN where the value is NaN.
func (d *Distribution) PIT(dst, values []float64) []float64 {
	dst = d.target(dst)
	if len(values) != d.size() {
		panic(fmt.Sprintf("forecast: %d values, the distribution has %d", len(values), d.size()))
	}
	g := newGatherer(d)
	for k, x := range values {
		dst[k] = math.NaN()
		if !math.IsNaN(x) {
			dst[k] = g.marginal(k).cdf(x)
		}
	}
	return dst
}

// summaryProbabilities returns probabilities whose quantiles sum up a distribution.
func summaryProbabilities() []float64 {
	return []float64{
		0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5,
		0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99, 0.995,
	}
}

// SummaryQuantiles returns probabilities that sum up a distribution, and the
// quantiles of n values that are increasing functions of standard normal
// variables: value returns value k where its variable is z.
func SummaryQuantiles(n int, value func(k int, z float64) float64) (probs []float64, quantiles [][]float64) {
	probs = summaryProbabilities()
	for _, p := range probs {
		z := 0.0 // the median, exactly
		if p != 0.5 {
			z = mathext.NormalQuantile(p)
		}
		row := make([]float64, n)
		for k := range row {
			row[k] = value(k, z)
		}
		quantiles = append(quantiles, row)
	}
	return probs, quantiles
}

// maxLog bounds logarithms so that values remain numbers.
const maxLog = 709

// Exponentiate takes the channels that logged names, by their number, from the
// logarithms of values to values: Gaussian marginals become quantiles, which
// stand for those of log-normal ones, and paths become paths. If none is named
// it leaves d as it is.
func (d *Distribution) Exponentiate(logged []bool) {
	if !slices.Contains(logged, true) {
		return
	}
	value := func(k int, x float64) float64 {
		if logged[k%len(logged)] {
			return math.Exp(min(x, maxLog))
		}
		return x
	}
	if d.Mean != nil {
		d.Probs, d.Values = SummaryQuantiles(len(d.Mean), func(k int, z float64) float64 { return value(k, d.Mean[k]+z*d.SD[k]) })
		d.Mean, d.SD = nil, nil
		return
	}
	for _, rows := range [][][]float64{d.Values, d.Paths} {
		for _, row := range rows {
			for k, x := range row {
				row[k] = value(k, x)
			}
		}
	}
}

// thin returns the marginals of d in little room: sample paths as quantiles.
func (d *Distribution) thin() *Distribution {
	if len(d.Paths) == 0 {
		return d
	}
	probs := summaryProbabilities()
	return &Distribution{ID: d.ID, Times: d.Times, Probs: probs, Values: d.Quantiles(probs...), Domains: d.Domains}
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
	g.sought = ranksOf(len(d.Paths), ps)
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

// Describe names the series of the given ID in a message: series "ID", or "the
// series" if it has none.
func Describe(id string) string {
	if id == "" {
		return "the series"
	}
	return fmt.Sprintf("series %q", id)
}
