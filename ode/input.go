package ode

import (
	"fmt"
	"math"
	"slices"
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
		if err := checkTimes(i, t0[i], ts); err != nil {
			return err
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
	b.out = resize(b.out, len(b.times)*d)
	b.ts, b.rows = resize(b.ts, n), resize(b.rows, n)
	if b.kinds[len(b.kinds)-1].scheme.gamma() != 0 {
		b.lin.resize(n, d)
	}
	resizeAll(n*d, b.y, b.k)
	for i := range n {
		b.open(i, y0[i*d:(i+1)*d])
	}
	return nil
}

// checkTimes reports what is wrong with the times of a trajectory.
func checkTimes(row int, t0 float64, ts []float64) error {
	if math.IsNaN(t0) || math.IsInf(t0, 0) {
		return fmt.Errorf("ode: %w: trajectory %d starts at %g", ErrTimes, row, t0)
	}
	if len(ts) == 0 {
		return nil
	}
	up := ts[len(ts)-1] >= t0
	before := t0
	for k, t := range ts {
		if math.IsNaN(t) || math.IsInf(t, 0) {
			return fmt.Errorf("ode: %w: time %d of trajectory %d is %g", ErrTimes, k, row, t)
		}
		if up && t < before || !up && t > before {
			return fmt.Errorf("ode: %w: trajectory %d goes from %g to %g, but its time %d is %g after %g",
				ErrTimes, row, t0, ts[len(ts)-1], k, t, before)
		}
		before = t
	}
	return nil
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
	if !finite(y0) {
		tr.err = &Error{Reason: ErrNonFiniteState, Row: row, T: tr.t0, Component: firstBad(y0), Y: slices.Clone(y0)}
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
