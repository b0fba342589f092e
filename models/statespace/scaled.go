package statespace

import (
	"fmt"
	"math"

	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/series"
)

// A scaled course has mean 0 and deviation 1, of the values of a channel or of their
// logarithms.
type scaled struct {
	course
	center, scale float64
	log           bool
}

// alike is the deviation of values that are all alike but for rounding, as a part of
// their mean.
const alike = 1e-12

// course returns channel j of x, or its logarithm, in its own scale.
func (s *scene) course(x *series.Series, j int, gap float64, log bool) (c scaled, err error) {
	c, all := s.observed(x, j, gap, log)
	if all.N < 2 {
		return c, fmt.Errorf("%w: %s has %.0f, at least 2 are needed", forecast.ErrTooShort, s.panel.Channels[j], all.N)
	}
	c.center, c.scale = all.Mean, math.Sqrt(all.Variance())
	if !(c.scale > alike*math.Abs(c.center)) {
		c.scale = math.Max(alike*math.Abs(c.center), math.SmallestNonzeroFloat64)
	}
	c.rescale()
	return c, nil
}

// rescale brings the values to the scale.
func (c *scaled) rescale() {
	series.Scaling{Center: []float64{c.center}, Scale: []float64{c.scale}}.Apply(c.y, c.y)
}

// observed returns the values of channel j of x that are there, or their logarithms, and
// their moments.
func (s *scene) observed(x *series.Series, j int, gap float64, log bool) (c scaled, all moments.Moments) {
	c.log = log
	for i, t := range x.Times {
		v := x.Row(i)[j]
		if math.IsNaN(v) {
			continue // as where there is no row
		}
		if log {
			v = math.Log(v)
		}
		c.t, c.y = append(c.t, s.panel.Coordinate(t)/gap), append(c.y, v)
		all.Add(v)
	}
	return c, all
}

// Distributions stray if a mean, or a value a few deviations from it, is so many times
// as far from all that was observed as that is wide.
const (
	strayMean, strayValue = 8, 80
	strayDeviations       = 1.3
)

// strays reports whether what is read of the course leaves what the course supports.
func (c scaled) strays(mean, variance []float64) bool {
	restore := func(x float64) float64 {
		if c.log {
			return math.Exp(x)
		}
		return x
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, y := range c.y {
		x := restore(c.center + c.scale*y)
		lo, hi = math.Min(lo, x), math.Max(hi, x)
	}
	reach := hi - lo
	if !(reach > 2*alike*math.Abs(c.center)) {
		return false
	}
	for i, m := range mean {
		d := strayDeviations * math.Sqrt(variance[i])
		if x := restore(m); x < lo-strayMean*reach || x > hi+strayMean*reach ||
			restore(m-d) < lo-strayValue*reach || !(restore(m+d) <= hi+strayValue*reach) {
			return true
		}
	}
	return false
}
