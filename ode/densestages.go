package ode

import (
	"math"

	"tsgen/internal/solver"
)

// complete evaluates what the accepted steps lack: the field at the step's
// end, and the stages for outputs within the step.
func (b *Batch) complete() error {
	sch, d := b.scheme, b.field.Dim
	b.sub.slots = b.sub.slots[:0]
	if !sch.early && sch.linear == nil {
		for i := range b.slots {
			s := &b.slots[i]
			if s.accepted && sch.second != nil && !s.deep {
				// The last kick's field has what the next step's first needs, but
				// not what an interpolant needs.
				copy(b.k[sch.s][i*d:(i+1)*d], b.k[sch.s-1][i*d:(i+1)*d])
				continue
			}
			if s.accepted && (s.deep || s.end != s.final && s.jump&jumpEnd == 0) {
				b.sub.slots = append(b.sub.slots, i)
			}
		}
		if err := b.callSome(sch.s); err != nil {
			return err
		}
		b.takeBack(sch.s)
		if sch.second != nil {
			if err := b.callSome(0); err != nil {
				return err
			}
		}
	}
	if len(sch.c) == sch.s+1 {
		return nil
	}
	b.sub.slots = b.sub.slots[:0]
	for i := range b.slots {
		if s := &b.slots[i]; s.accepted && s.deep {
			b.sub.slots = append(b.sub.slots, i)
		}
	}
	for st := sch.s + 1; st < len(sch.c); st++ {
		for _, i := range b.sub.slots {
			lo := i * d
			combine(b.y[st][lo:lo+d], b.y[0][lo:lo+d], b.slots[i].try, &sch.row[st], b.k, lo)
		}
		if err := b.callSome(st); err != nil {
			return err
		}
		b.takeBack(st)
	}
	return nil
}

// takeBack rejects the accepted steps of b.sub.slots at whose stage st, which
// the error estimate does not see, the field is not finite.
func (b *Batch) takeBack(st int) {
	d := b.field.Dim
	for _, i := range b.sub.slots {
		s := &b.slots[i]
		if !s.accepted || solver.Finite(b.k[st][i*d:(i+1)*d]) {
			continue
		}
		s.accepted = false
		if b.scheme.e == nil || s.replay.on {
			b.failStage(i)
			continue
		}
		b.traj[s.row].stats.Rejected++
		b.judge(s, math.NaN())
		b.noteBad(i)
	}
}

// failStage ends a trajectory whose steps are given at one that is not finite.
func (b *Batch) failStage(i int) {
	s := &b.slots[i]
	if s.replay.whole {
		b.traj[s.row].reached = b.steps[s.replay.step].out
	}
	b.fail(i, ErrNonFiniteStage, nil)
}
