package ode

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
	ErrNonFiniteState    = solver.ErrNonFiniteState
	ErrNonFiniteStart    = errors.New("field is not finite at the start")
	ErrNonFiniteStage    = errors.New("field is not finite however small the step")
	ErrUnderflow         = solver.ErrUnderflow
	ErrMaxSteps          = solver.ErrMaxSteps
	ErrStiff             = errors.New("problem is stiff")
	ErrEvent             = errors.New("event cannot be followed")
	ErrField             = errors.New("field failed")
	ErrCanceled          = solver.ErrCanceled
	ErrVJP               = solver.ErrVJP
	ErrNoGradient        = solver.ErrNoGradient
	ErrNonFiniteGradient = solver.ErrNonFiniteGradient
	ErrDrift             = errors.New("backward solution drifted from the forward one")
)

// An Error says why and where the solution of a trajectory stopped. What was
// reached before is whole.
type Error struct {
	Reason    error     // one of the package's errors
	Cause     error     // what the field or the context said, or nil
	Row       int       // trajectory, as numbered in the batch
	T         float64   // time reached
	H         float64   // step tried from there, signed
	Steps     int       // steps done, rejected ones included
	Component int       // component that was worst, or -1
	Y         []float64 // state reached
}

func (e *Error) Error() string {
	s := fmt.Sprintf("ode: %v at t = %g (trajectory %d, step %d, tried %g", e.Reason, e.T, e.Row, e.Steps, e.H)
	if e.Component >= 0 {
		s += fmt.Sprintf(", component %d = %g is worst", e.Component, e.Y[e.Component])
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
		if u := ulp(e.T); u > 1e-9 {
			return fmt.Sprintf("the solution needs steps below %.2g, the distance between numbers at this time: "+
				"count time from nearer to the start; or it blows up or has a kink there", u)
		}
		return "the solution seems to blow up or to have a kink there"
	case ErrNonFiniteStage:
		return "the field returns NaN or Inf from there on"
	case ErrMaxSteps:
		return "raise MaxSteps or the tolerances"
	case ErrStiff:
		return "stability bounds the step: solve by Rodas5P, or by Auto(Dopri5{}, Rodas5P{})"
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
