package ode

import (
	"context"
	"fmt"
	"slices"
)

// An adjointFlow integrates the adjoint equation
//
//	λ' = -λ·∂f/∂y,   p' = -λ·∂f/∂θ
//
// and for Backsolve y' = f beside it, from each output to the one before.
type adjointFlow struct {
	outer  *Batch
	solver *Batch
	params int // length of p: 0 if it is not asked for
	y, a   []float64
	gy     []float64
	f      []float64

	t0    []float64
	state []float64
	times [][]float64
	next  []int // the output, of each trajectory, from which it is to go back
	hit   []int // and the event
}

// flowBack is Backward by a continuous adjoint, up to the sum at the starts.
func (b *Batch) flowBack(dp []float64, dy [][]float64) error {
	if len(dp) != b.field.Params && dp != nil {
		return fmt.Errorf("ode: %w: dp has %d elements, but the field's Params is %d", ErrDimension, len(dp), b.field.Params)
	}
	w, d, n := &b.inner, b.field.Dim, len(b.traj)
	if err := b.openFlow(len(dp)); err != nil {
		return err
	}
	width := w.solver.field.Dim
	w.t0, w.state = resize(w.t0, n), resize(w.state, n*width)
	w.next, w.hit = resize(w.next, n), resize(w.hit, n)
	if len(w.times) < n {
		w.times = make([][]float64, n)
	}
	clear(w.state)
	for i := range b.traj {
		w.next[i], w.hit[i] = b.traj[i].reached-1, len(b.hits)-1
	}
	for {
		more := false
		for i := range b.traj {
			w.times[i] = w.times[i][:0]
			if dy[i] != nil && b.traj[i].last >= 0 && b.takeSeeds(i, dy[i]) {
				more = true
			}
		}
		if !more {
			break
		}
		if err := w.solver.Solve(context.Background(), w.t0, w.state, w.times[:n]); err != nil {
			return err
		}
		for i := range b.traj {
			if len(w.times[i]) == 0 {
				continue
			}
			if err := w.solver.Err(i); err != nil {
				return fmt.Errorf("ode: the adjoint equation failed: %w", err)
			}
			copy(w.state[i*width:(i+1)*width], w.solver.Y(i))
			w.t0[i] = w.times[i][0]
			if err := b.checkDrift(i); err != nil {
				return err
			}
		}
	}
	for i := range b.traj {
		row := w.state[i*width : (i+1)*width]
		copy(b.back.end[i*d:(i+1)*d], row[:d])
		if dp != nil {
			addScaled(dp, 1, row[d:d+w.params])
		}
	}
	b.back.rows = b.back.rows[:0]
	return nil
}

// openFlow makes the solver of the adjoint equation.
func (b *Batch) openFlow(params int) error {
	w := &b.inner
	if w.solver != nil && w.params == params {
		return nil
	}
	d := b.field.Dim
	width := d + params
	opt := Options{
		Norm: b.opt.Norm, Control: b.opt.Control, MaxStep: b.opt.MaxStep, MaxSteps: b.opt.MaxSteps,
		StepAt: b.opt.StepAt, Jumps: b.opt.Jumps, NoGradient: true,
	}
	for range width {
		opt.RTolEach = append(opt.RTolEach, slices.Min(b.rtol))
		opt.ATolEach = append(opt.ATolEach, slices.Min(b.atol))
	}
	if b.opt.Adjoint == Backsolve {
		width += d
		opt.RTolEach = append(opt.RTolEach, b.rtol...)
		opt.ATolEach = append(opt.ATolEach, b.atol...)
	}
	w.outer, w.params = b, params
	var err error
	w.solver, err = NewBatch(BatchField{Dim: width, Func: w.field}, b.method, &opt)
	return err
}

