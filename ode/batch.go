package ode

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// A BatchField is the right-hand side of y' = f(t, y; θ), evaluated for many
// trajectories at once, each at its own time. The result for a row must not
// depend on the other rows.
type BatchField struct {
	// Dim is the length of a state, Params that of θ. A Params of 0 leaves the
	// length of the parameters' gradient to VJP.
	Dim, Params int

	// Theta is θ itself if Func reads it from there, or nil. With it the
	// check of VJP ([Options.TrustVJP]) covers θ: it changes Theta for a moment,
	// so that nobody else may read it then.
	Theta []float64

	// Func sets row i of dst (len(rows)×Dim) to the derivative of trajectory
	// rows[i] at time t[i] in the state in row i of y. An error stops the whole
	// batch; a NaN only makes the step of its trajectory smaller. Func must
	// neither change nor keep its arguments but dst.
	Func func(dst []float64, rows []int, t, y []float64) error

	// VJP adds aᵢ·∂f/∂y to row i of dy, and the sum over the rows of aᵢ·∂f/∂θ
	// to dp; dp may be nil. It is needed for gradients alone.
	VJP func(dy, dp []float64, rows []int, t, y, a []float64) error

	// Autonomous says that Func does not depend on t, which saves Rodas5P an
	// evaluation now and then.
	Autonomous bool

	// Jac sets row i of dst (len(rows) rows of Dim×Dim, which are 0 at first) to
	// the Jacobian ∂f/∂y, row by row. Implicit methods use it in place of Dim
	// products by VJP or, without either, differences.
	Jac func(dst []float64, rows []int, t, y []float64) error
}

// Stats counts what was done for a trajectory.
type Stats struct {
	Calls              int     // evaluations of the field
	VJPs               int     // vector-Jacobian products
	Jacobians          int     // of implicit methods; made of products or evaluations, they count as these as well
	Accepted, Rejected int     // steps
	Switches           int     // from one method of Auto to the other
	MinStep, MaxStep   float64 // sizes of the accepted steps but the last, which the end may cut
	Stiffness          float64 // greatest estimate of h|λ|, from every 16th step; 0 if the method has none
	RTol               float64 // smallest relative tolerance in force
	Drift              float64 // of Backsolve's state from the solution's, in units of the tolerance
}

// A Batch solves many initial value problems of one field, each with its own
// start, direction, output times, steps and fate. It is a workspace to be used
// again and again: work of the same shape as before allocates nothing. It is
// not safe for concurrent use.
//
// What a trajectory does and gives is bitwise the same in any batch, if the
// field keeps to its rows.
type Batch struct {
	field      BatchField
	kinds      []*kind // the method, or the two of Auto
	active     int
	scheme     *scheme // of the kind at work, as are controller, sixTerms and mix
	method     Method
	fixed      fixedStep
	opt        Options
	shared     control   // of the trajectories that have none of their own
	own        []control // see SetRows
	perDim     float64   // 1/Dim
	sixTerms   bool      // singleError has the error
	controller controller

	traj  []trajectory
	times []float64 // output times of all trajectories
	y0    []float64 // initial states
	out   []float64 // states at these times

	keepSteps, keepStages, keepDense bool
	keepFirst                        bool // of the steps, each trajectory's first alone

	steps []step    // accepted steps of all trajectories
	data  []float64 // what the steps keep
	costs []float64

	checked bool // VJP was compared with differences

	hits     []hit
	hitIndex hitIndex
	hitY     []float64 // states at the hits
	seeds    []float64 // gradients with respect to them
	signs    []float64 // the events' values where the trajectories stand, by row
	flights  []flight  // what is known of the events' resets, as signs
	tied     []hit     // resets that happen at the time of another, and wait for it
	grid     []float64 // and within the step under way
	samples  []sample
	probe    []float64

	slope, slopeP, before, after []float64 // of gradients through events

	// The trajectories at work lie in slots without gaps. Slot i has row i of
	// each matrix.
	slots       []slot
	waiting     []slot // for the other method
	waitingY    []float64
	rows        []int
	ts          []float64
	y           [][]float64 // inputs of the stages; y[0] are the states, y[s] the new ones
	states      [][]float64 // the memory of y, where it is shared
	k           [][]float64 // values of the stages
	dif         []float64   // error estimates
	dif3        []float64
	zero        []float64
	w           []float64   // weights of the stages in an output
	mix         linear      // those of the stages that have one
	parts       [][]float64 // of an interpolant, or the gradients with respect to them, in
	partsMemory []float64
	shares      []float64 // of the parts in outputs
	sub         subset
	back        sweep
	cache       cache
	inner       adjointFlow
	lin         linearization
}

