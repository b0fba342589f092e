package gauss

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// A continuation takes the distribution of a lookback to that of the lookback one horizon
// later.
type continuation struct {
	gain  *mat.Dense    // of its mean
	after *mat.SymDense // the covariance that is added
}

// steady returns a continuation under which the distribution of a lookback that the model
// learned, N(0, P), stays what it is, so that however often it is applied means stay
// bounded and variances grow to those of P.
//
// The distribution of a horizon given the lookback, with the lookback moved by a horizon, is a
// gain F for which P - F P F' is positive semidefinite if Σ is stationary, and need not
// be if Σ isn't: then means may run away. In the coordinates in which P is the identity,
// P = L L', F is M = L⁻¹ F L, and what it needs is singular values of at most 1: larger
// ones are set to 1, which is the nearest such matrix in the Frobenius norm, and what is
// added is L (I - M M') L'.
func (f *fitted) steady() (*continuation, error) {
	past, block := f.past(), f.values()-f.past()
	var l mat.TriDense
	f.chol.LTo(&l)
	lower := mat.DenseCopyOf(&l)
	m := mat.NewDense(past, past, nil)
	if block < past {
		m.Slice(0, past-block, 0, past).(*mat.Dense).Copy(lower.Slice(block, past, 0, past))
	}
	m.Slice(past-block, past, 0, past).(*mat.Dense).Mul(f.gain, lower)
	if err := l.SolveTo(m, false, m); err != nil {
		return nil, fmt.Errorf("the covariance of the lookback: %w", err)
	}
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDFull) {
		return nil, errors.New("the distribution of what follows a lookback has no singular values")
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	values := svd.Values(nil)
	var left, kept, added mat.Dense
	left.Mul(lower, &u)
	kept.Apply(func(_, j int, x float64) float64 { return x * math.Min(values[j], 1) }, &left)
	added.Apply(func(_, j int, x float64) float64 { return x * math.Sqrt(math.Max(0, 1-values[j]*values[j])) }, &left)
	// F = L M L⁻¹, so that F' solves L' F' = (L M)'.
	var moved, gainT mat.Dense
	moved.Mul(&kept, v.T())
	if err := l.SolveTo(&gainT, true, moved.T()); err != nil {
		return nil, fmt.Errorf("the covariance of the lookback: %w", err)
	}
	c := &continuation{gain: mat.DenseCopyOf(gainT.T()), after: mat.NewSymDense(past, nil)}
	c.after.SymOuterK(1, &added)
	return c, nil
}
