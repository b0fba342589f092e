package sde

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Stats counts what was done for a trajectory.
type Stats struct {
	Drifts, Diffusions int     // evaluations
	VJPs               int     // vector-Jacobian products of either
	Accepted, Rejected int     // steps
	MinStep, MaxStep   float64 // sizes of the accepted steps
}

// A Batch solves many initial value problems of one system, each with its own
// start, path, output times, steps and fate. It is a workspace to be used again
// and again: work of the same shape as before allocates nothing. It is not safe
// for concurrent use.
//
// What a trajectory does and gives is bitwise the same in any batch, if the
// system keeps to its rows.
type Batch struct {
	sys        BatchSystem
	method     *tableau
	scheme     scheme
	fixed      float64 // greatest step
	adaptive   bool
	opt        Options
	rtol, atol []float64
	width      int // of a row of the diffusion

	traj  []trajectory
	times []float64 // output times of all trajectories
	out   []float64 // states at these times
	y0    []float64

	paths []*Path // by row
	gen   *generator

	keep bool     // for a gradient
	kept []record // accepted steps of all trajectories
	data []float64
	room int // of what keepStages keeps of a step

	checked bool // the products were compared with differences

	// The trajectories at work lie in slots without gaps. Slot i has row i of
	// each matrix.
	slots []slot
	rows  []int
	ts    []float64
	y, z  []float64   // states
	in    [][]float64 // states of the stages; the last are those of the steps' ends
	f, g  [][]float64 // drifts and diffusions at the stages
	xi    [xiKinds][]float64

	q             []float64 // weights of the motions
	dif, difNoise []float64 // error estimates

	back sweep
}

// A trajectory is what is kept of a row.
type trajectory struct {
	err     *Error
	stats   Stats
	t0      float64
	off     int // of its times in Batch.times
	want    int // number of times
	atStart int // how many of them are its start
	reached int
	last    int // step, or -1
}

// A record is an accepted step of a trajectory.
type record struct {
	t, h, end float64
	num       int // which step of its trajectory it is
	prev      int // step of the same trajectory, or -1
	out, outs int // first output at its end, and their number
	data      int // where its stages lie in Batch.data, or its start if Recompute; or -1
}

// A slot is the state of a trajectory at work.
type slot struct {
	row      int
	t, end   float64
	h        float64 // of the step under way
	want     float64 // step that the control wants
	start    float64 // of the trajectory
	next     int     // next output
	attempts int
	count    int // equal steps left to the stop
	ready    bool
	rejected bool
	bad      bool // the last attempt was not finite
	worst    int  // in this component, or -1 if the estimate was not
	accepted bool
	done     bool
}

// NewBatch returns a workspace that solves s by the method m. It returns an
// error for bad options, and if the method does not suit the system.
func NewBatch(s BatchSystem, m Method, opt *Options) (*Batch, error) {
	if err := s.complete(); err != nil {
		return nil, err
	}
	if m == nil {
		return nil, fmt.Errorf("sde: %w: a method must be given", ErrOption)
	}
	b := &Batch{sys: s, method: m.tableau(s.Calculus), fixed: m.step(), width: s.width(), gen: newGenerator(newZiggurat())}
	if opt != nil {
		b.opt = *opt
	}
	if b.opt.MaxSteps == 0 {
		b.opt.MaxSteps = defaultMaxSteps
	}
	if err := b.opt.validate(b.fixed); err != nil {
		return nil, err
	}
	if err := b.method.suits(&s); err != nil {
		return nil, err
	}
	var err error
	if b.rtol, b.atol, err = b.opt.tolerances(s.Dim); err != nil {
		return nil, err
	}
	b.adaptive = b.fixed == 0 && b.method.errPower > 0
	b.keep = s.DriftVJP != nil && !b.opt.NoGradient
	b.checked = b.opt.TrustVJP
	n := len(b.method.stages)
	b.in, b.f, b.g = make([][]float64, n), make([][]float64, n-1), make([][]float64, n-1)
	b.room = (n-1)*s.Dim + 2*s.Motions
	b.scheme = newScheme(b.method)
	b.q, b.dif, b.difNoise = make([]float64, s.Motions), make([]float64, s.Dim), make([]float64, s.Dim)
	b.back.kf, b.back.kg = make([][]float64, n-1), make([][]float64, n-1)
	b.back.adj = make([][]float64, n)
	return b, nil
}

