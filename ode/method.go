package ode

import "math"

// A Method is an explicit Runge-Kutta method, one of [Dopri5], [Tsit5],
// [DOP853] and [BogackiShampine], which choose their steps, or of [RK4],
// [Heun], [Midpoint] and [Euler], whose steps are given, or an implicit one for
// stiff problems, [Rodas5P] or [Kvaerno5].
type Method interface {
	tableau() *tableau
	fixed() fixedStep
}

// adaptive is embedded in the methods that choose their steps.
type adaptive struct{}

func (adaptive) fixed() fixedStep { return fixedStep{} }

// A fixedStep says how a method without an error estimate steps.
type fixedStep struct {
	step  float64 // greatest step; 0 means from stop to stop
	dense bool    // outputs by interpolation: they are no stops
}

// A tableau holds the coefficients of a method.
//
// Stages 0 to s-1 make the step. Stage s is the field at the step's end, so
// that a[s] holds the weights usually called b and c[s] is 1; it is the next
// step's stage 0. Further stages serve dense output alone.
type tableau struct {
	name  string
	order int         // of the solution
	s     int         // number of stages that make the step
	c     []float64   // all stages' times in units of the step
	a     [][]float64 // row i holds the weights of the stages before i

	e     []float64   // error estimate, over stages 0 to s; nil if there is none
	e3    []float64   // second estimate, of lower order (DOP853)
	expo  float64     // 1/expo is the power of the error that the step goes with
	beta  float64     // stabilisation of the PI controller
	dense [][]float64 // terms of the interpolant beyond the cubic Hermite one; see weights

	// Implicit methods: the coefficient of a stage in itself, for all stages but
	// the first, the last of which is stage s; or what a Rosenbrock method has
	// besides, whose stage s is never evaluated and whose dense terms begin
	// with F₁.
	diag   float64
	linear *rosenbrock

	// A partitioned method's weights for the second half of the state, in place
	// of a; nil for others. Its fields are separable.
	second [][]float64

	// h|λ| is estimated from the stages stiff and s, which have the same time
	// in the step, and is stable up to about bound; 0 if there is no such stage.
	stiff int
	bound float64
}

// weights sets w, one number for each stage, so that the interpolant is
//
//	y(t+θh) = y + h Σᵢ w[i]·kᵢ.
//
// Every method's interpolant is written as Hairer, Nørsett and Wanner (1993,
// II.6) write theirs, as the cubic Hermite polynomial of the step's ends and
// terms that vanish there with their derivatives:
//
//	y + θ(F₀ + (1-θ)(F₁ + θ(F₂ + (1-θ)(F₃ + θ(F₄ + ...)))))
//	F₀ = ynew - y,  F₁ = h·k₀ - F₀,  F₂ = 2F₀ - h(k₀ + kₛ)
//
// with F₃, F₄, ... from the rows of dense.
func (tab *tableau) weights(w []float64, theta float64) { tab.weightsOf(tab.a, w, theta) }

// weightsOf is weights for those of half the state whose stages have the
// weights a.
func (tab *tableau) weightsOf(a [][]float64, w []float64, theta float64) {
	r := 1 - theta
	phi := theta * r // φ₁
	clear(w)
	if tab.linear != nil {
		for i, x := range tab.a[tab.s] {
			w[i] = theta * x
		}
		phi = theta
		for m, row := range tab.dense {
			if m%2 == 0 {
				phi *= r
			} else {
				phi *= theta
			}
			for i, x := range row {
				w[i] += phi * x
			}
		}
		return
	}
	b := theta - phi + 2*theta*phi
	for i, x := range a[tab.s] {
		w[i] = b * x
	}
	w[tab.s] = b * tab.diag
	phi *= theta // φ₂
	w[0] += theta*r - phi
	w[tab.s] -= phi
	for m, row := range tab.dense {
		if m%2 == 0 {
			phi *= r
		} else {
			phi *= theta
		}
		for i, x := range row {
			w[i] += phi * x
		}
	}
}

// A linear is a linear combination of some stages' values.
type linear struct {
	j []int
	c []float64
	d []float64 // in place of c for the second half of the state, unless nil
}

func newLinear(c []float64) linear {
	var l linear
	for j, x := range c {
		if x != 0 {
			l.j = append(l.j, j)
			l.c = append(l.c, x)
		}
	}
	return l
}

