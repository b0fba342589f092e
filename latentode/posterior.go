package latentode

import (
	"context"
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
	"tsgen/internal/variational"
)

// The encoder's posterior is amortised: one network for all series, whose guess
// of z₀ is good but not the best for the series at hand (Cremer et al. 2018).
// What the weights say of a context x is known exactly up to a constant,
//
//	log p(z₀|x) = -½|z₀|² - ½ Σ ((x_i - μ_i(z₀))/σ_i)² + const.,
//
// so its mode is found from the encoder's mean on by least squares (Marquardt
// 1963), and the Gaussian with the curvature there (Laplace's approximation)
// takes the encoder's place.

const (
	refinements = 60   // steps at most
	probe       = 0.01 // half the distance of the two states that make a difference quotient
	settled     = 1e-3 // nats by which a step must better the posterior to be followed by another
	stiff       = 1e9  // damping at which no step is long enough to better it
)

// A mode is the Gaussian approximation of a window's posterior at its mode.
type mode struct {
	mean      []float64
	precision mat.Cholesky

	// The states at the rows of the context of the trajectory from base, next to mean, and of the probes
	// about it: trajectories × rows × latent.
	base, path []float64
}

// draw sets dst to a draw, made of standard normal numbers, and returns the logarithm of the ratio of
// the prior's density there to that of m.
func (m *mode) draw(dst []float64, normal func() float64) float64 {
	z := mat.NewVecDense(len(dst), dst)
	ratio := -0.5 * m.precision.LogDet()
	for i := range dst {
		dst[i] = normal()
		ratio += 0.5 * dst[i] * dst[i]
	}
	// With precision UᵀU, U⁻¹ε has the covariance wanted.
	var u mat.TriDense
	m.precision.UTo(&u)
	if err := z.SolveVec(&u, z); err != nil {
		panic("latentode: " + err.Error()) // the precision is at least 1
	}
	for i := range dst {
		dst[i] += m.mean[i]
		ratio -= 0.5 * dst[i] * dst[i]
	}
	return ratio
}

// divergence returns the divergence of m from the prior.
func (m *mode) divergence() float64 {
	var cov mat.SymDense
	if m.precision.InverseTo(&cov) != nil {
		return math.Inf(1) // a variable is next to certain
	}
	nats := m.precision.LogDet()
	for i, z := range m.mean {
		nats += z*z + cov.At(i, i) - 1
	}
	return nats / 2
}

// A proposal is draws of z₀ and the logarithms of the ratios of the prior's
// density to that of the distribution from which they were drawn.
type proposal struct {
	z0       *ad.Node
	logRatio []float64
	modes    []mode // of the windows, nil where draws are of the encoder's posterior
}

// refined returns the modes of the windows of the batch where posteriors are refined, nil where
// they are the encoder's.
func (f *fitted) refined(ctx context.Context, p *nn.Pass, s *workspace) ([]mode, error) {
	if !f.config.Refine {
		return nil, nil
	}
	return f.network.modes(ctx, p, s, f.network.encode(p, &s.batch))
}

// proposals returns draws of z₀, made of standard normal numbers, for every window of the batch, one
// window after another, and makes the batch stand for as many trajectories. They are about the modes
// that refined returned.
func (f *fitted) proposals(p *nn.Pass, s *workspace, modes []mode, draws int, normal func() float64) proposal {
	if modes == nil {
		q := f.network.encode(p, &s.batch)
		s.repeat(draws)
		z0, ratio := q.SampleRatio(p, normal, draws)
		return proposal{z0: z0, logRatio: ratio.Val}
	}
	index, latent := s.repeat(draws), len(modes[0].mean)
	z0, ratio := p.Buffer(len(index)*latent), p.Buffer(len(index))
	for i, w := range index {
		ratio[i] = modes[w].draw(z0[i*latent:(i+1)*latent], normal)
	}
	return proposal{p.Const(len(index), latent, z0), ratio, modes}
}

