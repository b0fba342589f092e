package ode

import (
	"fmt"
	"math"
	"slices"

	"tsgen/internal/solver"
)

// An Event is a function of time and state whose zeros along a solution are
// looked for. Within every accepted step the function is read from the
// interpolant, at eight places or as many more as it takes to follow it, and
// where it turns towards zero its extremum is looked up, so that several zeros
// in a step are found as well. A function that jumps over zero counts as one
// that passes it; one that changes its sign at a pole is refused ([ErrEvent]).
type Event struct {
	// Func is the function. FuncRow, in its place, is told the trajectory.
	Func    func(t float64, y []float64) float64
	FuncRow func(row int, t float64, y []float64) float64

	// Gradient sets dy to the derivative of Func with respect to y and returns
	// the one with respect to t. GradientRow, in its place, is told the
	// trajectory and sets dp, unless nil, to the derivative with respect to θ;
	// both of its results are 0 at first. One of them is needed for gradients
	// through the event, and with a Reset for every gradient.
	Gradient    func(dy []float64, t float64, y []float64) (dt float64)
	GradientRow func(dy, dp []float64, row int, t float64, y []float64) (dt float64)

	// Direction restricts the event to zeros where the function rises (+1) or
	// falls (-1) along the course of the solution; 0 takes both.
	Direction int

	// Terminal ends the trajectory at the event.
	Terminal bool

	// Reset, unless nil, turns y from the state that meets the event into the
	// one that goes on from there: a bounce, a dose, a spike. An output asked
	// for at the very time of the event is the state before it. An event whose
	// function is 0 after its own reset waits for it to leave 0. Resets of one
	// time all happen, one after the other. Resets that come ever closer fail
	// the trajectory where they accumulate ([ErrEvent]).
	Reset func(row int, t float64, y []float64)

	// ResetVJP adds a·∂r/∂y to dy and a·∂r/∂θ to dp, for r the state after
	// Reset at time t of the state y, and returns a·∂r/∂t; dp may be nil. It is
	// needed for gradients.
	ResetVJP func(dy, dp []float64, row int, t float64, y, a []float64) (dt float64)
}

// value returns the event's function.
func (e *Event) value(row int, t float64, y []float64) float64 {
	if e.FuncRow != nil {
		return e.FuncRow(row, t, y)
	}
	return e.Func(t, y)
}

// grain returns how much the function changes while the clock moves by two of
// its units from t.
func (e *Event) grain(row int, t float64, y []float64) float64 {
	u, g := 2*ulp(t), e.value(row, t, y)
	return max(math.Abs(e.value(row, t+u, y)-g), math.Abs(e.value(row, t-u, y)-g))
}

// slope sets dy and dp to the derivatives of the event's function and returns
// that with respect to t.
func (e *Event) slope(dy, dp []float64, row int, t float64, y []float64) float64 {
	clear(dy)
	clear(dp)
	if e.GradientRow != nil {
		return e.GradientRow(dy, dp, row, t, y)
	}
	return e.Gradient(dy, t, y)
}

// validateEvents reports what is wrong with the declared events.
func validateEvents(events []Event) error {
	for e := range events {
		switch ev := &events[e]; {
		case (ev.Func == nil) == (ev.FuncRow == nil):
			return fmt.Errorf("ode: %w: event %d needs one of Func and FuncRow", ErrOption, e)
		case ev.Gradient != nil && ev.GradientRow != nil:
			return fmt.Errorf("ode: %w: event %d has both Gradient and GradientRow", ErrOption, e)
		case ev.Terminal && ev.Reset != nil:
			return fmt.Errorf("ode: %w: event %d ends the trajectory, so that its Reset has no use", ErrOption, e)
		}
	}
	return nil
}

// A Hit is an event that happened.
type Hit struct {
	Event int       // index in Options.Events
	T     float64   // time, a zero of the function on the dense output
	Y     []float64 // state, before a reset
}

