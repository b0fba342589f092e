package ode

import (
	"context"
	"fmt"
	"math"

	"tsgen/internal/solver"
)

// A replay is a trajectory's second way through some of its steps.
type replay struct {
	on    bool
	step  int  // the one under way
	last  int  // number of the last one
	whole bool // everything is taken anew: outputs, and what is kept
	from  int  // first step whose stages go to the window, if marks is 0
	marks int  // distance of the states to keep
	base  int  // step from which it counts
}

// Resolve solves the problems of the last Solve once more, from other initial
// states or with other parameters, in just the steps that it took. The result
// is a smooth function of both, whose exact gradient [Batch.Backward] is. A
// trajectory that had stopped early stops there again. [Stats] then holds the
// calls of this solve alone.
//
// Events happen again in the steps in which they did, at the times that now
// are theirs; a step after a reset begins there and ends where it did. An event
// that is gone, or moves beyond the step's neighbours, fails the trajectory.
// With resets the gradient is exact up to the tolerance, not to rounding: it
// moves the reset along the solution and not along the steps.
func (b *Batch) Resolve(ctx context.Context, y0 []float64) error {
	n, d := len(b.traj), b.field.Dim
	switch {
	case len(y0) != n*d:
		return fmt.Errorf("ode: %w: %d initial values for %d states of %d", ErrDimension, len(y0), n, d)
	case !b.keepSteps || b.keepFirst:
		return fmt.Errorf("ode: %w: the steps were not kept: the field has no VJP, "+
			"or the options forbade it", ErrOption)
	case !solver.Finite(y0):
		return fmt.Errorf("ode: %w: element %d is %g", ErrNonFiniteState, solver.FirstBad(y0), y0[solver.FirstBad(y0)])
	}
	b.y0 = append(b.y0[:0], y0...)
	b.back.end = b.back.end[:0]
	b.slots = b.slots[:0]
	b.use(0)
	for i := range b.traj {
		tr := &b.traj[i]
		tr.stats.Calls, tr.stats.VJPs = 0, 0
		if !tr.again {
			tr.again, tr.solved, tr.solvedErr = true, tr.reached, tr.err
		}
		tr.reached, tr.err, tr.cost = tr.solved, tr.solvedErr, 0
		for k := range tr.atStart {
			copy(b.out[(tr.off+k)*d:], y0[i*d:(i+1)*d])
		}
		if tr.first >= 0 {
			b.enter(i, y0[i*d:(i+1)*d], replay{on: true, step: tr.first, last: tr.steps - 1, whole: true})
		}
	}
	err := b.run(ctx)
	if err != nil {
		b.abandon(err)
	}
	return err
}

// enter puts a trajectory into a slot for a replay from the state y.
func (b *Batch) enter(row int, y []float64, r replay) {
	i, d := len(b.slots), b.field.Dim
	copy(b.y[0][i*d:(i+1)*d], y)
	b.rows[i] = row
	b.slots = append(b.slots, slot{row: row, replay: r, final: b.steps[b.traj[row].last].end, control: b.controlOf(row)})
}

// replayDeep reports whether the step under way needs the interpolant.
func (b *Batch) replayDeep(s *slot) bool {
	r := &s.replay
	p := &b.steps[r.step]
	return (r.whole || r.marks == 0 && p.num >= r.from) && (b.keepDense || b.deep(p))
}

