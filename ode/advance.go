package ode

import (
	"math"

	"tsgen/internal/solver"
)

// advance tries one step of every trajectory at work.
func (b *Batch) advance() error {
	failed := false
	for i := range b.slots {
		failed = !b.propose(i) || failed
	}
	if failed {
		b.retire()
	}
	b.sub.slots = b.sub.slots[:0]
	for i := range b.slots {
		if !b.slots[i].ready {
			b.sub.slots = append(b.sub.slots, i)
		}
	}
	if err := b.callSome(0); err != nil {
		return err
	}
	for i := range b.slots {
		b.slots[i].ready = true
	}
	if err := b.stages(); err != nil {
		return err
	}
	for i := range b.slots {
		b.decide(i)
	}
	if err := b.complete(); err != nil {
		return err
	}
	gone := false
	for i := range b.slots {
		s := &b.slots[i]
		if s.accepted && s.replay.on {
			b.finishReplay(i)
			if !s.done && b.steps[s.replay.step].kind != b.active {
				b.wait(i)
			}
		} else if s.accepted {
			b.finish(i)
			if len(b.kinds) > 1 && !s.done {
				b.reconsider(i)
			}
		}
		gone = gone || s.done
	}
	if gone {
		b.retire()
	}
	return nil
}

// propose fixes the step that slot i is to try, or ends its trajectory.
func (b *Batch) propose(i int) bool {
	s := &b.slots[i]
	if s.replay.on {
		p := &b.steps[s.replay.step]
		s.t, s.lag, s.try, s.ask, s.end, s.jump, s.probe = p.t, p.lag, p.h, p.h, p.end, p.jump, p.probe
		return true
	}
	switch stiff := s.stiff >= stiffSeen; {
	case stiff && (b.opt.StopStiff || s.attempts >= b.opt.MaxSteps):
		b.fail(i, ErrStiff, nil)
		return false
	case s.attempts >= b.opt.MaxSteps:
		b.fail(i, ErrMaxSteps, nil)
		return false
	}
	stop, declared := s.final, false
	if s.stop >= 0 && s.stop < len(s.stops) && (stop-s.stops[s.stop].t)*s.dir >= 0 {
		stop, declared = s.stops[s.stop].t, true
	}
	if b.scheme.e == nil {
		if !b.fixed.dense {
			if t := b.times[b.traj[s.row].off+s.next]; (stop-t)*s.dir > 0 {
				stop, declared = t, false
			}
		}
		s.try, s.end = stop-s.t, stop
		if n := math.Ceil(math.Abs(s.try)/b.fixed.step - 1e-9); b.fixed.step > 0 && n > 1 {
			s.end = s.t + s.try/n
		}
		s.try = s.end - s.t - s.lag
		s.ask = s.try
	} else {
		if b.scheme.diag != 0 && !b.keepDense {
			// The interpolant is of less order than the method.
			if t := b.times[b.traj[s.row].off+s.next]; (stop-t)*s.dir > 0 {
				stop, declared = t, false
			}
		}
		if most := s.maxStep; most > 0 && math.Abs(s.h) > most {
			s.h = s.dir * most
		}
		// The state moves by what the clock does; the control goes on from what
		// it asked for, as steps of less than the clock's resolution would
		// otherwise be tried for ever.
		s.end, s.ask = s.t+s.h, s.h
		if (s.t+stretch*s.h-stop)*s.dir >= 0 {
			s.end, s.ask = stop, stop-s.t
		}
		s.try = s.end - s.t - s.lag
	}
	s.landing = declared && s.end == stop
	s.jump &^= jumpEnd
	if s.landing && s.stops[s.stop].jump {
		s.jump |= jumpEnd
	}
	if s.end == s.t || math.IsNaN(s.end) {
		b.failSmall(i)
		return false
	}
	s.attempts++
	return true
}

// stages goes through the stages of the steps under way, that of the steps' ends
// included.
func (b *Batch) stages() error {
	if b.scheme.gamma() != 0 {
		return b.implicitStages()
	}
	if b.single() && b.scheme.second == nil {
		return b.singleStages()
	}
	for st := 1; st <= b.scheme.s; st++ {
		b.stage(st)
		if st < b.scheme.s || b.scheme.early {
			if err := b.call(st); err != nil {
				return err
			}
		}
	}
	return nil
}

