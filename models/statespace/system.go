package statespace

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// A System is a linear-Gaussian state space model of n state variables and p
// channels that does not change with time. See the package documentation for the
// letters.
type System struct {
	A *mat.Dense    // n×n, transition
	C *mat.Dense    // p×n, observation
	Q *mat.SymDense // n×n, covariance of the disturbances of the state
	R *mat.SymDense // p×p, positive definite, of the noise of observations

	Mean *mat.VecDense // n, of the first state
	Cov  *mat.SymDense // n×n
}

// ErrSystem is the error of matrices that make no system, or that stopped being
// positive.
var ErrSystem = errors.New("statespace: not a system")

// Validate says which matrix is missing, of another shape or not finite.
func (s *System) Validate() error {
	if s.A == nil || s.C == nil || s.Q == nil || s.R == nil || s.Mean == nil || s.Cov == nil {
		return fmt.Errorf("%w: a matrix is missing", ErrSystem)
	}
	n, _ := s.A.Dims()
	p, _ := s.C.Dims()
	for _, m := range []struct {
		name       string
		m          mat.Matrix
		rows, cols int
	}{
		{"A", s.A, n, n}, {"C", s.C, p, n}, {"Q", s.Q, n, n}, {"R", s.R, p, p}, {"Mean", s.Mean, n, 1}, {"Cov", s.Cov, n, n},
	} {
		if r, c := m.m.Dims(); r != m.rows || c != m.cols {
			return fmt.Errorf("%w: %s is %d×%d, want %d×%d", ErrSystem, m.name, r, c, m.rows, m.cols)
		}
		if sum := mat.Sum(m.m); math.IsNaN(sum - sum) {
			return fmt.Errorf("%w: %s is not finite", ErrSystem, m.name)
		}
	}
	return nil
}

func (s *System) dims() (n, p int) {
	p, n = s.C.Dims()
	return n, p
}

// A Gaussian is the distribution of a state.
type Gaussian struct {
	Mean *mat.VecDense
	Cov  *mat.SymDense
}

// Filtered is what the filter makes of a series.
type Filtered struct {
	// Predicted holds the distribution of each state given the observations before it,
	// Updated that given its own as well.
	Predicted, Updated []Gaussian

	// LogLikelihood is the logarithm of the density of all that was observed, in
	// nats.
	LogLikelihood float64

	system *System
}

// Filter runs the Kalman filter over x, T×p with NaN for missing values. The error
// wraps ErrSystem if x has another width or an infinite value, or if the
// covariance of an observation is not positive definite.
func (s *System) Filter(x *mat.Dense) (*Filtered, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	n, p := s.dims()
	steps, width := x.Dims()
	if width != p {
		return nil, fmt.Errorf("%w: observations of %d channels, want %d", ErrSystem, width, p)
	}
	f := &Filtered{system: s}
	mean, cov := mat.VecDenseCopyOf(s.Mean), mat.NewSymDense(n, nil)
	cov.CopySym(s.Cov)
	for t := range steps {
		if t > 0 {
			mean, cov = s.advance(f.Updated[t-1])
		}
		predicted := Gaussian{mean, cov}
		f.Predicted = append(f.Predicted, predicted)
		updated, l, err := s.update(predicted, x.RawRowView(t))
		if err != nil {
			return nil, fmt.Errorf("%w at time %d", err, t)
		}
		f.Updated = append(f.Updated, updated)
		f.LogLikelihood += l
	}
	return f, nil
}

// advance returns the distribution of the next state.
func (s *System) advance(g Gaussian) (mean *mat.VecDense, cov *mat.SymDense) {
	var m mat.VecDense
	m.MulVec(s.A, g.Mean)
	c := congruence(s.A, g.Cov)
	c.AddSym(c, s.Q)
	return &m, c
}

// congruence returns a·s·aᵀ, symmetric to the last bit.
func congruence(a mat.Matrix, s mat.Symmetric) *mat.SymDense {
	var left, both mat.Dense
	left.Mul(a, s)
	both.Mul(&left, a.T())
	return symmetric(&both)
}