// Solve solves the problems that begin at time t0[i] in the state in row i of
// y0 (len(t0)×Dim) along the path of seeds[i], and gives their states at
// times[i]. The times of a trajectory are in increasing order from its start,
// which may be among them; they may repeat. A trajectory ends at its last time;
// one without times is left alone. Trajectories of equal seeds have the same
// motions after their starts.
//
// Solve returns an error if the input is bad, if the system returns one or if
// ctx is done. A trajectory that fails is no error of the batch: see
// [Batch.Err]. The arguments are not kept.
func (b *Batch) Solve(ctx context.Context, t0, y0 []float64, times [][]float64, seeds []uint64) error {
	if err := b.begin(t0, y0, times, seeds); err != nil {
		return err
	}
	for len(b.slots) > 0 {
		err := ctx.Err()
		if err != nil {
			err = fmt.Errorf("sde: %w: %w", ErrCanceled, err)
		} else {
			err = b.advance()
		}
		if err != nil {
			b.abandon(err)
			return err
		}
	}
	return nil
}

// abandon fails the trajectories at work for a reason that is none of theirs.
func (b *Batch) abandon(err error) {
	reason := ErrSystem
	if errors.Is(err, ErrCanceled) {
		reason = ErrCanceled
	}
	for i := range b.slots {
		b.fail(i, reason, err)
	}
	b.retire()
}

// Y returns the states of trajectory i at its times, in rows of Dim: all of
// them, or those before it stopped. The slice is valid until the next Solve.
func (b *Batch) Y(i int) []float64 {
	tr := &b.traj[i]
	d := b.sys.Dim
	return b.out[tr.off*d : (tr.off+tr.reached)*d : (tr.off+tr.reached)*d]
}

// Err returns why trajectory i stopped before its last time, as an *[Error],
// or nil.
func (b *Batch) Err(i int) error {
	if e := b.traj[i].err; e != nil {
		return e
	}
	return nil
}

// Stats returns what was done for trajectory i in the last Solve and in the
// gradients since.
func (b *Batch) Stats(i int) Stats { return b.traj[i].stats }

// Path returns the path of trajectory i in the last Solve, which the caller may
// keep.
func (b *Batch) Path(i int) *Path {
	p := &Path{}
	from := b.paths[i]
	p.reset(from.motions, from.seed, from.t0, newGenerator(b.gen.ziggurat))
	return p
}

// fail ends the trajectory in a slot.
func (b *Batch) fail(i int, reason, cause error) {
	s := &b.slots[i]
	s.done = true
	d := b.sys.Dim
	worst := -1
	if cause == nil && s.bad {
		worst = s.worst
	}
	b.traj[s.row].err = &Error{
		Reason: reason, Cause: cause, Row: s.row, T: s.t, H: s.h, Steps: s.attempts,
		Component: worst, Y: slices.Clone(b.y[i*d : (i+1)*d]),
	}
}

// retire closes the gaps that finished trajectories leave.
func (b *Batch) retire() {
	d, w := b.sys.Dim, b.width
	m := 0
	for i := range b.slots {
		if b.slots[i].done {
			continue
		}
		if m != i {
			b.slots[m], b.rows[m] = b.slots[i], b.rows[i]
			copy(b.y[m*d:(m+1)*d], b.y[i*d:])
			copy(b.z[m*d:(m+1)*d], b.z[i*d:])
			copy(b.f[0][m*d:(m+1)*d], b.f[0][i*d:])
			copy(b.g[0][m*w:(m+1)*w], b.g[0][i*w:])
		}
		m++
	}
	b.slots = b.slots[:m]
}
