package ode

import (
	"fmt"
	"math"

	"tsgen/internal/solver"
)

// TimeGradient adds to dt0 (one number for each trajectory) and dt (one for
// each of its times) the gradient with respect to the starts and to the times
// of the outputs, of the function whose gradient with respect to the states
// is dy; see [Gradient]. It must follow the call of [Batch.Backward] with the
// same dy. Either of dt0 and dt may be nil. It evaluates the field once at
// every output and start.
func (b *Batch) TimeGradient(dt0 []float64, dt, dy [][]float64) error {
	if err := b.checkBackward(nil, nil, dy); err != nil {
		return err
	}
	n, d := len(b.traj), b.field.Dim
	if dt0 != nil && len(dt0) != n || dt != nil && len(dt) != n {
		return fmt.Errorf("ode: %w: dt0 and dt of %d and %d trajectories, but there are %d", ErrDimension, len(dt0), len(dt), n)
	}
	if len(b.back.end) != n*d {
		return fmt.Errorf("ode: %w: the one with respect to times follows a Backward", ErrNoGradient)
	}
	sub := &b.sub
	for i := range b.traj {
		tr := &b.traj[i]
		if dy[i] == nil {
			continue
		}
		if dt != nil && dt[i] != nil {
			m := tr.reached
			if len(dt[i]) != m {
				return fmt.Errorf("ode: %w: dt[%d] has %d elements for %d times", ErrDimension, i, len(dt[i]), m)
			}
			sub.rows, sub.k = solver.Resize(sub.rows, m), solver.Resize(sub.k, m*d)
			for k := range sub.rows {
				sub.rows[k] = i
			}
			tr.stats.Calls += m
			if err := fieldError(b.field.Func(sub.k, sub.rows, b.times[tr.off:tr.off+m], b.Y(i))); err != nil {
				return err
			}
			for k := range m {
				if k >= tr.atStart {
					dt[i][k] += inner(dy[i][k*d:(k+1)*d], sub.k[k*d:(k+1)*d])
				}
			}
		}
		if dt0 == nil || tr.first < 0 {
			continue
		}
		at := tr.t0
		if b.steps[tr.first].jump&jumpStart != 0 {
			at = math.Nextafter(at, b.steps[tr.first].end)
		}
		sub.rows, sub.k, sub.ts = solver.Resize(sub.rows, 1), solver.Resize(sub.k, d), solver.Resize(sub.ts, 1)
		sub.rows[0], sub.ts[0] = i, at
		tr.stats.Calls++
		if err := fieldError(b.field.Func(sub.k, sub.rows, sub.ts, b.y0[i*d:(i+1)*d])); err != nil {
			return err
		}
		dt0[i] -= inner(b.back.end[i*d:(i+1)*d], sub.k)
	}
	return nil
}

// inner returns the inner product of x and y.
func inner(x, y []float64) float64 {
	s := 0.0
	for i := range x {
		s += x[i] * y[i]
	}
	return s
}