// A trajectory is what is kept of a row.
type trajectory struct {
	err         *Error
	stats       Stats
	cost        float64
	t0          float64
	off         int // of its times in Batch.times
	want        int // number of times
	atStart     int // how many of them are its start
	reached     int
	first, last int     // steps; -1 if there are none
	end         float64 // time reached
	steps       int
	again       bool // Resolve was called; reached and err were then these
	solved      int
	solvedErr   *Error
	cursor      int // step where the interpolant was last asked for
}

// A step is an accepted step of a trajectory.
type step struct {
	t, h, end  float64 // end is t+lag+h, or just the time landed on
	lag        float64 // of the clock's t behind the time of a reset, below its resolution
	until      float64 // where it is left: end, or the time of an event
	cut        bool    // by an event that resets the state
	kind       int     // method that took it
	num        int     // which step of its trajectory it is
	prev, next int     // steps of the same trajectory, or -1
	out        int     // first output time after t
	inside     int     // number of output times within the step,
	atEnd      int     // and at its end
	hit, hits  int     // first event, and their number
	data       int     // where the stages' inputs lie in Batch.data
	cost       int     // where the gradient of its cost lies in Batch.costs
	dense      int     // where the interpolant lies in Batch.data
	oldJac     bool    // its Jacobian is that of the step before
	probe      float64 // step that the derivative with respect to time was taken for, or 0
	jump       jumpEnds
}

// A slot is the state of a trajectory at work.
type slot struct {
	row    int
	t, dir float64
	lag    float64 // of t behind the time of a reset, which the clock cannot show
	h      float64 // step that the control wants, signed
	final  float64 // last time
	begin  float64
	*control
	stop     int // next declared stop in the direction of time
	next     int // next output
	attempts int

	// the step under way
	try, end float64
	ask      float64 // try before it was rounded to the clock
	jump     jumpEnds
	landing  bool // at a declared stop
	accepted bool
	deep     bool // the interpolant is asked for

	replay replay // where a step sequence is gone through again

	log, log2 float64 // logarithms of the last errors
	lastH     float64 // step that had the last
	ready     bool    // k[0] holds the field at (t, y)
	fresh     bool    // and what an implicit method needs besides is known
	age       int     // steps for which the Jacobian has served before
	rate      float64 // of the slowest of Newton's iterations
	probed    bool    // and whether the field's derivative with respect to time is
	probe     float64 // step tried when that was asked for, or 0
	still     int     // steps for which the field was seen, or said, not to change with time
	solved    bool    // the equations of its stages are solved
	rejected  bool    // the last attempt was rejected
	bad       bool    // the last attempt that was rejected was not finite
	badEnd    float64 // where it was to end
	badPart   int     // and the component that was not
	done      bool
	stiff     int // how often stiffness was seen, and then not
	mild      int
}

// NewBatch returns a workspace that solves f by the method m. It returns an
// error for bad options.
func NewBatch(f BatchField, m Method, opt *Options) (*Batch, error) {
	if f.Dim <= 0 || f.Params < 0 {
		return nil, fmt.Errorf("ode: %w: the field has Dim %d and Params %d", ErrDimension, f.Dim, f.Params)
	}
	if f.Func == nil || m == nil {
		return nil, fmt.Errorf("ode: %w: field and method must be given", ErrOption)
	}
	b := &Batch{field: f, method: m, fixed: m.fixed()}
	if opt != nil {
		b.opt = *opt
	}
	b.kinds = []*kind{b.newKind(m)}
	if a, ok := m.(auto); ok {
		b.kinds = append(b.kinds, b.newKind(a.implicit))
		if b.kinds[0].scheme.bound == 0 || b.kinds[1].scheme.gamma() == 0 {
			return nil, fmt.Errorf("ode: %w: Auto is of an explicit method that sees stiffness and an implicit one, not of %s and %s",
				ErrOption, b.kinds[0].scheme.name, b.kinds[1].scheme.name)
		}
	}
	b.use(0)
	if b.scheme.second != nil && f.Dim%2 != 0 {
		return nil, fmt.Errorf("ode: %w: %s is for states of positions and as many momenta, not of %d numbers", ErrDimension, b.scheme.name, f.Dim)
	}
	if b.opt.Memory > 0 && (b.opt.Dense || b.opt.Adjoint != Discrete) {
		return nil, fmt.Errorf("ode: %w: Memory bounds what the discrete adjoint keeps, "+
			"not Dense or another adjoint", ErrOption)
	}
	if b.opt.StepCost != nil && (b.scheme.e == nil || b.opt.Adjoint != Discrete) {
		return nil, fmt.Errorf("ode: %w: StepCost needs an adaptive method and the Discrete adjoint", ErrOption)
	}
	if len(f.Theta) != 0 && len(f.Theta) != f.Params {
		return nil, fmt.Errorf("ode: %w: the field has Params %d and a Theta of %d", ErrDimension, f.Params, len(f.Theta))
	}
	if b.opt.MaxSteps == 0 {
		b.opt.MaxSteps = defaultMaxSteps
	}
	if err := b.opt.validate(b.fixed); err != nil {
		return nil, err
	}
	var err error
	if b.shared, err = newControl(&b.opt, Row{}, f.Dim); err != nil {
		return nil, err
	}
	b.perDim = 1 / float64(f.Dim)
	b.keepDense = b.opt.Dense || b.opt.Adjoint == Interpolating
	b.keepStages = f.VJP != nil && !b.opt.NoGradient && b.opt.Adjoint == Discrete
	b.checked = b.opt.TrustVJP
	b.keepFirst = b.opt.Adjoint == Backsolve && !b.keepDense && !b.opt.KeepSteps
	b.keepSteps = b.keepDense || b.opt.KeepSteps || b.opt.StepCost != nil || f.VJP != nil && !b.opt.NoGradient
	n := 0
	for _, k := range b.kinds {
		n = max(n, len(k.scheme.c))
	}
	b.y, b.k = make([][]float64, n), make([][]float64, n)
	b.w = make([]float64, n)
	b.openParts()
	b.zero = make([]float64, f.Dim)
	b.dif, b.dif3 = make([]float64, f.Dim), make([]float64, f.Dim)
	return b, nil
}

