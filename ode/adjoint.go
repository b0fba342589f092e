package ode

import (
	"context"
	"fmt"
	"slices"

	"tsgen/internal/solver"
)

// A sweep is the workspace of the backward pass. Its slots are the
// trajectories that have steps left.
type sweep struct {
	rows                []int
	reached             []int // outputs of each trajectory
	cur                 []int // step of each slot
	ts                  []float64
	lam                 []float64   // adjoints of the steps' ends
	past                []float64   // sums of the gradients of outputs within the steps, where those come by parts
	y                   []float64   // inputs of a stage
	x                   [][]float64 // of all stages; those of wide systems are y, one after another
	kap                 [][]float64 // adjoints of the stages' values, begun with the outputs' parts
	gy                  [][]float64 // adjoints of the stages' inputs; gy[len(c)] is lam
	inputs              [][]float64 // the same without lam, for any method
	waiting, waitingCur []int       // trajectories whose step is another method's
	waitingLam          []float64
	deep                []int // slots whose step has outputs within
	sub                 subset
	bent                []float64 // adjoints of the steps' beginnings through the Jacobians there
	rate                []float64 // adjoints of the derivatives with respect to time there
	end                 []float64 // adjoints at the trajectories' starts, by row
}

// Backward adds to dy0 (n×Dim) and dp (Params) the gradient with respect to
// the initial states and the parameters of a function of the last Solve's
// states, whose gradient with respect to [Batch.Y](i) is dy[i]. Each of dy0
// and dp, and a dy[i], may be nil. The field must be what it was in Solve. After
// an error what is in dp is of no use;
// dy0 is then as it was.
//
// With the Discrete adjoint it is the exact gradient of what Solve computed,
// the sizes of the steps being taken as constants: that of the method and of
// its interpolant (Hager, Numer. Math. 87, 2000). A step costs as many
// vector-Jacobian products as the method has stages, and one more, or for
// [DOP853] four, if outputs lie within it.
func (b *Batch) Backward(dy0, dp []float64, dy [][]float64) error {
	return b.BackwardContext(context.Background(), dy0, dp, dy)
}

// BackwardContext is Backward that stops with [ErrCanceled] when ctx is done.
func (b *Batch) BackwardContext(ctx context.Context, dy0, dp []float64, dy [][]float64) error {
	if err := b.checkBackward(dy0, dp, dy); err != nil {
		return err
	}
	defer b.dropSeeds()
	d := b.field.Dim
	for i := range b.traj {
		if !b.checked && dy[i] != nil && b.traj[i].first >= 0 {
			if err := b.checkVJP(i); err != nil {
				return err
			}
			b.checked = true
		}
	}
	b.openSweep(dy)
	if b.opt.Adjoint != Discrete {
		if err := b.flowBack(ctx, dp, dy); err != nil {
			return err
		}
	}
	for len(b.back.rows)+len(b.back.waiting) > 0 {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("ode: %w: %w", ErrCanceled, err)
		}
		if err := b.stepBack(dp, dy); err != nil {
			return err
		}
	}
	if !solver.Finite(b.back.end) || !solver.Finite(dp) {
		return fmt.Errorf("ode: %w: the field's VJP overflows or is not defined on the solution", ErrNonFiniteGradient)
	}
	if dy0 == nil {
		return nil
	}
	for i := range b.traj {
		if dy[i] == nil {
			continue
		}
		row := dy0[i*d : (i+1)*d]
		solver.AddScaled(row, 1, b.back.end[i*d:(i+1)*d])
		for k := range b.traj[i].atStart {
			solver.AddScaled(row, 1, dy[i][k*d:(k+1)*d])
		}
	}
	return nil
}

func (b *Batch) checkBackward(dy0, dp []float64, dy [][]float64) error {
	switch {
	case b.field.VJP == nil:
		return fmt.Errorf("ode: %w: the field has no VJP", ErrNoGradient)
	case b.opt.NoGradient:
		return fmt.Errorf("ode: %w: the solve was told to keep nothing for one", ErrNoGradient)
	}
	b.back.reached = b.back.reached[:0]
	for i := range b.traj {
		b.back.reached = append(b.back.reached, b.traj[i].reached)
	}
	if err := solver.CheckGradient(dy0, dp, dy, b.back.reached, b.field.Dim, b.field.Params); err != nil {
		return fmt.Errorf("ode: %w", err)
	}
	return nil
}

