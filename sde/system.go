package sde

import "fmt"

// Noise is the shape of a diffusion.
type Noise int

// The shapes.
const (
	// Diagonal noise drives component i by motion i alone, for the first
	// Motions components; the others have none. The diffusion has Motions
	// elements. For [Milstein] and [SRI] element i must be a function of time
	// and component i alone.
	Diagonal Noise = iota

	// Scalar noise drives all components by one motion. The diffusion has Dim
	// elements.
	Scalar

	// General noise drives each component by all motions. The diffusion is a
	// matrix of Dim×Motions.
	General
)

// Calculus is the meaning of the integral over the motions.
type Calculus int

// The two integrals.
const (
	Ito          Calculus = iota // of left end points
	Stratonovich                 // of midpoints
)

// A BatchSystem is the stochastic differential equation
//
//	dy = f(t, y; θ) dt + g(t, y; θ) dW
//
// evaluated for many trajectories at once, each at its own time. The result
// for a row must not depend on the other rows.
type BatchSystem struct {
	// Dim is the length of a state, Params that of θ. A Params of 0 leaves the
	// length of the parameters' gradient to the products.
	Dim, Params int

	// Motions is the number of independent Brownian motions; 0 means Dim of
	// them for Diagonal noise and one for other noise.
	Motions int

	Noise    Noise
	Calculus Calculus

	// Additive says that g is a function of time and θ alone, as [SRA] needs.
	// Both integrals are then the same.
	Additive bool

	// Theta is θ itself if Drift and Diffusion read it from there, or nil. With
	// it the check of the products ([Options.TrustVJP]) covers θ: it changes
	// Theta for a moment, so that nobody else may read it then.
	Theta []float64

	// Drift sets row i of dst (len(rows)×Dim) to f of trajectory rows[i] at time
	// t[i] in the state in row i of y. An error stops the whole batch; a NaN
	// fails its trajectory, or makes its step smaller if steps are adaptive.
	// Drift must neither change nor keep its arguments but dst.
	Drift func(dst []float64, rows []int, t, y []float64) error

	// Diffusion does the same for g; the rows of dst have the shape that Noise
	// says, in row-major order.
	Diffusion func(dst []float64, rows []int, t, y []float64) error

	// DriftVJP adds aᵢ·∂f/∂y to row i of dy, and the sum over the rows of
	// aᵢ·∂f/∂θ to dp; dp may be nil. DiffusionVJP does the same for g, the rows
	// of a having the shape of g. They are needed for gradients alone.
	DriftVJP     func(dy, dp []float64, rows []int, t, y, a []float64) error
	DiffusionVJP func(dy, dp []float64, rows []int, t, y, a []float64) error
}

// width returns the length of a row of the diffusion.
func (s *BatchSystem) width() int {
	if s.Noise == Diagonal {
		return s.Motions
	}
	return s.Dim * s.Motions
}

// complete checks the system and fills in what its zero values stand for.
func (s *BatchSystem) complete() error {
	if s.Dim <= 0 || s.Params < 0 || s.Motions < 0 {
		return fmt.Errorf("sde: %w: the system has Dim %d, Params %d and Motions %d", ErrDimension, s.Dim, s.Params, s.Motions)
	}
	if s.Drift == nil || s.Diffusion == nil {
		return fmt.Errorf("sde: %w: Drift and Diffusion must be given", ErrOption)
	}
	if (s.DriftVJP == nil) != (s.DiffusionVJP == nil) {
		return fmt.Errorf("sde: %w: DriftVJP and DiffusionVJP must both be given, or neither", ErrOption)
	}
	if len(s.Theta) != 0 && len(s.Theta) != s.Params {
		return fmt.Errorf("sde: %w: the system has Params %d and a Theta of %d", ErrDimension, s.Params, len(s.Theta))
	}
	if s.Calculus != Ito && s.Calculus != Stratonovich {
		return fmt.Errorf("sde: %w: there is no Calculus %d", ErrOption, s.Calculus)
	}
	if s.Motions == 0 {
		s.Motions = 1
		if s.Noise == Diagonal {
			s.Motions = s.Dim
		}
	}
	switch {
	case s.Noise < Diagonal || s.Noise > General:
		return fmt.Errorf("sde: %w: there is no Noise %d", ErrOption, s.Noise)
	case s.Noise == Diagonal && s.Motions > s.Dim:
		return fmt.Errorf("sde: %w: %d motions for Diagonal noise in %d components", ErrDimension, s.Motions, s.Dim)
	case s.Noise == Scalar && s.Motions != 1:
		return fmt.Errorf("sde: %w: %d motions for Scalar noise, which has one", ErrDimension, s.Motions)
	}
	return nil
}

// A System is a stochastic differential equation for one trajectory. Its
// fields are those of [BatchSystem].
type System struct {
	Dim, Params int
	Motions     int
	Noise       Noise
	Calculus    Calculus
	Additive    bool
	Theta       []float64

	// Drift sets dst (Dim) to f(t, y; θ), and Diffusion sets it to g(t, y; θ).
	Drift, Diffusion func(dst []float64, t float64, y []float64) error

	// DriftVJP adds a·∂f/∂y to dy and a·∂f/∂θ to dp; dp may be nil.
	// DiffusionVJP does the same for g.
	DriftVJP, DiffusionVJP func(dy, dp []float64, t float64, y, a []float64) error
}

// Batch returns the system as one of batches, evaluated row by row.
func (s System) Batch() BatchSystem {
	b := BatchSystem{Dim: s.Dim, Params: s.Params, Motions: s.Motions, Noise: s.Noise, Calculus: s.Calculus,
		Additive: s.Additive, Theta: s.Theta}
	b.Drift, b.Diffusion = eachRow(s.Dim, s.Drift), eachRow(s.Dim, s.Diffusion)
	b.DriftVJP, b.DiffusionVJP = eachProduct(s.Dim, s.DriftVJP), eachProduct(s.Dim, s.DiffusionVJP)
	return b
}

func eachRow(d int, f func(dst []float64, t float64, y []float64) error) func(dst []float64, rows []int, t, y []float64) error {
	if f == nil {
		return nil
	}
	return func(dst []float64, rows []int, t, y []float64) error {
		w := len(dst) / len(rows)
		for i, row := range rows {
			if err := f(dst[i*w:(i+1)*w:(i+1)*w], t[i], y[i*d:(i+1)*d:(i+1)*d]); err != nil {
				return rowError(row, t[i], err)
			}
		}
		return nil
	}
}

func eachProduct(d int, f func(dy, dp []float64, t float64, y, a []float64) error) func(dy, dp []float64, rows []int, t, y, a []float64) error {
	if f == nil {
		return nil
	}
	return func(dy, dp []float64, rows []int, t, y, a []float64) error {
		w := len(a) / len(rows)
		for i, row := range rows {
			lo, hi := i*d, (i+1)*d
			if err := f(dy[lo:hi:hi], dp, t[i], y[lo:hi:hi], a[i*w:(i+1)*w:(i+1)*w]); err != nil {
				return rowError(row, t[i], err)
			}
		}
		return nil
	}
}

func rowError(row int, t float64, err error) error {
	return fmt.Errorf("trajectory %d at t = %g: %w", row, t, err)
}
