package sde

import (
	"fmt"

	"tsgen/internal/solver"
)

// Options are the options of a solve. The zero value, or a nil pointer, is
// ready to use.
type Options struct {
	// RTol and ATol bound the estimated error of an adaptive step in component
	// i by ATol + RTol·max(|yᵢ|, |ynewᵢ|). Zero means 1e-3.
	RTol, ATol float64

	// RTolEach and ATolEach, if not nil, give the tolerances component by
	// component in place of RTol and ATol.
	RTolEach, ATolEach []float64

	// FirstStep is the size of the first adaptive step tried; zero means a
	// hundredth of the trajectory.
	FirstStep float64

	// MaxStep bounds the size of an adaptive step; zero sets no bound.
	MaxStep float64

	// MaxSteps bounds the number of steps of a trajectory, rejected ones
	// included; zero means 1000000. What was reached is kept.
	MaxSteps int

	// TrustVJP leaves out the check of the system's products. Without it the
	// first gradient compares them at one point with differences, which finds
	// most mistakes at the cost of a few evaluations.
	TrustVJP bool

	// Recompute, if not 0, keeps the state of every Recompute-th step alone for
	// the gradient, and solves what lies between again, along the same path: a
	// trajectory of n steps needs the room of n/Recompute states and of the
	// stages of Recompute steps in place of the stages of n, besides 64 bytes a
	// step, and one solve more. The gradient is the same to the last bit.
	Recompute int

	// NoGradient keeps nothing for a gradient, which saves memory and time.
	NoGradient bool
}

const (
	defaultTol      = 1e-3
	defaultMaxSteps = 1000000
)

// tolerances returns the tolerances of each of dim components.
func (o *Options) tolerances(dim int) (rtol, atol []float64, err error) {
	t := solver.Tolerance{Relative: o.RTol, Absolute: o.ATol, RelativeEach: o.RTolEach, AbsoluteEach: o.ATolEach}
	if rtol, atol, err = t.Each(dim, defaultTol, 0); err != nil {
		return nil, nil, fmt.Errorf("sde: %w", err)
	}
	return rtol, atol, nil
}

// validate reports what is wrong with the options other than the tolerances.
func (o *Options) validate(step float64) error {
	for _, x := range []struct {
		name  string
		value float64
	}{{"FirstStep", o.FirstStep}, {"MaxStep", o.MaxStep}, {"the method's Step", step}} {
		if err := solver.CheckSize(x.name, x.value); err != nil {
			return fmt.Errorf("sde: %w", err)
		}
	}
	if o.MaxSteps < 0 || o.Recompute < 0 {
		return fmt.Errorf("sde: %w: MaxSteps is %d and Recompute %d, but neither must be negative", ErrOption, o.MaxSteps, o.Recompute)
	}
	return nil
}
