package sde

import (
	"fmt"
	"slices"

	"tsgen/internal/solver"
)

// A sweep is the workspace of the backward pass. Its slots are the
// trajectories that have steps left.
type sweep struct {
	rows    []int
	reached []int // outputs of each trajectory
	cur     []int // step of each slot
	ts      []float64
	lam     []float64   // adjoints of the steps' ends
	mu      []float64   // and of their second states
	y       []float64   // a stage's states
	adj     [][]float64 // adjoints of the stages' states; the last is lam
	kf, kg  [][]float64 // adjoints of the stages' drifts and diffusions
	cf, cg  []float64   // those of stage 0, left to the step before
	some    []int       // slots whose stage 0 is not left to the step before
	sub     subset
	end     []float64 // adjoints at the trajectories' starts, by row

	// What Recompute solves again, by row.
	window []float64
	lo, hi []int // numbers of the steps in the window, hi excluded
	chain  []int // records from the window's first to the current one
}

// A subset holds some rows of matrices without gaps.
type subset struct {
	rows            []int
	ts, y, a, af, g []float64
}

// Backward adds to dy0 (n×Dim) and dp (Params) the gradient with respect to
// the initial states and the parameters of a function of the last Solve's
// states, whose gradient with respect to [Batch.Y](i) is dy[i]. Each of dy0 and
// dp, and a dy[i], may be nil. The system must be what it was in Solve. After an
// error what is in dp is of no use; dy0 is then as it was.
//
// It is the exact gradient of what Solve computed along the same paths, the
// sizes of the steps being taken as constants. A step costs a product for each
// evaluation of the way forward.
func (b *Batch) Backward(dy0, dp []float64, dy [][]float64) error {
	if err := b.checkBackward(dy0, dp, dy); err != nil {
		return err
	}
	d := b.sys.Dim
	for i := range b.traj {
		if !b.checked && dy[i] != nil && b.traj[i].last >= 0 {
			if err := b.checkVJP(i); err != nil {
				return err
			}
			b.checked = true
		}
	}
	b.openSweep(dy)
	for len(b.back.rows) > 0 {
		if b.opt.Recompute > 0 {
			if err := b.refill(); err != nil {
				return err
			}
		}
		if err := b.stepBack(dp, dy); err != nil {
			return err
		}
	}
	if !solver.Finite(b.back.end) || !solver.Finite(dp) {
		return fmt.Errorf("sde: %w: the system's products overflow or are not defined on the solution", ErrNonFiniteGradient)
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
	case b.sys.DriftVJP == nil:
		return fmt.Errorf("sde: %w: the system has no products", ErrNoGradient)
	case b.opt.NoGradient:
		return fmt.Errorf("sde: %w: the solve was told to keep nothing for one", ErrNoGradient)
	}
	b.back.reached = b.back.reached[:0]
	for i := range b.traj {
		b.back.reached = append(b.back.reached, b.traj[i].reached)
	}
	if err := solver.CheckGradient(dy0, dp, dy, b.back.reached, b.sys.Dim, b.sys.Params); err != nil {
		return fmt.Errorf("sde: %w", err)
	}
	return nil
}

// openSweep puts every trajectory that has a gradient to carry into a slot.
func (b *Batch) openSweep(dy [][]float64) {
	w, n, d := &b.back, len(b.traj), b.sys.Dim
	w.rows, w.cur = w.rows[:0], w.cur[:0]
	for i := range b.traj {
		if dy[i] == nil {
			continue
		}
		at := b.traj[i].last
		for at >= 0 && b.kept[at].outs == 0 {
			at = b.kept[at].prev // what follows the last output has no part in it
		}
		if at >= 0 {
			w.rows, w.cur = append(w.rows, i), append(w.cur, at)
		}
	}
	for s := range w.adj {
		w.adj[s] = solver.Resize(w.adj[s], n*d)
	}
	for s := range w.kf {
		w.kf[s], w.kg[s] = solver.Resize(w.kf[s], n*d), solver.Resize(w.kg[s], n*b.width)
	}
	w.lam, w.mu, w.y, w.end = w.adj[len(w.adj)-1], solver.Resize(w.mu, n*d), solver.Resize(w.y, n*d), solver.Resize(w.end, n*d)
	w.cf, w.cg, w.ts = solver.Resize(w.cf, n*d), solver.Resize(w.cg, n*b.width), solver.Resize(w.ts, n)
	w.lo, w.hi = solver.Resize(w.lo, n), solver.Resize(w.hi, n)
	clear(w.lam)
	clear(w.mu)
	clear(w.end)
	clear(w.cf)
	clear(w.cg)
	clear(w.lo)
	clear(w.hi)
	w.window = solver.Resize(w.window, n*b.opt.Recompute*b.room)
	w.chain = solver.Resize(w.chain, n*b.opt.Recompute)
}

