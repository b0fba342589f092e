package ode

import (
	"math"

	"tsgen/internal/solver"
)

// The parameters' gradient of a continuous adjoint is a sum over Gauss-Legendre
// nodes (Norcliffe and Deisenroth, Faster Training of Neural ODEs Using
// Gauß-Legendre Quadrature, 2023). They are as dense as the steps of both the
// adjoint and the solution, so that where either moves fast there are many of
// them, and the products of all trajectories go into the field together.

// gauss holds nodes and weights on [0, 1], of 3 and 5 points.
var gauss = [...][]struct{ x, w float64 }{
	{
		{0.1127016653792583, 5. / 18}, {0.5, 4. / 9}, {0.8872983346207417, 5. / 18},
	},
	{
		{0.046910077030668004, 0.11846344252809454}, {0.23076534494715845, 0.23931433524968324}, {0.5, 0.28444444444444444},
		{0.7692346550528415, 0.23931433524968324}, {0.953089922969332, 0.11846344252809454},
	},
}

// mostNodes bounds the rows that one evaluation is given.
const mostNodes = 256

// nodes are places of the quadrature that wait for an evaluation.
type nodes struct {
	rows []int
	t, c []float64 // times and weights, signed
	gy   []float64
}

// quadrature adds the integrals over what the solver has just gone through to
// dp.
func (w *adjointFlow) quadrature(dp []float64) error {
	b := w.outer
	rule := gauss[0]
	if b.kinds[0].scheme.order > 5 {
		rule = gauss[1]
	}
	for row := range b.traj {
		for at := w.solver.traj[row].first; at >= 0; at = w.solver.steps[at].next {
			p := &w.solver.steps[at]
			from := p.t
			for from != p.end {
				to := p.end
				if b.opt.Adjoint != Backsolve {
					to = b.nextPart(row, from, to)
				}
				for _, g := range rule {
					n := &w.nodes
					n.rows = append(n.rows, row)
					n.t = append(n.t, from+g.x*(to-from))
					n.c = append(n.c, g.w*(from-to))
				}
				if len(w.nodes.rows) >= mostNodes {
					if err := w.pullNodes(dp); err != nil {
						return err
					}
				}
				from = to
			}
		}
	}
	return w.pullNodes(dp)
}

// nextPart returns the end of the part of the interval from one time to
// another that the next nodes are for: no longer than about the step that the
// solution of trajectory row took there.
func (b *Batch) nextPart(row int, from, to float64) float64 {
	p := &b.steps[b.find(row, from)]
	if part := 1.25 * math.Abs(p.h); 1.25*part < math.Abs(to-from) {
		return from + math.Copysign(part, to-from)
	}
	return to
}

// pullNodes adds the products at the waiting nodes to dp.
func (w *adjointFlow) pullNodes(dp []float64) error {
	b, n := w.outer, &w.nodes
	m, d, width := len(n.rows), b.field.Dim, w.solver.field.Dim
	if m == 0 {
		return nil
	}
	w.y, w.a, n.gy, w.f = solver.Resize(w.y, m*d), solver.Resize(w.a, m*d), solver.Resize(n.gy, m*d), solver.Resize(w.f, width)
	clear(n.gy)
	for i, row := range n.rows {
		y, a := w.y[i*d:(i+1)*d], w.a[i*d:(i+1)*d]
		w.solver.at(w.f, &w.solver.steps[w.solver.find(row, n.t[i])], n.t[i])
		for j := range a {
			a[j] = n.c[i] * w.f[j]
		}
		if b.opt.Adjoint == Backsolve {
			copy(y, w.f[d:])
		} else {
			b.at(y, &b.steps[b.find(row, n.t[i])], n.t[i])
		}
		b.traj[row].stats.VJPs++
	}
	err := fieldError(b.field.VJP(n.gy, dp, n.rows, n.t, w.y, w.a))
	n.rows, n.t, n.c = n.rows[:0], n.t[:0], n.c[:0]
	return err
}
