package ode

// RK4 is the classic method of order 4 of Kutta (1901) with a fixed step.
//
// Step is the greatest step, in units of time. The interval from one stop to
// the next is cut into the fewest equal steps that keep to it. The stops are
// the output times, or with Dense only the declared ones ([Options.StepAt],
// [Options.Jumps]) and the last output time; outputs then come from the cubic
// Hermite polynomial of each step, whose error goes with the fourth power of
// the step as the method's does, and their number does not matter to the work.
// A Step of 0 means one step from each stop to the next.
type RK4 struct {
	Step  float64
	Dense bool
}

func (m RK4) fixed() fixedStep { return fixedStep{m.Step, m.Dense} }

func (RK4) tableau() *tableau {
	return &tableau{
		name:  "RK4",
		order: 4,
		s:     4,
		c:     []float64{0, 1. / 2, 1. / 2, 1, 1},
		a: [][]float64{
			{},
			{1. / 2},
			{0, 1. / 2},
			{0, 0, 1},
			{1. / 6, 1. / 3, 1. / 3, 1. / 6},
		},
	}
}

// Heun is the method of order 2 of Heun (1900), the explicit trapezoidal rule.
// Step and Dense are as in [RK4].
type Heun struct {
	Step  float64
	Dense bool
}

func (m Heun) fixed() fixedStep { return fixedStep{m.Step, m.Dense} }

func (Heun) tableau() *tableau {
	return &tableau{
		name:  "Heun",
		order: 2,
		s:     2,
		c:     []float64{0, 1, 1},
		a:     [][]float64{{}, {1}, {1. / 2, 1. / 2}},
	}
}

// Midpoint is the explicit midpoint rule, of order 2 (Runge 1895). Step and
// Dense are as in [RK4].
type Midpoint struct {
	Step  float64
	Dense bool
}

func (m Midpoint) fixed() fixedStep { return fixedStep{m.Step, m.Dense} }

func (Midpoint) tableau() *tableau {
	return &tableau{
		name:  "Midpoint",
		order: 2,
		s:     2,
		c:     []float64{0, 1. / 2, 1},
		a:     [][]float64{{}, {1. / 2}, {0, 1}},
	}
}

// Euler is Euler's method, of order 1. Step and Dense are as in [RK4].
type Euler struct {
	Step  float64
	Dense bool
}

func (m Euler) fixed() fixedStep { return fixedStep{m.Step, m.Dense} }

func (Euler) tableau() *tableau {
	return &tableau{
		name:  "Euler",
		order: 1,
		s:     1,
		c:     []float64{0, 1},
		a:     [][]float64{{}, {1}},
	}
}