// newPair is newLinear for a method with other weights d, or nil, for the
// second half of the state.
func newPair(c, d []float64) linear {
	if d == nil {
		return newLinear(c)
	}
	l := linear{d: []float64{}}
	for j := range c {
		if c[j] != 0 || d[j] != 0 {
			l.j, l.c, l.d = append(l.j, j), append(l.c, c[j]), append(l.d, d[j])
		}
	}
	return l
}

// A scheme is a tableau made ready for the loops.
type scheme struct {
	*tableau
	row   []linear // of stage i: weights of the stages before it
	err   linear
	err3  linear
	terms []linear // dense, ready
	mixed []int    // stages that enter the interpolant
	parts []linear // of the interpolant, over the stages; nil if it has none (see setParts)
	early bool     // the error estimate needs stage s
	calls int      // evaluations in an attempt, but for stage 0

	// Transposed rows, for the adjoint: how stage j enters the later stages
	// that make the step, and all later stages. The index len(c) stands for
	// the adjoint of the step's end, with weight a[s][j].
	column, columnDense []linear

	partsOf []linear // of stage i, over the parts

	coupled, coupledColumn []linear // of a Rosenbrock method
	guess                  []linear // of stage i, from the stages before it, if Newton's iteration is to solve it
}

func newScheme(t *tableau) *scheme {
	s := &scheme{tableau: t, err: newLinear(t.e), err3: newLinear(t.e3)}
	s.early = len(t.e) > t.s && t.e[t.s] != 0
	s.calls = t.s - 1
	if t.diag != 0 {
		s.calls = 0 // Newton's iteration counts its own
	} else if s.early {
		s.calls++
	}
	w, v := make([]float64, len(t.c)), make([]float64, len(t.c))
	t.weights(w, 0.3)
	t.weights(v, 0.7)
	for i := range w {
		if w[i] != 0 || v[i] != 0 || t.second != nil {
			s.mixed = append(s.mixed, i)
		}
	}
	for _, row := range t.dense {
		s.terms = append(s.terms, newLinear(row))
	}
	s.setParts()
	n := len(t.c)
	for j := range n {
		if t.diag != 0 {
			s.guess = append(s.guess, newGuess(t.c[:j], t.c[j]))
		}
		if t.second != nil {
			s.row = append(s.row, newPair(t.a[j], t.second[j]))
			short, long := columns(t, t.a, j)
			short2, long2 := columns(t, t.second, j)
			s.column = append(s.column, newPair(short, short2))
			s.columnDense = append(s.columnDense, newPair(long, long2))
			continue
		}
		s.row = append(s.row, newLinear(t.a[j]))
		short, long := columns(t, t.a, j)
		s.column = append(s.column, newLinear(short))
		s.columnDense = append(s.columnDense, newLinear(long))
	}
	if t.linear != nil {
		s.coupled = make([]linear, t.s)
		for i, row := range t.linear.coupling {
			s.coupled[i] = newLinear(row)
		}
		for j := range t.s {
			column := make([]float64, t.s)
			for i := j + 1; i < t.s; i++ {
				column[i] = t.linear.coupling[i][j]
			}
			s.coupledColumn = append(s.coupledColumn, newLinear(column))
		}
	}
	return s
}

// columns returns how stage j enters the later stages that make the step and
// the step's end, and all later stages and the end, of a method with weights a.
func columns(t *tableau, a [][]float64, j int) (short, long []float64) {
	n := len(t.c)
	short, long = make([]float64, n+1), make([]float64, n+1)
	for i := j + 1; i < n; i++ {
		if i < t.s || t.diag != 0 {
			short[i] = a[i][j]
		}
		if i < t.s || t.linear == nil {
			long[i] = a[i][j]
		}
	}
	if j < t.s {
		short[n], long[n] = a[t.s][j], a[t.s][j]
	} else if j == t.s {
		short[n], long[n] = t.diag, t.diag
	}
	return short, long
}

// stageTime returns the time of a stage with coefficient c in the step from t
// to end (of length h). The ends of a step that lie on a jump are approached from
// within.
func stageTime(c, t, h, end float64, jump jumpEnds) float64 {
	switch {
	case c == 0 && jump&jumpStart != 0:
		return math.Nextafter(t, end)
	case c == 0:
		return t
	case c == 1 && jump&jumpEnd != 0:
		return math.Nextafter(end, t)
	case c == 1:
		return end
	}
	return t + c*h
}

// jumpEnds says which ends of a step lie on a jump of the field.
type jumpEnds uint8

const (
	jumpStart jumpEnds = 1 << iota
	jumpEnd
)