// symmetric returns the symmetric part of m.
func symmetric(m *mat.Dense) *mat.SymDense {
	n, _ := m.Dims()
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			s.SetSym(i, j, (m.At(i, j)+m.At(j, i))/2)
		}
	}
	return s
}

// observed returns the channels of x that have a value.
func observed(x []float64) (channels []int, err error) {
	for j, v := range x {
		if math.IsInf(v, 0) {
			return nil, fmt.Errorf("%w: channel %d is infinite", ErrSystem, j)
		}
		if !math.IsNaN(v) {
			channels = append(channels, j)
		}
	}
	return channels, nil
}

// part returns the rows and columns of m with the given numbers.
func part(m mat.Matrix, rows, cols []int) *mat.Dense {
	d := mat.NewDense(len(rows), len(cols), nil)
	for i, r := range rows {
		for j, c := range cols {
			d.Set(i, j, m.At(r, c))
		}
	}
	return d
}

func all(n int) []int {
	index := make([]int, n)
	for i := range index {
		index[i] = i
	}
	return index
}

// update returns the distribution of a state given an observation, and the logarithm of
// the observation's density.
func (s *System) update(g Gaussian, x []float64) (Gaussian, float64, error) {
	seen, err := observed(x)
	if err != nil || len(seen) == 0 {
		return g, 0, err
	}
	n, _ := s.dims()
	c, r := part(s.C, seen, all(n)), symmetric(part(s.R, seen, seen))
	v := mat.NewVecDense(len(seen), nil)
	v.MulVec(c, g.Mean)
	for i, j := range seen {
		v.SetVec(i, x[j]-v.AtVec(i))
	}
	cov := congruence(c, g.Cov)
	cov.AddSym(cov, r)
	var chol mat.Cholesky
	if !chol.Factorize(cov) {
		return g, 0, fmt.Errorf("%w: the covariance of an observation is not positive definite", ErrSystem)
	}
	var cp, gainT, weighted mat.Dense
	cp.Mul(c, g.Cov)
	if err := chol.SolveTo(&gainT, &cp); err != nil {
		return g, 0, fmt.Errorf("%w: the covariance of an observation: %w", ErrSystem, err)
	}
	var u mat.VecDense
	if err := chol.SolveVecTo(&u, v); err != nil {
		return g, 0, fmt.Errorf("%w: the covariance of an observation: %w", ErrSystem, err)
	}
	mean := mat.NewVecDense(n, nil)
	mean.MulVec(gainT.T(), v)
	mean.AddVec(mean, g.Mean)
	// (I - KC) P (I - KC)ᵀ + K R Kᵀ
	weighted.Mul(gainT.T(), c)
	weighted.Scale(-1, &weighted)
	for i := range n {
		weighted.Set(i, i, 1+weighted.At(i, i))
	}
	updated := congruence(&weighted, g.Cov)
	updated.AddSym(updated, congruence(gainT.T(), r))
	l := -0.5 * (float64(len(seen))*math.Log(2*math.Pi) + chol.LogDet() + mat.Dot(v, &u))
	return Gaussian{mean, updated}, l, nil
}

// Observation returns the distribution of a measurement of the state g, mean p and
// covariance p×p.
func (s *System) Observation(g Gaussian) Gaussian {
	var mean mat.VecDense
	mean.MulVec(s.C, g.Mean)
	cov := congruence(s.C, g.Cov)
	cov.AddSym(cov, s.R)
	return Gaussian{&mean, cov}
}

// Forecast returns the distributions of the states 1, 2 ... steps after g.
func (s *System) Forecast(g Gaussian, steps int) []Gaussian {
	out := make([]Gaussian, steps)
	for i := range out {
		mean, cov := s.advance(g)
		g = Gaussian{mean, cov}
		out[i] = g
	}
	return out
}
