package ode

import (
	"context"
	"fmt"
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
func (b *Batch) Resolve(ctx context.Context, y0 []float64) error {
	n, d := len(b.traj), b.field.Dim
	switch {
	case len(y0) != n*d:
		return fmt.Errorf("ode: %w: %d initial values for %d states of %d", ErrDimension, len(y0), n, d)
	case !b.keepSteps || b.keepFirst:
		return fmt.Errorf("ode: %w: the steps were not kept: the field has no VJP, "+
			"or the options forbade it", ErrOption)
	case len(b.opt.Events) > 0:
		return fmt.Errorf("ode: %w: events cannot be taken again", ErrOption)
	case !finite(y0):
		return fmt.Errorf("ode: %w: element %d is %g", ErrNonFiniteState, firstBad(y0), y0[firstBad(y0)])
	}
	b.y0 = append(b.y0[:0], y0...)
	b.back.end = b.back.end[:0]
	b.slots = b.slots[:0]
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
	b.slots = append(b.slots, slot{row: row, replay: r, final: b.steps[b.traj[row].last].end})
}

// replayDeep reports whether the step under way needs the interpolant.
func (b *Batch) replayDeep(s *slot) bool {
	r := &s.replay
	p := &b.steps[r.step]
	return (r.whole || r.marks == 0 && p.num >= r.from) && (b.keepDense || b.inputs(p) > b.scheme.s)
}

// finishReplay takes what a step gone through again is for, and moves on.
func (b *Batch) finishReplay(i int) {
	s, d, end := &b.slots[i], b.field.Dim, b.scheme.s
	r := &s.replay
	p := &b.steps[r.step]
	lo := i * d
	switch {
	case r.whole:
		b.takeAgain(i, p)
	case r.marks > 0:
		if p.num > r.base && (p.num-r.base)%r.marks == 0 {
			b.cache.push(s.row, r.step, p.num, b.y[0][lo:lo+d])
		}
	case p.num >= r.from:
		w := b.cache.window(s.row, p.num)
		for st := range b.inputs(p) {
			copy(w[st*d:(st+1)*d], b.y[st][lo:lo+d])
		}
	}
	if p.num == r.last {
		s.done = true
		return
	}
	r.step = p.next
	s.ready = (p.jump&jumpEnd)|(b.steps[p.next].jump&jumpStart) == 0
	if s.ready {
		copy(b.k[0][lo:lo+d], b.k[end][lo:lo+d])
	}
	copy(b.y[0][lo:lo+d], b.y[end][lo:lo+d])
}

// takeAgain replaces a step's outputs and what is kept of it.
func (b *Batch) takeAgain(i int, p *step) {
	s, d := &b.slots[i], b.field.Dim
	tr := &b.traj[s.row]
	for k := p.out; k < p.out+p.inside+p.atEnd; k++ {
		theta := 1.0
		if t := b.times[tr.off+k]; t != p.end {
			theta = (t - p.t) / p.h
		}
		b.state(b.out[(tr.off+k)*d:(tr.off+k+1)*d], i, theta)
	}
	if b.opt.StepCost != nil {
		b.takeCost(i, p)
	}
	if b.cache.on {
		b.cache.replace(s.row, p.num, b.y[0][i*d:(i+1)*d])
	} else if b.keepStages {
		for st := range b.inputs(p) {
			copy(b.data[p.data+st*d:p.data+(st+1)*d], b.y[st][i*d:])
		}
	}
	if b.keepDense {
		at := len(b.data)
		b.recordDense(i)
		copy(b.data[p.dense:], b.data[at:])
		b.data = b.data[:at]
	}
}
