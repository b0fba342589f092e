package ode

import (
	"context"
	"fmt"
	"slices"
	"sort"
)

// A Problem is an initial value problem.
type Problem struct {
	Field
	T0    float64
	Y0    []float64
	Times []float64 // at which the state is asked for; the last is the end
}

// A Solution is what Solve has found. Reading it is safe for concurrent use,
// Gradient is not.
type Solution struct {
	Times []float64 // reached
	Hits  []Hit     // events, in the order in which they happened

	batch *Batch
}

// Solve solves a problem by the method m. The times may be in increasing or
// decreasing order; they may repeat, and T0 may be among them.
//
// If the solution cannot be carried to its end, the error is an *[Error], and
// the Solution holds what was reached. The Solution is nil if the input is
// bad. A terminal event is no error: Times then ends before it, and Hits with
// it.
//
// For many problems, or the same one many times, a [Batch] does not allocate.
func Solve(ctx context.Context, p Problem, m Method, opt *Options) (*Solution, error) {
	if len(p.Times) == 0 {
		return nil, fmt.Errorf("ode: %w: no times are asked for", ErrTimes)
	}
	b, err := NewBatch(p.Batch(), m, opt)
	if err != nil {
		return nil, err
	}
	b.keepSteps, b.keepFirst = true, false
	err = b.Solve(ctx, []float64{p.T0}, p.Y0, [][]float64{p.Times})
	if len(b.traj) == 0 {
		return nil, err
	}
	if e := b.Err(0); e != nil {
		err = e
	}
	return &Solution{
		Times: slices.Clone(p.Times[:b.traj[0].reached]),
		Hits:  b.Hits(0),
		batch: b,
	}, err
}

// Y returns the state at Times[k]. The slice aliases the solution's memory.
func (s *Solution) Y(k int) []float64 {
	d := s.batch.field.Dim
	return s.batch.out[k*d : (k+1)*d : (k+1)*d]
}

// Steps returns the start and the ends of the accepted steps.
func (s *Solution) Steps() []float64 {
	t, _ := s.batch.Steps(0) // Solve has kept them
	return t
}

// Stats returns what was done for the solution and for its gradients.
func (s *Solution) Stats() Stats { return s.batch.Stats(0) }

// At sets dst to the state at any time from the start to the last step's end.
// See [Batch.At].
func (s *Solution) At(dst []float64, t float64) error { return s.batch.At(0, dst, t) }

// At sets dst (Dim) to the state of trajectory i at any time from its start to
// its last step's end or the event that ended it, from the method's
// interpolant; at a reset it is the state before. It needs [Options.Dense].
func (b *Batch) At(i int, dst []float64, t float64) error {
	if !b.keepDense {
		return fmt.Errorf("ode: %w: Options.Dense is not set", ErrOption)
	}
	tr := &b.traj[i]
	if len(dst) != b.field.Dim {
		return fmt.Errorf("ode: %w: %d elements for a state of %d", ErrDimension, len(dst), b.field.Dim)
	}
	if tr.first < 0 {
		if t != tr.t0 || tr.reached == 0 {
			return fmt.Errorf("ode: %w: trajectory %d did not leave %g, but is asked for %g", ErrTimes, i, tr.t0, t)
		}
		copy(dst, b.Y(i))
		return nil
	}
	end := tr.end
	if !(min(tr.t0, end) <= t && t <= max(tr.t0, end)) {
		return fmt.Errorf("ode: %w: trajectory %d goes from %g to %g, but is asked for %g", ErrTimes, i, tr.t0, end, t)
	}
	b.at(dst, &b.steps[b.find(i, t)], t)
	return nil
}

// find returns the step of trajectory i that holds t, of two that meet there
// the earlier one.
func (b *Batch) find(i int, t float64) int {
	if len(b.traj) == 1 {
		up := b.steps[0].h > 0
		return sort.Search(len(b.steps)-1, func(k int) bool {
			return t == b.steps[k].until || (t < b.steps[k].until) == up
		})
	}
	tr := &b.traj[i]
	p := &b.steps[tr.cursor]
	up := p.h > 0
	for p.prev >= 0 && (t == p.t || (t < p.t) == up) {
		tr.cursor = p.prev
		p = &b.steps[tr.cursor]
	}
	for p.next >= 0 && t != p.until && (t > p.until) == up {
		tr.cursor = p.next
		p = &b.steps[tr.cursor]
	}
	return tr.cursor
}

// A Loss is the gradient of a function of a solution with respect to its
// states at Times, in rows of Dim, and to the states and the times of its
// Hits. Any part may be nil.
type Loss struct {
	States   []float64
	Hits     [][]float64
	HitTimes []float64
}

// A Gradient holds the derivatives of a function of a solution with respect to
// what made it.
//
// The derivatives with respect to times follow from the states' adjoints: that
// of Times[k] is the function's gradient at that state times the field there,
// the times of other outputs being left as they are. T0 moves the initial
// condition y(T0) = Y0 in time, the state at a time in Times that equals T0
// being Y0 still. The last of Times is the derivative with respect to the end.
type Gradient struct {
	Y0     []float64
	Params []float64
	T0     float64
	Times  []float64
}

// Gradient returns the gradient of the function of the solution that has the
// gradient g, in the way that [Options.Adjoint] says.
func (s *Solution) Gradient(g Loss) (*Gradient, error) {
	return s.GradientContext(context.Background(), g)
}

// GradientContext is Gradient that stops with [ErrCanceled] when ctx is done.
func (s *Solution) GradientContext(ctx context.Context, g Loss) (*Gradient, error) {
	b := s.batch
	d, n := b.field.Dim, len(s.Times)
	dy := g.States
	if dy == nil {
		dy = make([]float64, n*d)
	}
	if len(g.Hits) > len(s.Hits) || len(g.HitTimes) > len(s.Hits) {
		return nil, fmt.Errorf("ode: %w: gradients of %d hits and %d times of hits for %d hits", ErrDimension, len(g.Hits), len(g.HitTimes), len(s.Hits))
	}
	for j := range s.Hits {
		var at []float64
		dt := 0.0
		if j < len(g.Hits) {
			at = g.Hits[j]
		}
		if j < len(g.HitTimes) {
			dt = g.HitTimes[j]
		}
		if at == nil && dt == 0 {
			continue
		}
		if err := b.SeedHit(0, j, at, dt); err != nil {
			b.dropSeeds()
			return nil, err
		}
	}
	r := &Gradient{Y0: make([]float64, d), Times: make([]float64, n)}
	if b.field.Params > 0 {
		r.Params = make([]float64, b.field.Params)
	}
	if err := b.BackwardContext(ctx, r.Y0, r.Params, [][]float64{dy}); err != nil {
		return nil, err
	}
	t0 := make([]float64, 1)
	if err := b.TimeGradient(t0, [][]float64{r.Times}, [][]float64{dy}); err != nil {
		return nil, err
	}
	r.T0 = t0[0]
	return r, nil
}
