package ode

// Kvaerno5 is the singly diagonally implicit Runge-Kutta method of order 5
// with an explicit first stage of Kværnø (BIT Numer. Math. 44, 2004, ESDIRK
// 5/4 a) and its error estimate of order 4, for stiff problems. It is A- and
// L-stable; its six implicit stages are solved by Newton's iteration, which
// takes one to three evaluations each. A Jacobian ([Field.Jac]) serves as long as
// the iteration goes well, up to twenty steps, or one step where a gradient is to
// come. Steps end at the outputs, or with Dense these are of the cubic Hermite
// interpolant, whose order is but 3. [Rodas5P] is cheaper where the Jacobian is.
type Kvaerno5 struct{ adaptive }

func (Kvaerno5) tableau() *tableau {
	const (
		g       = 0.26
		caution = 8 // times the estimate, so that errors at the end are near the tolerance as those of Rodas5P
	)
	last := []float64{0.13659751177640291, 0, -0.05496908796538376, -0.04118626728321046, 0.62993304899016403, 0.06962479448202728}
	before := []float64{0.13855640231268224, 0, -0.04245337201752043, 0.02446657898003141, 0.61943039072480676}
	e := []float64{0, 0, 0, 0, 0, 0, g}
	for i, x := range last {
		e[i] = x
		if i < 5 {
			e[i] -= before[i]
		} else {
			e[i] -= g
		}
	}
	for i := range e {
		e[i] *= caution
	}
	return &tableau{
		name:  "Kvaerno5",
		order: 5,
		s:     6,
		c:     []float64{0, 0.52, 1.230333209967908, 0.8957659843500759, 0.43639360985864756, 1, 1},
		a: [][]float64{
			{},
			{g},
			{0.13, 0.84033320996790809},
			{0.22371961478320505, 0.47675532319799699, -0.06470895363112615},
			{0.16648564323248321, 0.10450018841591720, 0.03631482272098715, -0.13090704451073998},
			before,
			last,
		},
		e:    e,
		expo: 5,
		beta: 0.04,
		diag: g,
	}
}