// stepBack carries the adjoints over the last step left of every trajectory.
func (b *Batch) stepBack(dp []float64, dy [][]float64) error {
	w, d, m := &b.back, b.sys.Dim, b.sys.Motions
	for i, row := range w.rows {
		r := &b.kept[w.cur[i]]
		for k := r.out; k < r.out+r.outs; k++ {
			solver.AddScaled(w.lam[i*d:(i+1)*d], 1, dy[row][k*d:(k+1)*d])
		}
		random := b.stagesOf(i)[(len(b.in)-1)*d:]
		copy(b.xi[xiW][i*m:(i+1)*m], random)
		copy(b.xi[xiArea][i*m:(i+1)*m], random[m:])
		b.derive(i, r.h)
	}
	for st := len(b.in) - 2; st >= 0; st-- {
		if err := b.stageBack(st, dp); err != nil {
			return err
		}
	}
	for i := range w.rows {
		b.toStates(i)
		w.cur[i] = b.kept[w.cur[i]].prev
	}
	b.closeSlots()
	return nil
}

// stagesOf returns what keepStages kept of slot i's step.
func (b *Batch) stagesOf(i int) []float64 {
	w := &b.back
	r := &b.kept[w.cur[i]]
	if every := b.opt.Recompute; every > 0 {
		row := w.rows[i]
		at := (row*every + r.num - w.lo[row]) * b.room
		return w.window[at : at+b.room]
	}
	return b.data[r.data : r.data+b.room]
}

// stageBack sets the adjoint of the state of stage st of every slot.
func (b *Batch) stageBack(st int, dp []float64) error {
	w, d := &b.back, b.sys.Dim
	p, aux := &b.method.stages[st], b.method.aux
	w.some = w.some[:0]
	for i := range w.rows {
		r := &b.kept[w.cur[i]]
		w.ts[i] = r.t + p.c*r.h
		if p.c == 1 {
			w.ts[i] = r.end
		}
		copy(w.y[i*d:(i+1)*d], b.stagesOf(i)[st*d:])
		b.gather(st, i)
		if aux == 0 || st > 0 || r.prev < 0 {
			w.some = append(w.some, i)
		}
	}
	clear(w.adj[st][:len(w.rows)*d])
	if err := b.products(st, dp); err != nil {
		return err
	}
	if aux > 0 && st == aux {
		solver.AddScaled(w.adj[st][:len(w.rows)*d], 1, w.mu)
	}
	return nil
}

// gather sets the adjoints of slot i's drift and diffusion of stage st.
func (b *Batch) gather(st, i int) {
	w, d, m := &b.back, b.sys.Dim, b.width
	kf, kg := w.kf[st][i*d:(i+1)*d], w.kg[st][i*m:(i+1)*m]
	clear(kf)
	clear(kg)
	h := b.kept[w.cur[i]].h
	for _, a := range b.scheme.driftTo[st] {
		solver.AddScaled(kf, h*a.c, w.adj[a.j][i*d:(i+1)*d])
	}
	for _, g := range b.scheme.noiseTo[st] {
		b.mixXi(b.q, g.w, i)
		b.pullNoise(kg, w.adj[g.j][i*d:(i+1)*d], b.q)
	}
	switch aux := b.method.aux; {
	case aux > 0 && st == aux:
		solver.AddScaled(kf, 1, w.cf[i*d:(i+1)*d])
		solver.AddScaled(kg, 1, w.cg[i*m:(i+1)*m])
	case aux > 0 && st == 0:
		copy(w.cf[i*d:(i+1)*d], kf)
		copy(w.cg[i*m:(i+1)*m], kg)
	}
}

