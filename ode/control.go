package ode

import "math"

// Bounds of the change of a step of Hairer, Nørsett and Wanner's dopri5, and
// safety factors. Where steps do not change, the error e of one is such that
// safety = e^(now-last-before): the factor 0.9 of their PI controller makes it
// 0.45 and that of the classic one 0.59. That of PI is somewhat greater here,
// which on the DETEST problems costs what the classic controller does, at 0.8
// of its error.
const (
	safetyI   = 0.9
	safetyPI  = 0.92
	safetyPID = 0.94

	growth         = 10.0
	shrink         = 5.0
	growthImplicit = 6.0  // of the implicit methods, which hold a factorization
	stretch        = 1.01 // a step this near to a stop goes to it
	quietCap       = 0.1  // of the interval, while the error estimate is 0
)

// firstLog is the logarithm, to base 2, of the error that the first step is
// said to follow, and the least one remembered: 1e-4.
const firstLog = -13.287712379549449

// A controller holds the powers of the last three errors in the step's change.
type controller struct {
	now, last, before float64
	reject            float64 // power of the error after a rejection
	safety            float64
	predictive        bool
	growth            float64
}

func newController(c Control, tab *tableau) controller {
	if tab.expo == 0 {
		return controller{}
	}
	p := 1 / tab.expo
	if tab.gamma() != 0 && c == ControlPI {
		return controller{now: p, reject: p, safety: safetyI, predictive: true, growth: growthImplicit}
	}
	switch c {
	case ControlI:
		return controller{now: p, reject: p, safety: safetyI, growth: growth}
	case ControlPID:
		return controller{now: 0.58 * p, last: 0.21 * p, before: -0.1 * p, reject: p, safety: safetyPID, growth: growth}
	}
	now := p - 0.75*tab.beta
	return controller{now: now, last: tab.beta, reject: now, safety: safetyPI, growth: growth}
}

// judge decides on a slot's attempt by the square of its error and sets the
// next step. It reports whether the attempt is accepted.
func (b *Batch) judge(s *slot, square float64) bool {
	if !(square <= 1) {
		fac := shrink
		s.bad = math.IsNaN(square) || math.IsInf(square, 0)
		if !s.bad {
			fac = min(shrink, exp2(b.controller.reject*log2(square)/2)/b.controller.safety)
		}
		s.h = s.ask / fac
		s.rejected = true
		return false
	}
	h, l := 0.0, firstLog
	if square == 0 {
		h = b.controller.growth * s.ask
		limit := quietCap * math.Abs(s.final-s.begin)
		if math.Abs(h) > limit {
			h = s.dir * max(limit, math.Abs(s.ask))
		}
	} else {
		l = log2(square) / 2
		fac := b.controller.safety * exp2(-b.controller.now*l+b.controller.last*s.log+b.controller.before*s.log2)
		if b.controller.predictive && s.lastH != 0 {
			// Gustafsson's, which sees an error that grows from step to step.
			fac = min(fac, b.controller.safety*s.ask/s.lastH*exp2(b.controller.now*(s.log-2*l)))
		}
		h = s.ask * min(max(fac, 1/shrink), b.controller.growth)
	}
	if s.rejected && math.Abs(h) > math.Abs(s.ask) {
		h = s.ask
	}
	cut := math.Abs(s.ask) < 0.99*math.Abs(s.h)
	if cut {
		if math.Abs(h) < math.Abs(s.h) {
			h = s.h
		}
	} else {
		s.log, s.log2, s.lastH = max(l, firstLog), s.log, s.ask
	}
	s.h = h
	s.rejected = false
	return true
}