// stage sets the input of stage st of every slot, and its time.
func (b *Batch) stage(st int) {
	c := b.scheme.c[st]
	ts := b.ts[:len(b.slots)]
	for i := range ts {
		s := &b.slots[i]
		ts[i] = s.t + c*s.try
		if s.jump != 0 || c == 1 {
			ts[i] = stageTime(c, s.t, s.try, s.end, s.jump)
		}
	}
	combineRows(b.y[st], b.y[0], b.slots, &b.scheme.row[st], b.k, b.field.Dim)
}

// decide accepts or rejects what slot i has tried.
func (b *Batch) decide(i int) {
	s := &b.slots[i]
	st := &b.traj[s.row].stats
	st.Calls += b.scheme.calls
	if b.scheme.gamma() != 0 && !s.solved {
		b.unsolved(i)
		return
	}
	if b.scheme.e == nil || s.replay.on {
		d := b.field.Dim
		if s.accepted = solver.Finite(b.y[b.scheme.s][i*d : (i+1)*d]); !s.accepted {
			b.failStage(i)
			return
		}
	} else if s.accepted = b.judge(s, b.errorSquare(i)); !s.accepted {
		st.Rejected++
		b.noteBad(i)
		return
	}
	if s.replay.on {
		s.deep = b.replayDeep(s)
		return
	}
	tr := &b.traj[s.row]
	s.deep = b.keepDense || len(b.opt.Events) > 0 || b.opt.StepCost != nil ||
		s.next < tr.want && (s.end-b.times[tr.off+s.next])*s.dir > 0
}

// finish takes the outputs of slot i's accepted step, records it, and moves
// on.
func (b *Batch) finish(i int) {
	s, d, end := &b.slots[i], b.field.Dim, b.scheme.s
	tr := &b.traj[s.row]
	lo := i * d
	st := &tr.stats
	st.Accepted++
	if h := math.Abs(s.try); s.end != s.final || st.Accepted == 1 {
		st.MaxStep = max(st.MaxStep, h)
		if h < st.MinStep || st.MinStep == 0 {
			st.MinStep = h
		}
	}
	until, cut := s.end, -1
	firstHit := len(b.hits)
	if len(b.opt.Events) > 0 {
		var ok bool
		if until, cut, ok = b.takeHits(i); !ok {
			return
		}
	}
	terminal := cut >= 0 && b.opt.Events[cut].Terminal
	tr.end = until
	first := s.next
	times := b.times[tr.off+first : tr.off+tr.want]
	inside, atEnd := 0, 0
	for _, t := range times {
		if (t-until)*s.dir > 0 {
			break
		}
		if t == s.end {
			atEnd++
		} else {
			inside++
		}
	}
	b.takeStates(i, tr.off+first, inside, atEnd)
	s.next += inside + atEnd
	tr.reached = s.next
	if b.keepSteps && !(b.keepFirst && tr.first >= 0) {
		b.record(i, first, inside, atEnd, firstHit, until, cut >= 0 && !terminal)
	}
	if b.opt.Observe != nil && !b.observe(i, until) {
		return
	}
	if terminal || s.next == tr.want {
		s.done = true
		return
	}
	b.watchStiffness(i)
	s.t, s.lag = s.end, 0
	s.jump &^= jumpStart
	if s.landing && until == s.end {
		s.passStop(s.stops)
	}
	if cut >= 0 {
		if h := len(b.hits) - 1; b.reset(i, h) {
			s.log, s.log2, s.rejected = firstLog, firstLog, false
			b.armAfter(i, b.hits[firstHit:])
		}
		return
	}
	s.ready = b.scheme.linear == nil && s.jump&(jumpStart|jumpEnd) == 0
	if s.fresh = b.keepsJacobian(s); s.fresh {
		s.age++
	}
	if len(b.slots) == 1 {
		b.k[0], b.k[end] = b.k[end], b.k[0]
		b.y[0], b.y[end] = b.y[end], b.y[0]
		return
	}
	copy(b.k[0][lo:lo+d], b.k[end][lo:lo+d])
	copy(b.y[0][lo:lo+d], b.y[end][lo:lo+d])
}

// unsolved rejects the attempt of slot i, an equation of whose stages has no
// solution that was found.
func (b *Batch) unsolved(i int) {
	s := &b.slots[i]
	s.accepted = false
	if s.replay.on {
		b.failStage(i)
		return
	}
	b.traj[s.row].stats.Rejected++
	if s.age > 0 {
		s.h, s.fresh = s.ask, false // it may be for the old Jacobian
		return
	}
	s.h, s.rejected = s.ask/4, true
	b.noteBad(i)
}
