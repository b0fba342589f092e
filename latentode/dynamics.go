package latentode

import (
	"context"
	"errors"
	"fmt"
	"math"

	"tsgen/internal/ad"
	"tsgen/internal/kernel"
	"tsgen/internal/nn"
	"tsgen/ode"
)

// A drift is the right-hand side of the network's dynamics and its products.
type drift struct {
	*network
	pass   *nn.Pass
	wide   motion[float64]
	narrow motion[float32]
	single *nn.PassOf[float32] // where the field is computed in float32, else nil

	d, part, moving  []float64
	made, linearGrad []float64
	linears          []float64 // of every trajectory: its static part, and what linearOf says
}

// A flow carries latent states through time by the network's dynamics.
type flow struct {
	drift
	tolerance float64
	learning  bool
	solver    *ode.Batch // the one of the two that is at work
	explicit  *ode.Batch
	implicit  *ode.Batch // where trajectories are stiff, nil before there was one
	z0        *ad.Node
	dy        [][]float64
}

// newFlow returns a flow whose trajectories have a relative and absolute tolerance, and gradients if it is of a training. Unless
// single is nil it has the parameters in float32 that single has; the solver's differences cannot judge its products.
func newFlow(n *network, tolerance float64, learning bool, single *nn.PassOf[float32]) (*flow, error) {
	f := &flow{drift: drift{network: n, single: single}, tolerance: tolerance, learning: learning}
	var err error
	f.explicit, err = f.by(ode.Dopri5{})
	return f, err
}

// by returns a solver of the flow by a method.
func (f *flow) by(method ode.Method) (*ode.Batch, error) {
	return ode.NewBatch(ode.BatchField{
		Dim:  f.config.Options.State + f.config.static(),
		Func: f.derivative,
		VJP:  f.pullback,
	}, method, &ode.Options{RTol: f.tolerance, ATol: f.tolerance, MaxSteps: maxSteps, NoGradient: !f.learning, TrustVJP: f.single != nil})
}

// maxSteps bounds the work on a trajectory; a field that needs more is lost.
const maxSteps = 2000

// run returns the states at the times asked for, window by window,
// Σlen(times[i]) × latent.
func (f *flow) run(ctx context.Context, p *nn.Pass, z0 *ad.Node, t0 []float64, times [][]float64) (*ad.Node, error) {
	if err := f.solve(ctx, p, z0, t0, times); err != nil {
		return nil, err
	}
	if p.Grad == nil {
		if err := f.persist(ctx, t0, times); err != nil {
			return nil, err
		}
	}
	rows := 0
	for i := range times {
		if err := f.solver.Err(i); err != nil {
			return nil, fmt.Errorf("%w: the dynamics of window %d: %w", nn.ErrNonFinite, i, err)
		}
		rows += len(times[i])
	}
	states := p.Buffer(rows * z0.Cols)
	f.collect(states, times)
	return p.External(f, rows, z0.Cols, states, z0), nil
}

// solve solves for the trajectories, of which some may leave the range of numbers.
func (f *flow) solve(ctx context.Context, p *nn.Pass, z0 *ad.Node, t0 []float64, times [][]float64) error {
	f.z0, f.solver = z0, f.explicit
	f.begin(p, z0.Rows)
	return f.followed(ctx, t0, times)
}

// persist solves for the trajectories again where stiffness has spent the steps of one, by a method that goes over to implicit
// steps there. Training has none of this: stiff dynamics are to be left and not to be refined.
func (f *flow) persist(ctx context.Context, t0 []float64, times [][]float64) (err error) {
	stiff := false
	for i := range times {
		stiff = stiff || errors.Is(f.solver.Err(i), ode.ErrStiff)
	}
	if !stiff {
		return nil
	}
	if f.implicit == nil {
		if f.implicit, err = f.by(ode.Auto(ode.Dopri5{}, ode.Rodas5P{})); err != nil {
			return err
		}
	}
	f.solver = f.implicit
	single := f.single // which is too coarse for the Jacobians of implicit steps
	defer func() { f.single = single }()
	f.single = nil
	return f.followed(ctx, t0, times)
}

// followed has the solver follow the trajectories. Its error is that of a context that ends.
func (f *flow) followed(ctx context.Context, t0 []float64, times [][]float64) error {
	if err := f.solver.Solve(ctx, t0, f.z0.Val, times); err != nil {
		return err
	}
	for i := range times {
		if err := f.solver.Err(i); errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return err
		}
	}
	return nil
}

// collect sets dst to the states at the times that were asked for, window by window; those of trajectories with
// an error are left as they are.
func (f *flow) collect(dst []float64, times [][]float64) {
	width := f.z0.Cols
	for i, t := range times {
		n := len(t) * width
		if f.solver.Err(i) == nil {
			copy(dst[:n], f.solver.Y(i))
		}
		dst = dst[n:]
	}
}

