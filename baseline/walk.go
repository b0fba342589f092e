package baseline

import (
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/series"
)

// A law gives the mean and the standard deviation of the value at a lead, in
// the coordinate of the panel (steps, or the unit of irregular times) after
// the last time of the history, for leads of zero or more.
type law interface {
	at(lead float64) (mean, sd float64)
}

// walk is the law of a random walk in continuous time: Brownian motion from
// the last observation.
type walk struct {
	value    float64 // last observation
	age      float64 // how long before the last time of the history that was
	variance float64 // of value itself: zero but for a series never observed
	rate     float64 // growth of the variance per unit of the coordinate
}

func (w walk) at(lead float64) (mean, sd float64) {
	return w.value, math.Sqrt(w.variance + w.rate*(w.age+lead))
}

// increments sums up the squared increments of a random walk, each divided by
// the time it took.
type increments struct {
	sum float64
	n   int
}

// add adds an increment d that took some time.
func (x *increments) add(d, took float64) {
	x.sum += d * d / took
	x.n++
}

// rate returns the maximum likelihood estimate of the growth of the variance
// per unit of the coordinate.
func (x increments) rate() float64 { return x.sum / float64(x.n) }

// observe adds what channel c of s says. It returns the position and the value
// of the last observation; ok is false if there is none.
func (x *increments) observe(p *series.Panel, s *series.Series, c int) (u, last float64, ok bool) {
	for i, t := range s.Times {
		y := s.Row(i)[c]
		if math.IsNaN(y) {
			continue
		}
		at := p.Coordinate(t)
		if ok {
			x.add(y-last, at-u)
		}
		u, last, ok = at, y, true
	}
	return u, last, ok
}

// A walker makes random walks of the series of a panel. What a series has too
// few observations to tell is taken from its channel in the whole panel: the
// rate of a series observed once, and the mean and the variance of one never
// observed.
type walker struct {
	panel  *series.Panel
	pooled []*pool // by channel, nil until needed
}

// A pool is what a channel is like in the whole panel.
type pool struct {
	increments
	mean, variance float64 // of all observations
}

func newWalker(p *series.Panel) *walker {
	return &walker{p, make([]*pool, p.Width())}
}

// walk returns the random walk that continues channel c of s. The error wraps
// forecast.ErrTooShort if the whole panel cannot tell its rate.
func (w *walker) walk(s *series.Series, c int) (walk, error) {
	var own increments
	u, last, seen := own.observe(w.panel, s, c)
	age := w.panel.Coordinate(s.Times[s.Len()-1]) - u
	if own.n > 0 {
		return walk{value: last, age: age, rate: own.rate()}, nil
	}
	if w.pooled[c] == nil {
		w.pooled[c] = newPool(w.panel, c)
	}
	switch all := w.pooled[c]; {
	case all.n == 0:
		return walk{}, fmt.Errorf("%w: no series has two observations of %s", forecast.ErrTooShort, w.panel.Channels[c])
	case seen:
		return walk{value: last, age: age, rate: all.rate()}, nil
	default:
		return walk{value: all.mean, variance: all.variance}, nil
	}
}

func newPool(p *series.Panel, c int) *pool {
	x := &pool{}
	n, ss := 0.0, 0.0
	for _, s := range p.Series {
		x.observe(p, s, c)
		for i := range s.Times {
			if y := s.Row(i)[c]; !math.IsNaN(y) {
				n++
				d := y - x.mean
				x.mean += d / n
				ss += d * (y - x.mean)
			}
		}
	}
	if n > 0 {
		x.variance = ss / n
	}
	return x
}

// draw fills path with a draw of the walk at 0, 1 ... steps.
func (w walk) draw(rng *rand.Rand, path []float64) {
	v := w.value + math.Sqrt(w.variance+w.rate*w.age)*rng.NormFloat64()
	for i := range path {
		path[i] = v
		v += math.Sqrt(w.rate) * rng.NormFloat64()
	}
}
