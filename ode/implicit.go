package ode

import (
	"math"

	"tsgen/internal/solver"
)

// A rosenbrock holds what a Rosenbrock method's tableau has besides those of a
// Runge-Kutta method: with kᵢ the stages, as they enter the solution,
//
//	(I - γh·∂f/∂y) kᵢ = γ (f(t+cᵢh, y+hΣaᵢⱼkⱼ) + Σ couplingᵢⱼ·kⱼ + rateᵢ·h·∂f/∂t)
//
// (Hairer and Wanner 1996, IV.7).
type rosenbrock struct {
	gamma    float64
	coupling [][]float64
	rate     []float64
}

// gamma returns the coefficient of the step in the matrix of an implicit
// method, or 0.
func (t *tableau) gamma() float64 {
	if t.linear != nil {
		return t.linear.gamma
	}
	return t.diag
}

// implicitStages goes through the stages of the steps under way.
func (b *Batch) implicitStages() error {
	l, d := &b.lin, b.field.Dim
	if err := b.linearize(); err != nil {
		return err
	}
	for i := range b.slots {
		s := &b.slots[i]
		r := s.row
		lu, piv := l.lu[r*d*d:(r+1)*d*d], l.piv[r*d:(r+1)*d]
		l.regul[r] = factorize(lu, l.jac[r*d*d:], piv, b.scheme.gamma()*s.try, d)
		s.solved = l.regul[r]
		if b.scheme.linear != nil {
			copy(b.k[0][i*d:(i+1)*d], l.start[r*d:(r+1)*d])
		}
	}
	if b.scheme.linear == nil {
		return b.newtonStages()
	}
	for st := range b.scheme.s {
		if st > 0 {
			b.stage(st)
			if err := b.call(st); err != nil {
				return err
			}
		}
		for i := range b.slots {
			if !b.slots[i].solved {
				continue
			}
			b.linearStage(st, i)
		}
	}
	b.stage(b.scheme.s)
	return nil
}

// linearStage replaces the field in stage st of slot i by the stage.
func (b *Batch) linearStage(st, i int) {
	l, d, lo := &b.lin, b.field.Dim, i*b.field.Dim
	s, ros := &b.slots[i], b.scheme.linear
	k := b.k[st][lo : lo+d]
	combine(k, k, 1, &b.scheme.coupled[st], b.k, lo)
	if c := ros.rate[st]; c != 0 {
		solver.AddScaled(k, c*s.try, l.byTime[s.row*d:(s.row+1)*d])
	}
	for j := range k {
		k[j] *= ros.gamma
	}
	solveLU(l.lu[s.row*d*d:(s.row+1)*d*d], l.piv[s.row*d:(s.row+1)*d], k)
}

// newGuess returns the value at c of the polynomial through those at the nodes.
func newGuess(nodes []float64, c float64) linear {
	w := make([]float64, len(nodes))
	for i, x := range nodes {
		w[i] = 1
		for j, z := range nodes {
			if j != i {
				w[i] *= (c - z) / (x - z)
			}
		}
	}
	return newLinear(w)
}

// Newton's iteration ends when what is left is this part of the tolerance, or
// gives up.
const (
	newtonTol  = 1e-3
	newtonMost = 10
	firstRate  = 0.5  // at which the differences are taken to fall before that is known
	slowest    = 0.01 // a stage's rate says no more than this of the next
)

// A Jacobian serves the next step as well if Newton's iteration went well with
// it, the better the cheaper a Jacobian is, and for so many steps.
const (
	reuseRate  = 0.01 // for each dimension,
	reuseLimit = 0.1  // up to this
	reuseMost  = 20
)

// keepsJacobian reports whether the Jacobian of slot i's accepted step is to
// serve the next one. A gradient goes back through the Jacobian of every step, and
// may come back to any of them, so that it does without.
func (b *Batch) keepsJacobian(s *slot) bool {
	return b.scheme.diag != 0 && !b.keepStages && s.age < reuseMost && s.rate < min(reuseRate*float64(b.field.Dim), reuseLimit)
}

// newtonStages solves the implicit stages of the steps under way by a
// simplified Newton iteration (Hairer and Wanner 1996, IV.8).
func (b *Batch) newtonStages() error {
	l, d := &b.lin, b.field.Dim
	g := b.scheme.diag
	l.sizes, l.rates = solver.Resize(l.sizes, len(b.slots)), solver.Resize(l.rates, len(b.slots))
	for i := range b.slots {
		l.rates[i], b.slots[i].rate = firstRate, 0
	}
	l.at = solver.Resize(l.at, len(b.slots)*d)
	for st := 1; st <= b.scheme.s; st++ {
		b.stage(st)
		b.sub.slots = b.sub.slots[:0]
		for i := range b.slots {
			if !b.slots[i].solved {
				continue
			}
			b.sub.slots = append(b.sub.slots, i)
			lo := i * d
			copy(l.at[lo:lo+d], b.y[st][lo:])
			combine(b.y[st][lo:lo+d], b.y[st][lo:lo+d], g*b.slots[i].try, &b.scheme.guess[st], b.k, lo)
		}
		for n := 1; len(b.sub.slots) > 0; n++ {
			for _, i := range b.sub.slots {
				b.traj[b.slots[i].row].stats.Calls++
			}
			if err := b.callPacked(st); err != nil {
				return err
			}
			left := b.sub.slots[:0]
			for _, i := range b.sub.slots {
				if !b.newton(st, i, n) {
					left = append(left, i)
				}
			}
			b.sub.slots = left
		}
	}
	return nil
}

// newton is iteration n for stage st of slot i. It reports whether it is over.
func (b *Batch) newton(st, i, n int) bool {
	l, d, lo := &b.lin, b.field.Dim, i*b.field.Dim
	s := &b.slots[i]
	gh := b.scheme.diag * s.try
	y, k, base := b.y[st][lo:lo+d], b.k[st][lo:lo+d], l.at[lo:lo+d]
	b.dif = solver.Resize(b.dif, d)
	for j := range y {
		b.dif[j] = base[j] + gh*k[j] - y[j]
	}
	solveLU(l.lu[s.row*d*d:(s.row+1)*d*d], l.piv[s.row*d:(s.row+1)*d], b.dif)
	solver.AddScaled(y, 1, b.dif)
	size := b.size(s.control, b.dif, b.y[0][lo:lo+d])
	rate := l.rates[i] // of the stage before, for what the first iteration leaves
	if n > 1 {
		rate = size / l.sizes[i]
		l.rates[i] = max(rate, slowest)
		s.rate = max(s.rate, rate)
	}
	l.sizes[i] = size
	switch {
	case size == 0, rate < 1 && size*rate/(1-rate) <= newtonTol:
		for j := range k {
			k[j] = (y[j] - base[j]) / gh
		}
		return true
	case math.IsNaN(size) || n >= newtonMost || n > 1 && rate >= 2:
		s.solved, s.bad = false, math.IsNaN(size) || math.IsInf(size, 0)
		return true
	}
	return false
}