// openSweep puts every trajectory that has a gradient to carry into a slot.
func (b *Batch) openSweep(dy [][]float64) {
	w, n, d := &b.back, len(b.traj), b.field.Dim
	stages := len(b.y)
	w.rows, w.cur = w.rows[:0], w.cur[:0]
	w.waiting, w.waitingCur, w.waitingLam = w.waiting[:0], w.waitingCur[:0], w.waitingLam[:0]
	for i := range b.traj {
		if dy[i] != nil && b.traj[i].last >= 0 {
			// What follows the last output has no part in it.
			at := b.traj[i].last
			for at >= 0 && !b.matters(i, &b.steps[at]) {
				at = b.steps[at].prev
			}
			if at >= 0 {
				w.rows = append(w.rows, i)
				w.cur = append(w.cur, at)
			}
		}
	}
	if len(w.inputs) != stages {
		w.kap, w.inputs, w.x = make([][]float64, stages), make([][]float64, stages), make([][]float64, stages)
	}
	solver.ResizeAll(n*d, w.kap, w.inputs)
	w.past = solver.Resize(w.past, n*d)
	w.lam, w.y, w.ts, w.end = solver.Resize(w.lam, n*d), solver.Resize(w.y, n*d), solver.Resize(w.ts, n), solver.Resize(w.end, n*d)
	if d < wide {
		solver.ResizeAll(n*d, w.x)
	} else {
		for st := range w.x {
			w.x[st] = w.y
		}
	}
	b.mapSweep()
	clear(w.lam)
	clear(w.end)
}

// matters reports whether something of a step goes into a gradient.
func (b *Batch) matters(row int, p *step) bool {
	return p.out < b.traj[row].reached && p.inside+p.atEnd > 0 || p.hits > 0 || b.opt.StepCost != nil
}

// stepBack carries the adjoints over the last step left of every trajectory.
func (b *Batch) stepBack(dp []float64, dy [][]float64) error {
	w := &b.back
	b.sortSweep()
	if b.cache.on {
		if err := b.refill(); err != nil {
			return err
		}
	}
	if err := b.takeOutputs(dp, dy); err != nil {
		return err
	}
	b.fetch()
	first := b.scheme.s - 1
	switch {
	case b.scheme.diag != 0:
		first++
	case b.scheme.linear == nil:
		for st := len(b.scheme.c) - 1; st > first; st-- {
			if err := b.pullSome(st, dp); err != nil {
				return err
			}
		}
	}
	if b.scheme.linear != nil {
		if err := b.openLinear(); err != nil {
			return err
		}
	}
	for st := first; st >= 0; st-- {
		for i := range w.rows {
			b.gather(st, i)
		}
		if b.scheme.gamma() != 0 {
			if err := b.pullImplicit(st, dp); err != nil {
				return err
			}
		}
		if err := b.pull(st, len(w.rows), w.rows, w.ts, w.x[st], w.kap[st], w.gy[st], dp); err != nil {
			return err
		}
	}
	if b.scheme.linear != nil {
		if err := b.pullProbe(dp); err != nil {
			return err
		}
	}
	for i, row := range w.rows {
		b.sumBack(i, dy[row])
		w.cur[i] = b.steps[w.cur[i]].prev
	}
	b.closeSlots()
	return nil
}

// sumBack adds to the adjoint of the i-th trajectory of the sweep, at the beginning of its
// step, what comes from the outputs and events within it, and from its stages.
func (b *Batch) sumBack(i int, dy []float64) {
	w, d := &b.back, b.field.Dim
	lo := i * d
	lam := w.lam[lo : lo+d]
	p := &b.steps[w.cur[i]]
	if b.deep(p) {
		if b.byParts(p.inside) {
			solver.AddScaled(lam, 1, w.past[lo:lo+d])
		} else {
			for k := p.out; k < p.out+p.inside; k++ {
				solver.AddScaled(lam, 1, dy[k*d:(k+1)*d])
			}
		}
		for j := p.hit; j < p.hit+p.hits; j++ {
			if at := b.hits[j].seed; at >= 0 {
				solver.AddScaled(lam, 1, b.seeds[at:at+d])
			}
		}
	}
	stages := b.scheme.s
	if b.scheme.diag != 0 || b.scheme.linear == nil && b.deep(p) {
		stages = len(b.scheme.c)
	}
	for st := range stages {
		solver.AddScaled(lam, 1, w.gy[st][lo:lo+d])
	}
	if b.scheme.linear != nil {
		solver.AddScaled(lam, 1, w.bent[lo:lo+d])
	}
}

// takeOutputs adds the gradients of the outputs at the steps' ends to lam and
// begins kap with those of the outputs within.
func (b *Batch) takeOutputs(dp []float64, dy [][]float64) error {
	w, d := &b.back, b.field.Dim
	w.deep = w.deep[:0]
	for i, row := range w.rows {
		p := &b.steps[w.cur[i]]
		lo := i * d
		if p.cut {
			if err := b.pullReset(&b.hits[p.hit+p.hits-1], w.lam[lo:lo+d], dp); err != nil {
				return err
			}
		}
		for k := p.out + p.inside; k < p.out+p.inside+p.atEnd; k++ {
			solver.AddScaled(w.lam[lo:lo+d], 1, dy[row][k*d:(k+1)*d])
		}
		if !b.deep(p) {
			continue
		}
		w.deep = append(w.deep, i)
		if b.byParts(p.inside) {
			b.spreadByParts(lo, p, b.times[b.traj[row].off:], dy[row])
		} else {
			for st := range w.kap {
				clear(w.kap[st][lo : lo+d])
			}
			for k := p.out; k < p.out+p.inside; k++ {
				theta := p.theta(b.times[b.traj[row].off+k])
				b.spread(lo, p.h, theta, dy[row][k*d:(k+1)*d])
			}
		}
		if b.opt.StepCost != nil {
			b.spreadCost(lo, p)
		}
		for j := p.hit; j < p.hit+p.hits; j++ {
			if at := b.hits[j].seed; at >= 0 {
				b.spread(lo, p.h, b.hits[j].theta, b.seeds[at:at+d])
			}
			b.pullEvent(&b.hits[j], dp)
		}
	}
	return nil
}

