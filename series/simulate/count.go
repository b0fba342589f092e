package simulate

import "math"

// counts are numbers of events, Poisson distributed or more spread, whose rate has a
// level and a season of its own, with steps without any (Croston 1972).
type counts struct {
	rate        process
	mean, swing float64
	shape       float64 // of the Gamma distribution of rates; 0: one rate
	busy        float64 // probability of a step with events
	size        float64 // mean number of units of an event, 1 at least
}

func newCounts(s source, set Setting) process {
	c := &counts{rate: newStructural(s, set), mean: s.scale(0.1, 60), swing: s.scale(0.02, 0.25), busy: 1, size: 1}
	if s.chance(0.5) {
		c.shape = s.scale(0.5, 20)
	}
	if s.chance(0.35) {
		c.busy = s.between(0.1, 0.9)
	}
	if s.chance(0.2) {
		c.size = s.scale(1, 12)
	}
	return c
}

func (c *counts) clone() process {
	d := *c
	d.rate = c.rate.clone()
	return &d
}

func (c *counts) step(s source) float64 {
	rate := c.mean * math.Exp(max(-4, min(2.5, c.swing*c.rate.step(s))))
	if c.busy < 1 && !s.chance(c.busy) {
		return 0
	}
	if c.shape > 0 {
		rate *= s.gamma(c.shape)
	}
	n := s.count(rate)
	if c.size > 1 {
		n = math.Round(n * c.size)
	}
	return n
}

// share is a part of a whole, from 0 to 1, at times held to bounds that it reaches.
type share struct {
	logit         process
	middle, swing float64
	least, most   float64
}

func newShare(s source, set Setting) process {
	x := &share{logit: newStructural(s, set), middle: 2 * s.NormFloat64(), swing: s.scale(0.03, 0.4), most: 1}
	if s.chance(0.3) {
		x.least = s.between(0, 0.3)
	}
	if s.chance(0.3) {
		x.most = s.between(0.6, 1)
	}
	return x
}

func (x *share) clone() process {
	c := *x
	c.logit = x.logit.clone()
	return &c
}

func (x *share) step(s source) float64 {
	return max(x.least, min(x.most, 1/(1+math.Exp(-x.middle-x.swing*x.logit.step(s)))))
}

// walk is the logarithm of a price: a random walk whose shocks have a spread of its own
// dynamics (Bollerslev 1986), with jumps, and weak reversion at times.
type walk struct {
	x, drift, pull, sd float64
	shock              innovation
}

func newWalk(s source, _ Setting) process {
	w := &walk{shock: newInnovation(s), sd: s.scale(0.002, 0.05)}
	if s.chance(0.6) {
		w.shock.alpha = s.between(0.02, 0.12)
		w.shock.beta = 0.99 - w.shock.alpha - s.between(0, 0.2)
	}
	w.drift = s.maybe(0.3, func() float64 { return 0.1 * w.sd * s.NormFloat64() })
	w.pull = s.maybe(0.25, func() float64 { return s.scale(0.003, 0.1) })
	return w
}

func (w *walk) clone() process { c := *w; return &c }

func (w *walk) step(s source) float64 {
	w.x += w.drift - w.pull*w.x + w.sd*w.shock.draw(s)
	return max(-6, min(6, w.x))
}

// regimes switches between ways of going, each with a mean, a spread and a memory of its
// own (Hamilton 1989).
type regimes struct {
	mean, sd, memory [3]float64
	n, now           int
	stay             float64
	x                float64
	season           profile
	t                int
}

func newRegimes(s source, set Setting) process {
	r := &regimes{n: 2 + s.IntN(2), stay: 1 - 1/s.scale(5, math.Max(10, float64(set.Length)/2))}
	for i := range r.n {
		r.mean[i], r.sd[i], r.memory[i] = s.NormFloat64()*s.scale(0.5, 5), s.scale(0.1, 2), s.between(0, 0.95)
	}
	if set.Season >= 2 && s.chance(0.7) {
		r.season = newProfile(s, set.Season, s.scale(0.2, 6))
	}
	return r
}

func (r *regimes) clone() process { c := *r; return &c }

func (r *regimes) step(s source) float64 {
	if !s.chance(r.stay) {
		r.now = s.IntN(r.n)
	}
	i := r.now
	r.x = r.mean[i] + r.memory[i]*(r.x-r.mean[i]) + r.sd[i]*s.NormFloat64()
	y := r.x
	if r.season.values != nil {
		y += r.season.at(s, r.t)
	}
	r.t++
	return y
}
