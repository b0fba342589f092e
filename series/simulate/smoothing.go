package simulate

import (
	"math"
	"slices"
)

// smoothing is a state space of exponential smoothing (Hyndman et al. 2008, table 2.2
// and 2.3): the level, the growth and the season all move with one shock, which adds to
// the mean or multiplies it.
type smoothing struct {
	alpha, beta, gamma, phi    float64
	sd                         float64
	multiplied, timesSeason    bool // errors and season multiply
	growing, hasSeason         bool
	level, growth, least, most float64
	season                     []float64
	t                          int
	shock                      innovation
	base, mean                 float64 // of the last step, without its shock
}

func (x *smoothing) parts() (level, season float64) { return x.base, x.mean - x.base }

func newSmoothing(s source, set Setting) process {
	x := &smoothing{shock: newInnovation(s), phi: 1, level: 1, least: 1e-3, most: 1e4}
	x.alpha = s.between(0.01, 1)
	if s.chance(0.4) {
		x.alpha = s.scale(0.01, 0.3)
	}
	x.growing = s.chance(0.6)
	if x.growing {
		x.beta = x.alpha * s.scale(0.001, 0.3)
		if s.chance(0.5) {
			x.phi = s.between(0.8, 0.99)
		}
	}
	x.multiplied = s.chance(0.6)
	x.sd = s.scale(0.005, 0.3)
	if !x.multiplied {
		x.level = s.scale(1, 100) * x.sd
		if s.chance(0.2) {
			x.least = math.Inf(-1)
		}
	}
	if x.growing {
		x.growth = x.sd * s.NormFloat64() * s.scale(0.01, 0.5)
	}
	if set.Season >= 2 && s.chance(0.8) {
		x.hasSeason, x.timesSeason = true, s.chance(0.6)
		x.gamma = s.maybe(0.7, func() float64 { return (1 - x.alpha) * s.scale(0.005, 0.4) })
		size := s.scale(0.15, 10) * x.sd
		if x.timesSeason {
			size = min(size/x.level, s.between(0.05, 0.6))
		}
		p := newProfile(s, math.Round(set.Season), size)
		x.season = p.values
		if x.timesSeason {
			for i := range x.season {
				x.season[i] = math.Exp(max(-3, min(2, x.season[i])))
			}
		}
	}
	return x
}

func (x *smoothing) clone() process {
	c := *x
	c.season = slices.Clone(x.season)
	return &c
}

func (x *smoothing) step(s source) float64 {
	base := x.level + x.phi*x.growth
	mean, i := base, 0
	if x.hasSeason {
		if i = x.t % len(x.season); x.timesSeason {
			mean *= x.season[i]
		} else {
			mean += x.season[i]
		}
	}
	x.t++
	x.base, x.mean = base, mean
	e := x.sd * x.shock.draw(s)
	if x.multiplied {
		e = math.Max(e, -0.95) * mean
	}
	inLevel := e // the shock in units of the level
	if x.hasSeason {
		if x.timesSeason {
			inLevel = e / math.Max(x.season[i], 1e-3)
			x.season[i] = max(1e-3, x.season[i]+x.gamma*e/math.Max(math.Abs(base), 1e-3))
		} else {
			x.season[i] += x.gamma * e
		}
	}
	x.level = max(x.least, min(x.most, base+x.alpha*inLevel))
	x.growth = x.phi*x.growth + x.beta*inLevel
	return mean + e
}