// decodeDraws calls do with what is decoded of total draws of the posterior of w, as many at once as
// drawsAtOnce says, one after another, and with how many rows each has. The mode is sought once.
func (f *fitted) decodeDraws(ctx context.Context, p *nn.Pass, s *workspace, w window, total int, normal func() float64,
	do func(d decoded, drawn proposal, size int) error) error {
	var modes []mode
	for done := 0; done < total; {
		p.Reset()
		s.fill([]window{w})
		size := len(s.owner)
		draws := min(total-done, f.config.drawsAtOnce(size))
		if done == 0 {
			var err error
			if modes, err = f.refined(ctx, p, s); err != nil {
				return err
			}
		}
		drawn := f.proposals(p, s, modes, draws, normal)
		d, err := f.network.propose(ctx, p, s, drawn)
		if err != nil {
			return err
		}
		if d.residual != nil {
			d.residual.smooth(d.mean.Val, d.sd.Val)
		}
		f.config.stretch(d, s.lead, 0, size, draws)
		if err := do(d, drawn, size); err != nil {
			return err
		}
		done += draws
	}
	return nil
}

// probes returns how many trajectories the search for a mode of so many latent variables takes: one
// to either side of it along each, and its own.
func probes(latent int) int { return 1 + 2*latent }

// modes returns the mode of every window of the batch.
func (n *network) modes(ctx context.Context, p *nn.Pass, s *workspace, q variational.Posterior) ([]mode, error) {
	contexts := make([]window, len(s.windows))
	for i, w := range s.windows {
		w.To, w.asked, w.back = w.Origin, nil, false
		contexts[i] = w
	}
	search := &search{network: n, ctx: ctx, latent: q.Mean.Cols}
	var err error
	if search.shard, err = s.forProbes(); err != nil {
		return nil, err
	}
	search.pass = &search.shard.pass
	search.pass.Values = p.Values
	search.shard.fill(contexts)
	search.shard.repeat(probes(search.latent))
	all := make([]int, len(contexts))
	for i := range all {
		all[i] = i
	}
	c := len(n.config.Channels)
	sd, rows := search.deviations(p, all, q.Mean), 0
	for i, w := range contexts {
		z := q.Mean.Val[i*search.latent : (i+1)*search.latent]
		search.windows = append(search.windows, &least{
			z: slices.Clone(z), trial: slices.Clone(z),
			sd: sd[i*c : (i+1)*c], values: (w.To - w.From) * c, residual: search.residual, row: rows,
			guess:   precision(q.SD.Val[i*search.latent : (i+1)*search.latent]),
			damping: 1e-3, cost: math.Inf(1),
		})
		rows += (w.To - w.From) * probes(search.latent)
	}
	for i := 0; i < refinements && !search.done(); i++ {
		if err := search.step(); err != nil {
			return nil, err
		}
	}
	return search.modes(), nil
}

// A search finds the modes of a batch of windows.
type search struct {
	*network
	ctx     context.Context
	shard   *workspace
	pass    *nn.Pass
	latent  int
	windows []*least

	residual *residualNode // whitens residuals, nil where they are independent
}

// deviations returns those of the windows' noise at no lead time, windows×channels; where residuals are a
// process, in units of that.
func (s *search) deviations(p *nn.Pass, owner []int, z0 *ad.Node) []float64 {
	if s.process == nil {
		return s.network.deviations(p, make([]float64, len(owner)), owner, z0).Val
	}
	s.residual = &s.shard.residual
	rows, c := len(s.shard.owner), len(s.config.Channels)
	s.process.apply(p, s.residual, &s.shard.batch, p.Const(rows, c, make([]float64, rows*c)), s.config.fixedNoise())
	one := make([]float64, len(owner)*c)
	for i := range one {
		one[i] = 1
	}
	return s.louden(p, p.Const(len(owner), c, one), owner, z0).Val
}

// A least is the problem of least squares of one window.
type least struct {
	z, trial      []float64
	sd            []float64     // of each channel's noise
	values        int           // of the context
	residual      *residualNode // nil where residuals are independent
	row           int           // of residual, the first of the context
	guess         *mat.SymDense // the precision of the encoder's posterior
	cost, damping float64
	gradient      []float64
	curvature     *mat.SymDense // nil before the first trial that was finite
	base, path    []float64     // as a mode's
	done          bool
}

// done reports whether every window has its mode.
func (s *search) done() bool {
	return !slices.ContainsFunc(s.windows, func(l *least) bool { return !l.done })
}

