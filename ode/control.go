package ode

import "math"

// Bounds of the change of a step, and the safety factor, of Hairer, Nørsett
// and Wanner's dopri5.
const (
	safety   = 0.9
	growth   = 10.0
	shrink   = 5.0
	stretch  = 1.01 // a step this near to a stop goes to it
	quietCap = 0.1  // of the interval, while the error estimate is 0
)

// firstLog is the logarithm of the error that the first step is said to
// follow, and the least one remembered: 1e-4.
const firstLog = -9.210340371976182

// A law holds the powers of the last three errors in the step's change.
type law struct {
	now, last, before float64
	reject            float64 // power of the error after a rejection
	growth            float64
}

func newLaw(c Control, tab *tableau) law {
	if tab.expo == 0 {
		return law{}
	}
	p := 1 / tab.expo
	switch c {
	case I:
		return law{now: p, reject: p, growth: growth}
	case PID:
		return law{now: 0.58 * p, last: 0.21 * p, before: -0.1 * p, reject: p, growth: growth}
	}
	now := p - 0.75*tab.beta
	return law{now: now, last: tab.beta, reject: now, growth: growth}
}

// judge decides on the attempt of slot i, whose error is err, and sets the
// next step. It reports whether the attempt is accepted.
func (b *Batch) judge(s *slot, err float64) bool {
	if !(err <= 1) {
		fac := shrink
		s.bad = math.IsNaN(err) || math.IsInf(err, 0)
		if !s.bad {
			fac = min(shrink, math.Exp(b.law.reject*math.Log(err))/safety)
		}
		s.h = s.try / fac
		s.rejected = true
		return false
	}
	s.bad = false
	h, l := 0.0, firstLog
	if err == 0 {
		h = b.law.growth * s.try
		tr := &b.traj[s.row]
		limit := quietCap * math.Abs(b.times[tr.off+tr.want-1]-s.begin)
		if math.Abs(h) > limit {
			h = s.dir * max(limit, math.Abs(s.try))
		}
	} else {
		l = math.Log(err)
		fac := safety * math.Exp(-b.law.now*l+b.law.last*s.log+b.law.before*s.log2)
		h = s.try * min(max(fac, 1/shrink), b.law.growth)
	}
	if s.rejected && math.Abs(h) > math.Abs(s.try) {
		h = s.try
	}
	cut := math.Abs(s.try) < 0.99*math.Abs(s.h)
	if cut {
		if math.Abs(h) < math.Abs(s.h) {
			h = s.h
		}
	} else {
		s.log, s.log2 = max(l, firstLog), s.log
	}
	s.h = h
	s.rejected = false
	return true
}