// finishReplay takes what a step gone through again is for, and moves on.
func (b *Batch) finishReplay(i int) {
	s, d, end := &b.slots[i], b.field.Dim, b.scheme.s
	r := &s.replay
	p := &b.steps[r.step]
	lo := i * d
	switch {
	case r.whole:
		if !b.hitAgain(i, p) {
			return
		}
		b.takeAgain(i, p)
	case r.marks > 0:
		if p.num > r.base && (p.num-r.base)%r.marks == 0 {
			b.cache.push(s.row, r.step, p.num, b.mark(b.y[0][lo:lo+d], b.firstStage(i)))
		}
	case p.num >= r.from:
		w := b.cache.window(s.row, p.num)
		for st := range b.rowsKept(p) {
			copy(w[st*d:(st+1)*d], b.kept(st, i))
		}
	}
	if p.num == r.last {
		s.done = true
		return
	}
	r.step = p.next
	if p.cut {
		h := &b.hits[p.hit+p.hits-1]
		if b.reset(i, p.hit+p.hits-1) && r.whole {
			q := &b.steps[p.next]
			if q.t, q.lag, q.h = s.t, s.lag, q.end-s.t-s.lag; !(q.h*p.h > 0) {
				b.fail(i, ErrEvent, fmt.Errorf("event %d moves beyond the step that follows it", h.event))
			}
		}
		return
	}
	s.ready = b.scheme.linear == nil && (p.jump&jumpEnd)|(b.steps[p.next].jump&jumpStart) == 0
	s.fresh = b.steps[p.next].oldJac
	if s.ready {
		copy(b.k[0][lo:lo+d], b.k[end][lo:lo+d])
	}
	copy(b.y[0][lo:lo+d], b.y[end][lo:lo+d])
}

// takeAgain replaces a step's outputs and what is kept of it.
func (b *Batch) takeAgain(i int, p *step) {
	s, d := &b.slots[i], b.field.Dim
	b.takeStates(i, b.traj[s.row].off+p.out, p.inside, p.atEnd)
	if b.opt.StepCost != nil {
		b.takeCost(i, p)
	}
	if b.cache.on {
		b.cache.replace(s.row, p.num, b.mark(b.y[0][i*d:(i+1)*d], b.firstStage(i)))
	} else if b.keepStages {
		for st := range b.rowsKept(p) {
			copy(b.data[p.data+st*d:p.data+(st+1)*d], b.kept(st, i))
		}
	}
	if b.keepDense {
		at := len(b.data)
		b.recordDense(i)
		copy(b.data[p.dense:], b.data[at:])
		b.data = b.data[:at]
	}
}

// hitAgain looks for the events of a step gone through again near the places
// where they were.
func (b *Batch) hitAgain(i int, p *step) bool {
	s, d := &b.slots[i], b.field.Dim
	for k := p.hit; k < p.hit+p.hits; k++ {
		h := &b.hits[k]
		ev := &b.opt.Events[h.event]
		y := b.hitY[h.y : h.y+d]
		value := func(theta float64) float64 {
			b.state(y, i, theta)
			return ev.value(s.row, p.t+(theta*p.h+p.lag), y)
		}
		theta, ok := secant(value, h.theta)
		if !ok {
			b.fail(i, ErrEvent, fmt.Errorf("event %d is not where it was, at t = %g", h.event, h.t))
			return false
		}
		if theta != h.theta {
			h.theta, h.t = theta, p.t+(theta*p.h+p.lag)
		}
		b.state(y, i, theta)
		if k == p.hit+p.hits-1 && (p.cut || ev.Terminal) {
			p.until = h.t
			b.traj[s.row].end = h.t
		}
	}
	return true
}

// secant returns the zero of f next to x, a place within a step and at most one
// step away from it.
func secant(f func(float64) float64, x float64) (float64, bool) {
	x0, x1 := x, x-1e-4
	if x < 0.5 {
		x1 = x + 1e-4*max(x, 1e-4) // a step after a reset has another zero at its start
	}
	f0, f1 := f(x0), f(x1)
	for range 50 {
		if math.Abs(f0) < math.Abs(f1) {
			x0, x1, f0, f1 = x1, x0, f1, f0
		}
		if f1 == 0 || math.Abs(x1-x0) <= 0x1p-50 {
			return x1, true
		}
		next := x1 - f1*(x1-x0)/(f1-f0)
		if !(next >= -1 && next <= 2) {
			return 0, false
		}
		if next == x1 {
			return x1, true
		}
		x0, f0 = x1, f1
		x1, f1 = next, f(next)
	}
	return x1, math.Abs(x1-x0) <= 1e-12
}