// step tries each window's next state and takes it if it is better.
func (s *search) step() error {
	k := s.latent
	s.pass.Reset()
	z0 := s.pass.Buffer(len(s.windows) * (1 + 2*k) * k)
	row := z0
	for _, l := range s.windows {
		for i := range 1 + 2*k {
			copy(row, l.trial)
			if i > 0 {
				row[(i-1)/2] += probe * float64(1-2*((i-1)%2))
			}
			row = row[k:]
		}
	}
	start := s.pass.Const(len(z0)/k, k, z0)
	states, err := s.shard.flow.run(s.ctx, s.pass, start, s.shard.t0, s.shard.times)
	if errors.Is(err, nn.ErrNonFinite) {
		for _, l := range s.windows {
			l.reject()
		}
		return nil
	} else if err != nil {
		return err
	}
	values := s.means(s.pass, &s.shard.batch, start, states).Val
	target, paths, c := s.shard.target, states.Val, len(s.config.Channels)
	for _, l := range s.windows {
		n := l.values * (1 + 2*k)
		path := n / c * k
		l.weigh(values[:n], target[:l.values], paths[:path])
		values, target, paths = values[n:], target[n:], paths[path:]
	}
	return nil
}

// weigh takes the trial if it is better, given the means and the states of its trajectory
// and of the probes about it.
func (l *least) weigh(values, target, path []float64) {
	if l.done {
		return
	}
	n, k := l.values, len(l.z)
	cost := 0.0
	gradient := make([]float64, k)
	curvature := mat.NewSymDense(k, nil)
	for a, z := range l.trial {
		cost += 0.5 * z * z
		gradient[a] = z
		curvature.SetSym(a, a, 1)
	}
	if l.residual != nil {
		l.whiten(values, target)
	}
	slope := make([]float64, k)
	for i, x := range target {
		if math.IsNaN(x) {
			continue
		}
		r := (x - values[i]) / l.sd[i%len(l.sd)]
		cost += 0.5 * r * r
		for a := range slope {
			slope[a] = (values[(1+2*a)*n+i] - values[(2+2*a)*n+i]) / (2 * probe * l.sd[i%len(l.sd)])
			gradient[a] -= r * slope[a]
		}
		for a := range slope {
			for b := range a + 1 {
				curvature.SetSym(a, b, curvature.At(a, b)+slope[a]*slope[b])
			}
		}
	}
	if !(cost < l.cost) {
		l.reject()
		return
	}
	l.done = l.cost-cost < settled
	l.cost, l.gradient, l.curvature = cost, gradient, curvature
	copy(l.z, l.trial)
	l.base, l.path = append(l.base[:0], l.z...), append(l.path[:0], path...)
	l.damping /= 10
	l.propose()
}

// whiten replaces the values of a trajectory and of the probes about it by those whose differences from
// target are what is new in each of their residuals.
func (l *least) whiten(values, target []float64) {
	for n := len(target); len(values) > 0; values = values[n:] {
		of := values[:n]
		for i, x := range target {
			of[i] = x - of[i]
		}
		l.residual.whiten(of, l.row)
		for i, x := range target {
			of[i] = x - of[i]
		}
	}
}

// reject goes back to the state before and tries a shorter step from it.
func (l *least) reject() {
	l.damping *= 10
	l.done = l.done || l.damping > stiff
	l.propose()
}

// propose sets the trial to the next one from z.
func (l *least) propose() {
	if l.curvature == nil {
		return
	}
	k := len(l.z)
	damped := mat.NewSymDense(k, nil)
	for a := range k {
		for b := range a {
			damped.SetSym(a, b, l.curvature.At(a, b))
		}
		damped.SetSym(a, a, l.curvature.At(a, a)*(1+l.damping))
	}
	var c mat.Cholesky
	var step mat.VecDense
	if !c.Factorize(damped) || c.SolveVecTo(&step, mat.NewVecDense(k, l.gradient)) != nil {
		l.done = true
		return
	}
	for a := range l.trial {
		l.trial[a] = l.z[a] - step.AtVec(a)
	}
	// A step that betters by no more than the slope along it is not worth a look at where it leads.
	if !l.done && mat.Dot(&step, mat.NewVecDense(k, l.gradient)) < settled {
		copy(l.z, l.trial)
		l.done = true
	}
}

func (s *search) modes() []mode {
	modes := make([]mode, len(s.windows))
	for i, l := range s.windows {
		modes[i].mean, modes[i].base, modes[i].path = l.z, l.base, l.path
		if l.curvature == nil || !modes[i].precision.Factorize(l.curvature) {
			modes[i].precision.Factorize(l.guess)
		}
	}
	return modes
}

// precision returns the inverse of a diagonal covariance.
func precision(sd []float64) *mat.SymDense {
	p := mat.NewSymDense(len(sd), nil)
	for i, s := range sd {
		p.SetSym(i, i, 1/(s*s))
	}
	return p
}
