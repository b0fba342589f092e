package forecast

import (
	"context"
	"math"
	"slices"
	"sort"

	"tsgen/series"
)

// Apply returns the forecast of the continuation of history as c corrects it.
// Gaussian marginals become quantiles. It shares what it does not change with
// f. Series are matched by position.
func (c *Calibration) Apply(f *Forecast, history *series.Panel) *Forecast {
	if c == nil || len(c.Leads) == 0 && c.Laws == nil {
		return f
	}
	leads := make([][]int, len(f.Series))
	for i, d := range f.Series {
		leads[i] = leadsOf(history, history.Series[i], d.Times)
	}
	return c.apply(f, leads, historyScales(history, nil), history)
}

// apply is Apply given the steps of the times of each series and the scales of their channels.
func (c *Calibration) apply(f *Forecast, leads [][]int, scale map[string][]float64, history *series.Panel) *Forecast {
	corrected := *f
	corrected.Series = make([]*Distribution, len(f.Series))
	err := EachSeries(context.Background(), len(f.Series), func(i int) error {
		d := f.Series[i]
		corrected.Series[i] = c.correct(d.free(), leads[i], scale[d.ID], history, history.Series[i]).confine(d.Domains)
		return nil
	})
	if err != nil {
		panic(err) // of a distribution that is not valid
	}
	return &corrected
}

// bounded returns the factors of value k, of the given channel, the place of which is in the stretch,
// so that they widen no interval of d beyond the bounds of the stretch. widths holds the
// quantiles of d that quantileProbabilities says.
func (c *Calibration) bounded(stretch, k, channel int, widths [][]float64, scale []float64) []float64 {
	factors := c.Factors[stretch]
	if channel < len(c.Channels) {
		factors = slices.Clone(factors)
		for l, f := range c.Channels[channel] {
			factors[l] = min(factors[l]*f, mostFactor)
		}
	}
	if c.Bounds == nil || scale == nil || !(scale[k%len(scale)] > 0) {
		return factors
	}
	factors = slices.Clone(factors)
	for l, f := range factors {
		half := (widths[2+2*l][k] - widths[1+2*l][k]) / 2
		if most := c.Bounds[stretch][l] * scale[k%len(scale)]; f > 1 && half > 0 && f*half > most {
			factors[l] = max(1, most/half)
		}
	}
	return factors
}

// beyond returns what is left of factors at a step that may lie farther ahead than any that was looked at: what narrows
// intervals fades there, in logarithms in proportion to the lead time, since nothing was seen to be so sure.
func (c *Calibration) beyond(lead int, factors []float64) []float64 {
	last := c.Leads[len(c.Leads)-1]
	if lead <= last {
		return factors
	}
	left := slices.Clone(factors)
	for l, f := range left {
		if f < 1 {
			left[l] = math.Pow(f, float64(last)/float64(lead))
		}
	}
	return left
}

// leadsOf returns the step of the horizon in which each time falls: steps of
// the panel, or of the usual distance where times are irregular.
func leadsOf(p *series.Panel, s *series.Series, times []float64) []int {
	leads := make([]int, len(times))
	origin := p.Coordinate(s.Times[len(s.Times)-1])
	step := 1.0
	if !p.Step.Regular() {
		step = p.Coordinate(p.Future(s, 1)[0]) - origin
	}
	for i, t := range times {
		leads[i] = max(1, int(math.Round((p.Coordinate(t)-origin)/step)))
	}
	return leads
}

// correct returns the distribution of d, which continues s, a series of history, and whose times lie in the given
// steps, with its spread corrected. Draws or quantiles none of which is negative stay so: they are
// of counts, or of amounts.
func (c *Calibration) correct(d *Distribution, leads []int, scale []float64, history *series.Panel, s *series.Series) *Distribution {
	if len(d.Times) == 0 {
		return d
	}
	width := d.Width()
	widths := d.Quantiles(quantileProbabilities(c.Levels)...)
	factors := make([][]float64, d.size())
	for k := range factors {
		if len(c.Leads) == 0 {
			factors[k] = slices.Repeat([]float64{1}, len(c.Levels))
			continue
		}
		factors[k] = c.beyond(leads[k/width], c.bounded(c.stretch(leads[k/width]), k, k%width, widths, scale))
		if c.Level && k >= width {
			factors[k] = level(factors[k], factors[k-width], widths, k, width)
		}
	}
	c.reach(factors, history, s, leads, widths)
	r := &Distribution{ID: d.ID, Times: d.Times}
	if len(d.Paths) > 0 {
		r.Paths = make([][]float64, len(d.Paths))
		for i := range r.Paths {
			r.Paths[i] = make([]float64, d.size())
		}
		sample, places := make([]draw, len(d.Paths)), make([]place, len(d.Paths))
		for i := range places {
			places[i] = c.placeOf((float64(i) + 0.5) / float64(len(places)))
		}
		for k := range d.size() {
			correctSample(r.Paths, d.Paths, k, factors[k], places, sample)
		}
		return r
	}
	source := d
	if len(d.Probs) == 0 {
		source = &Distribution{Times: d.Times, Probs: c.probabilities()}
		source.Values = d.Quantiles(source.Probs...)
	}
	r.Probs, r.Values = source.Probs, make([][]float64, len(source.Probs))
	median := d.Quantiles(0.5)[0]
	for i, p := range r.Probs {
		at := c.placeOf(p)
		r.Values[i] = make([]float64, len(median))
		for k, m := range median {
			x := source.Values[i][k]
			r.Values[i][k] = m + (x-m)*at.factor(factors[k])
			if len(d.Probs) > 0 && source.Values[0][k] >= 0 {
				r.Values[i][k] = max(0, r.Values[i][k])
			}
		}
	}
	for k := range median {
		outwards(len(r.Probs), sort.SearchFloat64s(r.Probs, 0.5), median[k],
			func(i int) float64 { return r.Values[i][k] }, func(i int, x float64) { r.Values[i][k] = x })
	}
	return r
}