// A hit is a Hit among those of all trajectories, which lies in a step.
type hit struct {
	row, event int
	t, theta   float64
	from       float64 // the event's function before
	y          int     // where the state lies in Batch.hitY

	seed int     // where its gradient lies in Batch.seeds, or -1
	pull float64 // the gradient with respect to the event's function
}

// Hits returns the events of trajectory i in the last Solve, in the order in
// which they happened.
func (b *Batch) Hits(i int) []Hit {
	var h []Hit
	for _, k := range b.hitsOf(i) {
		x := &b.hits[k]
		h = append(h, Hit{x.event, x.t, slices.Clone(b.hitY[x.y : x.y+b.field.Dim])})
	}
	return h
}

// hitsOf returns the places in b.hits of the events of trajectory i.
func (b *Batch) hitsOf(i int) []int {
	x := &b.hitIndex
	if !x.ready {
		x.ready = true
		x.start = solver.Resize(x.start, len(b.traj)+1)
		clear(x.start)
		for k := range b.hits {
			x.start[b.hits[k].row+1]++
		}
		for row := range b.traj {
			x.start[row+1] += x.start[row]
		}
		x.next = append(x.next[:0], x.start...)
		x.place = solver.Resize(x.place, len(b.hits))
		for k := range b.hits {
			at := &x.next[b.hits[k].row]
			x.place[*at] = k
			*at++
		}
	}
	return x.place[x.start[i]:x.start[i+1]]
}

// A hitIndex sorts the hits by trajectory, once a solve is over.
type hitIndex struct {
	ready       bool
	start, next []int
	place       []int
}

// arm takes the events' values at slot i's start.
func (b *Batch) arm(i int, value func(e int, g float64) float64) bool {
	s, d, n := &b.slots[i], b.field.Dim, len(b.opt.Events)
	for e := range b.opt.Events {
		g := b.opt.Events[e].value(s.row, s.t, b.y[0][i*d:(i+1)*d])
		b.signs[s.row*n+e] = value(e, g)
		if math.IsNaN(g) {
			b.fail(i, ErrEvent, fmt.Errorf("event %d is NaN", e))
			return false
		}
	}
	return true
}

// armAfter is arm after a reset by the last of the hits of the step. What is left
// of its function, and of those of events of the same time, counts as 0 if it is
// but rounding, or that of the clock; a reset that waits in b.tied is to happen
// next.
func (b *Batch) armAfter(i int, hits []hit) bool {
	s, d := &b.slots[i], b.field.Dim
	h := &hits[len(hits)-1]
	near := s.near(h.t)
	return b.arm(i, func(e int, g float64) float64 {
		if math.Abs(g) > 1e-9*b.eventScale(e) && math.Abs(g) > b.opt.Events[e].grain(s.row, s.t, b.y[0][i*d:(i+1)*d]) {
			return g
		}
		is := func(x hit) bool { return x.event == e && h.theta-x.theta <= near }
		if k := slices.IndexFunc(b.tied, is); k >= 0 {
			return math.Copysign(math.SmallestNonzeroFloat64, b.tied[k].from)
		}
		if slices.ContainsFunc(hits, is) || h.theta <= near && b.grid[e*(leastSamples+1)] == 0 {
			return 0
		}
		return g
	})
}

// armEvents evaluates the events at the trajectories' starts.
func (b *Batch) armEvents() {
	n := len(b.opt.Events)
	b.signs = solver.Resize(b.signs, n*len(b.traj))
	b.flights = solver.Resize(b.flights, n*len(b.traj))
	for i := range b.flights {
		b.flights[i] = flight{from: math.NaN()}
	}
	failed := false
	for i := range b.slots {
		failed = !b.arm(i, func(_ int, g float64) float64 { return g }) || failed
	}
	if failed {
		b.retire()
	}
}

