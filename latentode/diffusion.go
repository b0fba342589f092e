package latentode

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/bootstrap"
	"tsgen/internal/nn"
	"tsgen/sde"
)

// A diffusion carries latent states through time by the network's dynamics, noise, and, within the
// observations that the encoder has read, by what these say of the path (Li et al. 2020, section 5):
//
//	prior      dz = f(z) dt + g dW
//	posterior  dz = (f(z) + g ⊙ u) dt + g dW
//
// with u as guide says, 0 beyond the observations. What is learned is the chain of Gaussian steps of Euler and Maruyama
// that both make; of a step h the posterior's has the part ρ of the prior's variance, as guide says, and the
// divergence of the chains is the mean of
//
//	Σ ½ h |u|² + ½ Σ (ρ - 1 - log ρ),
//
// without an error of discretisation in the bound. With ever shorter steps ρ is 1, and this ½ ∫ |u|² dt, the divergence of the
// equations. With a ρ of 1 at steps that are not short, a path would be less sure of where it is at an observation than this
// says, and the noise of observations would be learned in the place of that of the dynamics.
type diffusion struct {
	drift
	solver  *sde.Batch    // the one of the solvers that is at work
	solvers [2]*sde.Batch // for inference, and for training, which keeps what gradients need
	steer   nn.Evaluator

	z0   *ad.Node
	read *ad.Node // the encoder's packed states, nil: nothing was read
	aims *ad.Node // of the guide, rows of read × 2·state
	b    *batch

	courses []course           // of the windows
	states  *bootstrap.Density // of training windows, nil before paths were first followed backwards
	offsets []int              // the packed row at which each of the encoder's steps begins

	deviations []float64 // g
	y0, dy0    []float64
	dy         [][]float64
	seeds      []uint64
	times      [][]float64 // of the paths' steps
	wanted     []int       // the steps at whose ends rows of the batch are
	ends       []int       // the last step of each path

	z, f, u, x, pull []float64 // of the rows at work
	steered          []steering
	dz, az, dx, du   []float64
}

// A course is when the paths of a window are where.
type course struct {
	seen   []float64 // the times of the observations that were read
	grid   []float64 // at which steps end
	wanted []int     // which of these are the times of the window's rows
}

// deviationFloor is the least deviation of the noise of a latent variable in a unit of the solver's time,
// and initialDeviation that at which training begins, in units of the prior's of z₀.
const deviationFloor, initialDeviation = 0.01, 0.5

// newDiffusion returns a diffusion of the network.
func newDiffusion(n *network) (*diffusion, error) {
	d := &diffusion{drift: drift{network: n}}
	o := n.config.Options
	for i := range d.solvers {
		var err error
		d.solvers[i], err = sde.NewBatch(sde.BatchSystem{
			Dim: o.State + n.config.static() + 1, Motions: o.State, Additive: true,
			Drift: d.posterior, DriftVJP: d.pullPosterior, Diffusion: d.noise, DiffusionVJP: d.pullNoise,
		}, sde.EulerMaruyama{}, &sde.Options{TrustVJP: true, NoGradient: i == 0})
		if err != nil {
			return nil, err
		}
	}
	d.solver = d.solvers[1]
	return d, nil
}

