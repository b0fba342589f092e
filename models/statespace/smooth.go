package statespace

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// Smoothed is what the smoother makes of a series.
type Smoothed struct {
	// States holds the distribution of each state given all observations.
	States []Gaussian

	// Lagged holds the covariance of each state but the first with the one
	// before, n×n, given all observations: Cov(z_t, z_{t-1}) at t-1.
	Lagged []*mat.Dense

	// Jittered is the number of states whose predicted covariance was singular
	// and had a little added to its diagonal to be inverted.
	Jittered int
}

// jitter is what is added to the diagonal of a singular covariance, as a part of
// its mean: first this, then ten times as much and so on, mostJitters times.
const (
	jitter      = 1e-14
	mostJitters = 8
)

// Smooth runs the smoother. The error wraps ErrSystem if a covariance is not
// positive definite.
func (f *Filtered) Smooth() (*Smoothed, error) {
	steps := len(f.Updated)
	s := &Smoothed{States: make([]Gaussian, steps)}
	if steps == 0 {
		return s, nil
	}
	s.Lagged = make([]*mat.Dense, steps-1)
	s.States[steps-1] = f.Updated[steps-1]
	a := f.system.A
	for t := steps - 2; t >= 0; t-- {
		here, next := f.Updated[t], f.Predicted[t+1]
		chol, jittered, err := factorize(next.Cov)
		if err != nil {
			return nil, fmt.Errorf("%w at time %d", err, t+1)
		}
		s.Jittered += jittered
		// The gain J = P Aᵀ P⁻¹, transposed.
		var ap, gainT mat.Dense
		ap.Mul(a, here.Cov)
		if err := chol.SolveTo(&gainT, &ap); err != nil {
			return nil, fmt.Errorf("%w: the covariance of the state at time %d: %w", ErrSystem, t+1, err)
		}
		var d, mean mat.VecDense
		d.SubVec(s.States[t+1].Mean, next.Mean)
		mean.MulVec(gainT.T(), &d)
		mean.AddVec(&mean, here.Mean)
		var change mat.SymDense
		change.ScaleSym(-1, next.Cov)
		change.AddSym(&change, s.States[t+1].Cov)
		cov := congruence(gainT.T(), &change)
		cov.AddSym(cov, here.Cov)
		s.States[t] = Gaussian{&mean, cov}
		var lagged mat.Dense
		lagged.Mul(s.States[t+1].Cov, &gainT)
		s.Lagged[t] = &lagged
	}
	return s, nil
}

// factorize returns the Cholesky factor of m, or of m with as much added to its
// diagonal as it takes.
func factorize(m *mat.SymDense) (chol *mat.Cholesky, jittered int, err error) {
	chol = &mat.Cholesky{}
	if chol.Factorize(m) {
		return chol, 0, nil
	}
	n := m.SymmetricDim()
	add := jitter * mat.Trace(m) / float64(n)
	for range mostJitters {
		raised := mat.NewSymDense(n, nil)
		raised.CopySym(m)
		for i := range n {
			raised.SetSym(i, i, raised.At(i, i)+add)
		}
		if add > 0 && chol.Factorize(raised) {
			return chol, 1, nil
		}
		add *= 10
	}
	return nil, 0, fmt.Errorf("%w: the covariance of a state is not positive definite", ErrSystem)
}
