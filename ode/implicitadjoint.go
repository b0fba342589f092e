package ode

import (
	"fmt"
	"math"

	"tsgen/internal/solver"
)

// openLinear factors the matrices of the Rosenbrock steps to be carried back.
func (b *Batch) openLinear() error {
	w, l, d := &b.back, &b.lin, b.field.Dim
	m := len(w.rows)
	w.bent, w.rate = solver.Resize(w.bent, m*d), solver.Resize(w.rate, m*d)
	clear(w.bent)
	clear(w.rate)
	if err := b.factorBack(0); err != nil {
		return err
	}
	l.at = solver.Resize(l.at, m*d)
	return nil
}

// factorBack factors the transposed systems of stage st of the steps to be
// carried back, from the Jacobian at the stage's input.
func (b *Batch) factorBack(st int) error {
	w, l, d := &b.back, &b.lin, b.field.Dim
	m := len(w.rows)
	for i, row := range w.rows {
		p := &b.steps[w.cur[i]]
		w.ts[i] = stageTime(b.scheme.c[st], p.t, p.h, p.end, p.jump)
		copy(w.y[i*d:(i+1)*d], b.input(row, p, st))
	}
	sub := &b.sub
	sub.k = solver.Resize(sub.k, m*d)
	if b.field.Jac == nil && b.field.VJP == nil {
		panic("ode: a backward pass without a VJP")
	}
	l.jacs = solver.Resize(l.jacs, m*d*d)
	if err := b.jacobians(l.jacs, w.rows, w.ts[:m], w.y[:m*d], sub.k); err != nil {
		return err
	}
	for i, row := range w.rows {
		p := &b.steps[w.cur[i]]
		l.regul[row] = factorize(l.lu[row*d*d:(row+1)*d*d], l.jacs[i*d*d:], l.piv[row*d:], b.scheme.gamma()*p.h, d)
		if !l.regul[row] {
			return singular(row, w.ts[i])
		}
	}
	return nil
}

// pullImplicit turns the adjoints of the stages st into those of the field's
// values there, by the transposed systems.
func (b *Batch) pullImplicit(st int, dp []float64) error {
	w, l, d := &b.back, &b.lin, b.field.Dim
	if b.scheme.linear == nil {
		if st == 0 {
			return nil // explicit
		}
		if err := b.factorBack(st); err != nil {
			return err
		}
	}
	for i, row := range w.rows {
		kap := w.kap[st][i*d : (i+1)*d]
		if b.scheme.linear != nil {
			combine(kap, kap, 1, &b.scheme.coupledColumn[st], w.kap, i*d)
		}
		solveTransposed(l.lu[row*d*d:(row+1)*d*d], l.piv[row*d:(row+1)*d], kap)
		if b.scheme.linear != nil {
			for j := range kap {
				kap[j] *= b.scheme.linear.gamma
			}
		}
	}
	if b.scheme.linear == nil {
		return nil
	}
	return b.pullBend(st, dp)
}

// pullBend adds the part of a Rosenbrock method's stage st that goes through
// the Jacobian: with a the adjoint of the field's value and k the stage,
// a·h·∂f/∂y·k has the derivative of the product with a along k, which is taken
// by central differences. That through the derivative with respect to time is
// put by for pullProbe.
func (b *Batch) pullBend(st int, dp []float64) error {
	w, l, d := &b.back, &b.lin, b.field.Dim
	m := len(w.rows)
	l.y, l.a, l.k, l.t = solver.Resize(l.y, m*d), solver.Resize(l.a, m*d), solver.Resize(l.k, m*d), solver.Resize(l.t, m)
	for i := range w.rows {
		p := &b.steps[w.cur[i]]
		solver.AddScaled(w.rate[i*d:(i+1)*d], p.h*b.scheme.linear.rate[st], w.kap[st][i*d:(i+1)*d])
	}
	for _, sign := range [...]float64{1, -1} {
		for i, row := range w.rows {
			p := &b.steps[w.cur[i]]
			y, k := b.input(row, p, 0), b.input(row, p, b.scheme.s+st)
			size, speed := 0.0, 0.0
			for j := range y {
				size = max(size, math.Abs(y[j]))
				speed = max(speed, math.Abs(k[j]))
			}
			e := differenceStep * math.Abs(p.h)
			if speed > 0 {
				e = differenceStep * (1 + size) / speed
			}
			e *= sign
			for j := range y {
				l.y[i*d+j] = y[j] + e*k[j]
				l.a[i*d+j] = w.kap[st][i*d+j] * p.h / (2 * e)
			}
			l.t[i] = stageTime(0, p.t, p.h, p.end, p.jump)
			b.traj[row].stats.VJPs++
		}
		clear(l.k)
		if err := fieldError(b.field.VJP(l.k, dp, w.rows, l.t, l.y, l.a)); err != nil {
			return err
		}
		solver.AddScaled(w.bent[:m*d], 1, l.k)
	}
	return nil
}

// pullProbe carries the adjoints of the derivatives with respect to time over
// to the states that the steps begin with, through the differences that made
// them.
func (b *Batch) pullProbe(dp []float64) error {
	if b.field.Autonomous {
		return nil
	}
	w, l, d := &b.back, &b.lin, b.field.Dim
	for pass := range 3 {
		l.rows, l.t, l.y, l.a = l.rows[:0], l.t[:0], l.y[:0], l.a[:0]
		for i, row := range w.rows {
			p := &b.steps[w.cur[i]]
			if p.probe == 0 {
				continue
			}
			t := stageTime(0, p.t, p.h, p.end, p.jump)
			step := probeStep(p.t, p.probe)
			x1, x2 := t+step-t, t+2*step-t
			c := [3]float64{0, x2 / (x1 * (x2 - x1)), -x1 / (x2 * (x2 - x1))}
			c[0] = -c[1] - c[2]
			l.rows, l.t = append(l.rows, row), append(l.t, t+float64(pass)*step)
			l.y = append(l.y, b.input(row, p, 0)...)
			for _, x := range w.rate[i*d : (i+1)*d] {
				l.a = append(l.a, c[pass]*x)
			}
			b.traj[row].stats.VJPs++
		}
		if len(l.rows) == 0 {
			return nil
		}
		l.k = solver.Resize(l.k, len(l.y))
		clear(l.k)
		if err := fieldError(b.field.VJP(l.k, dp, l.rows, l.t, l.y, l.a)); err != nil {
			return err
		}
		j := 0
		for i := range w.rows {
			if b.steps[w.cur[i]].probe != 0 {
				solver.AddScaled(w.bent[i*d:(i+1)*d], 1, l.k[j*d:(j+1)*d])
				j++
			}
		}
	}
	return nil
}

func singular(row int, t float64) error {
	return fmt.Errorf("ode: %w: the system of a stage of trajectory %d is singular at t = %g", ErrNonFiniteGradient, row, t)
}