// run returns the states of paths from z₀ at the times of the batch, Σlen(times[i]) × latent, and what each path adds to
// the divergence, len(times) × 1. The paths' seeds are drawn from rng.
func (d *diffusion) run(ctx context.Context, p *nn.Pass, z0 *ad.Node, b *batch, rng *rand.Rand) (states, cost *ad.Node, err error) {
	d.begin(p, z0.Rows)
	d.z0, d.read, d.b = z0, b.read, b
	in := []*ad.Node{z0}
	if d.read != nil {
		d.aims = d.guide.aim.Apply(p, d.read)
		in = append(in, d.read, d.aims)
	}
	d.solver = d.solvers[0]
	if p.Grad != nil {
		d.solver = d.solvers[1]
	}
	if err := d.plan(); err != nil {
		return nil, nil, err
	}
	d.deviations = d.guide.deviations(d.deviations[:0], p.Values)
	latent := z0.Cols
	width := latent + 1
	y0 := grow(&d.y0, z0.Rows*width)
	d.seeds = d.seeds[:0]
	times, rows := grow(&d.times, z0.Rows), 0
	for i := range z0.Rows {
		copy(y0[i*width:], z0.Val[i*latent:(i+1)*latent])
		y0[i*width+latent] = 0
		d.seeds = append(d.seeds, rng.Uint64())
		times[i] = d.courses[b.of[i]].grid
		rows += len(times[i])
	}
	if err := d.solver.Solve(ctx, b.t0, y0, times, d.seeds); err != nil {
		return nil, nil, err
	}
	values := p.Buffer(rows * width)
	d.wanted, d.ends = d.wanted[:0], d.ends[:0]
	at := 0
	for i := range times {
		if err := d.solver.Err(i); err != nil {
			if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
				return nil, nil, err
			}
			return nil, nil, fmt.Errorf("%w: the path of window %d: %w", nn.ErrNonFinite, i, err)
		}
		for _, k := range d.courses[b.of[i]].wanted {
			d.wanted = append(d.wanted, at/width+k)
		}
		at += copy(values[at:], d.solver.Y(i))
		d.ends = append(d.ends, at/width-1)
	}
	all := p.External(d, rows, width, values, in...)
	return p.Columns(p.Rows(all, d.wanted), 0, latent), p.Columns(p.Rows(all, d.ends), latent, width), nil
}

// mostSteps bounds the steps of a path.
const mostSteps = 100_000

// plan lays the courses of the windows.
func (d *diffusion) plan() error {
	d.offsets, d.courses = d.offsets[:0], grow(&d.courses, len(d.b.windows))
	at := 0
	for _, n := range d.b.active {
		d.offsets = append(d.offsets, at)
		at += n
	}
	longest := d.config.Stride * d.config.Gap / d.config.Unit
	for i := range d.b.windows {
		w, c := &d.b.windows[i], &d.courses[i]
		c.seen, c.grid, c.wanted = c.seen[:0], c.grid[:0], c.wanted[:0]
		if d.read != nil {
			for k := w.From; k < w.seen(d.config.sight()); k++ {
				c.seen = append(c.seen, (w.U[k]-w.U[w.From])/d.config.Unit)
			}
		}
	}
	for i, t := range d.b.times {
		c := &d.courses[d.b.of[i]]
		if len(c.grid) > 0 {
			continue // another path of the window
		}
		if n := len(t); n > 0 && t[n-1] > mostSteps*longest {
			return fmt.Errorf("%w: a time asked for is more than %d steps of %g usual gaps after the first observation of its window; ask for times before that, or set the option step of %s higher",
				forecast.ErrMismatch, mostSteps, d.config.Stride, StochasticKind)
		}
		from := 0.0
		for _, to := range t {
			n := math.Ceil((to - from) / longest)
			for k := 1.0; k < n; k++ {
				c.grid = append(c.grid, from+(to-from)*(k/n))
			}
			c.wanted = append(c.wanted, len(c.grid))
			c.grid = append(c.grid, to)
			from = to
		}
	}
	return nil
}

// Backward is the adjoint of the steps taken. A gradient that is not finite is
// passed on as such, for training to see.
func (d *diffusion) Backward(grad []float64) {
	d.dy = d.dy[:0]
	latent, at := d.z0.Cols, 0
	for i := range d.z0.Rows {
		n := len(d.solver.Y(i))
		d.dy = append(d.dy, grad[at:at+n])
		at += n
	}
	dy0 := grow(&d.dy0, d.z0.Rows*(latent+1))
	clear(dy0)
	switch err := d.solver.Backward(dy0, d.pass.Grad, d.dy); {
	case errors.Is(err, sde.ErrNonFiniteGradient):
		dy0[0] = math.NaN()
	case err != nil:
		panic("latentode: " + err.Error()) // the products have no errors, and the shapes are our own
	}
	if d.z0.Grad == nil {
		return
	}
	for i := range d.z0.Rows {
		for j := range latent {
			d.z0.Grad[i*latent+j] += dy0[i*(latent+1)+j]
		}
	}
}
