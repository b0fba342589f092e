package ode

import (
	"fmt"
	"math"
	"slices"
)

// An Event is a function of time and state whose zeros along a solution are
// looked for. A zero is seen if the function's sign differs at the ends of an
// accepted step; set [Options.MaxStep] if it may change twice between them.
type Event struct {
	// Func is the function. It must be continuous along the solution.
	Func func(t float64, y []float64) float64

	// Gradient sets dy to the derivative of Func with respect to y and returns
	// the one with respect to t. It is needed for gradients through the event
	// alone.
	Gradient func(dy []float64, t float64, y []float64) (dt float64)

	// Direction restricts the event to zeros where the function rises (+1) or
	// falls (-1) along the course of the solution; 0 takes both.
	Direction int

	// Terminal ends the trajectory at the event.
	Terminal bool
}

// A Hit is an event that happened.
type Hit struct {
	Event int       // index in Options.Events
	T     float64   // time, a zero of the function on the dense output
	Y     []float64 // state
}

// A hit is a Hit among those of all trajectories, which lies in a step.
type hit struct {
	row, event int
	t, theta   float64
	y          int // where the state lies in Batch.hitY

	seed int // where its gradient lies in Batch.seeds, or -1
}

// Hits returns the events of trajectory i in the last Solve, in the order in
// which they happened.
func (b *Batch) Hits(i int) []Hit {
	var h []Hit
	for _, x := range b.hits {
		if x.row == i {
			h = append(h, Hit{x.event, x.t, slices.Clone(b.hitY[x.y : x.y+b.field.Dim])})
		}
	}
	return h
}

// SeedHit gives the gradient of a function of the last Solve's result with
// respect to the state and the time of event j of trajectory i, to be added to
// by the next [Batch.Backward]; dy may be nil. It needs the event's Gradient.
//
// The time of an event moves with the solution: with f the field at the event
// and g its function, a change v of the state at a fixed time moves it by
// -(∂g/∂y·v)/(∂g/∂t + ∂g/∂y·f).
func (b *Batch) SeedHit(i, j int, dy []float64, dt float64) error {
	d := b.field.Dim
	if !b.keepSteps || b.opt.NoGradient {
		return fmt.Errorf("ode: %w: nothing is kept for one", ErrNoGradient)
	}
	if dy != nil && len(dy) != d {
		return fmt.Errorf("ode: %w: a gradient of %d elements for a state of %d", ErrDimension, len(dy), d)
	}
	before := 0
	for k := range b.hits {
		h := &b.hits[k]
		if h.row != i {
			continue
		}
		if before < j {
			before++
			continue
		}
		ev := &b.opt.Events[h.event]
		if ev.Gradient == nil {
			return fmt.Errorf("ode: %w: event %d has no Gradient", ErrNoGradient, h.event)
		}
		sub := &b.sub
		sub.rows, sub.k, sub.ts = resize(sub.rows, 1), resize(sub.k, d), resize(sub.ts, 1)
		sub.rows[0], sub.ts[0] = i, h.t
		y := b.hitY[h.y : h.y+d]
		b.traj[i].stats.Calls++
		if err := fieldError(b.field.Func(sub.k, sub.rows, sub.ts, y)); err != nil {
			return err
		}
		sub.y = resize(sub.y, d)
		rate := ev.Gradient(sub.y, h.t, y)
		rate += inner(sub.y, sub.k)
		if rate == 0 || math.IsNaN(rate) {
			return fmt.Errorf("ode: %w: event %d touches zero at t = %g without crossing it", ErrNoGradient, h.event, h.t)
		}
		if h.seed < 0 {
			h.seed = len(b.seeds)
			b.seeds = append(b.seeds, b.zero...)
		}
		seed := b.seeds[h.seed : h.seed+d]
		if dy != nil {
			dt += inner(dy, sub.k)
			addScaled(seed, 1, dy)
		}
		addScaled(seed, -dt/rate, sub.y)
		return nil
	}
	return fmt.Errorf("ode: %w: trajectory %d has no event %d", ErrDimension, i, j)
}

// dropSeeds forgets what SeedHit was given.
func (b *Batch) dropSeeds() {
	b.seeds = b.seeds[:0]
	for j := range b.hits {
		b.hits[j].seed = -1
	}
}

// armEvents evaluates the events at the trajectories' starts.
func (b *Batch) armEvents() {
	n, d := len(b.opt.Events), b.field.Dim
	b.signs, b.ends = resize(b.signs, n*len(b.traj)), resize(b.ends, n*len(b.traj))
	failed := false
	for i := range b.slots {
		s := &b.slots[i]
		for e, ev := range b.opt.Events {
			g := ev.Func(s.t, b.y[0][i*d:(i+1)*d])
			b.signs[s.row*n+e] = g
			if math.IsNaN(g) && !s.done {
				b.fail(i, ErrEvent, nil)
				failed = true
			}
		}
	}
	if failed {
		b.retire()
	}
}

