package sde

import "fmt"

// A Method is one of the package's methods.
type Method interface {
	tableau(c Calculus) *tableau
	step() float64
}

// The random numbers that a step's diffusions are weighted by, each for every
// motion: the increment I₁ of the motion, the root of the step, the increment's
// iterated integral I₁₁ over that root, the integral I₁₀ of the motion over the
// step's length, and the threefold integral I₁₁₁ over it. Iterated integrals
// are those of the method's calculus.
const (
	xiW = iota
	xiRoot
	xiW2
	xiArea
	xiW3
	xiKinds
)

type weights [xiKinds]float64

// A stage is a point at which drift or diffusion are evaluated: at time t + c·h
// in the state
//
//	base[0]·y + base[1]·z + h Σ a_j f_j + Σ g_j (b_j·ξ)
//
// over the stages j before.
type stage struct {
	c     float64
	base  [2]float64
	a     []float64
	b     []weights
	drift bool
	noise bool
}

// A tableau holds a method's coefficients. The last of its stages, which has
// nothing evaluated, is the state at the step's end.
type tableau struct {
	name   string
	stages []stage

	// aux, if not 0, is the stage whose state is the next step's z, and whose
	// evaluations are those of the next step's stage 0.
	aux int

	// The error estimate is |h Σ errDrift_j f_j| + |Σ g_j (errNoise_j·ξ)|, and
	// the error of a step goes with the power errPower of the step; 0 if the
	// method has no estimate.
	errDrift []float64
	errNoise []weights
	errPower float64

	uses [xiKinds]bool

	calculus [2]bool // what it solves
	matrix   bool    // suits noise that is neither Diagonal nor Scalar
	additive bool    // suits Additive noise alone
}

// both is a stage at the step's start, with drift and diffusion.
func both() stage { return stage{base: [2]float64{1}, drift: true, noise: true} }

// seal notes which random numbers the tableau uses.
func (t *tableau) seal() *tableau {
	note := func(b []weights) {
		for _, w := range b {
			for r, x := range w {
				t.uses[r] = t.uses[r] || x != 0
			}
		}
	}
	for _, s := range t.stages {
		note(s.b)
	}
	note(t.errNoise)
	return t
}

// suits reports why the method cannot solve the system.
func (t *tableau) suits(s *BatchSystem) error {
	switch {
	case t.additive && !s.Additive:
		return fmt.Errorf("sde: %w: %s is for diffusions that do not depend on the state; "+
			"say so by Additive, or take SRI or Heun", ErrMethod, t.name)
	case !t.calculus[s.Calculus] && !s.Additive && s.Calculus == Ito:
		return fmt.Errorf("sde: %w: %s solves Stratonovich equations; take EulerMaruyama, Milstein or SRI, "+
			"or write the equation in that calculus", ErrMethod, t.name)
	case !t.calculus[s.Calculus] && !s.Additive:
		return fmt.Errorf("sde: %w: %s solves Itô equations; take Milstein, Heun or ReversibleHeun, "+
			"or write the equation in that calculus", ErrMethod, t.name)
	case !t.matrix && s.Noise == General && !s.Additive:
		return fmt.Errorf("sde: %w: %s is for Diagonal and Scalar noise; take EulerMaruyama or Heun", ErrMethod, t.name)
	}
	return nil
}

// EulerMaruyama is the method of Maruyama (1955) for Itô equations with any
// noise: of strong order 1/2, or 1 if the noise is additive, and of weak order
// 1.
//
// Step is the greatest step, in units of time. The interval from one stop to
// the next, the start and the output times being stops, is cut into the fewest
// equal steps that keep to it; equal to within a thirtieth, as their ends are
// rounded to times that a [Path] finds quickly. A Step of 0 means one step from
// each stop to the next.
type EulerMaruyama struct{ Step float64 }

func (m EulerMaruyama) step() float64 { return m.Step }

