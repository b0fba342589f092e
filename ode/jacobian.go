package ode

import (
	"math"

	"tsgen/internal/solver"
)

// A linearization holds what the implicit methods know of the field besides
// its values, by trajectory.
type linearization struct {
	jac    []float64 // ∂f/∂y where the step begins, Dim×Dim
	lu     []float64 // I - γh·∂f/∂y, factored
	piv    []int
	regul  []bool
	start  []float64 // the field where the step begins
	byTime []float64 // ∂f/∂t there
	sizes  []float64 // of the last difference of Newton's iteration, by slot
	rates  []float64 // and at which they fall

	rows []int // of an evaluation of the field
	t    []float64
	y, k []float64
	a    []float64
	at   []float64
	jacs []float64
}

func (l *linearization) resize(n, d int) {
	l.jac, l.lu, l.piv = solver.Resize(l.jac, n*d*d), solver.Resize(l.lu, n*d*d), solver.Resize(l.piv, n*d)
	l.regul = solver.Resize(l.regul, n)
	l.start, l.byTime = solver.Resize(l.start, n*d), solver.Resize(l.byTime, n*d)
}

// jacobians sets dst (len(rows)×Dim×Dim) to ∂f/∂y at the given times and
// states: by the field's Jac, by vector-Jacobian products, or by differences,
// for which f are the field's values there.
func (b *Batch) jacobians(dst []float64, rows []int, t, y, f []float64) error {
	d := b.field.Dim
	clear(dst)
	for _, row := range rows {
		b.traj[row].stats.Jacobians++
	}
	if b.field.Jac != nil {
		return fieldError(b.field.Jac(dst, rows, t, y))
	}
	l := &b.lin
	n := len(rows) * d
	l.rows, l.t, l.y, l.a = solver.Resize(l.rows, n), solver.Resize(l.t, n), solver.Resize(l.y, n*d), solver.Resize(l.a, n*d)
	clear(l.a)
	for i, row := range rows {
		for j := range d {
			at := i*d + j
			l.rows[at], l.t[at] = row, t[i]
			copy(l.y[at*d:(at+1)*d], y[i*d:(i+1)*d])
			l.a[at*d+j] = 1
		}
		if b.field.VJP != nil {
			b.traj[row].stats.VJPs += d
		} else {
			b.traj[row].stats.Calls += d
		}
	}
	if b.field.VJP != nil {
		return fieldError(b.field.VJP(dst, nil, l.rows, l.t, l.y, l.a))
	}
	if b.scheme.linear == nil {
		// What Newton's iteration leaves in the stages is no value of the field.
		for _, row := range rows {
			b.traj[row].stats.Calls++
		}
		if err := fieldError(b.field.Func(f, rows, t, y)); err != nil {
			return err
		}
	}
	l.k = solver.Resize(l.k, n*d)
	for i, row := range rows {
		c := b.controlOf(row)
		for j := range d {
			// The tolerances say from where on a component is as good as 0.
			x := &l.y[(i*d+j)*d+j]
			was := *x
			*x += 1.5e-8 * (math.Abs(was) + min(c.atol[j]/c.rtol[j], 1))
			l.a[i*d+j] = *x - was
		}
	}
	if err := fieldError(b.field.Func(l.k, l.rows, l.t, l.y)); err != nil {
		return err
	}
	for i := range rows {
		for j := range d {
			step := l.a[i*d+j]
			for r := range d {
				dst[(i*d+r)*d+j] = (l.k[(i*d+j)*d+r] - f[i*d+r]) / step
			}
		}
	}
	return nil
}

// A field that has not changed with time at stillSeen steps is asked again at
// every stillEvery-th, and where a step is rejected: the error estimate sees a
// derivative that is missing.
const (
	stillSeen  = 2
	stillEvery = 8
)

// linearize evaluates what the steps under way need of the field where they
// begin, for the slots that do not know it yet.
func (b *Batch) linearize() error {
	l, d := &b.lin, b.field.Dim
	b.sub.slots = b.sub.slots[:0]
	for i := range b.slots {
		if !b.slots[i].fresh {
			b.sub.slots = append(b.sub.slots, i)
		}
	}
	if m := len(b.sub.slots); m > 0 {
		sub := &b.sub
		b.packStarts()
		for j, i := range sub.slots {
			s := &b.slots[i]
			copy(sub.k[j*d:(j+1)*d], b.k[0][i*d:])
			copy(l.start[s.row*d:(s.row+1)*d], b.k[0][i*d:])
			clear(l.byTime[s.row*d : (s.row+1)*d])
			s.fresh, s.probed, s.age = true, false, 0
			if !s.replay.on {
				s.probe = 0
			}
		}
		l.jacs = solver.Resize(l.jacs, m*d*d)
		if err := b.jacobians(l.jacs, sub.rows, sub.ts, sub.y, sub.k); err != nil {
			return err
		}
		for j, row := range sub.rows {
			copy(l.jac[row*d*d:(row+1)*d*d], l.jacs[j*d*d:])
		}
	}
	if b.scheme.linear == nil || b.field.Autonomous {
		return nil
	}
	b.sub.slots = b.sub.slots[:0]
	for i := range b.slots {
		if s := &b.slots[i]; !s.probed && b.wantsProbe(s) {
			s.probed = true
			b.sub.slots = append(b.sub.slots, i)
		}
	}
	if len(b.sub.slots) == 0 {
		return nil
	}
	b.packStarts()
	for j, row := range b.sub.rows {
		copy(b.sub.k[j*d:(j+1)*d], l.start[row*d:])
	}
	return b.timeDerivative()
}

