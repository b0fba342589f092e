package ode

import (
	"fmt"
	"math"

	"tsgen/internal/solver"
)

// clockTicks is the least number of the clock's units in a first step.
const clockTicks = 16

// start evaluates the field at every trajectory's start and chooses the first
// steps (Hairer, Nørsett and Wanner 1993, II.4).
func (b *Batch) start() error {
	m, d := len(b.slots), b.field.Dim
	if m == 0 {
		return nil
	}
	for i := range b.slots {
		s := &b.slots[i]
		b.traj[s.row].stats.Calls++
		b.ts[i] = s.t
		if s.jump&jumpStart != 0 {
			b.ts[i] = math.Nextafter(s.t, s.final)
		}
	}
	if err := b.call(0); err != nil {
		return err
	}
	failed := false
	for i := range b.slots {
		b.slots[i].ready = true
		if !solver.Finite(b.k[0][i*d : (i+1)*d]) {
			b.fail(i, ErrNonFiniteStart, nil)
			failed = true
		}
	}
	if failed {
		b.retire()
	}
	if b.scheme.e == nil || len(b.slots) == 0 {
		return nil
	}
	asked := true
	for i := range b.slots {
		b.slots[i].h = b.slots[i].dir * b.slots[i].firstStep
		asked = asked && b.slots[i].h != 0
	}
	if asked {
		return nil
	}
	b.sub.slots = b.sub.slots[:0]
	for i := range b.slots {
		s := &b.slots[i]
		if s.h != 0 {
			continue
		}
		b.sub.slots = append(b.sub.slots, i)
		y, f := b.y[0][i*d:(i+1)*d], b.k[0][i*d:(i+1)*d]
		d0, d1 := b.size(s.control, y, y), b.size(s.control, f, y)
		h := 1e-6
		if d0 >= 1e-5 && d1 >= 1e-5 && d1 <= math.MaxFloat64 {
			h = min(0.01*(d0/d1), math.MaxFloat64)
		}
		h = min(max(h, clockTicks*ulp(s.t)), b.longest(s))
		s.h = s.dir * h
		combine1(b.y[1][i*d:(i+1)*d], y, s.h, f)
		b.ts[i] = s.t + s.h
		if s.stop >= 0 && s.stop < len(s.stops) && b.ts[i] == s.stops[s.stop].t {
			b.ts[i] = math.Nextafter(b.ts[i], s.t)
		}
		b.traj[s.row].stats.Calls++
	}
	if err := b.callPacked(1); err != nil {
		return err
	}
	for _, i := range b.sub.slots {
		s := &b.slots[i]
		y, f := b.y[0][i*d:(i+1)*d], b.k[0][i*d:(i+1)*d]
		h := math.Abs(s.h)
		combine1(b.dif, b.k[1][i*d:(i+1)*d], -1, f)
		d1, d2 := b.size(s.control, f, y), b.size(s.control, b.dif, y)/h
		next := 1e-3 * h // if the trial was not finite
		if most := max(d1, d2); most <= 1e-15 {
			next = max(1e-6, 1e-3*h)
		} else if most <= math.MaxFloat64 {
			next = math.Pow(0.01/most, 1/b.scheme.expo)
		}
		s.h = s.dir * min(max(min(100*h, next), clockTicks*ulp(s.t)), b.longest(s))
	}
	return nil
}

// longest returns the greatest step that the options and what is left of the
// trajectory up to its next stop allow.
func (b *Batch) longest(s *slot) float64 {
	h := math.Abs(s.final - s.t)
	if s.stop >= 0 && s.stop < len(s.stops) {
		h = min(h, math.Abs(s.stops[s.stop].t-s.t))
	}
	if s.maxStep > 0 {
		h = min(h, s.maxStep)
	}
	return h
}

// call evaluates the field at stage st of all slots. It leaves the counting to
// its callers.
func (b *Batch) call(st int) error {
	m := len(b.slots)
	n := m * b.field.Dim
	if err := b.field.Func(b.k[st][:n], b.rows[:m], b.ts[:m], b.y[st][:n]); err != nil {
		return fieldError(err)
	}
	return nil
}

// fieldError wraps an error that the field has returned; nil stays nil.
func fieldError(err error) error {
	if err != nil {
		return fmt.Errorf("ode: %w: %w", ErrField, err)
	}
	return nil
}

// A subset is some of the slots, packed for one evaluation.
type subset struct {
	slots, rows []int
	ts, y, k    []float64
}

// callSome evaluates the field at stage st of the slots in b.sub.slots.
func (b *Batch) callSome(st int) error {
	sub := &b.sub
	if len(sub.slots) == 0 {
		return nil
	}
	for _, i := range sub.slots {
		s := &b.slots[i]
		b.ts[i] = stageTime(b.scheme.c[st], s.t, s.try, s.end, s.jump)
		b.traj[s.row].stats.Calls++
	}
	return b.callPacked(st)
}

// callPacked is callSome at the times that are in b.ts already.
func (b *Batch) callPacked(st int) error {
	sub, d := &b.sub, b.field.Dim
	n := len(sub.slots)
	if n == len(b.slots) {
		return b.call(st)
	}
	sub.rows, sub.ts = solver.Resize(sub.rows, n), solver.Resize(sub.ts, n)
	sub.y, sub.k = solver.Resize(sub.y, n*d), solver.Resize(sub.k, n*d)
	for j, i := range sub.slots {
		sub.rows[j], sub.ts[j] = b.rows[i], b.ts[i]
		copy(sub.y[j*d:(j+1)*d], b.y[st][i*d:])
	}
	if err := fieldError(b.field.Func(sub.k, sub.rows, sub.ts, sub.y)); err != nil {
		return err
	}
	for j, i := range sub.slots {
		copy(b.k[st][i*d:(i+1)*d], sub.k[j*d:])
	}
	return nil
}