func (EulerMaruyama) tableau(Calculus) *tableau {
	t := &tableau{
		name: "EulerMaruyama",
		stages: []stage{
			both(),
			{base: [2]float64{1}, a: []float64{1}, b: []weights{{xiW: 1}}},
		},
		calculus: [2]bool{Ito: true},
		matrix:   true,
	}
	return t.seal()
}

// Milstein is the method of Milstein (1974) for equations of either calculus
// with Diagonal or Scalar noise, of strong order 1 and weak order 1, with a
// difference of diffusions in place of their derivative (Kloeden and Platen,
// Numerical Solution of Stochastic Differential Equations, 1992, 11.1): a
// forward one for Itô equations, a central one for the others, whose iterated
// integral has a mean. Step is as in [EulerMaruyama].
type Milstein struct{ Step float64 }

func (m Milstein) step() float64 { return m.Step }

func (Milstein) tableau(c Calculus) *tableau {
	y := [2]float64{1}
	t := &tableau{name: "Milstein", calculus: [2]bool{true, true}}
	if c == Ito {
		t.stages = []stage{
			both(),
			{base: y, b: []weights{{xiRoot: 1}}, noise: true},
			{base: y, a: []float64{1}, b: []weights{{xiW: 1, xiW2: -1}, {xiW2: 1}}},
		}
	} else {
		t.stages = []stage{
			both(),
			{base: y, b: []weights{{xiRoot: 1}}, noise: true},
			{base: y, b: []weights{{xiRoot: -1}}, noise: true},
			{base: y, a: []float64{1}, b: []weights{{xiW: 1}, {xiW2: 1. / 2}, {xiW2: -1. / 2}}},
		}
	}
	return t.seal()
}

// SRI is Rößler's stochastic Runge-Kutta method SRIW1 (SIAM J. Numer. Anal. 48,
// 2010, table 6.2) for Itô equations with Diagonal or Scalar noise, of strong
// order 1.5. It uses the path's space-time area.
//
// With a Step of 0 its steps follow the error estimate of Rackauckas and Nie
// (Discrete Contin. Dyn. Syst. B 22, 2017); otherwise Step is as in
// [EulerMaruyama].
type SRI struct{ Step float64 }

func (m SRI) step() float64 { return m.Step }

func (SRI) tableau(Calculus) *tableau {
	// Stage 0 is H⁰₁, H⁰₃, H⁰₄ and H¹₁; stage 1 is H¹₂, 2 is H⁰₂, 3 is H¹₃, 4 is H¹₄.
	y := [2]float64{1}
	t := &tableau{
		name: "SRI",
		stages: []stage{
			both(),
			{c: 1. / 4, base: y, a: []float64{1. / 4}, b: []weights{{xiRoot: 1. / 2}}, noise: true},
			{c: 3. / 4, base: y, a: []float64{3. / 4}, b: []weights{{xiArea: 3. / 2}}, drift: true},
			{c: 1, base: y, a: []float64{1}, b: []weights{{xiRoot: -1}}, noise: true},
			{c: 1. / 4, base: y, a: []float64{1. / 4},
				b: []weights{{xiRoot: -5}, {xiRoot: 3}, {}, {xiRoot: 1. / 2}}, noise: true},
			{base: y, a: []float64{1. / 3, 0, 2. / 3}, b: []weights{
				{xiW: -1, xiW2: -1, xiArea: 2, xiW3: -2},
				{xiW: 4. / 3, xiW2: 4. / 3, xiArea: -4. / 3, xiW3: 5. / 3},
				{},
				{xiW: 2. / 3, xiW2: -1. / 3, xiArea: -2. / 3, xiW3: -2. / 3},
				{xiW3: 1},
			}},
		},
		errDrift: []float64{-1. / 6, 0, 1. / 6},
		errNoise: []weights{{xiArea: 2, xiW3: -2}, {xiArea: -4. / 3, xiW3: 5. / 3}, {}, {xiArea: -2. / 3, xiW3: -2. / 3}, {xiW3: 1}},
		errPower: 1.5,
		calculus: [2]bool{Ito: true},
	}
	return t.seal()
}