// wantsProbe reports whether the step under way in s is to know ∂f/∂t, and
// chooses the step of its differences.
func (b *Batch) wantsProbe(s *slot) bool {
	if s.replay.on {
		return s.probe != 0
	}
	if s.jump&jumpStart != 0 {
		s.still = 0
	}
	if s.still >= stillSeen && s.still%stillEvery != 0 && !s.rejected {
		s.still++
		return false
	}
	s.probe = s.try
	return true
}

// packStarts packs the rows, times and states of the slots in b.sub.slots where
// their steps begin.
func (b *Batch) packStarts() {
	sub, d := &b.sub, b.field.Dim
	m := len(sub.slots)
	sub.rows, sub.ts = solver.Resize(sub.rows, m), solver.Resize(sub.ts, m)
	sub.y, sub.k = solver.Resize(sub.y, m*d), solver.Resize(sub.k, m*d)
	for j, i := range sub.slots {
		s := &b.slots[i]
		sub.rows[j], sub.ts[j] = s.row, stageTime(0, s.t, s.try, s.end, s.jump)
		copy(sub.y[j*d:(j+1)*d], b.y[0][i*d:])
	}
}

// timeDerivative sets ∂f/∂t where the steps of b.sub begin, by differences of
// order 2 to the side of the step. A field that does not change at all needs
// one evaluation.
func (b *Batch) timeDerivative() error {
	l, sub, d := &b.lin, &b.sub, b.field.Dim
	m := len(sub.slots)
	l.k = solver.Resize(l.k, m*d)
	l.t, l.at = solver.Resize(l.t, m), solver.Resize(l.at, m)
	for pass := 1; pass <= 2; pass++ {
		for j, i := range sub.slots {
			s := &b.slots[i]
			l.t[j] = sub.ts[j] + float64(pass)*probeStep(s.t, s.probe)
			b.traj[s.row].stats.Calls++
			if pass == 1 {
				l.at[j] = l.t[j]
			}
		}
		if err := fieldError(b.field.Func(l.k, sub.rows, l.t, sub.y)); err != nil {
			return err
		}
		moves := 0
		for j, i := range sub.slots {
			s := &b.slots[i]
			dt := l.byTime[s.row*d : (s.row+1)*d]
			f, g := sub.k[j*d:(j+1)*d], l.k[j*d:(j+1)*d]
			x1, x2 := l.at[j]-sub.ts[j], l.t[j]-sub.ts[j]
			if pass == 1 {
				still := true
				for c := range dt {
					dt[c] = (g[c] - f[c]) / x1
					still = still && dt[c] == 0
				}
				if still {
					s.still++
					continue
				}
				s.still = 0
			} else {
				// The parabola through the three values, at the first of them.
				for c := range dt {
					second := (g[c] - f[c]) / x2
					dt[c] = (dt[c]*x2 - second*x1) / (x2 - x1)
				}
			}
			sub.slots[moves] = i
			sub.rows[moves], sub.ts[moves], l.at[moves] = sub.rows[j], sub.ts[j], l.at[j]
			copy(sub.y[moves*d:(moves+1)*d], sub.y[j*d:(j+1)*d])
			copy(sub.k[moves*d:(moves+1)*d], sub.k[j*d:(j+1)*d])
			moves++
		}
		if m = moves; m == 0 {
			return nil
		}
		sub.slots, sub.rows, sub.ts = sub.slots[:m], sub.rows[:m], sub.ts[:m]
		sub.y, sub.k = sub.y[:m*d], sub.k[:m*d]
		l.k, l.t, l.at = l.k[:m*d], l.t[:m], l.at[:m]
	}
	return nil
}

// probeStep returns the distance between the times of the differences that
// give the derivative with respect to time in a step from t of size h.
func probeStep(t, h float64) float64 {
	step := math.Copysign(max(1e-4*math.Abs(h), 1024*ulp(t)), h)
	if math.Abs(2*step) > math.Abs(h) {
		return h / 2
	}
	return step
}

// factorize sets lu to the factors of I - γh·jac.
func factorize(lu, jac []float64, piv []int, gh float64, d int) bool {
	for i, x := range jac[:d*d] {
		lu[i] = -gh * x
	}
	for i := range d {
		lu[i*d+i]++
	}
	return factor(lu, piv, d)
}
