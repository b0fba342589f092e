package ode

import "tsgen/internal/solver"

// Cost returns the sum of [Options.StepCost] over the accepted steps of
// trajectory i.
func (b *Batch) Cost(i int) float64 { return b.traj[i].cost }

// takeCost prices slot i's accepted step and keeps the gradient.
func (b *Batch) takeCost(i int, p *step) {
	s, d := &b.slots[i], b.field.Dim
	combine(b.dif, b.zero, s.try, &b.scheme.err, b.k, i*d)
	if !s.replay.on {
		p.cost = len(b.costs)
		b.costs = append(b.costs, b.zero...)
	}
	de := b.costs[p.cost : p.cost+d]
	clear(de)
	b.traj[s.row].cost += b.opt.StepCost(s.row, p.t, p.h, b.dif, de)
}

// spreadCost adds the gradient of the cost of a step to the adjoints of its
// stages' values: the estimate is h Σ eᵢ·kᵢ.
func (b *Batch) spreadCost(lo int, p *step) {
	d := b.field.Dim
	for j, st := range b.scheme.err.j {
		solver.AddScaled(b.back.kap[st][lo:lo+d], p.h*b.scheme.err.c[j], b.costs[p.cost:p.cost+d])
	}
}