// watchEvents notes whether an event has happened in slot i's accepted step.
func (b *Batch) watchEvents(i int) {
	s, d, n := &b.slots[i], b.field.Dim, len(b.opt.Events)
	s.crossed = false
	for e := range b.opt.Events {
		now := b.opt.Events[e].Func(s.end, b.y[b.scheme.s][i*d:(i+1)*d])
		b.ends[s.row*n+e] = now
		if math.IsNaN(now) {
			b.fail(i, ErrEvent, nil)
			s.accepted = false
			return
		}
		if b.opt.Events[e].crossed(b.signs[s.row*n+e], now) {
			s.crossed = true
		}
	}
}

// crossed reports whether the event lies between the values before and now.
func (e *Event) crossed(before, now float64) bool {
	return before < 0 && now >= 0 && e.Direction >= 0 || before > 0 && now <= 0 && e.Direction <= 0
}

// takeHits records the events in slot i's accepted step up to the first that
// ends the trajectory. It returns the time at which the step is left and
// whether the trajectory ends there.
func (b *Batch) takeHits(i int) (until float64, terminal bool) {
	s, d, n := &b.slots[i], b.field.Dim, len(b.opt.Events)
	first := len(b.hits)
	for e := range b.opt.Events {
		ev := &b.opt.Events[e]
		before := b.signs[s.row*n+e]
		now := b.ends[s.row*n+e]
		b.signs[s.row*n+e] = now
		if !s.crossed || !ev.crossed(before, now) {
			continue
		}
		theta := b.root(i, ev, before, now)
		t := s.t + theta*s.try
		if theta == 1 {
			t = s.end
		}
		b.hits = append(b.hits, hit{row: s.row, event: e, t: t, theta: theta, seed: -1})
	}
	slices.SortStableFunc(b.hits[first:], func(x, y hit) int {
		switch {
		case x.theta < y.theta:
			return -1
		case x.theta > y.theta:
			return 1
		}
		return 0
	})
	until = s.end
	for j := first; j < len(b.hits); j++ {
		h := &b.hits[j]
		h.y = len(b.hitY)
		b.hitY = slices.Grow(b.hitY, d)[:h.y+d]
		b.state(b.hitY[h.y:], i, h.theta)
		if b.opt.Events[h.event].Terminal {
			b.hits = b.hits[:j+1]
			return h.t, true
		}
	}
	return until, false
}

// state sets dst to the interpolant of slot i's attempt at t + theta·h.
func (b *Batch) state(dst []float64, i int, theta float64) {
	s, lo := &b.slots[i], i*b.field.Dim
	hi := lo + b.field.Dim
	if theta == 1 {
		copy(dst, b.y[b.scheme.s][lo:hi])
		return
	}
	b.scheme.weights(b.w, theta)
	for n, j := range b.mix.j {
		b.mix.c[n] = b.w[j]
	}
	combine(dst, b.y[0][lo:hi], s.try, &b.mix, b.k, lo)
}

// root returns the zero of an event in slot i's attempt, as a part of the
// step, by Chandrupatla's method (Adv. Eng. Softw. 28, 1997) to the last bits.
func (b *Batch) root(i int, ev *Event, before, now float64) float64 {
	if now == 0 {
		return 1
	}
	s := &b.slots[i]
	value := func(theta float64) float64 {
		b.state(b.dif, i, theta)
		return ev.Func(s.t+theta*s.try, b.dif)
	}
	const tol = 0x1p-48
	x1, x2, f1, f2 := 1.0, 0.0, now, before
	part := 0.5
	for range 200 {
		x := x1 + part*(x2-x1)
		f := value(x)
		x3, f3 := x2, f2
		if math.Signbit(f) == math.Signbit(f1) {
			x3, f3 = x1, f1
		} else {
			x2, f2 = x1, f1
		}
		x1, f1 = x, f
		if f1 == 0 || math.IsNaN(f1) {
			return x1
		}
		size := math.Abs(x2 - x1)
		if size <= tol {
			break
		}
		part = 0.5
		xi, phi := (x1-x2)/(x3-x2), (f1-f2)/(f3-f2)
		if 1-math.Sqrt(1-xi) < phi && phi < math.Sqrt(xi) {
			part = f1/(f2-f1)*(f3/(f2-f3)) + (x3-x1)/(x2-x1)*(f1/(f3-f1))*(f2/(f3-f2))
		}
		part = min(max(part, tol/size/2), 1-tol/size/2)
	}
	if math.Abs(f1) < math.Abs(f2) {
		return x1
	}
	return x2
}