// takeSeeds adds the gradients at the time where trajectory i's adjoint
// stands to it and sets the time to go to. It reports whether there is one.
func (b *Batch) takeSeeds(i int, dy []float64) bool {
	w, d, tr := &b.inner, b.field.Dim, &b.traj[i]
	width := w.solver.field.Dim
	row := w.state[i*width : (i+1)*width]
	// The latest of what is left is either an output or an event.
	at := tr.t0
	dir := 1.0
	if b.steps[tr.first].h < 0 {
		dir = -1
	}
	for w.hit[i] >= 0 && b.hits[w.hit[i]].row != i {
		w.hit[i]--
	}
	if k := w.next[i]; k >= tr.atStart {
		at = b.times[tr.off+k]
	}
	if j := w.hit[i]; j >= 0 && (b.hits[j].t-at)*dir > 0 {
		at = b.hits[j].t
	}
	if at == tr.t0 {
		return false
	}
	for k := w.next[i]; k >= tr.atStart && b.times[tr.off+k] == at; k-- {
		addScaled(row[:d], 1, dy[k*d:(k+1)*d])
		if b.opt.Adjoint == Backsolve {
			copy(row[d+w.params:], b.out[(tr.off+k)*d:(tr.off+k+1)*d])
		}
		w.next[i] = k - 1
	}
	for j := w.hit[i]; j >= 0; j-- {
		h := &b.hits[j]
		if h.row != i {
			continue
		}
		if h.t != at {
			break
		}
		if h.seed >= 0 {
			addScaled(row[:d], 1, b.seeds[h.seed:h.seed+d])
		}
		if b.opt.Adjoint == Backsolve {
			copy(row[d+w.params:], b.hitY[h.y:h.y+d])
		}
		w.hit[i] = j - 1
	}
	w.t0[i] = at
	to := tr.t0
	if k := w.next[i]; k >= tr.atStart {
		to = b.times[tr.off+k]
	}
	for j := w.hit[i]; j >= 0; j-- {
		if h := &b.hits[j]; h.row == i {
			if (h.t-to)*dir > 0 {
				to = h.t
			}
			break
		}
	}
	w.times[i] = append(w.times[i], to)
	return true
}

// field is the right-hand side of the adjoint equation.
func (w *adjointFlow) field(dst []float64, rows []int, t, z []float64) error {
	b := w.outer
	m, d, width := len(rows), b.field.Dim, w.solver.field.Dim
	w.y, w.a, w.gy = resize(w.y, m*d), resize(w.a, m*d), resize(w.gy, m*d)
	for i, row := range rows {
		copy(w.a[i*d:(i+1)*d], z[i*width:])
		y := w.y[i*d : (i+1)*d]
		if b.opt.Adjoint == Backsolve {
			copy(y, z[i*width+d+w.params:])
		} else {
			b.at(y, &b.steps[b.find(row, t[i])], t[i])
		}
		b.traj[row].stats.VJPs++
	}
	clear(w.gy)
	clear(dst)
	if w.params == 0 {
		if err := b.field.VJP(w.gy, nil, rows, t, w.y, w.a); err != nil {
			return err
		}
	} else {
		for i := range rows {
			lo, hi := i*d, (i+1)*d
			p := dst[i*width+d : i*width+d+w.params]
			if err := b.field.VJP(w.gy[lo:hi], p, rows[i:i+1], t[i:i+1], w.y[lo:hi], w.a[lo:hi]); err != nil {
				return err
			}
		}
	}
	for i := range rows {
		row := dst[i*width : (i+1)*width]
		copy(row, w.gy[i*d:(i+1)*d])
		for j := range row[:d+w.params] {
			row[j] = -row[j]
		}
	}
	if b.opt.Adjoint != Backsolve {
		return nil
	}
	w.f = resize(w.f, m*d)
	for _, row := range rows {
		b.traj[row].stats.Calls++
	}
	if err := b.field.Func(w.f, rows, t, w.y); err != nil {
		return err
	}
	for i := range rows {
		copy(dst[i*width+d+w.params:(i+1)*width], w.f[i*d:])
	}
	return nil
}

// checkDrift compares the state that Backsolve has come back to with the one
// it should have.
func (b *Batch) checkDrift(i int) error {
	if b.opt.Adjoint != Backsolve {
		return nil
	}
	w, d, tr := &b.inner, b.field.Dim, &b.traj[i]
	width := w.solver.field.Dim
	back := w.state[i*width+d+w.params : (i+1)*width]
	want := b.y0[i*d : (i+1)*d]
	if k := w.next[i]; k >= tr.atStart && b.times[tr.off+k] == w.t0[i] {
		want = b.out[(tr.off+k)*d : (tr.off+k+1)*d]
	} else {
		for _, h := range b.hits {
			if h.row == i && h.t == w.t0[i] {
				want = b.hitY[h.y : h.y+d]
			}
		}
	}
	for j := range want {
		b.dif[j] = back[j] - want[j]
	}
	drift := b.size(b.dif, want)
	tr.stats.Drift = max(tr.stats.Drift, drift)
	limit := b.opt.MaxDrift
	if limit == 0 {
		limit = defaultMaxDrift
	}
	if !(drift <= limit) {
		return &Error{
			Reason: ErrDrift, Cause: fmt.Errorf("%g times the tolerance", drift),
			Row: i, T: w.t0[i], Component: -1, Y: slices.Clone(back),
		}
	}
	return nil
}