// spread adds the gradient g of the interpolant at theta to the adjoints of
// the stages' values.
func (b *Batch) spread(lo int, h, theta float64, g []float64) {
	b.scheme.weights(b.w, theta)
	half := len(g)
	if b.scheme.second != nil {
		half /= 2
	}
	for _, st := range b.scheme.mixed {
		solver.AddScaled(b.back.kap[st][lo:lo+half], h*b.w[st], g[:half])
	}
	if b.scheme.second == nil {
		return
	}
	b.scheme.weightsOf(b.scheme.second, b.w, theta)
	for _, st := range b.scheme.mixed {
		solver.AddScaled(b.back.kap[st][lo+half:lo+len(g)], h*b.w[st], g[half:])
	}
}

// fetch copies the inputs of the stages of a narrow system's steps to be carried back, of each step
// those of all stages at once: they lie in memory that the cache may not hold.
func (b *Batch) fetch() {
	w, d := &b.back, b.field.Dim
	if d >= wide {
		return
	}
	for i, row := range w.rows {
		p := &b.steps[w.cur[i]]
		for st := range min(b.rowsKept(p), len(b.scheme.c)) {
			dst, src := w.x[st][i*d:(i+1)*d], b.input(row, p, st)[:d]
			for j := range dst {
				dst[j] = src[j]
			}
		}
	}
}

// gather completes the adjoint of slot i's stage st and fetches the stage's
// time, and its input if that is wide.
func (b *Batch) gather(st, i int) {
	w, d := &b.back, b.field.Dim
	p := &b.steps[w.cur[i]]
	lo := i * d
	kap := w.kap[st][lo : lo+d]
	if b.deep(p) {
		combine(kap, kap, p.h, &b.scheme.columnDense[st], w.gy, lo)
	} else {
		combine(kap, b.zero, p.h, &b.scheme.column[st], w.gy, lo)
	}
	w.ts[i] = stageTime(b.scheme.c[st], p.t, p.h, p.end, p.jump)
	if d >= wide {
		copy(w.x[st][lo:lo+d], b.input(w.rows[i], p, st))
	}
}

// pull sets gy to a·∂f/∂y at y and adds a·∂f/∂θ to dp, for m rows.
func (b *Batch) pull(st, m int, rows []int, ts, y, a, gy, dp []float64) error {
	n := m * b.field.Dim
	clear(gy[:n])
	for _, row := range rows {
		b.traj[row].stats.VJPs++
	}
	return fieldError(b.field.VJP(gy[:n], dp, rows[:m], ts[:m], y[:n], a[:n]))
}

// pullSome is the part of stepBack for a stage that outputs within a step
// alone make use of.
func (b *Batch) pullSome(st int, dp []float64) error {
	w, sub, d := &b.back, &b.back.sub, b.field.Dim
	n := len(w.deep)
	if n == 0 {
		return nil
	}
	for _, i := range w.deep {
		b.gather(st, i)
	}
	if n == len(w.rows) {
		return b.pull(st, n, w.rows, w.ts, w.x[st], w.kap[st], w.gy[st], dp)
	}
	sub.rows, sub.ts = solver.Resize(sub.rows, n), solver.Resize(sub.ts, n)
	sub.y, sub.k = solver.Resize(sub.y, 2*n*d), solver.Resize(sub.k, n*d)
	y, a := sub.y[:n*d], sub.y[n*d:]
	for j, i := range w.deep {
		sub.rows[j], sub.ts[j] = w.rows[i], w.ts[i]
		copy(y[j*d:(j+1)*d], w.x[st][i*d:])
		copy(a[j*d:(j+1)*d], w.kap[st][i*d:])
	}
	if err := b.pull(st, n, sub.rows, sub.ts, y, a, sub.k, dp); err != nil {
		return err
	}
	for j, i := range w.deep {
		copy(w.gy[st][i*d:(i+1)*d], sub.k[j*d:])
	}
	return nil
}

// closeSlots takes out the trajectories that have reached their start.
func (b *Batch) closeSlots() {
	w, d := &b.back, b.field.Dim
	if !slices.Contains(w.cur, -1) {
		return
	}
	m := 0
	for i, row := range w.rows {
		lam := w.lam[i*d : (i+1)*d]
		if w.cur[i] < 0 {
			copy(w.end[row*d:(row+1)*d], lam)
			continue
		}
		w.rows[m], w.cur[m] = row, w.cur[i]
		copy(w.lam[m*d:(m+1)*d], lam)
		m++
	}
	w.rows, w.cur = w.rows[:m], w.cur[:m]
}
