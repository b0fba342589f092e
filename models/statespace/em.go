package statespace

import (
	"context"
	"errors"
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// EMOptions are the options of EM. The zero value is ready to use.
type EMOptions struct {
	// Iterations is how many there are at most; zero means 100.
	Iterations int

	// Gain is the rise of the log-likelihood, in nats, below which EM stops; zero
	// means never.
	Gain float64

	// FixState leaves Mean and Cov as they are: from one series they cannot be
	// estimated but as a point.
	FixState bool
}

// EM changes the matrices of s by expectation maximisation on some series, each
// T×p with NaN for missing values, and returns the log-likelihood before the first
// iteration and after each. The error is that of Filter or Smooth, or of ctx; s is
// then as the last full iteration left it.
func (s *System) EM(ctx context.Context, series []*mat.Dense, opt EMOptions) (trace []float64, err error) {
	if len(series) == 0 {
		return nil, errors.New("statespace: no series to learn from")
	}
	iterations := opt.Iterations
	if iterations == 0 {
		iterations = 100
	}
	for i := 0; ; i++ {
		if err := ctx.Err(); err != nil {
			return trace, err
		}
		m, l, err := s.expect(series)
		if err != nil {
			return trace, err
		}
		trace = append(trace, l)
		if i == iterations || i > 0 && l-trace[i-1] < opt.Gain {
			return trace, nil
		}
		next, err := s.maximise(m, opt)
		if err != nil {
			return trace, err
		}
		*s = *next
	}
}

// expected holds the sums over time and series of the second moments that the
// parameters are estimated from.
type expected struct {
	first         []Gaussian // distributions of the first states
	z, zPast      *mat.Dense // Σ E zzᵀ over the states that have one before, and over those before
	zLag          *mat.Dense // Σ E z_t z_{t-1}ᵀ
	transitions   float64
	xx, xz, zSeen *mat.Dense // Σ E xxᵀ, E xzᵀ, E zzᵀ over the times with an observation
	observations  float64
}

// expect returns the moments under s, and the log-likelihood.
func (s *System) expect(series []*mat.Dense) (*expected, float64, error) {
	n, p := s.dims()
	square := func() *mat.Dense { return mat.NewDense(n, n, nil) }
	m := &expected{
		z: square(), zPast: square(), zLag: square(), zSeen: square(),
		xx: mat.NewDense(p, p, nil), xz: mat.NewDense(p, n, nil),
	}
	total := 0.0
	for k, x := range series {
		f, err := s.Filter(x)
		if err != nil {
			return nil, 0, fmt.Errorf("series %d: %w", k, err)
		}
		total += f.LogLikelihood
		smoothed, err := f.Smooth()
		if err != nil {
			return nil, 0, fmt.Errorf("series %d: %w", k, err)
		}
		if len(smoothed.States) == 0 {
			continue
		}
		m.first = append(m.first, smoothed.States[0])
		for t, g := range smoothed.States {
			second := outer(g.Mean, g.Mean)
			second.Add(second, g.Cov)
			if t > 0 {
				before := smoothed.States[t-1]
				lag := outer(g.Mean, before.Mean)
				lag.Add(lag, smoothed.Lagged[t-1])
				past := outer(before.Mean, before.Mean)
				past.Add(past, before.Cov)
				m.z.Add(m.z, second)
				m.zPast.Add(m.zPast, past)
				m.zLag.Add(m.zLag, lag)
				m.transitions++
			}
			if err := s.observe(m, x.RawRowView(t), g.Mean, second); err != nil {
				return nil, 0, err
			}
		}
	}
	return m, total, nil
}

func outer(a, b mat.Vector) *mat.Dense {
	var d mat.Dense
	d.Outer(1, a, b)
	return &d
}

// observe adds the moments of a row x of observations of a state with the given
// mean and second moment. Given z and what was observed, x is F z + g with a
// covariance D: what was observed is itself, and what is missing follows from it
// as its noise goes with the noise of the others.
func (s *System) observe(m *expected, x []float64, mean *mat.VecDense, second *mat.Dense) error {
	seen, err := observed(x)
	if err != nil || len(seen) == 0 {
		return err
	}
	n, p := s.dims()
	f, g, d := mat.NewDense(p, n, nil), mat.NewVecDense(p, nil), mat.NewDense(p, p, nil)
	var missing []int
	values := mat.NewVecDense(len(seen), nil)
	at := 0
	for j, v := range x {
		if at < len(seen) && seen[at] == j {
			g.SetVec(j, v)
			values.SetVec(at, v)
			at++
		} else {
			missing = append(missing, j)
		}
	}
	if len(missing) > 0 {
		var chol mat.Cholesky
		if !chol.Factorize(symmetric(part(s.R, seen, seen))) {
			return fmt.Errorf("%w: R is not positive definite", ErrSystem)
		}
		var weightsT, fm, dm mat.Dense
		if err := chol.SolveTo(&weightsT, part(s.R, seen, missing)); err != nil {
			return fmt.Errorf("%w: R: %w", ErrSystem, err)
		}
		fm.Mul(weightsT.T(), part(s.C, seen, all(n)))
		fm.Sub(part(s.C, missing, all(n)), &fm)
		dm.Mul(weightsT.T(), part(s.R, seen, missing))
		dm.Sub(part(s.R, missing, missing), &dm)
		var gm mat.VecDense
		gm.MulVec(weightsT.T(), values)
		for i, j := range missing {
			g.SetVec(j, gm.AtVec(i))
			for k := range n {
				f.Set(j, k, fm.At(i, k))
			}
			for k, l := range missing {
				d.Set(j, l, dm.At(i, k))
			}
		}
	}
	var xz, fz, xx mat.Dense
	fz.Mul(f, second)
	xz.Add(&fz, outer(g, mean))
	m.xz.Add(m.xz, &xz)
	var fm mat.VecDense
	fm.MulVec(f, mean)
	cross := outer(&fm, g)
	xx.Mul(&fz, f.T())
	xx.Add(&xx, cross)
	xx.Add(&xx, cross.T())
	xx.Add(&xx, outer(g, g))
	xx.Add(&xx, d)
	m.xx.Add(m.xx, &xx)
	m.zSeen.Add(m.zSeen, second)
	m.observations++
	return nil
}

// maximise returns the system that is likeliest given the moments.
func (s *System) maximise(m *expected, opt EMOptions) (*System, error) {
	next := *s
	if m.transitions > 0 {
		a, err := regression(m.zLag, m.zPast)
		if err != nil {
			return nil, err
		}
		next.A, next.Q = a, residual(m.z, m.zLag, a, m.transitions)
	}
	if m.observations > 0 {
		c, err := regression(m.xz, m.zSeen)
		if err != nil {
			return nil, err
		}
		next.C, next.R = c, residual(m.xx, m.xz, c, m.observations)
	}
	if opt.FixState || len(m.first) == 0 {
		return &next, nil
	}
	n, _ := s.dims()
	k := float64(len(m.first))
	mean, cov := mat.NewVecDense(n, nil), mat.NewDense(n, n, nil)
	for _, g := range m.first {
		mean.AddScaledVec(mean, 1/k, g.Mean)
	}
	for _, g := range m.first {
		var d mat.VecDense
		d.SubVec(g.Mean, mean)
		cov.Add(cov, outer(&d, &d))
		cov.Add(cov, g.Cov)
	}
	cov.Scale(1/k, cov)
	next.Mean, next.Cov = mean, symmetric(cov)
	return &next, nil
}

// regression returns yx·xx⁻¹, for Σ E yxᵀ and Σ E xxᵀ.
func regression(yx, xx *mat.Dense) (*mat.Dense, error) {
	chol, _, err := factorize(symmetric(xx))
	if err != nil {
		return nil, err
	}
	var bT mat.Dense
	if err := chol.SolveTo(&bT, yx.T()); err != nil {
		return nil, fmt.Errorf("%w: the second moments of the states: %w", ErrSystem, err)
	}
	return mat.DenseCopyOf(bT.T()), nil
}

// residual returns the mean over n of yy - b·xyᵀ, the covariance of what a
// regression leaves.
func residual(yy, yx, b *mat.Dense, n float64) *mat.SymDense {
	var d mat.Dense
	d.Mul(b, yx.T())
	d.Sub(yy, &d)
	d.Scale(1/n, &d)
	return symmetric(&d)
}