// Backward is the solver's discrete adjoint. A gradient that is not finite is
// passed on as such, for training to see.
func (f *flow) Backward(grad []float64) {
	f.dy = f.dy[:0]
	at := 0
	for i := range f.z0.Rows {
		n := len(f.solver.Y(i))
		f.dy = append(f.dy, grad[at:at+n])
		at += n
	}
	f.pass.Touch(f.speed, f.constant, f.linear)
	switch err := f.solver.Backward(f.z0.Grad, f.pass.Grad, f.dy); {
	case errors.Is(err, ode.ErrNonFiniteGradient):
		f.z0.Grad[0] = math.NaN()
	case err != nil:
		panic("latentode: " + err.Error()) // the pullback has no errors, and the shapes are our own
	}
}

// begin prepares for n trajectories with the weights of p.
func (f *drift) begin(p *nn.Pass, n int) {
	f.pass = p
	if f.single != nil && f.single.Values == nil { // which training and the encoder have set
		f.single.Take(p.Values)
	}
	if f.config.Modulated {
		f.forget(n)
	}
}

// derivative is the right-hand side of the latent ODE.
func (f *drift) derivative(dst []float64, rows []int, _, y []float64) error {
	n, state := len(rows), f.config.Options.State
	latent := state + f.config.static()
	out := f.bounded(y, n)
	speed := f.speed.In(f.pass.Values)
	if latent == state {
		for i := range n {
			for j, v := range speed {
				dst[i*state+j] = v * out[i*state+j]
			}
		}
		return nil
	}
	d := grow(&f.d, n*state)
	kernel.MulNN(d, f.still(y, n), f.constant.In(f.pass.Values), n, f.config.static(), state, false)
	for i := range n {
		row := dst[i*latent : (i+1)*latent]
		copy(row, d[i*state:(i+1)*state])
		kernel.MulAdd(row[:state], speed, out[i*state:(i+1)*state])
		clear(row[state:])
	}
	if f.config.Modulated {
		f.addLinear(dst, rows, y)
	}
	return nil
}

// bounded returns tanh(MLP(z)) for the n rows of y, n×state.
func (f *drift) bounded(y []float64, n int) []float64 {
	if f.single != nil {
		return f.narrow.bounded(f.field, f.single.Values, y, n)
	}
	return f.wide.bounded(f.field, f.pass.Values, y, n)
}

// pullBounded goes back through bounded: from the gradient d of its result, which it overwrites, it adds to dy and, unless
// dp is nil, to the gradient of the weights.
func (f *drift) pullBounded(dy, dp, d []float64, n int) {
	switch {
	case f.single == nil:
		f.wide.pull(f.field, f.pass.Values, dy, dp, d, n)
	case dp == nil:
		f.narrow.pull(f.field, f.single.Values, dy, nil, d, n)
	default:
		f.narrow.pull(f.field, f.single.Values, dy, f.single.Grad, d, n)
	}
}

// still returns the static parts of the n rows of y, n×static.
func (f *drift) still(y []float64, n int) []float64 {
	static, state := f.config.static(), f.config.Options.State
	part := grow(&f.part, n*static)
	for i := range n {
		copy(part[i*static:(i+1)*static], y[i*(state+static)+state:])
	}
	return part
}

// pullback is the product of a with the derivatives of derivative.
func (f *drift) pullback(dy, dp []float64, rows []int, _, y, a []float64) error {
	n, state, static := len(rows), f.config.Options.State, f.config.static()
	latent := state + static
	out := f.bounded(y, n)
	speed := f.speed.In(f.pass.Values)
	d := grow(&f.d, n*state)
	for i := range n {
		o, ai, di := out[i*state:(i+1)*state], a[i*latent:i*latent+state], d[i*state:(i+1)*state]
		if dp != nil {
			kernel.MulAdd(f.speed.In(dp), ai, o)
		}
		for j, v := range speed {
			di[j] = ai[j] * v
		}
	}
	if static > 0 {
		f.pullDrift(dy, dp, y, a, n)
	}
	f.pullBounded(dy, dp, d, n)
	if f.config.Modulated {
		f.pullLinear(dy, dp, rows, y, a)
	}
	return nil
}

// pullDrift is the part of pullback that belongs to the drift, which the static
// parts of the n rows of y set.
func (f *drift) pullDrift(dy, dp, y, a []float64, n int) {
	state, static := f.config.Options.State, f.config.static()
	part, moving := f.still(y, n), grow(&f.moving, n*state)
	for i := range n {
		copy(moving[i*state:(i+1)*state], a[i*(state+static):])
	}
	if dp != nil {
		kernel.MulTN(f.constant.In(dp), part, moving, static, n, state, true)
	}
	kernel.MulNT(part, moving, f.constant.In(f.pass.Values), n, state, static, false)
	for i := range n {
		at := i*(state+static) + state
		kernel.Axpy(dy[at:at+static], 1, part[i*static:(i+1)*static])
	}
}