// level returns the factors of value k, none of which falls from that of the value before by more than the
// interval of d widens: none shrinks along the horizon that does not as it is.
func level(factors, before []float64, widths [][]float64, k, width int) []float64 {
	least := make([]float64, len(factors))
	for l, f := range factors {
		lo, hi := widths[1+2*l], widths[2+2*l]
		least[l] = f
		if now, then := hi[k]-lo[k], hi[k-width]-lo[k-width]; now > 0 {
			least[l] = max(f, before[l]*min(1, then/now))
		}
	}
	return least
}

// probabilities returns those that stand for a Gaussian: the bounds of the
// levels and the median, and one far out on either side, beyond which the tails
// are as wide as a factor that no longer changes makes them.
func (c *Calibration) probabilities() []float64 {
	p := append(quantileProbabilities(c.Levels), 1e-4, 1-1e-4)
	slices.Sort(p)
	return slices.Compact(p)
}

// stretch returns the stretch of a step.
func (c *Calibration) stretch(lead int) int {
	return min(sort.SearchInts(c.Leads, lead), len(c.Leads)-1)
}

// factor returns the factor of the p-quantile.
func (c *Calibration) factor(factors []float64, p float64) float64 {
	return c.placeOf(p).factor(factors)
}

// A place is where the factor of a quantile lies among those of the levels: at one of them, or
// behind it by a part of the way to the next.
type place struct {
	i         int
	part, way float64 // in normal scores; way is 0 at a factor
}

// placeOf returns the place of the factor of the p-quantile.
func (c *Calibration) placeOf(p float64) place {
	level := 100 * math.Abs(2*p-1)
	i := sort.SearchFloat64s(c.Levels, level)
	switch i {
	case 0:
		return place{}
	case len(c.Levels):
		return place{i: i - 1}
	}
	a, b, x := levelScore(c.Levels[i-1]), levelScore(c.Levels[i]), levelScore(level)
	return place{i - 1, x - a, b - a}
}

// factor returns the factor at the place.
func (l place) factor(factors []float64) float64 {
	f := factors[l.i]
	if l.way == 0 {
		return f
	}
	return f + (factors[l.i+1]-f)*l.part/l.way
}

// levelScore returns the normal score of the upper bound of a central interval.
func levelScore(level float64) float64 {
	return math.Sqrt2 * math.Erfinv(level/100)
}

// A draw is a value of a sample path.
type draw struct {
	x    float64
	path int
}

// correctSample writes into value k of the paths dst what it is in src, corrected by the
// factors at the places of its ranks. sample is room to work in.
func correctSample(dst, src [][]float64, k int, factors []float64, places []place, sample []draw) {
	for i, p := range src {
		sample[i] = draw{p[k], i}
	}
	slices.SortFunc(sample, func(a, b draw) int {
		switch {
		case a.x < b.x:
			return -1
		case a.x > b.x:
			return 1
		}
		return a.path - b.path
	})
	n := len(sample)
	median := (sample[(n-1)/2].x + sample[n/2].x) / 2
	positive := sample[0].x >= 0
	for i, d := range sample {
		x := median + (d.x-median)*places[i].factor(factors)
		if positive {
			x = max(0, x)
		}
		sample[i].x = x
	}
	outwards(n, n/2, median, func(i int) float64 { return sample[i].x }, func(i int, x float64) { sample[i].x = x })
	for _, d := range sample {
		dst[d.path][k] = d.x
	}
}

// outwards puts n values that should increase in order, from the middle on: a
// factor that falls steeply may have carried an outer one inside.
func outwards(n, middle int, median float64, get func(int) float64, set func(int, float64)) {
	bound := median
	for i := middle; i < n; i++ {
		bound = max(bound, get(i))
		set(i, bound)
	}
	bound = median
	for i := middle - 1; i >= 0; i-- {
		bound = min(bound, get(i))
		set(i, bound)
	}
}