// products adds to the adjoint of stage st's states what comes of its drifts
// and diffusions, for the slots in some.
func (b *Batch) products(st int, dp []float64) error {
	w, d, m := &b.back, b.sys.Dim, b.width
	p := &b.method.stages[st]
	n := len(w.some)
	if n == 0 {
		return nil
	}
	rows, ts, y, kf, kg, adj := w.rows, w.ts[:n], w.y[:n*d], w.kf[st], w.kg[st], w.adj[st]
	packed := n < len(w.rows)
	if packed {
		s := &w.sub
		s.rows, s.ts, s.y = solver.Resize(s.rows, n), solver.Resize(s.ts, n), solver.Resize(s.y, n*d)
		s.af, s.a, s.g = solver.Resize(s.af, n*d), solver.Resize(s.a, n*m), solver.Resize(s.g, n*d)
		for j, i := range w.some {
			s.rows[j], s.ts[j] = w.rows[i], w.ts[i]
			copy(s.y[j*d:(j+1)*d], w.y[i*d:])
			copy(s.af[j*d:(j+1)*d], kf[i*d:])
			copy(s.a[j*m:(j+1)*m], kg[i*m:])
		}
		clear(s.g)
		rows, ts, y, kf, kg, adj = s.rows, s.ts, s.y, s.af, s.a, s.g
	}
	if p.drift {
		if err := b.sys.DriftVJP(adj[:n*d], dp, rows, ts, y, kf[:n*d]); err != nil {
			return systemError(err)
		}
	}
	if p.noise {
		if err := b.sys.DiffusionVJP(adj[:n*d], dp, rows, ts, y, kg[:n*m]); err != nil {
			return systemError(err)
		}
	}
	for j, i := range w.some {
		st := &b.traj[w.rows[i]].stats
		if p.drift {
			st.VJPs++
		}
		if p.noise {
			st.VJPs++
		}
		if packed {
			copy(w.adj[0][i*d:(i+1)*d], adj[j*d:(j+1)*d])
		}
	}
	return nil
}

// toStates sets slot i's lam and mu to the adjoints of the step's start.
func (b *Batch) toStates(i int) {
	w, d := &b.back, b.sys.Dim
	lo, hi := i*d, (i+1)*d
	lam, mu := w.lam[lo:hi], w.mu[lo:hi]
	last := len(w.adj) - 1
	base := b.method.stages[last].base
	for k, x := range lam {
		lam[k], mu[k] = base[0]*x, base[1]*x
	}
	for st := range last {
		base := b.method.stages[st].base
		solver.AddScaled(lam, base[0], w.adj[st][lo:hi])
		solver.AddScaled(mu, base[1], w.adj[st][lo:hi])
	}
}

// closeSlots takes out the trajectories that have reached their start, where
// both states are y0.
func (b *Batch) closeSlots() {
	w, d, m := &b.back, b.sys.Dim, b.width
	if !slices.Contains(w.cur, -1) {
		return
	}
	n := 0
	for i, row := range w.rows {
		lo, hi := i*d, (i+1)*d
		if w.cur[i] < 0 {
			end := w.end[row*d : (row+1)*d]
			copy(end, w.lam[lo:hi])
			solver.AddScaled(end, 1, w.mu[lo:hi])
			continue
		}
		w.rows[n], w.cur[n] = row, w.cur[i]
		copy(w.lam[n*d:(n+1)*d], w.lam[lo:hi])
		copy(w.mu[n*d:(n+1)*d], w.mu[lo:hi])
		copy(w.cf[n*d:(n+1)*d], w.cf[lo:hi])
		copy(w.cg[n*m:(n+1)*m], w.cg[i*m:])
		n++
	}
	w.rows, w.cur = w.rows[:n], w.cur[:n]
}

// refill brings the stages of every current step of the sweep into its row's
// window.
func (b *Batch) refill() error {
	w, d, every := &b.back, b.sys.Dim, b.opt.Recompute
	b.slots = b.slots[:0]
	for i, row := range w.rows {
		at := w.cur[i]
		num := b.kept[at].num
		if w.lo[row] <= num && num < w.hi[row] {
			continue
		}
		w.lo[row], w.hi[row] = num-num%every, num+1
		for k := num % every; k >= 0; k-- {
			w.chain[row*every+k] = at
			if k > 0 {
				at = b.kept[at].prev
			}
		}
		j := len(b.slots)
		b.slots = append(b.slots, slot{row: row})
		b.rows[j] = row
		from := b.data[b.kept[at].data:]
		copy(b.y[j*d:(j+1)*d], from)
		copy(b.z[j*d:(j+1)*d], from[d:])
	}
	for len(b.slots) > 0 {
		for j := range b.slots {
			s := &b.slots[j]
			r := &b.kept[w.chain[s.row*every+s.attempts]]
			s.t, s.h, s.end = r.t, r.h, r.end
		}
		if err := b.stages(); err != nil {
			return err
		}
		for j := range b.slots {
			s := &b.slots[j]
			at := (s.row*every + s.attempts) * b.room
			b.keepStages(w.window[at:at:at+b.room], j)
			b.take(j)
			s.attempts++
			s.done = w.lo[s.row]+s.attempts == w.hi[s.row]
		}
		b.retire()
	}
	return nil
}
