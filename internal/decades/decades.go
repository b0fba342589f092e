// Package decades is a clock for series that are observed at times of many magnitudes, as what happens fast at first and ever more
// slowly after a start: a dose, a flash, a load. By the logarithm of time such observations are evenly
// spread, and what goes on between any two of them is about as much.
package decades

import (
	"errors"
	"math"
	"slices"

	"tsgen/internal/moments"
	"tsgen/series"
)

// A Clock is ln(1 + t) of the time since an origin in some unit, so that it goes evenly at first, and for times before the origin
// what it is for as long after it, with the other sign. A nil Clock goes as time does.
type Clock struct {
	Origin float64 `json:"origin"`
	Unit   float64 `json:"unit"`
}

const (
	leastGaps = 10   // between observations that say how these are spread
	leastSpan = 2000 // of a series, in gaps of which one of ten is shorter
	leastGain = 4    // by how much less the logarithms of gaps vary on the clock
	mostGaps  = 2000 // that the clock shows
	slowings  = 60
)

// New returns the clock of a panel, which is nil unless its observations are evenly spread by it and by time so unevenly that
// dynamics that are as fast as the short gaps would have to be followed for thousands of them: to follow what is slow in the end by
// steps that what was fast at first allows is work for stiff solvers, and hard to learn. Of fewer decades time itself is the better
// clock, by which what decays exponentially does so at one speed.
func New(p *series.Panel) *Clock {
	if p.Step.Regular() {
		return nil
	}
	var gaps []float64
	first, span := math.Inf(1), 0.0
	for _, s := range p.Series {
		if n := s.Len(); n > 0 {
			span = max(span, s.Times[n-1]-s.Times[0])
		}
		for i, t := range s.Times {
			if first = min(first, t); i > 0 {
				gaps = append(gaps, t-s.Times[i-1])
			}
		}
	}
	slices.Sort(gaps)
	n := len(gaps)
	if n < leastGaps || !(gaps[n/10] > 0) || span < leastSpan*gaps[n/10] {
		return nil
	}
	var best *Clock
	least := (*Clock)(nil).variation(p) / leastGain
	origins := []float64{first}
	if !p.Axis.Calendar() && first > 0 {
		origins = append(origins, 0)
	}
	for _, origin := range origins {
		c := &Clock{origin, gaps[n/10]}
		if v := c.variation(p); v < least {
			best, least = c, v
		}
	}
	return best
}

// Slow has the clock of a panel, whose unit is a short gap, go as time does for as long as dynamics by it can be followed: until the
// end it shows mostGaps such gaps. So a panel whose span is hardly longer goes nearly by time.
func (c *Clock) Slow(p *series.Panel) {
	last := c.Origin
	for _, s := range p.Series {
		if n := s.Len(); n > 0 {
			last = max(last, s.Times[n-1])
		}
	}
	all := (last - c.Origin) / c.Unit
	low, high := 0.0, 2*math.Log(max(all, mostGaps)) // where it is time but for a gap
	for range slowings {
		unit := (low + high) / 2
		if u := math.Exp(unit); u*math.Log1p(all/u) < mostGaps {
			low = unit
		} else {
			high = unit
		}
	}
	c.Unit *= math.Exp(low)
}

// variation returns the variance of the logarithms of the gaps on the clock.
func (c *Clock) variation(p *series.Panel) float64 {
	var m moments.Moments
	for _, s := range p.Series {
		for i := 1; i < s.Len(); i++ {
			if gap := c.At(s.Times[i]) - c.At(s.Times[i-1]); gap > 0 {
				m.Add(math.Log(gap))
			}
		}
	}
	return m.Variance()
}

// At returns what the clock shows at a time.
func (c *Clock) At(t float64) float64 {
	if c == nil {
		return t
	}
	since := (t - c.Origin) / c.Unit
	return math.Copysign(math.Log1p(math.Abs(since)), since)
}

// Time returns the time at which the clock shows u.
func (c *Clock) Time(u float64) float64 {
	if c == nil {
		return u
	}
	return c.Origin + c.Unit*math.Copysign(math.Expm1(math.Abs(u)), u)
}

// Check says what is wrong with a clock that was read.
func (c *Clock) Check() error {
	if c != nil && (math.IsNaN(c.Origin-c.Origin) || !(c.Unit > 0) || math.IsInf(c.Unit, 1)) {
		return errors.New("a clock of decades without origin or unit")
	}
	return nil
}
