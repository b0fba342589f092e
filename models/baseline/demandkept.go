package baseline

import (
	"math"
	"math/rand/v2"

	"tsgen/internal/fits"
)

// A demandCore is the distribution of counts or demand for values without those before a step.
type demandCore struct {
	from, season int
	distribution demandDistribution
	kept         bool // the distribution was estimated by maximum likelihood
}

// newDemandCore returns the distribution that the model takes for y.
func (m Intermittent) newDemandCore(y []float64, season int) core {
	for _, v := range y {
		if v < 0 {
			return plainly(func(y []float64, _ int) (prospect, remark) {
				w := lastValue(y)
				return prospect{marginals: w, draw: w.Draw}, "have negative values, which demand has not, and keep their last value"
			})
		}
	}
	late := recent(y, season)
	c := demandCore{from: len(y) - len(late), season: season, kept: m.Method == MethodCounts}
	if c.kept {
		c.distribution = chooseDemand(late, season)
		return c
	}
	weight := m.Smoothing
	if weight == 0 {
		weight = smoothingByDefault
	}
	c.distribution = smoothedDemand(late, m.Method, weight)
	return c
}

func (c demandCore) continued(y []float64, _ int) (prospect, remark, bool) {
	if y = rests(y, c.from); y == nil || c.distribution == nil {
		return prospect{}, "", false
	}
	d, ok := c.distribution.after(y)
	if !ok {
		return prospect{}, "", false
	}
	return prospect{draw: func(rng *rand.Rand, path []float64) { d.draw(rng, path) }}, "", true
}

func (c demandCore) write(w *fits.Writer) {
	if !c.kept {
		return // a look at the values gives it
	}
	w.Int(c.from)
	c.distribution.write(w)
}

// Kinds of distributions in files.
const (
	hurdleNumber = iota
	countNumber
)

// leastStored is the least shape, and one over it the largest mean, that a file may have: with
// them no quotient of the two is zero or infinite.
const leastStored = 1e-150

// readDemand reads what the write method of a core wrote.
func readDemand(r *fits.Reader, season int) core {
	c := demandCore{from: span(r), season: season, kept: true}
	if r.Int(hurdleNumber, countNumber) == countNumber {
		c.distribution = &countDistribution{n: r.Float(1, math.MaxFloat64), mean: readRecursion(r), shape: r.Float(leastStored, math.MaxFloat64), season: readFactors(r, season)}
		return c
	}
	h := &hurdle{
		n: r.Float(1, math.MaxFloat64), demands: r.Positive(), whole: r.Bool(), occurs: readRecursion(r), sizes: readRecursion(r),
		shape: r.Float(leastStored, math.MaxFloat64), season: readFactors(r, season),
	}
	if h.demands > h.n || h.occurs.mean > 1 {
		r.Failf("%v demands at %v steps", h.demands, h.n)
	}
	c.distribution = h
	return c
}

// readFactors reads the factors of a season, nil for none.
func readFactors(r *fits.Reader, season int) []float64 {
	f := r.Floats()
	if len(f) == 0 {
		return nil
	}
	if len(f) != season {
		r.Failf("%d factors of a season of %d steps", len(f), season)
	}
	for _, v := range f {
		if !(v > 0) {
			r.Failf("a factor of a season of %v", v)
		}
	}
	return f
}

func (r *recursion) write(w *fits.Writer) {
	w.Float(r.mean)
	w.Float(r.keep)
	w.Float(r.gain)
}

func readRecursion(r *fits.Reader) recursion {
	x := recursion{mean: r.Float(0, 1/leastStored), keep: r.Float(0, 1), gain: r.Float(0, 1)}
	x.state = x.mean
	if !(x.keep+x.gain <= 1) {
		r.Failf("weights of %v and %v", x.keep, x.gain)
	}
	return x
}

func (l *countDistribution) write(w *fits.Writer) {
	w.Int(countNumber)
	w.Float(l.n)
	l.mean.write(w)
	w.Float(l.shape)
	w.Floats(l.season)
}

// after implements demandDistribution: the recursion sees the values again.
func (l *countDistribution) after(y []float64) (demandDistribution, bool) {
	for _, v := range y {
		if v < 0 || v != math.Trunc(v) && isObserved(v) {
			return nil, false
		}
	}
	x := *l
	x.y, x.phase = y, len(y)
	x.likelihood()
	return &x, true
}

func (l *hurdle) write(w *fits.Writer) {
	w.Int(hurdleNumber)
	w.Float(l.n)
	w.Float(l.demands)
	w.Bool(l.whole)
	l.occurs.write(w)
	l.sizes.write(w)
	w.Float(l.shape)
	w.Floats(l.season)
}

// after implements demandDistribution. It does not hold for the first demand, for sizes that are
// not whole if all were, or for negative values.
func (l *hurdle) after(y []float64) (demandDistribution, bool) {
	for _, v := range y {
		if v < 0 || v > 0 && (l.demands == 0 || l.whole && v != math.Trunc(v)) {
			return nil, false
		}
	}
	if l.known {
		return l, true
	}
	x := *l
	x.y, x.phase = y, len(y)
	x.likelihood()
	return &x, true
}
