package ode

import "math"

// advance tries one step of every trajectory at work.
func (b *Batch) advance() error {
	failed := false
	b.sub.slots = b.sub.slots[:0]
	for i := range b.slots {
		if !b.propose(i) {
			failed = true
		} else if !b.slots[i].ready {
			b.sub.slots = append(b.sub.slots, i)
		}
	}
	if failed {
		b.retire()
		return nil // propose asks for the same again
	}
	if err := b.callSome(0); err != nil {
		return err
	}
	for i := range b.slots {
		b.slots[i].ready = true
	}
	for st := 1; st <= b.scheme.s; st++ {
		b.stage(st)
		if st < b.scheme.s || b.scheme.early {
			if err := b.call(st); err != nil {
				return err
			}
		}
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
		} else if s.accepted {
			b.finish(i)
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
		s.t, s.try, s.end, s.jump = p.t, p.h, p.end, p.jump
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
	if s.stop >= 0 && s.stop < len(b.stops) && (stop-b.stops[s.stop].t)*s.dir >= 0 {
		stop, declared = b.stops[s.stop].t, true
	}
	if b.scheme.e == nil {
		if !b.fixed.dense {
			if t := b.times[b.traj[s.row].off+s.next]; (stop-t)*s.dir > 0 {
				stop, declared = t, false
			}
		}
		s.try, s.end = stop-s.t, stop
		if n := math.Ceil(math.Abs(s.try)/b.fixed.step - 1e-9); b.fixed.step > 0 && n > 1 {
			s.try /= n
			s.end = s.t + s.try
		}
	} else {
		if most := b.opt.MaxStep; most > 0 && math.Abs(s.h) > most {
			s.h = s.dir * most
		}
		s.try = s.h
		s.end = s.t + s.h
		if (s.t+stretch*s.h-stop)*s.dir >= 0 {
			s.try, s.end = stop-s.t, stop
		}
	}
	s.landing = declared && s.end == stop
	s.jump &^= jumpEnd
	if s.landing && b.stops[s.stop].jump {
		s.jump |= jumpEnd
	}
	if s.end == s.t {
		reason := ErrUnderflow
		if s.bad {
			reason = ErrNonFiniteStage
		}
		b.fail(i, reason, nil)
		return false
	}
	s.attempts++
	return true
}

// stage sets the input of stage st of every slot, and its time.
func (b *Batch) stage(st int) {
	c := b.scheme.c[st]
	ts := b.ts[:len(b.slots)]
	for i := range b.slots {
		switch s := &b.slots[i]; {
		case s.jump != 0:
			ts[i] = stageTime(c, s.t, s.try, s.end, s.jump)
		case c == 1:
			ts[i] = s.end
		default:
			ts[i] = s.t + c*s.try
		}
	}
	combineRows(b.y[st], b.y[0], b.slots, &b.scheme.row[st], b.k, b.field.Dim)
}

// decide accepts or rejects what slot i has tried.
func (b *Batch) decide(i int) {
	s := &b.slots[i]
	st := &b.traj[s.row].stats
	st.Calls += b.scheme.calls
	if b.scheme.e == nil || s.replay.on {
		d := b.field.Dim
		if s.accepted = finite(b.y[b.scheme.s][i*d : (i+1)*d]); !s.accepted {
			if s.replay.whole {
				b.traj[s.row].reached = b.steps[s.replay.step].out
			}
			b.fail(i, ErrNonFiniteStage, nil)
			return
		}
	} else if s.accepted = b.judge(s, b.errorNorm(i)); !s.accepted {
		st.Rejected++
		return
	}
	if s.replay.on {
		s.deep = b.replayDeep(s)
		return
	}
	st.Accepted++
	if h := math.Abs(s.try); s.end != s.final || st.Accepted == 1 {
		st.MaxStep = max(st.MaxStep, h)
		if h < st.MinStep || st.MinStep == 0 {
			st.MinStep = h
		}
	}
	if len(b.opt.Events) > 0 {
		b.watchEvents(i)
	}
	tr := &b.traj[s.row]
	s.deep = b.keepDense || s.crossed || b.opt.StepCost != nil ||
		s.next < tr.want && (s.end-b.times[tr.off+s.next])*s.dir > 0
}

// errorNorm returns the norm of the error estimate of slot i's attempt, in units
// of the tolerance; NaN if the attempt is not finite.
func (b *Batch) errorNorm(i int) float64 {
	d := b.field.Dim
	lo := i * d
	s := &b.slots[i]
	combine(b.dif, b.zero, s.try, &b.scheme.err, b.k, lo)
	y, z := b.y[0][lo:lo+d], b.y[b.scheme.s][lo:lo+d]
	err, scale := b.measure(b.dif, y, z)
	if b.scheme.e3 != nil && err > 0 {
		// Hairer, Nørsett and Wanner 1993, II.10.
		combine(b.dif3, b.zero, s.try, &b.scheme.err3, b.k, lo)
		err3, _ := b.measure(b.dif3, y, z)
		err *= err / math.Sqrt(err*err+0.01*err3*err3)
	}
	return err + 0*scale
}

// measure returns the norm of the error e of a step from y to z, and the sum
// of the components' tolerances.
func (b *Batch) measure(e, y, z []float64) (norm, scale float64) {
	d := len(e)
	y, z = y[:d], z[:d]
	rtol, atol := b.rtol[:d], b.atol[:d]
	if b.opt.Norm == Max {
		for i, x := range e {
			tol := atol[i] + rtol[i]*max(math.Abs(y[i]), math.Abs(z[i]))
			scale += tol
			norm = max(norm, math.Abs(x)/tol)
		}
		return norm, scale
	}
	for i, x := range e {
		top, other := math.Abs(y[i]), math.Abs(z[i])
		if !(top > other) {
			top = other
		}
		tol := atol[i] + rtol[i]*top
		scale += tol
		r := x / tol
		norm += r * r
	}
	return math.Sqrt(norm / float64(d)), scale
}

// worst returns the component of slot i that stands in its way, or -1.
func (b *Batch) worst(i int) int {
	d := b.field.Dim
	lo := i * d
	s := &b.slots[i]
	for st := range b.scheme.s {
		if !s.ready && st == 0 {
			continue
		}
		if j := firstBad(b.k[st][lo : lo+d]); j >= 0 && (s.bad || s.attempts == 0) {
			return j
		}
	}
	if b.scheme.e == nil || s.attempts == 0 {
		return -1
	}
	combine(b.dif, b.zero, s.try, &b.scheme.err, b.k, lo)
	worst, top := -1, 0.0
	for j, x := range b.dif {
		y := b.y[0][lo+j]
		if r := math.Abs(x) / (b.atol[j] + b.rtol[j]*math.Abs(y)); r > top {
			worst, top = j, r
		}
	}
	return worst
}

// complete evaluates what the accepted steps lack: the field at the step's
// end, and the stages for outputs within the step.
func (b *Batch) complete() error {
	sch, d := b.scheme, b.field.Dim
	b.sub.slots = b.sub.slots[:0]
	if !sch.early {
		for i := range b.slots {
			if s := &b.slots[i]; s.accepted && (s.deep || s.end != s.final && s.jump&jumpEnd == 0) {
				b.sub.slots = append(b.sub.slots, i)
			}
		}
		if err := b.callSome(sch.s); err != nil {
			return err
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
	}
	return nil
}

// finish takes the outputs of slot i's accepted step, records it, and moves
// on.
func (b *Batch) finish(i int) {
	s, d, end := &b.slots[i], b.field.Dim, b.scheme.s
	tr := &b.traj[s.row]
	lo := i * d
	until, terminal := s.end, false
	firstHit := len(b.hits)
	if len(b.opt.Events) > 0 {
		until, terminal = b.takeHits(i)
	}
	first := s.next
	for s.next < tr.want {
		k := tr.off + s.next
		t := b.times[k]
		if (t-until)*s.dir > 0 {
			break
		}
		theta := 1.0
		if t != s.end {
			theta = (t - s.t) / s.try
		}
		b.state(b.out[k*d:(k+1)*d], i, theta)
		s.next++
	}
	tr.reached = s.next
	if b.keepSteps {
		b.record(i, first, firstHit)
	}
	if terminal || s.next == tr.want {
		s.done = true
		return
	}
	b.watchStiffness(i)
	s.t = s.end
	s.jump &^= jumpStart
	if s.landing {
		s.passStop(b.stops)
	}
	s.ready = s.jump&(jumpStart|jumpEnd) == 0
	if len(b.slots) == 1 {
		b.k[0], b.k[end] = b.k[end], b.k[0]
		b.y[0], b.y[end] = b.y[end], b.y[0]
		return
	}
	copy(b.k[0][lo:lo+d], b.k[end][lo:lo+d])
	copy(b.y[0][lo:lo+d], b.y[end][lo:lo+d])
}

// Hairer, Nørsett and Wanner's dopri5 calls a problem stiff after 15 steps
// with h|λ| above the bound, and mild again after 6 below it.
const (
	stiffSeen  = 15
	mildSeen   = 6
	stiffEvery = 16 // a trajectory without suspicion is looked at this often
)

// watchStiffness estimates h|λ| of slot i's accepted step (Hairer and Wanner
// 1996, IV.2).
func (b *Batch) watchStiffness(i int) {
	s := &b.slots[i]
	st := &b.traj[s.row].stats
	if b.scheme.bound == 0 || s.stiff == 0 && st.Accepted%stiffEvery != 0 {
		return
	}
	d, p, q := b.field.Dim, b.scheme.stiff, b.scheme.s
	lo := i * d
	num, den := 0.0, 0.0
	for j := lo; j < lo+d; j++ {
		dk, dy := b.k[q][j]-b.k[p][j], b.y[q][j]-b.y[p][j]
		num += dk * dk
		den += dy * dy
	}
	if den == 0 {
		return
	}
	hl := math.Abs(s.try) * math.Sqrt(num/den)
	st.Stiffness = max(st.Stiffness, hl)
	if hl > b.scheme.bound {
		s.mild = 0
		s.stiff++
		return
	}
	if s.mild++; s.mild == mildSeen {
		s.stiff, s.mild = 0, 0
	}
}