// Solve solves the problems that begin at time t0[i] in the state in row i of
// y0 (len(t0)×Dim), and gives their states at times[i]. The times of a
// trajectory are in increasing or decreasing order, all on one side of its
// start; they may repeat, and the start itself may be among them. A trajectory
// ends at its last time; one without times is left alone.
//
// Solve returns an error if the input is bad, if the field returns one or if
// ctx is done. A trajectory that fails is no error of the batch: see
// [Batch.Err]. The arguments are not kept.
func (b *Batch) Solve(ctx context.Context, t0, y0 []float64, times [][]float64) error {
	if err := b.begin(t0, y0, times); err != nil {
		return err
	}
	err := b.start()
	if err == nil {
		b.armEvents()
		err = b.run(ctx)
	}
	if err != nil {
		b.abandon(err)
	}
	return err
}

// abandon fails the trajectories at work for a reason that is none of theirs.
func (b *Batch) abandon(err error) {
	reason := ErrField
	if errors.Is(err, ErrCanceled) {
		reason = ErrCanceled
	}
	for {
		for i := range b.slots {
			b.fail(i, reason, err)
		}
		b.retire()
		if !b.turn() {
			return
		}
	}
}

// run goes on until no trajectory is at work.
func (b *Batch) run(ctx context.Context) error {
	b.sortReplays()
	for len(b.slots) > 0 || b.turn() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("ode: %w: %w", ErrCanceled, err)
		}
		if err := b.advance(); err != nil {
			return err
		}
	}
	return nil
}

// Y returns the states of trajectory i at its times, in rows of Dim: all of
// them, or those before it stopped. The slice is valid until the next Solve.
func (b *Batch) Y(i int) []float64 {
	tr := &b.traj[i]
	d := b.field.Dim
	return b.out[tr.off*d : (tr.off+tr.reached)*d : (tr.off+tr.reached)*d]
}

// Err returns why trajectory i stopped before its last time, as an *[Error],
// or nil. A terminal event is no error.
func (b *Batch) Err(i int) error {
	if e := b.traj[i].err; e != nil {
		return e
	}
	return nil
}

// Stats returns what was done for trajectory i in the last Solve and in
// the gradients since.
func (b *Batch) Stats(i int) Stats { return b.traj[i].stats }

// fail ends the trajectory in a slot.
func (b *Batch) fail(i int, reason, cause error) {
	s := &b.slots[i]
	s.done = true
	d := b.field.Dim
	worst := -1
	if cause == nil {
		worst = b.worst(i)
	}
	b.traj[s.row].err = &Error{
		Reason: reason, Cause: cause, Row: s.row, T: s.t, H: s.ask, Steps: s.attempts,
		Component: worst, Y: slices.Clone(b.y[0][i*d : (i+1)*d]),
	}
}

// retire closes the gaps that finished trajectories leave.
func (b *Batch) retire() {
	d := b.field.Dim
	m := 0
	for i := range b.slots {
		if b.slots[i].done {
			continue
		}
		if m != i {
			b.slots[m], b.rows[m] = b.slots[i], b.rows[i]
			copy(b.y[0][m*d:(m+1)*d], b.y[0][i*d:])
			copy(b.k[0][m*d:(m+1)*d], b.k[0][i*d:])
		}
		m++
	}
	b.slots = b.slots[:m]
}
