package ode

import "fmt"

// observe shows slot i's accepted step, which is left at the time until, to
// [Options.Observe].
func (b *Batch) observe(i int, until float64) bool {
	s, d := &b.slots[i], b.field.Dim
	y := b.y[b.scheme.s][i*d : (i+1)*d]
	if until != s.end {
		y = b.hitY[len(b.hitY)-d:]
	}
	if err := b.opt.Observe(s.row, until, y); err != nil {
		b.fail(i, ErrCanceled, err)
		return false
	}
	return true
}

// Steps returns the times of the accepted steps of trajectory i: its start and
// every step's end. It needs what a gradient or [Options.Dense] keep, or
// [Options.KeepSteps].
func (b *Batch) Steps(i int) ([]float64, error) {
	if !b.keepSteps || b.keepFirst {
		return nil, fmt.Errorf("ode: %w: the steps were not kept: set Options.KeepSteps", ErrOption)
	}
	tr := &b.traj[i]
	t := make([]float64, 1, 1+tr.steps)
	t[0] = tr.t0
	for at := tr.first; at >= 0; at = b.steps[at].next {
		t = append(t, b.steps[at].until)
	}
	return t, nil
}
