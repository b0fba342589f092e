package ode

import (
	"context"
	"fmt"

	"tsgen/internal/solver"
)

// A Sensitivity is a solution with its derivatives.
type Sensitivity struct {
	*Solution
	dim, params int
}

// State returns the state at Times[k].
func (s *Sensitivity) State(k int) []float64 { return s.Y(k)[:s.dim:s.dim] }

// Jacobian returns the derivatives of the state at Times[k] with respect to
// the initial state and the parameters, Dim × (Dim+Params).
func (s *Sensitivity) Jacobian(k int) []float64 { return s.Y(k)[s.dim:] }

// SolveSensitivity solves a problem together with the variational equations
//
//	S' = ∂f/∂y·S + (0, ∂f/∂θ),  S(T0) = (1, 0),
//
// whose solution is the Jacobian of the state. The work grows with
// Dim·(Dim+Params), so that this is for small systems, where it gives all
// derivatives at all times at once, with their errors controlled as the
// state's is. The field needs a VJP; [Differences] can give it one. Options
// that name components are for the state's, events see the state alone.
func SolveSensitivity(ctx context.Context, p Problem, m Method, opt *Options) (*Sensitivity, error) {
	d, n := p.Dim, p.Dim+p.Params
	if p.VJP == nil {
		return nil, fmt.Errorf("ode: %w: the field has no VJP", ErrNoGradient)
	}
	if len(p.Y0) != d {
		return nil, fmt.Errorf("ode: %w: an initial state of %d for a field of Dim %d", ErrDimension, len(p.Y0), d)
	}
	var o Options
	if opt != nil {
		o = *opt
	}
	rtol, atol, err := o.tolerances(d)
	if err != nil {
		return nil, err
	}
	o.RTolEach, o.ATolEach = rtol, atol
	for i := range d {
		for range n {
			o.RTolEach = append(o.RTolEach, rtol[i])
			o.ATolEach = append(o.ATolEach, atol[i])
		}
	}
	o.NoGradient, o.StepCost = true, nil
	o.Events = nil
	if opt != nil {
		for _, e := range opt.Events {
			whole := e.Func
			if e.Reset != nil {
				return nil, fmt.Errorf("ode: %w: sensitivities are not carried through resets", ErrOption)
			}
			if whole != nil {
				e.Func = func(t float64, y []float64) float64 { return whole(t, y[:d]) }
			}
			if row := e.FuncRow; row != nil {
				e.FuncRow = func(i int, t float64, y []float64) float64 { return row(i, t, y[:d]) }
			}
			e.Gradient, e.GradientRow = nil, nil
			o.Events = append(o.Events, e)
		}
	}
	a, jac := make([]float64, d), make([]float64, n)
	variational := Field{Dim: d * (1 + n), Func: func(dst []float64, t float64, y []float64) error {
		if err := p.Func(dst[:d], t, y[:d]); err != nil {
			return err
		}
		for i := range d {
			clear(jac)
			a[i] = 1
			if err := p.VJP(jac[:d], jac[d:], t, y[:d], a); err != nil {
				return err
			}
			a[i] = 0
			row := dst[d+i*n : d+(i+1)*n]
			clear(row)
			copy(row[d:], jac[d:])
			for j, x := range jac[:d] {
				solver.AddScaled(row, x, y[d+j*n:d+(j+1)*n])
			}
		}
		return nil
	}}
	y0 := make([]float64, d*(1+n))
	copy(y0, p.Y0)
	for i := range d {
		y0[d+i*n+i] = 1
	}
	s, err := Solve(ctx, Problem{Field: variational, T0: p.T0, Y0: y0, Times: p.Times}, m, &o)
	if s == nil {
		return nil, err
	}
	for i := range s.Hits {
		s.Hits[i].Y = s.Hits[i].Y[:d]
	}
	return &Sensitivity{s, d, p.Params}, err
}
