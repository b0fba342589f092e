package sde

import (
	"context"
	"fmt"
	"slices"
)

// A Problem is an initial value problem along the path of a seed.
type Problem struct {
	System
	T0    float64
	Y0    []float64
	Times []float64 // at which the state is asked for, in increasing order; the last is the end
	Seed  uint64
}

// A Solution is what Solve has found. Reading it is safe for concurrent use,
// Gradient is not.
type Solution struct {
	Times []float64 // reached

	batch *Batch
}

// Solve solves a problem by the method m. The times may repeat, and T0 may be
// among them.
//
// If the solution cannot be carried to its end, the error is an *[Error], and
// the Solution holds what was reached. The Solution is nil if the input is
// bad.
//
// For many problems, or the same one many times, a [Batch] does not allocate.
func Solve(ctx context.Context, p Problem, m Method, opt *Options) (*Solution, error) {
	if len(p.Times) == 0 {
		return nil, fmt.Errorf("sde: %w: no times are asked for", ErrTimes)
	}
	b, err := NewBatch(p.Batch(), m, opt)
	if err != nil {
		return nil, err
	}
	err = b.Solve(ctx, []float64{p.T0}, p.Y0, [][]float64{p.Times}, []uint64{p.Seed})
	if len(b.traj) == 0 {
		return nil, err
	}
	if e := b.Err(0); e != nil {
		err = e
	}
	return &Solution{Times: slices.Clone(p.Times[:b.traj[0].reached]), batch: b}, err
}

// Y returns the state at Times[k]. The slice aliases the solution's memory.
func (s *Solution) Y(k int) []float64 {
	d := s.batch.sys.Dim
	return s.batch.out[k*d : (k+1)*d : (k+1)*d]
}

// Stats returns what was done for the solution and for its gradients.
func (s *Solution) Stats() Stats { return s.batch.Stats(0) }

// Path returns the path along which the solution goes.
func (s *Solution) Path() *Path { return s.batch.Path(0) }

// A Gradient holds the derivatives of a function of a solution with respect to
// what made it.
type Gradient struct {
	Y0     []float64
	Params []float64
}

// Gradient returns the gradient of the function of the solution whose gradient
// with respect to its states at Times is states, in rows of Dim.
func (s *Solution) Gradient(states []float64) (*Gradient, error) {
	b := s.batch
	r := &Gradient{Y0: make([]float64, b.sys.Dim)}
	if b.sys.Params > 0 {
		r.Params = make([]float64, b.sys.Params)
	}
	if err := b.Backward(r.Y0, r.Params, [][]float64{states}); err != nil {
		return nil, err
	}
	return r, nil
}
