package ode

import "tsgen/internal/solver"

// record keeps slot i's accepted step for gradients and dense output. Its
// first output is the trajectory's time number first, its first event the hit
// number firstHit. It has so many outputs within and at its end. It is left at the time until, cut by a reset or not.
func (b *Batch) record(i, first, inside, atEnd, firstHit int, until float64, cut bool) {
	s, d := &b.slots[i], b.field.Dim
	tr := &b.traj[s.row]
	at := len(b.steps)
	p := step{
		t: s.t, lag: s.lag, h: s.try, end: s.end, until: until, cut: cut, num: tr.steps, prev: tr.last, next: -1,
		out: first, inside: inside, atEnd: atEnd,
		hit: firstHit, hits: len(b.hits) - firstHit, jump: s.jump, probe: s.probe, oldJac: s.age > 0, kind: b.active,
	}
	if tr.last >= 0 {
		b.steps[tr.last].next = at
	} else {
		tr.first = at
	}
	tr.last = at
	tr.cursor = at
	tr.steps++
	if b.opt.StepCost != nil {
		b.takeCost(i, &p)
	}
	if b.keepStages && !b.cache.on {
		p.data = len(b.data)
		for st := range b.rowsKept(&p) {
			b.data = append(b.data, b.kept(st, i)...)
		}
	}
	if b.keepDense {
		p.dense = len(b.data)
		b.recordDense(i)
	}
	b.steps = append(b.steps, p)
	if b.cache.on {
		b.cache.offer(s.row, at, p.num, b.mark(b.y[0][i*d:(i+1)*d], b.firstStage(i)))
	} else if b.opt.Memory > 0 && 8*len(b.data) > b.opt.Memory {
		b.thinOut()
	}
}

// deep reports whether something of a step comes from its interpolant or its
// error estimate.
func (b *Batch) deep(p *step) bool { return p.inside > 0 || p.hits > 0 || b.opt.StepCost != nil }

// rowsKept returns the number of states that are kept of a step for the
// discrete adjoint: the inputs of the stages that have a part in its results,
// and for a Rosenbrock method the stages as well, for another implicit one the
// first stage, as the last Newton iteration before it has left it.
func (b *Batch) rowsKept(p *step) int {
	switch {
	case b.scheme.linear != nil:
		return 2 * b.scheme.s
	case b.scheme.diag != 0:
		return len(b.scheme.c) + 1
	case b.deep(p):
		return len(b.scheme.c)
	}
	return b.scheme.s
}

// firstStage returns slot i's first stage if it is not one that can be had by an
// evaluation.
func (b *Batch) firstStage(i int) []float64 {
	if b.scheme.diag == 0 {
		return b.unknown()
	}
	return b.k[0][i*b.field.Dim : (i+1)*b.field.Dim]
}

// kept returns number st of what is kept of slot i's step.
func (b *Batch) kept(st, i int) []float64 {
	d := b.field.Dim
	if b.scheme.linear != nil && st >= b.scheme.s {
		return b.k[st-b.scheme.s][i*d : (i+1)*d]
	}
	if st == len(b.scheme.c) {
		return b.k[0][i*d : (i+1)*d]
	}
	return b.y[st][i*d : (i+1)*d]
}

// recordDense keeps the interpolant of slot i's step: y and the terms F₀, F₁,
// ... (see tableau.weights).
func (b *Batch) recordDense(i int) {
	d, h := b.field.Dim, b.slots[i].try
	lo := i * d
	y, z := b.y[0][lo:lo+d], b.y[b.scheme.s][lo:lo+d]
	b.data = append(b.data, y...)
	for j := range y {
		b.data = append(b.data, z[j]-y[j])
	}
	if b.scheme.linear == nil {
		f, g := b.k[0][lo:lo+d], b.k[b.scheme.s][lo:lo+d]
		for j := range y {
			b.data = append(b.data, h*f[j]-(z[j]-y[j]))
		}
		for j := range y {
			b.data = append(b.data, 2*(z[j]-y[j])-h*(f[j]+g[j]))
		}
	}
	for m := range b.scheme.terms {
		combine(b.dif, b.zero, h, &b.scheme.terms[m], b.k, lo)
		b.data = append(b.data, b.dif...)
	}
}

// theta returns the place of time t in the step.
func (p *step) theta(t float64) float64 { return (t - p.t - p.lag) / p.h }

// at returns the time at theta in the step under way.
func (s *slot) at(theta float64) float64 { return s.t + (theta*s.try + s.lag) }

// at sets dst to the interpolant of a kept step at time t.
func (b *Batch) at(dst []float64, p *step, t float64) {
	d := b.field.Dim
	theta := p.theta(t)
	sch := b.kinds[p.kind].scheme
	n := 3 + len(sch.terms)
	if sch.linear != nil {
		n -= 2
	}
	rows := b.data[p.dense : p.dense+(n+1)*d]
	clear(dst)
	for m := n; m > 0; m-- {
		x := theta
		if m%2 == 0 {
			x = 1 - theta
		}
		row := rows[m*d : (m+1)*d]
		for j := range dst {
			dst[j] = (dst[j] + row[j]) * x
		}
	}
	solver.AddScaled(dst, 1, rows[:d])
}
