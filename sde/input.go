package sde

import (
	"fmt"
	"math"
	"slices"
)

// begin checks the input and lays out the trajectories.
func (b *Batch) begin(t0, y0 []float64, times [][]float64, seeds []uint64) error {
	n, d, m := len(t0), b.sys.Dim, b.sys.Motions
	if len(y0) != n*d {
		return fmt.Errorf("sde: %w: %d initial values for %d states of %d", ErrDimension, len(y0), n, d)
	}
	if len(times) != n || len(seeds) != n {
		return fmt.Errorf("sde: %w: times of %d trajectories and %d seeds for %d starts", ErrDimension, len(times), len(seeds), n)
	}
	for i, ts := range times {
		if err := checkTimes(i, t0[i], ts); err != nil {
			return err
		}
	}
	b.traj, b.times, b.slots = b.traj[:0], b.times[:0], b.slots[:0]
	b.kept, b.data = b.kept[:0], b.data[:0]
	for len(b.paths) < n {
		b.paths = append(b.paths, &Path{})
	}
	for i, ts := range times {
		b.traj = append(b.traj, trajectory{t0: t0[i], off: len(b.times), want: len(ts), last: -1})
		b.times = append(b.times, ts...)
		b.paths[i].reset(m, seeds[i], t0[i], b.gen)
	}
	b.y0 = append(b.y0[:0], y0...)
	b.out = resize(b.out, len(b.times)*d)
	b.makeRoom(n)
	for i := range n {
		b.open(i, y0[i*d:(i+1)*d])
	}
	return nil
}

// makeRoom sizes the matrices for n slots.
func (b *Batch) makeRoom(n int) {
	d, m := b.sys.Dim, b.sys.Motions
	b.ts, b.rows = resize(b.ts, n), resize(b.rows, n)
	b.y, b.z = resize(b.y, n*d), resize(b.z, n*d)
	for i := range b.in {
		b.in[i] = resize(b.in[i], n*d)
	}
	for i := range b.f {
		b.f[i], b.g[i] = resize(b.f[i], n*d), resize(b.g[i], n*b.width)
	}
	for r := range b.xi {
		b.xi[r] = resize(b.xi[r], n*m)
	}
}

// checkTimes reports what is wrong with the times of a trajectory.
func checkTimes(row int, t0 float64, ts []float64) error {
	if math.IsNaN(t0) || math.IsInf(t0, 0) {
		return fmt.Errorf("sde: %w: trajectory %d starts at %g", ErrTimes, row, t0)
	}
	before := t0
	for k, t := range ts {
		if math.IsNaN(t) || math.IsInf(t, 0) {
			return fmt.Errorf("sde: %w: time %d of trajectory %d is %g", ErrTimes, k, row, t)
		}
		if t < before {
			return fmt.Errorf("sde: %w: trajectory %d starts at %g and goes forwards, but its time %d is %g after %g",
				ErrTimes, row, t0, k, t, before)
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
	d := b.sys.Dim
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
	s := slot{row: row, t: tr.t0, start: tr.t0, next: tr.reached, want: b.opt.FirstStep}
	if s.want == 0 {
		s.want = (ts[len(ts)-1] - tr.t0) / 100
	}
	i := len(b.slots)
	copy(b.y[i*d:], y0)
	copy(b.z[i*d:], y0)
	b.rows[i] = row
	b.slots = append(b.slots, s)
}

// finite reports whether all of x is.
func finite(x []float64) bool {
	s := 0.0
	for _, v := range x {
		s += v * 0
	}
	return s == 0
}

// firstBad returns the first element that is not finite, or -1.
func firstBad(x []float64) int {
	return slices.IndexFunc(x, func(v float64) bool { return v*0 != 0 })
}