// crossed reports whether the event lies between the values before and now.
func (e *Event) crossed(before, now float64) bool {
	return before < 0 && now >= 0 && e.Direction >= 0 || before > 0 && now <= 0 && e.Direction <= 0
}

// takeHits records the events in slot i's accepted step up to the first that
// leaves it. It returns the time at which the step is left, the event, or -1,
// and whether all went well.
func (b *Batch) takeHits(i int) (until float64, cut int, ok bool) {
	s, d := &b.slots[i], b.field.Dim
	first := len(b.hits)
	if !b.locate(i) {
		b.hits = b.hits[:first]
		return s.end, -1, false
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
	leaving := slices.IndexFunc(b.hits[first:], func(h hit) bool { return b.opt.Events[h.event].leaves() })
	if leaving >= 0 {
		leaving += first
		leaving += b.tie(s, b.hits[leaving:])
		b.hits = b.hits[:leaving+1]
	}
	for j := first; j < len(b.hits); j++ {
		h := &b.hits[j]
		h.y = len(b.hitY)
		b.hitY = slices.Grow(b.hitY, d)[:h.y+d]
		b.state(b.hitY[h.y:], i, h.theta)
	}
	if leaving < 0 {
		return s.end, -1, true
	}
	h := &b.hits[leaving]
	b.flights[s.row*len(b.opt.Events)+h.event].land(h.t)
	return h.t, h.event, true
}

// A flight is the time from one reset by an event to the next.
type flight struct {
	from   float64 // when it began, or NaN
	last   float64 // duration of the one before, or 0
	closer int     // how many were shorter than the one before
}

// land ends the flight of an event at time t.
func (f *flight) land(t float64) {
	took := math.Abs(t - f.from)
	switch {
	case math.IsNaN(took):
		took = 0
	case took < f.last || f.closer > 0 && took <= 4*ulp(t): // which the clock cannot compare
		f.closer++
	default:
		f.closer = 0
	}
	f.from, f.last = t, took
}

// leaves reports whether the event ends the step in which it happens.
func (e *Event) leaves() bool { return e.Terminal || e.Reset != nil }

// near returns the part of the step under way within which what happens at time t
// happens at once.
func (s *slot) near(t float64) float64 { return max(1e-13, 2*ulp(t)/math.Abs(s.try)) }

// tie joins what happens at one time. h[0] leaves the step; of the others of its
// time, those that do not are put before it, and those that do into b.tied. It
// returns the place of h[0].
func (b *Batch) tie(s *slot, h []hit) int {
	b.tied = b.tied[:0]
	at, near := 0, s.near(h[0].t)
	for k := 1; k < len(h) && h[k].theta-h[at].theta <= near; k++ {
		if b.opt.Events[h[k].event].leaves() {
			b.tied = append(b.tied, h[k])
			continue
		}
		x := h[k]
		x.theta, x.t = h[at].theta, h[at].t
		copy(h[at+1:k+1], h[at:k])
		h[at] = x
		at++
	}
	return at
}

// reset puts slot i behind the event k of b.hits.
func (b *Batch) reset(i, k int) bool {
	s, d, h := &b.slots[i], b.field.Dim, &b.hits[k]
	y := b.y[0][i*d : (i+1)*d]
	copy(y, b.hitY[h.y:h.y+d])
	b.opt.Events[h.event].Reset(s.row, h.t, y)
	if j := solver.FirstBad(y); j >= 0 {
		b.fail(i, ErrEvent, fmt.Errorf("the reset of event %d makes component %d %g", h.event, j, y[j]))
		return false
	}
	s.t, s.lag = h.t, s.end-h.t-(1-h.theta)*s.try
	s.ready, s.fresh, s.still = false, false, 0
	return true
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
	if second := b.scheme.second; second != nil {
		b.scheme.weightsOf(second, b.w, theta)
		for n, j := range b.mix.j {
			b.mix.d[n] = b.w[j]
		}
	}
	combine(dst, b.y[0][lo:hi], s.try, &b.mix, b.k, lo)
}
