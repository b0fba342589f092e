// Package walk holds random walks, and what stands in for a series of a panel that
// was observed too little for a model.
package walk

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/series"
)

// A Walk is the distribution of a random walk in continuous time: Brownian motion from
// the last observation.
type Walk struct {
	Value    float64 // last observation
	Age      float64 // how long before the last time of the history that was
	Variance float64 // of Value itself: zero but for a series never observed
	Rate     float64 // growth of the variance per unit of the coordinate
}

// At returns the distribution at a lead, in the coordinate of the panel, after the last time
// of the history. Before the last observation the variance grows backwards.
func (w Walk) At(lead float64) (mean, sd float64) {
	return w.Value, math.Sqrt(w.Variance + w.Rate*math.Abs(w.Age+lead))
}

// Increments sum up the squared increments of a random walk, each divided by
// the time it took.
type Increments struct {
	Sum float64
	N   int
}

// Add adds an increment d that took some time.
func (x *Increments) Add(d, took float64) {
	x.Sum += d * d / took
	x.N++
}

// Rate returns the maximum likelihood estimate of the growth of the variance
// per unit of the coordinate.
func (x Increments) Rate() float64 { return x.Sum / float64(x.N) }

// observe adds what channel c of s says. It returns the position and the value
// of the last observation; ok is false if there is none.
func (x *Increments) observe(p *series.Panel, s *series.Series, c int) (u, last float64, ok bool) {
	for i, t := range s.Times {
		y := s.Row(i)[c]
		if math.IsNaN(y) {
			continue
		}
		at := p.Coordinate(t)
		if ok {
			x.Add(y-last, at-u)
		}
		u, last, ok = at, y, true
	}
	return u, last, ok
}

// A Walker makes random walks of the series of a panel. What a series has too
// few observations to tell is taken from its channel in the whole panel: the
// rate of a series observed once, and the mean and the variance of one never
// observed. Where no series has two observations the variance of all is that of each.
type Walker struct {
	panel  *series.Panel
	pooled []func() *pool // by channel, made when it is needed
}

// A pool is what a channel is like in the whole panel.
type pool struct {
	Increments
	all moments.Moments // of all observations
}

// NewWalker returns the Walker of a panel.
func NewWalker(p *series.Panel) *Walker {
	w := &Walker{panel: p}
	for c := range p.Width() {
		w.pooled = append(w.pooled, sync.OnceValue(func() *pool { return newPool(p, c) }))
	}
	return w
}

// Walk returns the random walk that continues channel c of s. It may be called concurrently. The error wraps
// forecast.ErrTooShort if the whole panel cannot tell its rate.
func (w *Walker) Walk(s *series.Series, c int) (Walk, error) {
	var own Increments
	u, last, seen := own.observe(w.panel, s, c)
	age := 0.0
	if seen {
		age = w.panel.Coordinate(s.Times[s.Len()-1]) - u
	}
	if own.N > 0 {
		return Walk{Value: last, Age: age, Rate: own.Rate()}, nil
	}
	switch pooled := w.pooled[c](); {
	case pooled.N == 0 && pooled.all.N < 2:
		return Walk{}, fmt.Errorf("%w: no series has two observations of %s", forecast.ErrTooShort, w.panel.Channels[c])
	case seen && pooled.N == 0:
		return Walk{Value: last, Variance: pooled.all.Variance()}, nil
	case seen:
		return Walk{Value: last, Age: age, Rate: pooled.Rate()}, nil
	default:
		return Walk{Value: pooled.all.Mean, Variance: pooled.all.Variance()}, nil
	}
}

func newPool(p *series.Panel, c int) *pool {
	x := &pool{}
	for _, s := range p.Series {
		x.observe(p, s, c)
		for i := range s.Times {
			x.all.Add(s.Row(i)[c])
		}
	}
	return x
}

// Draw fills path with a draw of the walk at 0, 1 ... steps.
func (w Walk) Draw(rng *rand.Rand, path []float64) {
	v := w.Value + math.Sqrt(w.Variance+w.Rate*w.Age)*rng.NormFloat64()
	for i := range path {
		path[i] = v
		v += math.Sqrt(w.Rate) * rng.NormFloat64()
	}
}

// StandIn returns the distributions of random walks, one of each channel, for a series that was
// observed too little for a model, at some times. Those may lie before the last
// observation, from which the variance grows both ways. The error is as that of Walk.
func (w *Walker) StandIn(s *series.Series, at []float64) (*forecast.Distribution, error) {
	width := w.panel.Width()
	d := &forecast.Distribution{
		ID: s.ID, Times: slices.Clone(at),
		Mean: make([]float64, len(at)*width), SD: make([]float64, len(at)*width),
	}
	origin := 0.0
	if s.Len() > 0 {
		origin = w.panel.Coordinate(s.Times[s.Len()-1])
	}
	for c := range width {
		dist, err := w.Walk(s, c)
		if err != nil {
			return nil, err
		}
		for k, t := range at {
			d.Mean[k*width+c], d.SD[k*width+c] = dist.At(w.panel.Coordinate(t) - origin)
		}
	}
	return d, d.Validate()
}

// StandIns sets the distributions of f that are nil to those of StandIn, at the times at, one
// slice per series, and adds a note that says of how many.
func StandIns(f *forecast.Forecast, history *series.Panel, at [][]float64) error {
	w := NewWalker(history)
	few := 0
	for i, s := range history.Series {
		if f.Series[i] != nil {
			continue
		}
		d, err := w.StandIn(s, at[i])
		if err != nil {
			return fmt.Errorf("%s: series %q: %w", f.Model, s.ID, err)
		}
		f.Series[i] = d
		few++
	}
	if few > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("%s: %d of %d series have too few values, or none that support its forecast; the last stands in, or the mean of the others", f.Model, few, len(f.Series)))
	}
	return nil
}
