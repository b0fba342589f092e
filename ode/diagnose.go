package ode

import (
	"math"

	"tsgen/internal/solver"
)

// noteBad remembers where slot i's rejected attempt was not finite.
func (b *Batch) noteBad(i int) {
	s, d := &b.slots[i], b.field.Dim
	if !s.bad {
		return
	}
	s.badEnd, s.badPart = s.end, -1
	for st := range b.k {
		if j := solver.FirstBad(b.k[st][i*d : (i+1)*d]); j >= 0 && st <= b.scheme.s {
			s.badPart = j
			return
		}
	}
}

// failSmall ends the trajectory in slot i, whose step has become too small to
// move the clock, and says why.
func (b *Batch) failSmall(i int) {
	s := &b.slots[i]
	if s.bad && math.Abs(s.badEnd-s.t) <= nearby*ulp(s.t) {
		b.fail(i, ErrNonFiniteStage, nil)
		return
	}
	b.fail(i, ErrUnderflow, nil)
}

// nearby is how near, in units in the last place, the last attempt that was not
// finite came to a place where the steps go to nothing if it is their reason.
const nearby = 1024

// ulp returns the distance from t to the next number away from 0.
func ulp(t float64) float64 {
	t = math.Abs(t)
	return math.Nextafter(t, math.Inf(1)) - t
}
