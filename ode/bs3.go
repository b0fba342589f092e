package ode

// BogackiShampine is the method of order 3 of Bogacki and Shampine (Appl.
// Math. Lett. 2, 1989) with its error estimate of order 2 and the cubic
// Hermite interpolant. It takes three evaluations a step and suits tolerances
// of 1e-3 and looser.
type BogackiShampine struct{ adaptive }

func (BogackiShampine) tableau() *tableau {
	return &tableau{
		name:  "BogackiShampine",
		order: 3,
		s:     3,
		c:     []float64{0, 1. / 2, 3. / 4, 1},
		a: [][]float64{
			{},
			{1. / 2},
			{0, 3. / 4},
			{2. / 9, 1. / 3, 4. / 9},
		},
		e:    []float64{-5. / 72, 1. / 12, 1. / 9, -1. / 8},
		expo: 3,
		beta: 0.04,
	}
}
