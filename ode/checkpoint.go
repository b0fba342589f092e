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
// trajectory that had stopped early stops there again.
func (b *Batch) Resolve(ctx context.Context, y0 []float64) error {
	n, d := len(b.traj), b.field.Dim
	switch {
	case len(y0) != n*d:
		return fmt.Errorf("ode: %w: %d initial values for %d states of %d", ErrDimension, len(y0), n, d)
	case !b.keepSteps:
		return fmt.Errorf("ode: %w: the steps were not kept: the field has no VJP, or the options forbade it", ErrOption)
	case len(b.opt.Events) > 0:
		return fmt.Errorf("ode: %w: events cannot be taken again", ErrOption)
	case !finite(y0):
		return fmt.Errorf("ode: %w: element %d is %g", ErrNonFiniteState, firstBad(y0), y0[firstBad(y0)])
	}
	b.y0 = append(b.y0[:0], y0...)
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
	return b.run(ctx)
}

// enter puts a trajectory into a slot for a replay from the state y.
func (b *Batch) enter(row int, y []float64, r replay) {
	i, d := len(b.slots), b.field.Dim
	copy(b.y[0][i*d:(i+1)*d], y)
	b.rows[i] = row
	s := slot{row: row, replay: r, dir: 1}
	if p := &b.steps[r.step]; p.h < 0 {
		s.dir = -1
	}
	s.final = b.steps[b.traj[row].last].end
	b.slots = append(b.slots, s)
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

// A cache holds some of the states of each trajectory, and the stages of a few
// steps, where there is no room for all. It is the online form of Griewank and
// Walther's checkpointing (ACM Trans. Math. Softw. 26, 2000): on the way
// forward every 2ᵏ-th state is kept, with k as small as the room allows; on
// the way back what lies between two of them is gone through again, states
// being kept in the room that is then free.
type cache struct {
	on     bool
	dim    int
	room   int // states for each trajectory
	leaf   int // steps in a window
	width  int // numbers of a step in a window
	states []float64
	rows   []cacheRow
	steps  []float64 // windows
}

type cacheRow struct {
	marks  []mark
	stride int
	lo, hi int // numbers of the steps in the window, hi excluded
}

// A mark is a state kept, that from which a step begins.
type mark struct{ step, num int }

func (c *cache) reset(n, dim int, s *scheme, memory int) {
	c.on = false
	if memory == 0 || n == 0 {
		return
	}
	c.dim, c.width = dim, len(s.c)*dim
	share := memory / 8 / n
	c.leaf = max(1, share/4/c.width)
	c.room = max(2, (share-c.leaf*c.width)/dim)
}

// thinOut gives up the stages kept so far for a cache of states.
func (b *Batch) thinOut() {
	c, d := &b.cache, b.field.Dim
	n := len(b.traj)
	c.on = true
	c.states, c.steps = resize(c.states, n*c.room*d), resize(c.steps, n*c.leaf*c.width)
	for len(c.rows) < n {
		c.rows = append(c.rows, cacheRow{})
	}
	for i := range b.traj {
		c.rows[i] = cacheRow{marks: c.rows[i].marks[:0], stride: 1}
		for at := b.traj[i].first; at >= 0; at = b.steps[at].next {
			p := &b.steps[at]
			c.offer(i, at, p.num, b.data[p.data:p.data+d])
		}
	}
	b.data = nil
}

// offer keeps the state from which step num begins, if it is its turn.
func (c *cache) offer(row, step, num int, y []float64) {
	r := &c.rows[row]
	if num%r.stride != 0 {
		return
	}
	if len(r.marks) == c.room {
		r.stride *= 2
		m := 0
		for j, x := range r.marks {
			if x.num%r.stride == 0 {
				copy(c.state(row, m), c.state(row, j))
				r.marks[m] = x
				m++
			}
		}
		r.marks = r.marks[:m]
		if num%r.stride != 0 {
			return
		}
	}
	c.push(row, step, num, y)
}

func (c *cache) push(row, step, num int, y []float64) {
	r := &c.rows[row]
	r.marks = append(r.marks, mark{step, num})
	copy(c.state(row, len(r.marks)-1), y)
}

// replace puts another state in place of the one kept for step num, if any.
func (c *cache) replace(row, num int, y []float64) {
	r := &c.rows[row]
	r.lo, r.hi = 0, 0
	for j, x := range r.marks {
		if x.num == num {
			copy(c.state(row, j), y)
		}
	}
}

// state returns the state of a trajectory's mark number j.
func (c *cache) state(row, j int) []float64 {
	at := (row*c.room + j) * c.dim
	return c.states[at : at+c.dim]
}

// window returns the place of a step's stages.
func (c *cache) window(row, num int) []float64 {
	at := (row*c.leaf + num - c.rows[row].lo) * c.width
	return c.steps[at : at+c.width]
}

// input returns the input of stage st of a step.
func (b *Batch) input(row int, p *step, st int) []float64 {
	d := b.field.Dim
	if b.cache.on {
		return b.cache.window(row, p.num)[st*d : (st+1)*d]
	}
	return b.data[p.data+st*d : p.data+(st+1)*d]
}

// refill brings the stages of every current step of the sweep into its
// window.
func (b *Batch) refill() error {
	c, d := &b.cache, b.field.Dim
	for {
		b.slots = b.slots[:0]
		for i, row := range b.back.rows {
			r := &c.rows[row]
			num := b.steps[b.back.cur[i]].num
			if r.lo <= num && num < r.hi {
				continue
			}
			for r.marks[len(r.marks)-1].num > num {
				r.marks = r.marks[:len(r.marks)-1]
			}
			top := len(r.marks) - 1
			m := r.marks[top]
			way := replay{on: true, step: m.step, last: num, base: m.num}
			gap, free := num-m.num+1, c.room-len(r.marks)
			if gap > c.leaf && free > 0 {
				way.marks = max(c.leaf, (gap+free)/(free+1))
			} else {
				way.from = max(m.num, num-c.leaf+1)
				r.lo, r.hi = way.from, num+1
			}
			b.enter(row, c.state(row, top)[:d], way)
		}
		if len(b.slots) == 0 {
			return nil
		}
		if err := b.run(context.Background()); err != nil {
			return err
		}
	}
}
