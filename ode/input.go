package ode

import (
	"fmt"
	"slices"

	"tsgen/internal/solver"
)

// begin checks the input and lays out the trajectories.
func (b *Batch) begin(t0, y0 []float64, times [][]float64) error {
	n, d := len(t0), b.field.Dim
	if len(y0) != n*d {
		return fmt.Errorf("ode: %w: %d initial values for %d states of %d", ErrDimension, len(y0), n, d)
	}
	if len(times) != n {
		return fmt.Errorf("ode: %w: times of %d trajectories for %d starts", ErrDimension, len(times), n)
	}
	for i, ts := range times {
		if err := solver.CheckTimes(i, t0[i], ts, true); err != nil {
			return fmt.Errorf("ode: %w", err)
		}
	}
	if len(b.own) != 0 && len(b.own) != n {
		return fmt.Errorf("ode: %w: SetRows was given %d rows for %d trajectories", ErrDimension, len(b.own), n)
	}
	b.traj, b.times = b.traj[:0], b.times[:0]
	b.back.end = b.back.end[:0]
	b.steps, b.data, b.costs = b.steps[:0], b.data[:0], b.costs[:0]
	b.hitIndex.ready = false
	b.hits, b.hitY, b.seeds = b.hits[:0], b.hitY[:0], b.seeds[:0]
	b.slots = b.slots[:0]
	b.use(0)
	b.waiting, b.waitingY = b.waiting[:0], b.waitingY[:0]
	b.cache.reset(n, d, b.kinds, b.opt.Memory)
	for i, ts := range times {
		b.traj = append(b.traj, trajectory{t0: t0[i], end: t0[i], off: len(b.times), want: len(ts), first: -1, last: -1})
		b.traj[i].stats.RTol = slices.Min(b.controlOf(i).rtol)
		b.times = append(b.times, ts...)
	}
	b.y0 = append(b.y0[:0], y0...)
	b.out = solver.Resize(b.out, len(b.times)*d)
	b.ts, b.rows = solver.Resize(b.ts, n), solver.Resize(b.rows, n)
	if b.kinds[len(b.kinds)-1].scheme.gamma() != 0 {
		b.lin.resize(n, d)
	}
	b.resizeStages(n * d)
	for i := range n {
		b.open(i, y0[i*d:(i+1)*d])
	}
	return nil
}

// resizeStages makes room for the stages. The inputs of those that nobody asks
// for after their evaluation share it, so that more of wide systems stays in
// the cache.
func (b *Batch) resizeStages(n int) {
	if b.keepStages {
		solver.ResizeAll(n, b.y, b.k)
		return
	}
	if b.states == nil {
		b.states = make([][]float64, len(b.y)+1)
	}
	lasts := func(st int) bool {
		for _, k := range b.kinds {
			if st == k.scheme.s || st == k.scheme.stiff {
				return true
			}
		}
		return st == 0
	}
	count := 1 // the first is shared
	for st := range b.y {
		if lasts(st) {
			count++
		}
	}
	b.states = b.states[:count]
	solver.ResizeAll(n, b.states, b.k)
	next := 1
	for st := range b.y {
		b.y[st] = b.states[0]
		if lasts(st) {
			b.y[st] = b.states[next]
			next++
		}
	}
}

// open takes the outputs at the start and puts the trajectory into a slot if
// there are others.
func (b *Batch) open(row int, y0 []float64) {
	tr := &b.traj[row]
	ts := b.times[tr.off : tr.off+tr.want]
	d := b.field.Dim
	if len(ts) == 0 {
		return
	}
	if !solver.Finite(y0) {
		tr.err = &Error{Reason: ErrNonFiniteState, Row: row, T: tr.t0, Component: solver.FirstBad(y0), Y: slices.Clone(y0)}
		return
	}
	for tr.reached < len(ts) && ts[tr.reached] == tr.t0 {
		copy(b.out[(tr.off+tr.reached)*d:], y0)
		tr.reached++
	}
	tr.atStart = tr.reached
	if tr.reached == len(ts) {
		return
	}
	s := slot{row: row, t: tr.t0, begin: tr.t0, dir: 1, control: b.controlOf(row), next: tr.reached, log: firstLog, log2: firstLog}
	s.final = ts[len(ts)-1]
	if s.final < s.t {
		s.dir = -1
		s.stop = len(s.stops) - 1
		for s.stop >= 0 && s.stops[s.stop].t >= s.t {
			s.passStop(s.stops)
		}
	} else {
		for s.stop < len(s.stops) && s.stops[s.stop].t <= s.t {
			s.passStop(s.stops)
		}
	}
	i := len(b.slots)
	copy(b.y[0][i*d:], y0)
	b.rows[i] = row
	b.slots = append(b.slots, s)
}

// passStop goes to the next declared stop, and notes if the trajectory stands
// on a jump.
func (s *slot) passStop(stops []stop) {
	if p := stops[s.stop]; p.t == s.t && p.jump {
		s.jump |= jumpStart
	}
	s.stop += int(s.dir)
}
