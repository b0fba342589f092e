package sde

import (
	"fmt"
	"slices"

	"tsgen/internal/solver"
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
		if err := solver.CheckTimes(i, t0[i], ts, false); err != nil {
			return fmt.Errorf("sde: %w", err)
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
	b.out = solver.Resize(b.out, len(b.times)*d)
	b.makeRoom(n)
	for i := range n {
		b.open(i, y0[i*d:(i+1)*d])
	}
	return nil
}

// makeRoom sizes the matrices for n slots.
func (b *Batch) makeRoom(n int) {
	d, m := b.sys.Dim, b.sys.Motions
	b.ts, b.rows = solver.Resize(b.ts, n), solver.Resize(b.rows, n)
	b.y, b.z = solver.Resize(b.y, n*d), solver.Resize(b.z, n*d)
	for i := range b.in {
		b.in[i] = solver.Resize(b.in[i], n*d)
	}
	for i := range b.f {
		b.f[i], b.g[i] = solver.Resize(b.f[i], n*d), solver.Resize(b.g[i], n*b.width)
	}
	for r := range b.xi {
		b.xi[r] = solver.Resize(b.xi[r], n*m)
	}
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
