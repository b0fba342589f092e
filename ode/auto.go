package ode

import "math"

// Auto returns the method that begins with an explicit one and goes over to an
// implicit one where a trajectory turns out to be stiff, and back where it is
// no longer: Auto(Dopri5{}, Rodas5P{}) is for problems of which one does not
// know. Stiffness is what [Stats.Stiffness] says of fifteen steps, and its end
// that h times the norm of the Jacobian is within the explicit method's
// stability for ten. Each trajectory of a batch switches for itself.
func Auto(explicit, implicit Method) Method { return auto{explicit, implicit} }

type auto struct {
	Method   // with which it begins
	implicit Method
}

// mildImplicit is the number of steps after which an implicit method gives way.
const mildImplicit = 10

// A kind is one of the methods of a batch, made ready.
type kind struct {
	scheme     *scheme
	controller controller
	sixTerms   bool
	mix        linear
}

func (b *Batch) newKind(m Method) *kind {
	s := newScheme(m.tableau())
	k := &kind{
		scheme: s, controller: newController(b.opt.Control, s.tableau),
		sixTerms: len(s.err.j) == 6 && s.e3 == nil && b.opt.Norm == NormRMS,
		mix:      linear{j: s.mixed, c: make([]float64, len(s.mixed))},
	}
	if s.second != nil {
		k.mix.d = make([]float64, len(s.mixed))
	}
	return k
}

// use makes kind k the one at work.
func (b *Batch) use(k int) {
	b.active = k
	x := b.kinds[k]
	b.scheme, b.controller, b.sixTerms, b.mix = x.scheme, x.controller, x.sixTerms, x.mix
}

// reconsider has slot i wait for the other method if its step calls for it.
func (b *Batch) reconsider(i int) {
	s, d := &b.slots[i], b.field.Dim
	if b.active == 0 {
		if s.stiff < stiffSeen {
			return
		}
	} else {
		jac := b.lin.jac[s.row*d*d : (s.row+1)*d*d]
		norm := 0.0
		for r := range d {
			sum := 0.0
			for _, x := range jac[r*d : (r+1)*d] {
				sum += math.Abs(x)
			}
			norm = max(norm, sum)
		}
		if !(math.Abs(s.try)*norm < b.kinds[0].scheme.bound) {
			s.mild = 0
			return
		}
		if s.mild++; s.mild < mildImplicit {
			return
		}
	}
	s.stiff, s.mild = 0, 0
	s.log, s.log2, s.lastH = firstLog, firstLog, 0
	b.traj[s.row].stats.Switches++
	b.wait(i)
}

// wait takes slot i out until the other method is at work.
func (b *Batch) wait(i int) {
	s, d := &b.slots[i], b.field.Dim
	b.waiting = append(b.waiting, *s)
	b.waitingY = append(b.waitingY, b.y[0][i*d:(i+1)*d]...)
	s.done = true
}

// turn puts the other method to work, if there are trajectories that wait for
// it, and reports whether there are.
func (b *Batch) turn() bool {
	if len(b.waiting) == 0 {
		return false
	}
	b.use(1 - b.active)
	d := b.field.Dim
	for j, s := range b.waiting {
		s.ready, s.fresh, s.still = false, false, 0
		i := len(b.slots)
		copy(b.y[0][i*d:(i+1)*d], b.waitingY[j*d:])
		b.rows[i] = s.row
		b.slots = append(b.slots, s)
	}
	b.waiting, b.waitingY = b.waiting[:0], b.waitingY[:0]
	return true
}

// sortReplays has those slots wait whose step is not of the method at work.
func (b *Batch) sortReplays() {
	if len(b.kinds) == 1 {
		return
	}
	for i := range b.slots {
		if s := &b.slots[i]; s.replay.on && b.steps[s.replay.step].kind != b.active {
			b.wait(i)
		}
	}
	b.retire()
}

// sortSweep leaves those trajectories to stepBack whose step is of the method
// at work; if there are none it changes the method.
func (b *Batch) sortSweep() {
	w, d := &b.back, b.field.Dim
	if len(b.kinds) == 1 {
		return
	}
	m := 0
	for i, row := range w.rows {
		lam := w.lam[i*d : (i+1)*d]
		if b.steps[w.cur[i]].kind != b.active {
			w.waiting = append(w.waiting, row)
			w.waitingCur = append(w.waitingCur, w.cur[i])
			w.waitingLam = append(w.waitingLam, lam...)
			continue
		}
		w.rows[m], w.cur[m] = row, w.cur[i]
		copy(w.lam[m*d:(m+1)*d], lam)
		m++
	}
	w.rows, w.cur = w.rows[:m], w.cur[:m]
	if m > 0 || len(w.waiting) == 0 {
		return
	}
	b.use(1 - b.active)
	b.mapSweep()
	w.rows, w.cur = append(w.rows, w.waiting...), append(w.cur, w.waitingCur...)
	copy(w.lam, w.waitingLam)
	w.waiting, w.waitingCur, w.waitingLam = w.waiting[:0], w.waitingCur[:0], w.waitingLam[:0]
}

// mapSweep lays the adjoints out for the method at work: that of the step's
// end comes after those of the stages' inputs.
func (b *Batch) mapSweep() {
	w := &b.back
	n := len(b.scheme.c)
	w.gy = append(append(w.gy[:0], w.inputs[:n]...), w.lam)
}
