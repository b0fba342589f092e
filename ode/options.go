package ode

import (
	"fmt"

	"tsgen/internal/solver"
)

// Options are the options of a solve. The zero value, or a nil pointer, is
// ready to use.
type Options struct {
	// RTol and ATol bound the error of a step in component i by
	// ATol + RTol·max(|yᵢ|, |ynewᵢ|). Zero means 1e-6. An RTol below 100 times
	// the unit roundoff is raised to that ([Stats.RTol] tells). Gradients want
	// 1e-5 or less: a looser solution has the gradient of another trajectory.
	RTol, ATol float64

	// RTolEach and ATolEach, if not nil, give the tolerances component by
	// component in place of RTol and ATol.
	RTolEach, ATolEach []float64

	// Norm joins the components' errors.
	Norm Norm

	// Control is the rule by which the step follows the error.
	Control Control

	// FirstStep is the size of the first step tried; zero lets the solver
	// choose, at the cost of one evaluation.
	FirstStep float64

	// MaxStep bounds the size of a step; zero sets no bound. It is the only
	// cure for a solution that rests so well that the solver steps over what
	// comes later, such as a pulse in a forcing.
	MaxStep float64

	// MaxSteps bounds the number of steps of a trajectory, rejected ones
	// included; zero means 100000. What was reached is kept.
	MaxSteps int

	// StepAt lists times at which a step is to end. Jumps lists times at which
	// the field jumps: no step crosses one, and the solver evaluates the field
	// one unit in the last place before and after it, never on it. Both may be
	// in any order and outside of the interval.
	StepAt, Jumps []float64

	// Observe, if not nil, sees every accepted step: the trajectory, the time at
	// its end and the state there, before a reset, which it must neither change
	// nor keep. An error from it stops that trajectory, with [ErrCanceled].
	Observe func(row int, t float64, y []float64) error

	// KeepSteps keeps the list of the accepted steps, for [Batch.Steps]. It is
	// kept anyway for gradients and with Dense.
	KeepSteps bool

	// Events are the functions of time and state whose zeros are looked for.
	Events []Event

	// StepCost, if not nil, prices the error estimate e (Dim) of an accepted
	// step from t of size h, and sets de to the price's derivative with respect
	// to e. [Batch.Cost] is the sum over a trajectory's steps, and
	// [Batch.Backward] adds its gradient: a regulariser that keeps a learned
	// field easy to solve (Pal et al., Opening the Blackbox, 2021). It needs
	// an adaptive method and the Discrete adjoint.
	StepCost func(row int, t, h float64, e, de []float64) float64

	// TrustVJP leaves out the check of the field's VJP. Without it the first
	// gradient compares the product at one point with differences, which
	// finds most mistakes at the cost of a few evaluations.
	TrustVJP bool

	// StopStiff stops a trajectory with [ErrStiff] as soon as its step is seen
	// to be bounded by stability and not by the tolerance. Without it such a
	// trajectory goes on, slowly.
	StopStiff bool

	// Dense keeps each step's interpolant, for [Batch.At] and [Solution.At].
	Dense bool

	// Adjoint is the way in which gradients are computed.
	Adjoint Adjoint

	// Memory bounds the bytes that are kept for the discrete adjoint, besides
	// about 140 a step; zero sets no bound. Above it only some of the states are
	// kept, and the rest is computed again from them: one or two solves more,
	// three for 10000 steps in the room of 100 states. The gradient is the same
	// to the last bit.
	Memory int

	// MaxDrift is the drift in units of the tolerance that Backsolve may show;
	// zero means 10000.
	MaxDrift float64

	// NoGradient keeps nothing for a gradient, which saves memory and time.
	NoGradient bool
}

// Norm joins the errors of a state's components, each in units of its
// tolerance, into one number; a step is accepted if that is at most 1.
type Norm int

// The norms.
const (
	NormRMS Norm = iota // root of the mean square
	NormMax             // greatest magnitude
)

// Control is the rule by which the step size follows the error estimate.
type Control int

const (
	// ControlPI is the proportional-integral control of Hairer and Wanner
	// (Solving Ordinary Differential Equations II, 2nd ed. 1996, IV.2), smooth
	// where stability bounds the step. With the implicit methods it is
	// Gustafsson's predictive control (ibid., IV.8).
	ControlPI Control = iota

	// ControlI is the classic control by the last error alone.
	ControlI

	// ControlPID uses the last three errors, with the coefficients that ARKODE
	// uses by default (Reynolds et al., ACM Trans. Math. Softw. 49, 2023).
	ControlPID
)

// Adjoint is a way to the gradient of a solution.
type Adjoint int

const (
	// Discrete is the exact gradient of what the solver computed, the sizes of
	// its steps being taken as constants (Hager, Numer. Math. 87, 2000).
	Discrete Adjoint = iota

	// Interpolating integrates the adjoint equation backwards in time and
	// reads the state from the interpolants of the forward solution.
	Interpolating

	// Backsolve integrates the adjoint equation together with the state itself
	// backwards in time (Chen et al., Neural Ordinary Differential Equations,
	// 2018, appendix B), beginning anew from the kept state at each output, so
	// that nothing is kept of the steps. Where the forward solution forgets, as all
	// that is damped does, the backward one is unstable: its drift from the
	// forward solution is in [Stats.Drift], and one over [Options.MaxDrift] is
	// an error.
	Backsolve
)

const (
	defaultTol      = 1e-6
	defaultMaxSteps = 100000
	defaultMaxDrift = 10000
	leastRTol       = 100 * 0x1p-52
)

// tolerances returns the tolerances of each of dim components and whether a
// relative one was raised.
func (o *Options) tolerances(dim int) (rtol, atol []float64, err error) {
	t := solver.Tolerance{Relative: o.RTol, Absolute: o.ATol, RelativeEach: o.RTolEach, AbsoluteEach: o.ATolEach}
	if rtol, atol, err = t.Each(dim, defaultTol, leastRTol); err != nil {
		return nil, nil, fmt.Errorf("ode: %w", err)
	}
	return rtol, atol, nil
}

// validate reports what is wrong with the options other than the tolerances.
func (o *Options) validate(f fixedStep) error {
	for _, x := range []struct {
		name  string
		value float64
	}{{"FirstStep", o.FirstStep}, {"MaxStep", o.MaxStep}, {"MaxDrift", o.MaxDrift}, {"the method's Step", f.step}} {
		if err := solver.CheckSize(x.name, x.value); err != nil {
			return fmt.Errorf("ode: %w", err)
		}
	}
	if o.MaxSteps < 0 || o.Memory < 0 {
		return fmt.Errorf("ode: %w: MaxSteps is %d and Memory %d, but neither must be negative", ErrOption, o.MaxSteps, o.Memory)
	}
	if o.Adjoint < Discrete || o.Adjoint > Backsolve {
		return fmt.Errorf("ode: %w: there is no Adjoint %d", ErrOption, o.Adjoint)
	}
	if o.Norm < NormRMS || o.Norm > NormMax {
		return fmt.Errorf("ode: %w: there is no Norm %d", ErrOption, o.Norm)
	}
	if o.Control < ControlPI || o.Control > ControlPID {
		return fmt.Errorf("ode: %w: there is no Control %d", ErrOption, o.Control)
	}
	return validateEvents(o.Events)
}
