package ode

import (
	"fmt"
	"math"
)

// Differences returns f with a VJP by central differences, for small systems
// and for trying things out: a product takes 2·(Dim+Params) evaluations, which
// [Stats] does not count, and is right to about ten digits. If Params is not
// 0, f must have its Theta. The VJP is not safe for concurrent use.
func Differences(f Field) (Field, error) {
	if len(f.Theta) != f.Params {
		return Field{}, fmt.Errorf("ode: %w: differences need the %d parameters in Theta, which has %d", ErrDimension, f.Params, len(f.Theta))
	}
	g := f
	x, up, down := make([]float64, f.Dim), make([]float64, f.Dim), make([]float64, f.Dim)
	// slope returns a·∂f/∂*v, x being what f is evaluated at.
	slope := func(v *float64, t float64, a []float64) (float64, error) {
		keep := *v
		defer func() { *v = keep }()
		h := differenceStep * (1 + math.Abs(keep))
		hi, lo := keep+h, keep-h
		*v = hi
		if err := f.Func(up, t, x); err != nil {
			return 0, err
		}
		*v = lo
		if err := f.Func(down, t, x); err != nil {
			return 0, err
		}
		s := 0.0
		for i := range a {
			s += a[i] * (up[i] - down[i])
		}
		return s / (hi - lo), nil
	}
	g.VJP = func(dy, dp []float64, t float64, y, a []float64) error {
		copy(x, y)
		for j := range x {
			s, err := slope(&x[j], t, a)
			if err != nil {
				return err
			}
			dy[j] += s
		}
		for j := range dp {
			s, err := slope(&f.Theta[j], t, a)
			if err != nil {
				return err
			}
			dp[j] += s
		}
		return nil
	}
	return g, nil
}

// differenceStep balances the errors of central differences: the cube root of
// the unit roundoff.
const differenceStep = 6e-6

// checkVJP compares the field's vector-Jacobian product at the start of a
// trajectory with a central difference, along a direction in which every
// component has a part.
func (b *Batch) checkVJP(row int) error {
	d := b.field.Dim
	y, t := b.y0[row*d:(row+1)*d], []float64{b.traj[row].t0}
	rows := []int{row}
	a, u, x := make([]float64, d), make([]float64, d), make([]float64, d)
	gy, up, down := make([]float64, d), make([]float64, d), make([]float64, d)
	for i := range a {
		a[i] = 1 + 0.5*math.Sin(float64(3*i+1))
		u[i] = (1 + math.Abs(y[i])) * math.Cos(float64(2*i+1))
	}
	var gp, w []float64
	theta := b.field.Theta
	if theta != nil {
		gp, w = make([]float64, len(theta)), make([]float64, len(theta))
		for j := range w {
			w[j] = (1 + math.Abs(theta[j])) * math.Cos(float64(5*j+2))
		}
	}
	st := &b.traj[row].stats
	st.VJPs++
	if err := fieldError(b.field.VJP(gy, gp, rows, t, y, a)); err != nil {
		return err
	}
	compare := func(what string, exact, size float64, at func(e float64) error) error {
		worst := ""
		for e := differenceStep; e > 1e-9; e /= 30 {
			st.Calls += 2
			if err := at(e); err != nil {
				return err
			}
			got, noise := 0.0, 0.0
			for i := range a {
				got += a[i] * (up[i] - down[i])
				noise += math.Abs(a[i]) * (math.Abs(up[i]) + math.Abs(down[i]))
			}
			got /= 2 * e
			noise *= 1e-14 / e
			if d := math.Abs(got - exact); !(d > 1e-4*(math.Abs(got)+size)+noise) {
				return nil // or not a number, which is no fault of the product's
			}
			worst = fmt.Sprintf("%.6g, where differences say %.6g", exact, got)
		}
		return fmt.Errorf("ode: %w: along a direction %s it is %s (at t = %g, trajectory %d); Options.TrustVJP leaves out this check", ErrVJP, what, worst, t[0], row)
	}
	eval := func(dst []float64) error { return fieldError(b.field.Func(dst, rows, t, x)) }
	exact, size := 0.0, 0.0
	for i := range u {
		exact += gy[i] * u[i]
		size += math.Abs(gy[i] * u[i])
	}
	if err := compare("of y", exact, size, func(e float64) error {
		for i := range x {
			x[i] = y[i] + e*u[i]
		}
		if err := eval(up); err != nil {
			return err
		}
		for i := range x {
			x[i] = y[i] - e*u[i]
		}
		return eval(down)
	}); err != nil || theta == nil {
		return err
	}
	exact, size = 0, 0
	for j := range w {
		exact += gp[j] * w[j]
		size += math.Abs(gp[j] * w[j])
	}
	keep := append([]float64(nil), theta...)
	defer copy(theta, keep)
	copy(x, y)
	return compare("of θ", exact, size, func(e float64) error {
		for j := range theta {
			theta[j] = keep[j] + e*w[j]
		}
		if err := eval(up); err != nil {
			return err
		}
		for j := range theta {
			theta[j] = keep[j] - e*w[j]
		}
		return eval(down)
	})
}
