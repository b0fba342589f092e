package ode

import (
	"tsgen/internal/kernel"
	"tsgen/internal/solver"
)

// Where several outputs lie within a step of a narrow system, most of the time would go
// into the weights of all stages for each of them. An explicit method's interpolant is
//
//	y(t+θh) = y + h Σ_m v_m(θ) P_m,  P₀ = Σ bᵢkᵢ,  P₁ = k₀,  P₂ = kₛ,  P₃₊ₘ = Σᵢ dense[m]ᵢ kᵢ
//
// (see tableau.weights), with parts P that are the same for all outputs of a step. Gradients
// of outputs are added up by parts likewise.

// shares sets v, one number for each part, to the weights at theta.
func (tab *tableau) shares(v []float64, theta float64) {
	r := 1 - theta
	phi := theta * r // φ₁
	v[0] = theta - phi + 2*theta*phi
	v[1] = phi - theta*phi
	phi *= theta // φ₂
	v[2] = -phi
	for m := range tab.dense {
		if m%2 == 0 {
			phi *= r
		} else {
			phi *= theta
		}
		v[3+m] = phi
	}
}

// setParts sets what parts the interpolant has, if it is an explicit method's with one
// set of weights, and how each stage enters them.
func (s *scheme) setParts() {
	t := s.tableau
	if t.linear != nil || t.second != nil || t.diag != 0 {
		return
	}
	rows := [][]float64{t.a[t.s], {1}, make([]float64, t.s+1)}
	rows[2][t.s] = 1
	rows = append(rows, t.dense...)
	for _, row := range rows {
		s.parts = append(s.parts, newLinear(row))
	}
	for st := range t.c {
		column := make([]float64, len(rows))
		for m, row := range rows {
			if st < len(row) {
				column[m] = row[st]
			}
		}
		s.partsOf = append(s.partsOf, newLinear(column))
	}
}

// byParts reports whether a step with so many outputs within has them by parts.
func (b *Batch) byParts(inside int) bool {
	return inside > 1 && b.field.Dim < wide && b.scheme.parts != nil
}

// openParts makes room for the parts of any of the methods and one more.
func (b *Batch) openParts() {
	most, d := 0, b.field.Dim
	for _, k := range b.kinds {
		if k.scheme.parts != nil && d < wide {
			most = max(most, len(k.scheme.parts)+1)
		}
	}
	b.partsMemory = make([]float64, most*d)
	for m := range most {
		b.parts = append(b.parts, b.partsMemory[m*d:(m+1)*d])
	}
}

// takeStates takes the outputs of slot i's accepted step, which lie from times[first] on: so
// many within the step, then those at its end.
func (b *Batch) takeStates(i, first, inside, atEnd int) {
	s, d := &b.slots[i], b.field.Dim
	end := first + inside
	if b.byParts(inside) {
		b.takeByParts(i, first, end)
	} else {
		for k := first; k < end; k++ {
			b.state(b.out[k*d:(k+1)*d], i, (b.times[k]-s.t-s.lag)/s.try)
		}
	}
	for k := end; k < end+atEnd; k++ {
		b.state(b.out[k*d:(k+1)*d], i, 1)
	}
}

// takeByParts takes the outputs at the times from first to end (exclusive) within slot i's step.
func (b *Batch) takeByParts(i, first, end int) {
	s, d, n := &b.slots[i], b.field.Dim, len(b.scheme.parts)
	lo, count := i*d, end-first
	for m := range n {
		combine(b.parts[m], b.zero, s.try, &b.scheme.parts[m], b.k, lo)
	}
	b.shares = solver.Resize(b.shares, count*n)
	for k, t := range b.times[first:end] {
		b.scheme.shares(b.shares[k*n:(k+1)*n], (t-s.t-s.lag)/s.try)
	}
	kernel.Affine(b.out[first*d:end*d], b.shares, b.partsMemory[:n*d], b.y[0][lo:lo+d], count, n, d)
}

// spreadByParts sets the adjoints of the stages' values, in the row that begins at lo, to what
// the gradients dy of the outputs within step p of a trajectory make of them, and the row of w.past to the
// sum of these gradients.
func (b *Batch) spreadByParts(lo int, p *step, times, dy []float64) {
	d, n := b.field.Dim, len(b.scheme.parts)+1
	b.shares = solver.Resize(b.shares, p.inside*n)
	for k, t := range times[p.out : p.out+p.inside] {
		v := b.shares[k*n : (k+1)*n]
		b.scheme.shares(v, p.theta(t))
		v[n-1] = 1
	}
	kernel.MulTN(b.partsMemory[:n*d], b.shares, dy[p.out*d:(p.out+p.inside)*d], n, p.inside, d, false)
	copy(b.back.past[lo:lo+d], b.parts[n-1])
	for st := range b.scheme.partsOf {
		combine(b.back.kap[st][lo:lo+d], b.zero, p.h, &b.scheme.partsOf[st], b.parts, 0)
	}
}
