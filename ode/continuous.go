package ode

import (
	"context"
	"fmt"
	"math"
	"slices"

	"tsgen/internal/solver"
)

// An adjointFlow integrates the adjoint equation
//
//	λ' = -λ·∂f/∂y
//
// and for Backsolve y' = f beside it, from each output or event to the one
// before. The gradient with respect to the parameters, ∫λ·∂f/∂θ dt, is no
// unknown of it: it is taken by quadrature over the steps (see quadrature).
type adjointFlow struct {
	outer  *Batch
	solver *Batch
	y, a   []float64
	gy     []float64
	f      []float64

	t0    []float64
	state []float64
	times [][]float64
	own   []Row
	next  []int // the output, of each trajectory, from which it is to go back
	hit   []int // and the event, as numbered among the trajectory's

	nodes nodes
}

// flowBack is Backward by a continuous adjoint, up to the sum at the starts.
func (b *Batch) flowBack(ctx context.Context, dp []float64, dy [][]float64) error {
	if len(dp) != b.field.Params && dp != nil {
		return fmt.Errorf("ode: %w: dp has %d elements, but the field's Params is %d", ErrDimension, len(dp), b.field.Params)
	}
	w, d, n := &b.inner, b.field.Dim, len(b.traj)
	if err := b.openFlow(); err != nil {
		return err
	}
	width := w.solver.field.Dim
	w.t0, w.state = solver.Resize(w.t0, n), solver.Resize(w.state, n*width)
	w.next, w.hit = solver.Resize(w.next, n), solver.Resize(w.hit, n)
	if len(w.times) < n {
		w.times = make([][]float64, n)
	}
	clear(w.state)
	for i := range b.traj {
		w.next[i], w.hit[i] = b.traj[i].reached-1, len(b.hitsOf(i))-1
	}
	for {
		more := false
		for i := range b.traj {
			w.times[i] = w.times[i][:0]
			if dy[i] == nil || b.traj[i].last < 0 {
				continue
			}
			some, err := b.takeSeeds(i, dp, dy[i])
			if err != nil {
				return err
			}
			more = more || some
		}
		if !more {
			break
		}
		if err := w.solver.Solve(ctx, w.t0, w.state, w.times[:n]); err != nil {
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
		if dp != nil {
			if err := w.quadrature(dp); err != nil {
				return err
			}
		}
	}
	for i := range b.traj {
		copy(b.back.end[i*d:(i+1)*d], w.state[i*width:i*width+d])
	}
	b.back.rows = b.back.rows[:0]
	return nil
}

// openFlow makes the solver of the adjoint equation and gives its rows what the
// trajectories have of their own: a reset is a jump to it.
func (b *Batch) openFlow() error {
	w, d := &b.inner, b.field.Dim
	if w.solver == nil {
		opt := Options{
			Norm: b.opt.Norm, Control: b.opt.Control, MaxStep: b.opt.MaxStep, MaxSteps: b.opt.MaxSteps,
			StepAt: b.opt.StepAt, Jumps: b.opt.Jumps, Dense: true, NoGradient: true,
		}
		width := d
		if b.opt.Adjoint == Backsolve {
			width += d
		}
		w.outer = b
		var err error
		if w.solver, err = NewBatch(BatchField{Dim: width, Func: w.field}, b.method, &opt); err != nil {
			return err
		}
	}
	w.own = w.own[:0]
	for i := range b.traj {
		c := b.controlOf(i)
		r := Row{MaxStep: c.maxStep}
		for range d {
			r.RTolEach = append(r.RTolEach, slices.Min(c.rtol))
			r.ATolEach = append(r.ATolEach, slices.Min(c.atol))
		}
		if b.opt.Adjoint == Backsolve {
			r.RTolEach, r.ATolEach = append(r.RTolEach, c.rtol...), append(r.ATolEach, c.atol...)
		}
		if len(b.own) > 0 {
			for _, s := range c.stops {
				if s.jump {
					r.Jumps = append(r.Jumps, s.t)
				} else {
					r.StepAt = append(r.StepAt, s.t)
				}
			}
		}
		for _, k := range b.hitsOf(i) {
			if h := &b.hits[k]; b.opt.Events[h.event].Reset != nil {
				r.Jumps = append(r.Jumps, h.t)
			}
		}
		w.own = append(w.own, r)
	}
	return w.solver.SetRows(w.own)
}

// takeSeeds adds the gradients at the time where trajectory i's adjoint
// stands to it and sets the time to go to. It reports whether there is one.
func (b *Batch) takeSeeds(i int, dp, dy []float64) (bool, error) {
	w, d, tr := &b.inner, b.field.Dim, &b.traj[i]
	width := w.solver.field.Dim
	row := w.state[i*width : (i+1)*width]
	hits := b.hitsOf(i)
	dir := 1.0
	if b.steps[tr.first].h < 0 {
		dir = -1
	}
	// latest returns the latest of what is left, an output, an event or the start.
	latest := func() float64 {
		at := tr.t0
		if k := w.next[i]; k >= tr.atStart {
			at = b.times[tr.off+k]
		}
		if j := w.hit[i]; j >= 0 && (b.hits[hits[j]].t-at)*dir > 0 {
			at = b.hits[hits[j]].t
		}
		return at
	}
	at := latest()
	if at == tr.t0 {
		return false, nil
	}
	for ; w.hit[i] >= 0 && b.hits[hits[w.hit[i]]].t == at; w.hit[i]-- {
		h := &b.hits[hits[w.hit[i]]]
		if b.opt.Events[h.event].Reset != nil {
			if err := b.pullReset(h, row[:d], dp); err != nil {
				return false, err
			}
		}
		if h.seed >= 0 {
			solver.AddScaled(row[:d], 1, b.seeds[h.seed:h.seed+d])
		}
		b.pullEvent(h, dp)
		if b.opt.Adjoint == Backsolve {
			copy(row[d:], b.hitY[h.y:h.y+d])
		}
	}
	for k := w.next[i]; k >= tr.atStart && b.times[tr.off+k] == at; k-- {
		solver.AddScaled(row[:d], 1, dy[k*d:(k+1)*d])
		if b.opt.Adjoint == Backsolve {
			copy(row[d:], b.out[(tr.off+k)*d:(tr.off+k+1)*d])
		}
		w.next[i] = k - 1
	}
	w.t0[i] = at
	// What the solution could do in a step, the adjoint can for a beginning.
	w.solver.own[i].firstStep = math.Abs(b.steps[b.find(i, at)].h)
	w.times[i] = append(w.times[i], latest())
	return true, nil
}

// field is the right-hand side of the adjoint equation.
func (w *adjointFlow) field(dst []float64, rows []int, t, z []float64) error {
	b := w.outer
	m, d, width := len(rows), b.field.Dim, w.solver.field.Dim
	w.y, w.a, w.gy = solver.Resize(w.y, m*d), solver.Resize(w.a, m*d), solver.Resize(w.gy, m*d)
	for i, row := range rows {
		copy(w.a[i*d:(i+1)*d], z[i*width:])
		y := w.y[i*d : (i+1)*d]
		if b.opt.Adjoint == Backsolve {
			copy(y, z[i*width+d:])
		} else {
			b.at(y, &b.steps[b.find(row, t[i])], t[i])
		}
		b.traj[row].stats.VJPs++
	}
	clear(w.gy)
	if err := b.field.VJP(w.gy, nil, rows, t, w.y, w.a); err != nil {
		return err
	}
	for i := range rows {
		row := dst[i*width : (i+1)*width]
		for j, x := range w.gy[i*d : (i+1)*d] {
			row[j] = -x
		}
	}
	if b.opt.Adjoint != Backsolve {
		return nil
	}
	w.f = solver.Resize(w.f, m*d)
	for _, row := range rows {
		b.traj[row].stats.Calls++
	}
	if err := b.field.Func(w.f, rows, t, w.y); err != nil {
		return err
	}
	for i := range rows {
		copy(dst[i*width+d:(i+1)*width], w.f[i*d:])
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
	back := w.state[i*width+d : (i+1)*width]
	want := b.y0[i*d : (i+1)*d]
	hits := b.hitsOf(i)
	if k := w.next[i]; k >= tr.atStart && b.times[tr.off+k] == w.t0[i] {
		want = b.out[(tr.off+k)*d : (tr.off+k+1)*d]
	} else if j := w.hit[i]; j >= 0 && b.hits[hits[j]].t == w.t0[i] {
		h := &b.hits[hits[j]]
		want = b.hitY[h.y : h.y+d]
		if ev := &b.opt.Events[h.event]; ev.Reset != nil {
			b.after = solver.Resize(b.after, d)
			copy(b.after, want)
			ev.Reset(i, h.t, b.after)
			want = b.after
		}
	}
	for j := range want {
		b.dif[j] = back[j] - want[j]
	}
	drift := b.size(b.controlOf(i), b.dif, want)
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
