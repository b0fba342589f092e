package sde

import (
	"errors"
	"fmt"

	"tsgen/internal/solver"
)

// The reasons for which a solve fails, for [errors.Is].
var (
	ErrDimension         = solver.ErrDimension
	ErrTimes             = solver.ErrTimes
	ErrTolerance         = solver.ErrTolerance
	ErrOption            = solver.ErrOption
	ErrMethod            = errors.New("method does not suit the system")
	ErrNonFiniteState    = solver.ErrNonFiniteState
	ErrNonFiniteStep     = errors.New("state is not finite after a step")
	ErrUnderflow         = solver.ErrUnderflow
	ErrMaxSteps          = solver.ErrMaxSteps
	ErrSystem            = errors.New("system failed")
	ErrCanceled          = solver.ErrCanceled
	ErrVJP               = solver.ErrVJP
	ErrNoGradient        = solver.ErrNoGradient
	ErrNonFiniteGradient = solver.ErrNonFiniteGradient
)

// An Error says why and where a trajectory stopped. What was reached before is
// whole.
type Error struct {
	Reason    error     // one of the package's errors
	Cause     error     // what the system or the context said, or nil
	Row       int       // trajectory, as numbered in the batch
	T         float64   // time reached
	H         float64   // step tried from there
	Steps     int       // steps done, rejected ones included
	Component int       // component that was not finite, or -1
	Y         []float64 // state reached
}

func (e *Error) Error() string {
	s := fmt.Sprintf("sde: %v at t = %g (trajectory %d, step %d, tried %g", e.Reason, e.T, e.Row, e.Steps, e.H)
	if e.Component >= 0 {
		s += fmt.Sprintf(", component %d", e.Component)
	}
	s += ")"
	if hint := e.hint(); hint != "" {
		s += ": " + hint
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// hint says what a reader can do about the reason.
func (e *Error) hint() string {
	switch e.Reason {
	case ErrUnderflow:
		return "the solution seems to blow up there, or the tolerances ask for steps below what the path resolves"
	case ErrNonFiniteStep:
		return "drift or diffusion return NaN or Inf, or the step is too long for the method to be stable"
	case ErrMaxSteps:
		return "raise MaxSteps or the tolerances"
	}
	return ""
}

// Unwrap returns the reason and the cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Reason}
	}
	return []error{e.Reason, e.Cause}
}
