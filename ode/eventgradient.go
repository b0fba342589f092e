package ode

import (
	"fmt"
	"math"

	"tsgen/internal/solver"
)

// SeedHit gives the gradient of a function of the last Solve's result with
// respect to the state and the time of event j of trajectory i, to be added to
// by the next [Batch.Backward]; dy may be nil. It needs the event's Gradient or
// GradientRow. The state is that before a reset.
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
	hits := b.hitsOf(i)
	if j < 0 || j >= len(hits) {
		return fmt.Errorf("ode: %w: trajectory %d has no event %d", ErrDimension, i, j)
	}
	return b.seed(&b.hits[hits[j]], dy, dt)
}

// seed adds the gradient with respect to the state dy, or nil, and to the time
// dt of a hit to what the step of the hit is to be carried back.
func (b *Batch) seed(h *hit, dy []float64, dt float64) error {
	d := b.field.Dim
	ev := &b.opt.Events[h.event]
	if ev.Gradient == nil && ev.GradientRow == nil {
		return fmt.Errorf("ode: %w: event %d has no Gradient", ErrNoGradient, h.event)
	}
	y := b.hitY[h.y : h.y+d]
	f, err := b.fieldAt(h.row, h.t, y)
	if err != nil {
		return err
	}
	b.slope = solver.Resize(b.slope, d)
	rate := ev.slope(b.slope, nil, h.row, h.t, y)
	rate += inner(b.slope, f)
	if rate == 0 || math.IsNaN(rate) {
		return fmt.Errorf("ode: %w: event %d touches zero at t = %g without crossing it", ErrNoGradient, h.event, h.t)
	}
	if h.seed < 0 {
		h.seed = len(b.seeds)
		b.seeds = append(b.seeds, b.zero...)
	}
	seed := b.seeds[h.seed : h.seed+d]
	if dy != nil {
		dt += inner(dy, f)
		solver.AddScaled(seed, 1, dy)
	}
	solver.AddScaled(seed, -dt/rate, b.slope)
	h.pull -= dt / rate
	return nil
}

// fieldAt returns the field of a trajectory at a time and state, until it is
// called again.
func (b *Batch) fieldAt(row int, t float64, y []float64) ([]float64, error) {
	sub := &b.sub
	sub.rows, sub.k, sub.ts = solver.Resize(sub.rows, 1), solver.Resize(sub.k, b.field.Dim), solver.Resize(sub.ts, 1)
	sub.rows[0], sub.ts[0] = row, t
	b.traj[row].stats.Calls++
	return sub.k, fieldError(b.field.Func(sub.k, sub.rows, sub.ts, y))
}

// pullReset carries the adjoint lam of the state behind a reset over to the
// state that meets the event, as the hit's seed, and clears it. The time of
// the event has a part in both: together this is the product with the
// saltation matrix
//
//	∂r/∂y + (∂r/∂t + ∂r/∂y·f⁻ - f⁺)·(∂g/∂y)ᵀ/-(∂g/∂t + ∂g/∂y·f⁻)
//
// (Leine and Nijmeijer, Dynamics and Bifurcations of Non-Smooth Mechanical
// Systems, 2004, 7.2).
func (b *Batch) pullReset(h *hit, lam, dp []float64) error {
	ev := &b.opt.Events[h.event]
	idle := true
	for _, x := range lam {
		idle = idle && x == 0
	}
	if idle {
		return nil
	}
	if ev.ResetVJP == nil {
		return fmt.Errorf("ode: %w: event %d has a Reset without a ResetVJP", ErrNoGradient, h.event)
	}
	d := b.field.Dim
	y := b.hitY[h.y : h.y+d]
	b.after, b.before = solver.Resize(b.after, d), solver.Resize(b.before, d)
	copy(b.after, y)
	ev.Reset(h.row, h.t, b.after)
	f, err := b.fieldAt(h.row, h.t, b.after)
	if err != nil {
		return err
	}
	dt := -inner(lam, f)
	clear(b.before)
	dt += ev.ResetVJP(b.before, dp, h.row, h.t, y, lam)
	clear(lam)
	return b.seed(h, b.before, dt)
}

// pullEvent adds the part of a hit's gradient that goes through the event's
// own parameters to dp.
func (b *Batch) pullEvent(h *hit, dp []float64) {
	ev := &b.opt.Events[h.event]
	if dp == nil || h.pull == 0 || ev.GradientRow == nil {
		return
	}
	b.slope, b.slopeP = solver.Resize(b.slope, b.field.Dim), solver.Resize(b.slopeP, len(dp))
	ev.slope(b.slope, b.slopeP, h.row, h.t, b.hitY[h.y:h.y+b.field.Dim])
	solver.AddScaled(dp, h.pull, b.slopeP)
}

// dropSeeds forgets what SeedHit was given.
func (b *Batch) dropSeeds() {
	b.seeds = b.seeds[:0]
	for j := range b.hits {
		b.hits[j].seed, b.hits[j].pull = -1, 0
	}
}