// SRA is Rößler's stochastic Runge-Kutta method SRA1 (SIAM J. Numer. Anal. 48,
// 2010, table 6.3) for additive noise of any shape, of strong order 1.5. It
// uses the path's space-time area. Step is as in [SRI].
type SRA struct{ Step float64 }

func (m SRA) step() float64 { return m.Step }

func (SRA) tableau(Calculus) *tableau {
	// Stage 0 is H¹₁, at the step's end; 1 and 2 are H⁰₁ with H¹₂, and H⁰₂.
	y := [2]float64{1}
	t := &tableau{
		name: "SRA",
		stages: []stage{
			{c: 1, base: y, noise: true},
			both(),
			{c: 3. / 4, base: y, a: []float64{0, 3. / 4}, b: []weights{{xiArea: 3. / 2}}, drift: true},
			{base: y, a: []float64{0, 1. / 3, 2. / 3}, b: []weights{{xiW: 1, xiArea: -1}, {xiArea: 1}}},
		},
		errDrift: []float64{0, -1. / 6, 1. / 6},
		errPower: 1.5,
		calculus: [2]bool{true, true},
		matrix:   true,
		additive: true,
	}
	return t.seal()
}

// Heun is the stochastic trapezoidal rule for Stratonovich equations with any
// noise (Rümelin, SIAM J. Numer. Anal. 19, 1982): of strong order 1 if the
// noise is commutative, as Diagonal, Scalar and additive noise are, else 1/2.
// Step is as in [SRI]; the error estimate is the difference from Euler's
// method.
type Heun struct{ Step float64 }

func (m Heun) step() float64 { return m.Step }

func (Heun) tableau(Calculus) *tableau {
	y := [2]float64{1}
	t := &tableau{
		name: "Heun",
		stages: []stage{
			both(),
			{c: 1, base: y, a: []float64{1}, b: []weights{{xiW: 1}}, drift: true, noise: true},
			{base: y, a: []float64{1. / 2, 1. / 2}, b: []weights{{xiW: 1. / 2}, {xiW: 1. / 2}}},
		},
		errDrift: []float64{-1. / 2, 1. / 2},
		errNoise: []weights{{xiW: -1. / 2}, {xiW: 1. / 2}},
		errPower: 1,
		calculus: [2]bool{Stratonovich: true},
		matrix:   true,
	}
	return t.seal()
}

// ReversibleHeun is the method of Kidger, Foster, Li and Lyons (Efficient and
// Accurate Gradients for Neural SDEs, 2021) for Stratonovich equations with any
// noise, of strong order 1/2, or 1 if the noise is additive, with one
// evaluation a step. It carries a second state, which begins at the first one
// and takes part in gradients.
// Where solutions are damped its steps are bounded more narrowly than Heun's.
// Step is as in [SRI].
type ReversibleHeun struct{ Step float64 }

func (m ReversibleHeun) step() float64 { return m.Step }

func (ReversibleHeun) tableau(Calculus) *tableau {
	t := &tableau{
		name: "ReversibleHeun",
		aux:  1,
		stages: []stage{
			{base: [2]float64{0, 1}, drift: true, noise: true},
			{c: 1, base: [2]float64{2, -1}, a: []float64{1}, b: []weights{{xiW: 1}}, drift: true, noise: true},
			{base: [2]float64{1, 0}, a: []float64{1. / 2, 1. / 2}, b: []weights{{xiW: 1. / 2}, {xiW: 1. / 2}}},
		},
		errDrift: []float64{-1. / 2, 1. / 2},
		errNoise: []weights{{xiW: -1. / 2}, {xiW: 1. / 2}},
		errPower: 1,
		calculus: [2]bool{Stratonovich: true},
		matrix:   true,
	}
	return t.seal()
}
